//! The members of a job's definition: all documented ones, and unknown ones with `--keep-unknown-fields`.

use cloudrun_emulator::Config;
use serde_json::{Value, json};

use crate::harness::{Emulator, config, job, message};

/// A job with all documented members that can be combined.
fn full_job() -> Value {
    json!({
        "labels": { "team": "vision", "環境": "本番" },
        "annotations": { "example.com/owner": "a" },
        "client": "console",
        "clientVersion": "7",
        "launchStage": "BETA",
        "functionalType": "FUNCTIONAL_TYPE_AGENT",
        "binaryAuthorization": { "useDefault": true },
        "template": {
            "labels": { "run": "nightly" },
            "annotations": { "example.com/note": "b" },
            "client": "gcloud",
            "clientVersion": "500.0.0",
            "delayExecution": true,
            "parallelism": 2,
            "taskCount": 3,
            "template": {
                "containers": [
                    {
                        "name": "main",
                        "image": "us-docker.pkg.dev/p/r/i:1",
                        "command": ["run"],
                        "args": ["--fast"],
                        "env": [
                            { "name": "A", "value": "" },
                            { "name": "S", "valueSource": { "secretKeyRef": { "secret": "s", "version": "1" } } },
                        ],
                        "resources": { "limits": { "cpu": "1", "memory": "1Gi" } },
                        "dependsOn": ["proxy"],
                        "workingDir": "/work",
                        "sandboxLauncher": true,
                        "volumeMounts": [
                            { "name": "cloudsql", "mountPath": "/cloudsql" },
                            { "name": "share", "mountPath": "/share", "subPath": "in" },
                        ],
                    },
                    {
                        "name": "proxy",
                        "image": "us-docker.pkg.dev/p/r/proxy:1",
                        "ports": [{ "name": "http1", "containerPort": 9090 }],
                        "resources": { "limits": { "cpu": "1", "memory": "512Mi" }, "startupCpuBoost": true },
                        "startupProbe": {
                            "initialDelaySeconds": 1,
                            "periodSeconds": 5,
                            "timeoutSeconds": 2,
                            "failureThreshold": 4,
                            "httpGet": {
                                "path": "/ready",
                                "port": 9090,
                                "httpHeaders": [{ "name": "X-Probe", "value": "1" }],
                            },
                        },
                    },
                ],
                "volumes": [
                    { "name": "cloudsql", "cloudSqlInstance": { "instances": ["p:us-central1:db"] } },
                    { "name": "share", "filestore": { "volume": "projects/p/locations/us-central1-a/instances/f" } },
                    { "name": "keys", "secret": {
                        "secret": "s",
                        "defaultMode": 256,
                        "items": [{ "path": "a", "version": "latest", "mode": 292 }],
                    } },
                    { "name": "space", "emptyDir": { "medium": "MEMORY", "sizeLimit": "1Gi" } },
                    { "name": "nfs", "nfs": { "server": "10.0.0.2", "path": "/", "readOnly": true } },
                    { "name": "bucket", "gcs": { "bucket": "b", "readOnly": true, "mountOptions": ["uid=7"] } },
                ],
                "maxRetries": 1,
                "timeout": "900s",
                "serviceAccount": "a@p.iam.gserviceaccount.com",
                "executionEnvironment": "EXECUTION_ENVIRONMENT_GEN2",
                "encryptionKey": "projects/p/locations/l/keyRings/r/cryptoKeys/k",
                "vpcAccess": {
                    "egress": "ALL_TRAFFIC",
                    "networkInterfaces": [{ "network": "n", "subnetwork": "s", "tags": ["a", "b"] }],
                },
                "sandboxes": { "templates": [{
                    "name": "box",
                    "image": "us-docker.pkg.dev/p/r/box:1",
                    "command": ["sh"],
                    "env": [{ "name": "B", "value": "2" }],
                    "volumeMounts": [{ "name": "space", "mountPath": "/space" }],
                }] },
                "workloadIdentityConfig": {
                    "identity": "principal://example",
                    "identityCertificateEnabled": true,
                    "identityType": "IDENTITY_TYPE_SERVICE_ACCOUNT",
                },
            },
        },
    })
}

/// The full job with unknown members at every level.
fn job_with_unknown_members() -> Value {
    let mut job = full_job();
    for pointer in [
        "",
        "/binaryAuthorization",
        "/template",
        "/template/template",
        "/template/template/vpcAccess",
        "/template/template/vpcAccess/networkInterfaces/0",
        "/template/template/sandboxes/templates/0",
        "/template/template/workloadIdentityConfig",
        "/template/template/containers/0",
        "/template/template/containers/0/resources",
        "/template/template/containers/0/env/0",
        "/template/template/containers/0/env/1/valueSource/secretKeyRef",
        "/template/template/containers/0/volumeMounts/0",
        "/template/template/containers/1/ports/0",
        "/template/template/containers/1/startupProbe",
        "/template/template/containers/1/startupProbe/httpGet",
        "/template/template/volumes/0",
        "/template/template/volumes/0/cloudSqlInstance",
        "/template/template/volumes/2/secret/items/0",
        "/template/template/volumes/5/gcs",
    ] {
        let object = job
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{pointer} exists"));
        object["futureMember"] = json!({ "list": [0, false, null], "text": "" });
        object["futureFlag"] = json!(false);
    }
    let task = &mut job["template"]["template"];
    let push = |list: &mut Value, value| list.as_array_mut().unwrap().push(value);
    push(&mut task["volumes"], json!({ "name": "tape", "futureTape": {} }));
    let env = &mut task["containers"][0]["env"];
    push(env, json!({ "name": "C", "futureValue": "x" }));
    push(
        env,
        json!({ "name": "D", "valueSource": { "futureRef": { "key": "y" } } }),
    );
    task["containers"][0]["startupProbe"] = json!({
        "failureThreshold": 3, "periodSeconds": 10, "timeoutSeconds": 1, "futureProbe": { "port": 1 },
    });
    job
}

