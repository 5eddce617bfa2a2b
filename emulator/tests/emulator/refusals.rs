//! What is refused, and in which words.
//!
//! The substrings are those that a public conformance suite demands of the live service, found in
//! justinswe/rules_cloudrun, `internal/manifest/conformance_test.go`.

mod gpus;
mod volumes;

use cloudrun_emulator::Config;
use serde_json::{Value, json};

use crate::harness::{Cloud, config, gpu_job, job, message};

/// Sets a member in a document; `/-` appends, as in a JSON patch.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for part in pointer.trim_start_matches('/').split('/') {
        place = match part.parse::<usize>() {
            Ok(at) => {
                if place.is_null() {
                    *place = json!([]);
                }
                let list = place.as_array_mut().expect("a list");
                while list.len() <= at {
                    list.push(Value::Null);
                }
                &mut list[at]
            }
            Err(_) => &mut place[part.replace('~', "/")],
        };
    }
    *place = value;
}

/// Sends a job with these members; the message of the refusal, or an empty text.
async fn told(cloud: &Cloud, base: Value, members: &[(&str, Value)]) -> String {
    let mut job = base;
    for (pointer, value) in members {
        set(&mut job, pointer, value.clone());
    }
    let (status, answer) = cloud.post("/jobs?jobId=checked&validateOnly=true", job).await;
    assert!(
        status == 200 || (status == 400 && answer["error"]["code"] == 400),
        "{status} {answer}"
    );
    message(&answer).to_owned()
}

async fn check(base: fn() -> Value, cases: &[(&[(&str, Value)], &str)]) {
    let cloud = Cloud::start().await;
    for (members, words) in cases {
        let told = told(&cloud, base(), members).await;
        assert!(
            told.contains(words),
            "{members:?}\nshould say {words:?}\nand says  {told:?}"
        );
    }
    assert_eq!(cloud.jobs().await, 0, "nothing is stored");
}

const TASK: &str = "/template/template";
const FIRST: &str = "/template/template/containers/0";

macro_rules! at {
    ($base:expr, $rest:literal) => {
        &format!("{}{}", $base, $rest) as &str
    };
}
use at;

