//! Jobs, beyond what the recordings cover.

use serde_json::{Value, json};

use crate::harness::{Emulator, config, gpu_job, job, message, relative_name};
use cloudrun_emulator::Config;

#[tokio::test]
async fn created_job_becomes_ready() {
    let emulator = Emulator::start().await;
    let (_, operation) = emulator.post("/jobs?jobId=render", job()).await;
    assert_eq!(operation["done"], Value::Null);
    assert_eq!(operation["metadata"]["reconciling"], true);
    assert_eq!(
        operation["metadata"]["terminalCondition"],
        json!({ "state": "CONDITION_PENDING" })
    );
    assert_eq!(
        emulator.get("/jobs/render").await.1["reconciling"],
        true,
        "it exists at once"
    );
    let created = emulator.wait(&operation).await["response"].clone();
    let (_, read) = emulator.get("/jobs/render").await;
    assert_eq!(read["etag"], created["etag"]);
    assert_eq!(read["@type"], Value::Null);
    assert_eq!(read["observedGeneration"], "1");
    assert_eq!(read["terminalCondition"]["type"], "Ready");
}

#[tokio::test]
async fn patch_replaces_job_with_same_defaults() {
    let emulator = Emulator::start().await;
    let mut first = job();
    first["labels"] = json!({ "team": "a" });
    first["template"]["taskCount"] = json!(7);
    first["template"]["template"]["maxRetries"] = json!(0);
    first["template"]["template"]["vpcAccess"] = json!({ "networkInterfaces": [{ "network": "n" }] });
    let (_, operation) = emulator.post("/jobs?jobId=a", first).await;
    let created = emulator.wait(&operation).await["response"].clone();
    assert_eq!(
        created["template"]["template"]["maxRetries"], 0,
        "0 differs from absent"
    );
    assert_eq!(
        created["template"]["template"]["vpcAccess"]["egress"],
        "PRIVATE_RANGES_ONLY"
    );

    let (_, operation) = emulator.patch("/jobs/a", job()).await;
    let changed = emulator.wait(&operation).await["response"].clone();
    assert_eq!(changed["labels"], Value::Null);
    assert_eq!(changed["template"]["taskCount"], 1);
    assert_eq!(changed["template"]["template"]["maxRetries"], 3);
    assert_eq!(changed["uid"], created["uid"]);
    assert_ne!(changed["etag"], created["etag"]);
    assert_eq!(changed["createTime"], created["createTime"]);
    assert_eq!(
        changed["terminalCondition"]["lastTransitionTime"],
        created["terminalCondition"]["lastTransitionTime"]
    );
    let fresh = emulator.create_job("b").await;
    assert_eq!(changed["template"], fresh["template"], "the same defaults");
}

#[tokio::test]
async fn job_id_unique_and_validated() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    let (status, response) = emulator.post("/jobs?jobId=a", job()).await;
    assert_eq!(
        (status, message(&response)),
        (409, "Resource 'a' already exists.")
    );
    assert_eq!(response["error"]["status"], "ALREADY_EXISTS");
    for invalid in ["A", "-a", "a-", "1a", "a_b", "a.b", &"a".repeat(64)] {
        let (status, response) = emulator.post(&format!("/jobs?jobId={invalid}"), job()).await;
        assert_eq!(status, 400, "{invalid} {response}");
    }
    let (status, operation) = emulator.post("/jobs", job()).await;
    assert_eq!(status, 200);
    let name = operation["metadata"]["name"].as_str().unwrap();
    assert!(
        name.starts_with("projects/p/locations/us-central1/jobs/job-"),
        "{name}"
    );
}

