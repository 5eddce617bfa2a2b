//! Operations: get, list, wait, delete.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Cloud, below_place, config, job};

#[tokio::test]
async fn a_wait_without_a_body_will_do_and_a_wrong_one_will_not() {
    let cloud = Cloud::start().await;
    let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
    let path = format!("{}:wait", below_place(&operation["name"]));
    assert_eq!(cloud.send("POST", &path, None).await.1["done"], true);
    for wrong in [
        json!({ "timeout": "2m" }),
        json!({ "timeout": "-1s" }),
        json!({ "patience": "1s" }),
    ] {
        assert_eq!(cloud.post(&path, wrong.clone()).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_deleted_operation_is_gone() {
    let cloud = Cloud::start().await;
    let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
    let path = below_place(&operation["name"]);
    cloud.settle(&operation).await;
    assert_eq!(cloud.delete(&path).await, (200, json!({})));
    for method in ["GET", "DELETE"] {
        assert_eq!(cloud.send(method, &path, None).await.0, 404, "{method}");
    }
    assert_eq!(cloud.post(&format!("{path}:wait"), json!({})).await.0, 404);
    assert_eq!(cloud.get("/jobs/a").await.0, 200, "its job is not");
}

#[tokio::test]
async fn a_wait_ends_when_its_operation_is_deleted() {
    let slow = cloudrun_emulator::Config {
        operation_time: Duration::from_secs(60),
        ..config()
    };
    let cloud = Cloud::with(slow).await;
    let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
    let path = below_place(&operation["name"]);
    let wait = format!("{path}:wait");
    let (waited, ()) = tokio::join!(cloud.post(&wait, json!({})), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(cloud.delete(&path).await.0, 200);
    });
    assert_eq!(waited.0, 404);
}