#[tokio::test]
async fn types_are_checked() {
    check(
        job,
        &[
            (&[("/colour", json!("red"))], "Cannot find field"),
            (&[(at!(FIRST, "/imag"), json!("red"))], "Cannot find field"),
            (
                &[(at!(TASK, "/executionEnvironment"), json!("GEN3"))],
                "google.cloud.run.v2.ExecutionEnvironment",
            ),
            (&[(at!(TASK, "/timeout"), json!("2m"))], "Illegal duration format"),
            (
                &[
                    ("/startExecutionToken", json!("a")),
                    ("/runExecutionToken", json!("b")),
                ],
                "oneof field",
            ),
            (
                &[("/template/taskCount", json!("many"))],
                "Invalid value at 'job.template.task_count' (TYPE_INT32)",
            ),
            (&[("/labels", json!(["a"]))], "cannot start list"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_job_is_checked() {
    check(
        job,
        &[
            (&[("/template", json!({}))], "has no task template"),
            (
                &[("/launchStage", json!("PRELAUNCH"))],
                "only ALPHA, BETA, GA, or unspecified are supported",
            ),
            (
                &[("/template/taskCount", json!(10001))],
                "task_count: must be a number between 0 and 10000",
            ),
            (
                &[("/template/parallelism", json!(-1))],
                "parallelism: must not be negative",
            ),
            (
                &[("/annotations/run.googleapis.com~x", json!("y"))],
                "system annotations are not supported",
            ),
            (&[("/labels/Upper", json!("y"))], "labels: "),
            (&[("/labels/a", json!("Upper"))], "labels: "),
            (
                &[("/startExecutionToken", json!("t".repeat(60)))],
                "fewer than 63",
            ),
            (
                &[("/name", json!("projects/p/locations/us-central1/jobs/checked"))],
                "name: must be empty",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_task_is_checked() {
    let many = |count: usize| Value::Array(vec![json!({ "image": "i" }); count]);
    check(
        job,
        &[
            (
                &[(at!(TASK, "/maxRetries"), json!(11))],
                "max_retries: must be a number between 0 and 10",
            ),
            (
                &[(at!(TASK, "/containers"), json!([]))],
                "must contain at least one container",
            ),
            (&[(at!(TASK, "/containers"), many(11))], "at most 10 containers"),
            (
                &[(
                    at!(TASK, "/executionEnvironment"),
                    json!("EXECUTION_ENVIRONMENT_GEN1"),
                )],
                "is not supported on resources of kind Execution",
            ),
            (
                &[(at!(TASK, "/serviceAccount"), json!("somebody"))],
                "Unsupported service account",
            ),
            (
                &[(
                    at!(TASK, "/serviceAccount"),
                    json!("serviceAccount:a@p.iam.gserviceaccount.com"),
                )],
                "Unsupported service account",
            ),
            (
                &[(at!(TASK, "/encryptionKey"), json!("key"))],
                "encryption_key: must conform to",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_container_is_checked() {
    check(
        job,
        &[
            (
                &[(at!(FIRST, "/name"), json!("Upper"))],
                "must conform to RFC 1123",
            ),
            (
                &[
                    (at!(FIRST, "/name"), json!("a")),
                    (at!(TASK, "/containers/1"), json!({ "name": "a", "image": "i" })),
                ],
                "duplicate container names",
            ),
            (
                &[(at!(FIRST, "/image"), json!(""))],
                "must provide an image name to deploy",
            ),
            (
                &[(at!(FIRST, "/image"), json!("a/b@sha256:12"))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/image"), json!("gcr.io/p/i:"))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/image"), json!("gcr.io/p/i:feature/x"))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/image"), json!("i:feature/x"))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/image"), json!("gcr.io/p/i:1:2"))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/image"), json!(format!("i:{}", "t".repeat(129))))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/image"), json!("i:-1"))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/image"), json!("gcr.io//i"))],
                "must be a container image path",
            ),
            (
                &[(at!(FIRST, "/args"), json!(vec!["x"; 1001]))],
                "limit on args across all containers",
            ),
            (
                &[(at!(FIRST, "/livenessProbe"), json!({ "httpGet": {} }))],
                "does not support liveness probe",
            ),
            (
                &[(at!(FIRST, "/startupProbe"), json!({ "periodSeconds": 241 }))],
                "period_seconds: must be a number",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_environment_is_checked() {
    let env = |name: &str, value: &str| json!([{ "name": name, "value": value }]);
    let secret = |secret: &str, version: &str| json!([{ "name": "A", "valueSource": { "secretKeyRef": { "secret": secret, "version": version } } }]);
    check(
        job,
        &[
            (
                &[(at!(FIRST, "/env"), json!(vec![json!({ "name": "A" }); 1001]))],
                "limit on EnvVars across all containers",
            ),
            (
                &[(at!(FIRST, "/env"), env("PORT", "1"))],
                "reserved env names were provided: PORT",
            ),
            (
                &[(at!(FIRST, "/env"), env("CLOUD_RUN_JOB", "1"))],
                "reserved env names were provided: CLOUD_RUN_JOB",
            ),
            (
                &[(at!(FIRST, "/env"), env("A", &"x".repeat(32_769)))],
                "length cannot exceed 32768",
            ),
            (
                &[(at!(FIRST, "/env"), secret("projects/p/secrets/s/versions/1", "1"))],
                "secret_key_ref.secret: may only be",
            ),
            (
                &[(at!(FIRST, "/env"), secret("s", "?"))],
                "secret_key_ref.version: should have only alphanumeric characters",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn cpu_and_memory_are_checked() {
    let limits = |limits: Value| limits;
    check(
        job,
        &[
            (
                &[(at!(FIRST, "/resources/limits"), limits(json!({ "disk": "1Gi" })))],
                "limits are supported",
            ),
            (
                &[(at!(FIRST, "/resources/limits"), limits(json!({ "cpu": "many" })))],
                "limits.cpu: Could not parse Quantity",
            ),
            (
                &[(
                    at!(FIRST, "/resources/limits"),
                    limits(json!({ "memory": "much" })),
                )],
                "limits.memory: Could not parse Quantity",
            ),
            (
                &[(at!(FIRST, "/resources/limits"), limits(json!({ "cpu": "3" })))],
                "Must be equal to one of [.08-1]",
            ),
            (
                &[(
                    at!(FIRST, "/resources/limits"),
                    limits(json!({ "cpu": "1", "memory": "8Gi" })),
                )],
                "Invalid value specified for container memory",
            ),
            (
                &[(
                    at!(FIRST, "/resources/limits"),
                    limits(json!({ "cpu": "8", "memory": "64Gi" })),
                )],
                "For 8.0 CPU, memory must be between 4Gi and 32Gi inclusive.",
            ),
            (
                &[(at!(FIRST, "/resources"), json!({ "cpuIdle": true }))],
                "CPU idle must be set to false",
            ),
            (
                &[(at!(FIRST, "/resources/limits"), limits(json!({ "cpu": "500m" })))],
                "Total cpu",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_the_live_service_accepts_is_accepted() {
    let cloud = Cloud::start().await;
    let sidecar =
        json!({ "image": "i", "name": "s", "resources": { "limits": { "cpu": "0.5", "memory": "256Mi" } } });
    for members in [
        vec![
            ("/template/parallelism".to_owned(), json!(5)),
            ("/template/taskCount".to_owned(), json!(1)),
        ],
        vec![(format!("{TASK}/containers/1"), sidecar)],
        vec![(
            format!("{FIRST}/env"),
            json!([{ "name": "A", "value": "1" }, { "name": "A", "value": "2" }]),
        )],
        vec![(
            format!("{FIRST}/env"),
            json!([{ "name": "X_GOOGLE_A", "value": "1" }]),
        )],
        vec![(format!("{FIRST}/ports"), json!([{ "containerPort": 8080 }]))],
        vec![(format!("{FIRST}/image"), json!("localhost:5000/i:v1.2_3-x"))],
        vec![(
            format!("{FIRST}/image"),
            json!(format!("us-docker.pkg.dev/p/r/i:1@sha256:{}", "a".repeat(64))),
        )],
        // Two mounts at one place, and a path that leads out of the volume.
        vec![
            (
                format!("{TASK}/volumes"),
                json!([{ "name": "v", "secret": { "secret": "s", "items": [{ "path": "../a" }] } }]),
            ),
            (
                format!("{FIRST}/volumeMounts"),
                json!([{ "name": "v", "mountPath": "/a" }, { "name": "v", "mountPath": "/a" }]),
            ),
        ],
        vec![(
            "/binaryAuthorization".to_owned(),
            json!({ "policy": "projects/p/platforms/cloudRun/policies/q", "breakglassJustification": "INC-1" }),
        )],
    ] {
        let members: Vec<(&str, Value)> = members
            .iter()
            .map(|(place, value)| (place.as_str(), value.clone()))
            .collect();
        assert_eq!(told(&cloud, job(), &members).await, "", "{members:?}");
    }
    const LIMITS: &str = "/template/template/containers/0/resources/limits";
    for (cpu, memory) in [
        ("20", "80Gi"),
        ("20000m", "81920Mi"),
        ("22", "88Gi"),
        ("24", "96Gi"),
        ("30", "120Gi"),
    ] {
        let members = [
            (at!(LIMITS, "/cpu"), json!(cpu)),
            (at!(LIMITS, "/memory"), json!(memory)),
        ];
        assert_eq!(told(&cloud, gpu_job(), &members).await, "", "{cpu} {memory}");
    }
}

#[tokio::test]
async fn permissive_rules_let_amounts_pass_but_no_nonsense() {
    let config = cloudrun_emulator::Config {
        rules: cloudrun_emulator::Rules::Permissive,
        ..crate::harness::config()
    };
    let cloud = Cloud::with(config).await;
    const LIMITS: &str = "/template/template/containers/0/resources/limits";
    let large = [
        (at!(LIMITS, "/cpu"), json!("32")),
        (at!(LIMITS, "/memory"), json!("128Gi")),
        (at!(TASK, "/timeout"), json!("604800s")),
    ];
    assert_eq!(told(&cloud, gpu_job(), &large).await, "");
    let nonsense = [(at!(LIMITS, "/cpu"), json!("many"))];
    assert!(
        told(&cloud, gpu_job(), &nonsense)
            .await
            .contains("Could not parse Quantity")
    );
}

#[tokio::test]
async fn details_name_the_field_where_that_is_wanted() {
    let mut wrong = gpu_job();
    wrong["template"]["taskCount"] = json!(10_001);
    let (_, bare) = Cloud::start().await.post("/jobs?jobId=a", wrong.clone()).await;
    assert!(bare["error"].get("details").is_none());
    let config = Config {
        bad_request_details: true,
        ..config()
    };
    let (status, told) = Cloud::with(config).await.post("/jobs?jobId=a", wrong).await;
    assert_eq!((status, message(&told)), (400, message(&bare)));
    let details = &told["error"]["details"][0];
    assert_eq!(details["@type"], "type.googleapis.com/google.rpc.BadRequest");
    assert_eq!(details["fieldViolations"][0]["field"], "template.task_count");
}