#[tokio::test]
async fn stale_etag_prevents_patch_and_delete() {
    let emulator = Emulator::start().await;
    let etag = emulator.create_job("a").await["etag"].clone();
    let mut guarded = job();
    guarded["etag"] = json!("\"stale\"");
    let (status, response) = emulator.patch("/jobs/a", guarded.clone()).await;
    assert_eq!(
        (status, response["error"]["status"].as_str()),
        (409, Some("ABORTED"))
    );
    let (status, _) = emulator.delete("/jobs/a?etag=stale").await;
    assert_eq!(status, 409);
    guarded["etag"] = etag;
    let (status, operation) = emulator.patch("/jobs/a", guarded).await;
    assert_eq!(status, 200);
    let etag = emulator.wait(&operation).await["response"]["etag"]
        .as_str()
        .unwrap()
        .replace('"', "%22");
    assert_eq!(emulator.delete(&format!("/jobs/a?etag={etag}")).await.0, 200);
}

#[tokio::test]
async fn deleted_job_listed_with_show_deleted_only() {
    let emulator = Emulator::start().await;
    let created = emulator.create_job("a").await;
    let (_, operation) = emulator.delete("/jobs/a").await;
    let deleted = &operation["metadata"];
    assert_eq!(deleted["deleteTime"], deleted["updateTime"]);
    let day = |member: &str| deleted[member].as_str().unwrap()[..10].to_owned();
    assert_ne!(day("deleteTime"), day("expireTime"));
    assert_eq!(
        emulator.get("/jobs/a").await.1["deleteTime"],
        deleted["deleteTime"],
        "until the operation is done"
    );
    let done = emulator.wait(&operation).await;
    assert_ne!(done["response"]["etag"], deleted["etag"], "changed again");
    assert_eq!(done["response"]["uid"], created["uid"]);

    let (status, response) = emulator.get("/jobs/a").await;
    assert_eq!(
        (status, message(&response)),
        (
            404,
            "Resource 'a' of kind 'JOB' in region 'us-central1' in project 'p' does not exist."
        )
    );
    for method in ["PATCH", "DELETE"] {
        assert_eq!(
            emulator.send(method, "/jobs/a", Some(&job())).await.0,
            404,
            "{method}"
        );
    }
    assert_eq!(emulator.get("/jobs").await.1, json!({}));
    assert_eq!(
        emulator.get("/jobs?showDeleted=true").await.1["jobs"][0]["uid"],
        created["uid"]
    );
    assert_ne!(
        emulator.create_job("a").await["uid"],
        created["uid"],
        "the name can be used again"
    );
    assert_eq!(
        emulator.get("/jobs?showDeleted=true").await.1["jobs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn validate_only_stores_nothing() {
    let emulator = Emulator::start().await;
    let (status, operation) = emulator.post("/jobs?jobId=a&validateOnly=true", job()).await;
    assert_eq!((status, &operation["done"]), (200, &json!(true)));
    assert_eq!(operation["response"]["template"]["taskCount"], 1, "with defaults");
    assert_eq!(
        emulator.get(&relative_name(&operation["name"])).await.0,
        404,
        "the operation is not stored"
    );
    assert_eq!(emulator.get("/jobs/a").await.0, 404);

    let created = emulator.create_job("a").await;
    let mut changed = job();
    changed["template"]["taskCount"] = json!(9);
    assert_eq!(emulator.patch("/jobs/a?validateOnly=true", changed).await.0, 200);
    assert_eq!(emulator.delete("/jobs/a?validateOnly=true").await.0, 200);
    assert_eq!(
        emulator.get("/jobs/a").await.1,
        crate::harness::without_type(created)
    );
    assert_eq!(
        emulator.post("/jobs?jobId=a&validateOnly=true", job()).await.0,
        409
    );
}

#[tokio::test]
async fn allow_missing_creates_job() {
    let emulator = Emulator::start().await;
    assert_eq!(emulator.patch("/jobs/a", job()).await.0, 404);
    assert_eq!(
        emulator
            .patch("/jobs/a?allowMissing=true&validateOnly=true", job())
            .await
            .0,
        200
    );
    assert_eq!(emulator.get("/jobs/a").await.0, 404);
    let (_, operation) = emulator.patch("/jobs/a?allowMissing=true", job()).await;
    assert_eq!(emulator.wait(&operation).await["response"]["generation"], "1");
}

#[tokio::test]
async fn jobs_listed_in_pages_newest_first() {
    let emulator = Emulator::start().await;
    for id in ["a", "b", "c", "d", "e"] {
        emulator.create_job(id).await;
    }
    let other = emulator
        .request("POST", "/v2/projects/q/locations/us-central1/jobs?jobId=x")
        .json(&job());
    other.send().await.unwrap();
    let (mut names, mut token) = (String::new(), String::new());
    for round in 0.. {
        let (_, page) = emulator.get(&format!("/jobs?pageSize=2&pageToken={token}")).await;
        for job in page["jobs"].as_array().unwrap() {
            names.push_str(job["name"].as_str().unwrap().rsplit('/').next().unwrap());
        }
        // A job created in between shifts no page.
        emulator.create_job(&format!("later-{round}")).await;
        match page["nextPageToken"].as_str() {
            Some(next) => next.clone_into(&mut token),
            None => break,
        }
    }
    assert_eq!(names, "edcba");
    assert_eq!(emulator.get("/jobs?pageToken=nonsense").await.0, 400);
    assert_eq!(emulator.get("/jobs?pageSize=-1").await.0, 400);
    assert_eq!(emulator.get("/jobs?pageSize=many").await.0, 400);
}

#[tokio::test]
async fn list_with_small_pages_and_omitted_members() {
    let emulator = Emulator::with(Config {
        largest_page: 2,
        list_omits: vec!["etag".to_owned(), "template".to_owned()],
        ..config()
    })
    .await;
    for id in ["a", "b", "c"] {
        emulator.create_job(id).await;
    }
    let (_, page) = emulator.get("/jobs?pageSize=1000").await;
    let token = page["nextPageToken"].as_str().unwrap();
    let (_, rest) = emulator
        .get(&format!("/jobs?pageSize=1000&pageToken={token}"))
        .await;
    assert_eq!(page["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(rest["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(rest.get("nextPageToken"), None);
    let (_, complete) = emulator.get("/jobs/a").await;
    let mut expected = complete.clone();
    expected
        .as_object_mut()
        .unwrap()
        .retain(|member, _| !["etag", "template"].contains(&member.as_str()));
    assert_eq!(rest["jobs"][0], expected);
    assert!(complete["etag"].is_string() && complete["template"].is_object());
}

#[tokio::test]
async fn launch_stage_is_least_stable_in_use() {
    let emulator = Emulator::start().await;
    let mut delayed = job();
    delayed["template"]["delayExecution"] = json!(true);
    let mut long = gpu_job();
    long["template"]["template"]["timeout"] = json!("7200s");
    for (base, declared, read) in [
        (job(), json!("ALPHA"), "GA"),
        (job(), json!("BETA"), "GA"),
        (job(), Value::Null, "GA"),
        (gpu_job(), json!("ALPHA"), "GA"),
        (gpu_job(), json!("GA"), "GA"),
        (long.clone(), json!("ALPHA"), "BETA"),
        (long, json!("BETA"), "BETA"),
        (delayed, json!("ALPHA"), "BETA"),
    ] {
        let mut job = base;
        job["launchStage"] = declared.clone();
        let (_, operation) = emulator.post("/jobs?jobId=a&validateOnly=true", job).await;
        assert_eq!(operation["response"]["launchStage"], read, "{declared}");
    }
}

#[tokio::test]
async fn values_returned_as_sent() {
    let emulator = Emulator::start().await;
    let mut sent = gpu_job();
    sent["template"]["template"]["containers"][0]["resources"]["limits"] =
        json!({ "cpu": "20000m", "memory": "81920Mi", "nvidia.com/gpu": "1" });
    let (_, operation) = emulator.post("/jobs?jobId=a", sent.clone()).await;
    let task = &operation["metadata"]["template"]["template"];
    for member in ["nodeSelector", "gpuZonalRedundancyDisabled", "timeout"] {
        assert_eq!(task[member], sent["template"]["template"][member]);
    }
    assert_eq!(task["containers"], sent["template"]["template"]["containers"]);
}