/// Sends a request whose response may have unknown members.
async fn send(emulator: &Emulator, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = emulator.request(method, &format!("/v2/projects/p/locations/us-central1{path}"));
    let request = if body.is_null() {
        request
    } else {
        request.json(body)
    };
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// Checks that `actual` has all members of `expected`.
fn assert_contains(expected: &Value, actual: &Value, what: &str) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&actual[name], value, "{name} in {what}");
    }
}

#[tokio::test]
async fn documented_members_are_stored_and_returned() {
    let emulator = Emulator::start().await;
    let (_, operation) = emulator.post("/jobs?jobId=a", full_job()).await;
    assert_contains(&full_job(), &operation["metadata"], "the metadata");
    let done = emulator.wait(&operation).await;
    assert_contains(&full_job(), &done["response"], "the response");
    assert_contains(&full_job(), &emulator.get("/jobs/a").await.1, "the job");
    let (_, operation) = emulator.patch("/jobs/a", full_job()).await;
    emulator.wait(&operation).await;
    assert_contains(&full_job(), &emulator.get("/jobs").await.1["jobs"][0], "the list");
}

#[tokio::test]
async fn unknown_members_kept_until_patch_omits_them() {
    let emulator = Emulator::with(Config {
        keep_unknown_fields: true,
        ..config()
    })
    .await;
    let sent = job_with_unknown_members();
    let (status, operation) = send(&emulator, "POST", "/jobs?jobId=a", &sent).await;
    assert_eq!(status, 200, "{operation:#}");
    assert_contains(
        &sent,
        &operation["metadata"],
        "the metadata of the create operation",
    );
    let name = operation["name"].as_str().unwrap().splitn(5, '/').nth(4).unwrap();
    let wait = json!({ "timeout": "20s" });
    let (_, done) = send(&emulator, "POST", &format!("/{name}:wait"), &wait).await;
    assert_contains(&sent, &done["response"], "the response");
    assert_contains(
        &sent,
        &send(&emulator, "GET", "/jobs/a", &Value::Null).await.1,
        "the job",
    );
    let (_, list) = send(&emulator, "GET", "/jobs", &Value::Null).await;
    assert_contains(&sent, &list["jobs"][0], "the list");

    // A client that sends back what it has read keeps them.
    let (_, read) = send(&emulator, "GET", "/jobs/a", &Value::Null).await;
    let (status, operation) = send(&emulator, "PATCH", "/jobs/a", &read).await;
    assert_eq!(status, 200, "{operation:#}");
    assert_contains(
        &sent,
        &operation["metadata"],
        "the metadata of the patch operation",
    );

    // A client that sends only the members of its model removes them.
    let (_, operation) = send(&emulator, "PATCH", "/jobs/a", &full_job()).await;
    assert_contains(&full_job(), &operation["metadata"], "the patched job");
    assert!(!operation.to_string().contains("future"), "{operation:#}");
}

#[tokio::test]
async fn unknown_members_rejected_by_default() {
    let emulator = Emulator::start().await;
    let (status, response) = send(&emulator, "POST", "/jobs?jobId=a", &job_with_unknown_members()).await;
    assert_eq!(status, 400);
    for path in [
        "job",
        "job.template.template.containers[1].startup_probe",
        "job.template.template.volumes[6]",
    ] {
        let expected = format!(" at '{path}': Cannot find field.");
        assert!(
            message(&response).contains(&expected),
            "{expected}\nnot in\n{response:#}"
        );
    }
}

#[tokio::test]
async fn other_rules_hold_beside_unknown_members() {
    let emulator = Emulator::with(Config {
        keep_unknown_fields: true,
        ..config()
    })
    .await;
    for (pointer, value, expected) in [
        (
            "/labels",
            json!({ "run.googleapis.com/a": "b" }),
            "system labels are not supported",
        ),
        (
            "/template/labels",
            json!({ "cloud.googleapis.com/a": "b" }),
            "system labels are not supported",
        ),
        (
            "/annotations",
            json!({ "serving.knative.dev/a": "b" }),
            "system annotations are not supported",
        ),
        (
            "/template/annotations",
            json!({ "autoscaling.knative.dev/a": "b" }),
            "system annotations are not supported",
        ),
        ("/template/taskCount", json!("many"), "TYPE_INT32"),
        (
            "/template/template/volumes/1",
            json!({ "name": "share" }),
            "must have exactly one source",
        ),
        (
            "/template/template/containers/0/env/1/valueSource",
            json!({}),
            "secret_key_ref.secret: may only be",
        ),
    ] {
        let mut job = job_with_unknown_members();
        *job.pointer_mut(pointer).unwrap() = value;
        let (status, response) = send(&emulator, "POST", "/jobs?jobId=b", &job).await;
        assert_eq!(status, 400, "{pointer}: {response:#}");
        assert!(message(&response).contains(expected), "{pointer}: {response:#}");
    }
    let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
    emulator.wait(&operation).await;
    let (status, response) = send(&emulator, "POST", "/jobs/a:run", &json!({ "futureOverride": 1 })).await;
    assert_eq!(status, 400, "{response}");
}
