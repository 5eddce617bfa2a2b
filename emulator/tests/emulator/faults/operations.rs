//! Operations that go wrong, and waiting for them.

use serde_json::{Value, json};

use crate::harness::{Cloud, below_place, job};

#[tokio::test]
async fn an_operation_is_done_and_says_nothing() {
    let cloud = Cloud::start().await;
    cloud.arm("operation-done-empty").await;
    let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
    let done = cloud.settle(&operation).await;
    assert_eq!((&done["response"], &done["error"]), (&Value::Null, &Value::Null));
    assert_eq!(
        cloud.get("/jobs/a").await.1["terminalCondition"]["state"],
        "CONDITION_SUCCEEDED"
    );
}

#[tokio::test]
async fn a_job_is_left_behind_not_ready() {
    for (fault, error, reason, words) in [
        ("operation-error", true, "INTERNAL", "Internal error"),
        (
            "job-not-ready-secret",
            false,
            "SECRETS_ACCESS_CHECK_FAILED",
            "secretmanager.secretAccessor",
        ),
        ("job-not-ready-image", false, "CONTAINER_MISSING", "not found"),
        (
            "job-not-ready-quota",
            false,
            "INTERNAL",
            "total allowable count of GPUs",
        ),
    ] {
        let cloud = Cloud::start().await;
        cloud.make("a").await;
        cloud.arm(fault).await;
        let (_, operation) = cloud.patch("/jobs/a", job()).await;
        let done = cloud.settle(&operation).await;
        assert_eq!(done["error"]["code"].is_i64(), error, "{fault}");
        assert_eq!(done["response"].is_object(), !error, "{fault}");
        let (_, left) = cloud.get("/jobs/a").await;
        let ready = &left["terminalCondition"];
        assert_eq!(
            (&ready["state"], &ready["reason"]),
            (&json!("CONDITION_FAILED"), &json!(reason))
        );
        assert!(ready["message"].as_str().unwrap().contains(words), "{fault}");
        assert_eq!(left["reconciling"], Value::Null);
        assert_eq!(
            (&left["generation"], &left["observedGeneration"]),
            (&json!("2"), &json!("1")),
            "the last good one"
        );
        let (_, operation) = cloud.patch("/jobs/a", job()).await;
        cloud.settle(&operation).await;
        assert_eq!(
            cloud.get("/jobs/a").await.1["observedGeneration"],
            "3",
            "the next change mends it"
        );
    }
}

#[tokio::test]
async fn what_a_job_needs_is_not_looked_at_when_it_is_deleted() {
    let cloud = Cloud::start().await;
    cloud.make("a").await;
    cloud.arm("job-not-ready-secret").await;
    let (_, deletion) = cloud.delete("/jobs/a").await;
    cloud.settle(&deletion).await;
    assert_eq!(cloud.jobs().await, 0);
    let made = cloud.make("a").await;
    assert_eq!(
        made["terminalCondition"]["state"], "CONDITION_FAILED",
        "it has waited for a definition"
    );
}

#[tokio::test]
async fn an_operation_never_ends_and_the_job_can_be_deleted() {
    let cloud = Cloud::start().await;
    cloud.arm("operation-never-ends").await;
    let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
    let path = below_place(&operation["name"]);
    let (_, waited) = cloud
        .post(&format!("{path}:wait"), json!({ "timeout": "0.2s" }))
        .await;
    assert_eq!(waited["done"], Value::Null);
    assert_eq!(cloud.get("/jobs/a").await.1["reconciling"], true);
    let (_, deletion) = cloud.delete("/jobs/a").await;
    cloud.settle(&deletion).await;
    assert_eq!(cloud.jobs().await, 0);
}

#[tokio::test]
async fn a_deletion_that_never_says_so_is_a_deletion() {
    let cloud = Cloud::start().await;
    cloud.make("a").await;
    cloud.arm("operation-never-ends").await;
    let (_, deletion) = cloud.delete("/jobs/a").await;
    let wait = format!("{}:wait", below_place(&deletion["name"]));
    assert_eq!(
        cloud.post(&wait, json!({ "timeout": "0.2s" })).await.1["done"],
        Value::Null
    );
    assert_eq!((cloud.get("/jobs/a").await.0, cloud.jobs().await), (404, 0));
}

#[tokio::test]
async fn waiting_fails_in_so_many_ways() {
    for (fault, status) in [
        ("wait-unimplemented", 501),
        ("wait-not-found", 404),
        ("operation-vanishes", 404),
        ("wait-returns-early", 200),
    ] {
        let cloud = Cloud::start().await;
        let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
        let path = format!("{}:wait", below_place(&operation["name"]));
        cloud.arm(fault).await;
        let (seen, answer) = cloud.post(&path, json!({})).await;
        assert_eq!((seen, &answer["done"]), (status, &Value::Null), "{fault}");
        assert_eq!(
            cloud.post(&path, json!({})).await.1["done"],
            true,
            "{fault} is used up"
        );
    }
}
