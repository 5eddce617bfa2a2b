//! Operations: get, list, wait, delete.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Emulator, config, job, relative_name};

#[tokio::test]
async fn wait_body_optional_and_validated() {
    let emulator = Emulator::start().await;
    let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
    let path = format!("{}:wait", relative_name(&operation["name"]));
    assert_eq!(emulator.send("POST", &path, None).await.1["done"], true);
    for invalid in [
        json!({ "timeout": "2m" }),
        json!({ "timeout": "-1s" }),
        json!({ "unknown": "1s" }),
    ] {
        assert_eq!(emulator.post(&path, invalid.clone()).await.0, 400, "{invalid}");
    }
}

#[tokio::test]
async fn deleted_operation_not_found() {
    let emulator = Emulator::start().await;
    let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
    let path = relative_name(&operation["name"]);
    emulator.wait(&operation).await;
    assert_eq!(emulator.delete(&path).await, (200, json!({})));
    for method in ["GET", "DELETE"] {
        assert_eq!(emulator.send(method, &path, None).await.0, 404, "{method}");
    }
    assert_eq!(emulator.post(&format!("{path}:wait"), json!({})).await.0, 404);
    assert_eq!(emulator.get("/jobs/a").await.0, 200, "the job remains");
}

#[tokio::test]
async fn wait_ends_when_operation_is_deleted() {
    let slow = cloudrun_emulator::Config {
        operation_time: Duration::from_secs(60),
        ..config()
    };
    let emulator = Emulator::with(slow).await;
    let (_, operation) = emulator.post("/jobs?jobId=a", job()).await;
    let path = relative_name(&operation["name"]);
    let wait = format!("{path}:wait");
    let (waited, ()) = tokio::join!(emulator.post(&wait, json!({})), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(emulator.delete(&path).await.0, 200);
    });
    assert_eq!(waited.0, 404);
}
