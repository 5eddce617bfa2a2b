//! Operations: get, list, wait, delete.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Cloud, below_place, config, job};

#[tokio::test]
async fn a_wait_ends_with_its_operation() {
    let slow = cloudrun_emulator::Config {
        operation_time: Duration::from_millis(300),
        ..config()
    };
    let cloud = Cloud::with(slow).await;
    let (_, operation) = cloud.post("/jobs?jobId=a", job()).await;
    let path = below_place(&operation["name"]);
    let (_, early) = cloud
        .post(&format!("{path}:wait"), json!({ "timeout": "0.01s" }))
        .await;
    assert_eq!(early["done"], Value::Null, "its time was up first");
    assert_eq!(cloud.get(&path).await.1["done"], Value::Null);
    let asked = Instant::now();
    let (_, done) = cloud
        .post(&format!("{path}:wait"), json!({ "timeout": "20s" }))
        .await;
    assert_eq!(done["done"], true);
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "it did not wait for its own time-out"
    );
    assert_eq!(cloud.get(&path).await.1, done);
}

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
async fn operations_are_listed_by_whether_they_are_done() {
    let slow = cloudrun_emulator::Config {
        operation_time: Duration::from_millis(300),
        ..config()
    };
    let cloud = Cloud::with(slow).await;
    let (_, first) = cloud.post("/jobs?jobId=a", job()).await;
    cloud.settle(&first).await;
    let (_, second) = cloud.post("/jobs?jobId=b", job()).await;
    let names = |page: &Value| -> Vec<Value> {
        page["operations"]
            .as_array()
            .map_or(vec![], |all| all.iter().map(|one| one["name"].clone()).collect())
    };
    let (done, open) = (vec![first["name"].clone()], vec![second["name"].clone()]);
    assert_eq!(names(&cloud.get("/operations?filter=done:true").await.1), done);
    assert_eq!(names(&cloud.get("/operations?filter=done:false").await.1), open);
    assert_eq!(names(&cloud.get("/operations").await.1), [open, done].concat());
    assert_eq!(cloud.get("/operations?filter=name:x").await.0, 400);
    let (_, page) = cloud.get("/operations?pageSize=1").await;
    let rest = format!(
        "/operations?pageToken={}",
        page["nextPageToken"].as_str().unwrap()
    );
    assert_eq!(names(&cloud.get(&rest).await.1).len(), 1);
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
