//! Faults of operations and of waiting for them.

use serde_json::{Value, json};

use crate::harness::{Emulator, job, relative_name};

#[tokio::test]
async fn operation_done_without_result() {
    let emulator = Emulator::start().await;
    emulator.arm("operation-done-empty").await;
    let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
    let done = emulator.wait(&operation).await;
    assert_eq!((&done["response"], &done["error"]), (&Value::Null, &Value::Null));
    assert_eq!(
        emulator.get("/jobs/a").await.1["terminalCondition"]["state"],
        "CONDITION_SUCCEEDED"
    );
}

#[tokio::test]
async fn job_remains_not_ready() {
    for (fault, error, reason, message) in [
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
        let emulator = Emulator::start().await;
        emulator.create_job("a").await;
        emulator.arm(fault).await;
        let (_, operation) = emulator.patch("/jobs/a", job()).await;
        let done = emulator.wait(&operation).await;
        assert_eq!(done["error"]["code"].is_i64(), error, "{fault}");
        assert_eq!(done["response"].is_object(), !error, "{fault}");
        let (_, read) = emulator.get("/jobs/a").await;
        let ready = &read["terminalCondition"];
        assert_eq!(
            (&ready["state"], &ready["reason"]),
            (&json!("CONDITION_FAILED"), &json!(reason))
        );
        assert!(ready["message"].as_str().unwrap().contains(message), "{fault}");
        assert_eq!(read["reconciling"], Value::Null);
        assert_eq!(
            (&read["generation"], &read["observedGeneration"]),
            (&json!("2"), &json!("1")),
            "the last ready generation"
        );
        let (_, operation) = emulator.patch("/jobs/a", job()).await;
        emulator.wait(&operation).await;
        assert_eq!(
            emulator.get("/jobs/a").await.1["observedGeneration"],
            "3",
            "the next patch makes it ready"
        );
    }
}

#[tokio::test]
async fn deletion_skips_job_not_ready_faults() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    emulator.arm("job-not-ready-secret").await;
    let (_, deletion) = emulator.delete("/jobs/a").await;
    emulator.wait(&deletion).await;
    assert_eq!(emulator.job_count().await, 0);
    let created = emulator.create_job("a").await;
    assert_eq!(
        created["terminalCondition"]["state"], "CONDITION_FAILED",
        "the fault stays armed for the next create"
    );
}

#[tokio::test]
async fn job_with_pending_operation_can_be_deleted() {
    let emulator = Emulator::start().await;
    emulator.arm("operation-never-ends").await;
    let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
    let path = relative_name(&operation["name"]);
    let (_, waited) = emulator
        .post(&format!("{path}:wait"), json!({ "timeout": "0.2s" }))
        .await;
    assert_eq!(waited["done"], Value::Null);
    assert_eq!(emulator.get("/jobs/a").await.1["reconciling"], true);
    let (_, deletion) = emulator.delete("/jobs/a").await;
    emulator.wait(&deletion).await;
    assert_eq!(emulator.job_count().await, 0);
}

#[tokio::test]
async fn job_deleted_without_done_operation() {
    let emulator = Emulator::start().await;
    emulator.create_job("a").await;
    emulator.arm("operation-never-ends").await;
    let (_, deletion) = emulator.delete("/jobs/a").await;
    let wait = format!("{}:wait", relative_name(&deletion["name"]));
    assert_eq!(
        emulator.post(&wait, json!({ "timeout": "0.2s" })).await.1["done"],
        Value::Null
    );
    assert_eq!(
        (emulator.get("/jobs/a").await.0, emulator.job_count().await),
        (404, 0)
    );
}

#[tokio::test]
async fn wait_faults_apply_once() {
    for (fault, status) in [
        ("wait-unimplemented", 501),
        ("wait-not-found", 404),
        ("operation-vanishes", 404),
        ("wait-returns-early", 200),
    ] {
        let emulator = Emulator::start().await;
        let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
        let path = format!("{}:wait", relative_name(&operation["name"]));
        emulator.arm(fault).await;
        let (actual, response) = emulator.post(&path, json!({})).await;
        assert_eq!((actual, &response["done"]), (status, &Value::Null), "{fault}");
        assert_eq!(
            emulator.post(&path, json!({})).await.1["done"],
            true,
            "{fault} is used up"
        );
    }
}
