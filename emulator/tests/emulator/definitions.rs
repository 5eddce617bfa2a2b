//! What a job's definition may hold: every member that is documented, and on demand members that are not.

use cloudrun_emulator::Config;
use serde_json::{Value, json};

use crate::harness::{Cloud, config, job, message};

/// A job with a sidecar, which uses what a job of one container does not.
fn whole() -> Value {
    json!({
        "labels": { "team": "vision", "環境": "本番" },
        "annotations": { "example.com/owner": "a" },
        "client": "console",
        "clientVersion": "7",
        "launchStage": "GA",
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

/// `whole` with a member at every level that no revision of the API has.
fn from_the_future() -> Value {
    let mut job = whole();
    for place in [
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
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("{place} is there"));
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

/// Status and document of a request whose answer may hold what the API's surface does not.
async fn send(cloud: &Cloud, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = cloud.request(method, &format!("/v2/projects/p/locations/us-central1{path}"));
    let request = if body.is_null() {
        request
    } else {
        request.json(body)
    };
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// Holds the members of `sent` against those of `got`.
fn assert_holds(sent: &Value, got: &Value, whose: &str) {
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&got[name], value, "{name} in {whose}");
    }
}

#[tokio::test]
async fn every_documented_member_is_stored_and_returned() {
    let cloud = Cloud::start().await;
    let (_, operation) = cloud.post("/jobs?jobId=a", whole()).await;
    assert_holds(&whole(), &operation["metadata"], "the metadata");
    let done = cloud.settle(&operation).await;
    assert_holds(&whole(), &done["response"], "the response");
    assert_holds(&whole(), &cloud.get("/jobs/a").await.1, "the job");
    let (_, operation) = cloud.patch("/jobs/a", whole()).await;
    cloud.settle(&operation).await;
    assert_holds(&whole(), &cloud.get("/jobs").await.1["jobs"][0], "the list");
}

#[tokio::test]
async fn unknown_members_are_kept_on_demand_until_a_patch_omits_them() {
    let cloud = Cloud::with(Config {
        keep_unknown_fields: true,
        ..config()
    })
    .await;
    let sent = from_the_future();
    let (status, operation) = send(&cloud, "POST", "/jobs?jobId=a", &sent).await;
    assert_eq!(status, 200, "{operation:#}");
    assert_holds(&sent, &operation["metadata"], "the metadata of the creation");
    let place = operation["name"].as_str().unwrap().splitn(5, '/').nth(4).unwrap();
    let wait = json!({ "timeout": "20s" });
    let (_, done) = send(&cloud, "POST", &format!("/{place}:wait"), &wait).await;
    assert_holds(&sent, &done["response"], "the response");
    assert_holds(
        &sent,
        &send(&cloud, "GET", "/jobs/a", &Value::Null).await.1,
        "the job",
    );
    let (_, list) = send(&cloud, "GET", "/jobs", &Value::Null).await;
    assert_holds(&sent, &list["jobs"][0], "the list");

    // A client that sends back what it got keeps all of it.
    let (_, read) = send(&cloud, "GET", "/jobs/a", &Value::Null).await;
    let (status, operation) = send(&cloud, "PATCH", "/jobs/a", &read).await;
    assert_eq!(status, 200, "{operation:#}");
    assert_holds(&sent, &operation["metadata"], "the metadata of the patch");

    // One that sends what it knows does not.
    let (_, operation) = send(&cloud, "PATCH", "/jobs/a", &whole()).await;
    assert_holds(&whole(), &operation["metadata"], "the job without them");
    assert!(!operation.to_string().contains("future"), "{operation:#}");
}

#[tokio::test]
async fn unknown_members_are_refused_by_themselves() {
    let cloud = Cloud::start().await;
    let (status, answer) = send(&cloud, "POST", "/jobs?jobId=a", &from_the_future()).await;
    assert_eq!(status, 400);
    for place in [
        "job",
        "job.template.template.containers[1].startup_probe",
        "job.template.template.volumes[6]",
    ] {
        let words = format!(" at '{place}': Cannot find field.");
        assert!(message(&answer).contains(&words), "{words}\nnot in\n{answer:#}");
    }
}

/// The other rules hold beside unknown members, and a run takes none.
#[tokio::test]
async fn keeping_unknown_members_lets_nothing_else_through() {
    let cloud = Cloud::with(Config {
        keep_unknown_fields: true,
        ..config()
    })
    .await;
    for (place, value, words) in [
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
        let mut job = from_the_future();
        *job.pointer_mut(place).unwrap() = value;
        let (status, answer) = send(&cloud, "POST", "/jobs?jobId=b", &job).await;
        assert_eq!(status, 400, "{place}: {answer:#}");
        assert!(message(&answer).contains(words), "{place}: {answer:#}");
    }
    let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
    cloud.settle(&operation).await;
    let (status, answer) = send(&cloud, "POST", "/jobs/a:run", &json!({ "futureOverride": 1 })).await;
    assert_eq!(status, 400, "{answer}");
}
