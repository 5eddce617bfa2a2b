//! The course of runs: what is told when, what waits for what, and what becomes of it when a job goes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cloud, below_place, config, gpu_job, job, message};

/// A cloud in which an execution takes its time.
async fn slow() -> Cloud {
    let execution_time = Duration::from_secs(60);
    Cloud::with(cloudrun_emulator::Config {
        execution_time,
        ..config()
    })
    .await
}

/// Runs a job; the operation, and the path of the execution.
async fn run(cloud: &Cloud, body: Value) -> (Value, String) {
    let (status, operation) = cloud.post("/jobs/a:run", body).await;
    assert_eq!(status, 200, "{operation}");
    let path = below_place(&operation["metadata"]["name"]);
    (operation, path)
}

fn completed(execution: &Value) -> &Value {
    let conditions = execution["conditions"].as_array().unwrap();
    conditions
        .iter()
        .find(|condition| condition["type"] == "Completed")
        .unwrap()
}

#[tokio::test]
async fn a_run_is_pending_then_running_then_over() {
    let execution_time = Duration::from_millis(1000);
    let cloud = Cloud::with(cloudrun_emulator::Config {
        execution_time,
        ..config()
    })
    .await;
    let mut two = gpu_job();
    two["template"]["taskCount"] = json!(2);
    let (_, made) = cloud.post("/jobs?jobId=a", two).await;
    cloud.settle(&made).await;
    let (operation, path) = run(&cloud, json!({})).await;
    assert_eq!(
        operation["metadata"]["@type"],
        "type.googleapis.com/google.cloud.run.v2.Execution"
    );
    assert_eq!(completed(&operation["metadata"])["state"], "CONDITION_PENDING");
    let states = |job: &Value| job["latestCreatedExecution"]["completionStatus"].clone();
    assert_eq!(states(&cloud.get("/jobs/a").await.1), "EXECUTION_PENDING");

    let running = loop {
        let (_, execution) = cloud.get(&path).await;
        if execution["startTime"].is_string() {
            break execution;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(
        (&running["runningCount"], &running["reconciling"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(states(&cloud.get("/jobs/a").await.1), "EXECUTION_RUNNING");

    let done = cloud.settle(&operation).await["response"].clone();
    assert_eq!(completed(&done)["state"], "CONDITION_SUCCEEDED");
    assert_eq!(
        (&done["succeededCount"], &done["runningCount"]),
        (&json!(2), &Value::Null)
    );
    assert!(done["completionTime"].is_string());
    let (_, job) = cloud.get("/jobs/a").await;
    assert_eq!(
        (states(&job), &job["executionCount"]),
        (json!("EXECUTION_SUCCEEDED"), &json!(1))
    );
    assert_eq!(
        (&job["generation"], &job["reconciling"]),
        (&json!("1"), &Value::Null),
        "a run is no change"
    );

    let (_, tasks) = cloud.get(&format!("{path}/tasks")).await;
    let tasks = tasks["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 2);
    for task in tasks {
        let (status, alone) = cloud.get(&below_place(&task["name"])).await;
        assert_eq!((status, &alone), (200, task));
        assert_eq!(task["nodeSelector"]["accelerator"], "nvidia-rtx-pro-6000");
    }
}

#[tokio::test]
async fn overrides_hold_for_one_run() {
    let cloud = slow().await;
    let made = cloud.make("a").await;
    let wish = json!({ "overrides": { "taskCount": 3, "timeout": "60s", "containerOverrides": [
        { "args": ["x"], "env": [{ "name": "A", "value": "1" }] },
    ] } });
    let (_, path) = run(&cloud, wish).await;
    let (_, execution) = cloud.get(&path).await;
    assert_eq!(
        (&execution["taskCount"], &execution["template"]["timeout"]),
        (&json!(3), &json!("60s"))
    );
    assert_eq!(execution["template"]["containers"][0]["args"], json!(["x"]));
    assert_eq!(cloud.get("/jobs/a").await.1["template"], made["template"]);
    for wrong in [
        json!({ "overrides": { "taskCount": -1 } }),
        json!({ "overrides": { "containerOverrides": [{ "name": "other" }] } }),
        json!({ "override": {} }),
    ] {
        assert_eq!(cloud.post("/jobs/a:run", wrong.clone()).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_run_is_refused_for_a_stale_etag_and_tried_with_validate_only() {
    let cloud = Cloud::start().await;
    let made = cloud.make("a").await;
    assert_eq!(cloud.post("/jobs/a:run", json!({ "etag": "stale" })).await.0, 409);
    assert_eq!(cloud.post("/jobs/b:run", json!({})).await.0, 404);
    assert_eq!(
        cloud.post("/jobs/a:run", json!({ "validateOnly": true })).await.0,
        200
    );
    assert_eq!(cloud.get("/jobs/a/executions").await.1, json!({}));
    assert_eq!(
        cloud.post("/jobs/a:run", json!({ "etag": made["etag"] })).await.0,
        200
    );
}

#[tokio::test]
async fn a_run_can_be_cancelled_once() {
    let cloud = slow().await;
    cloud.make("a").await;
    let (started, path) = run(&cloud, json!({})).await;
    let (status, operation) = cloud.post(&format!("{path}:cancel"), json!({})).await;
    assert_eq!(status, 200);
    let cancelled = cloud.settle(&operation).await["response"].clone();
    assert_eq!(completed(&cancelled)["executionReason"], "CANCELLED");
    assert_eq!(cancelled["cancelledCount"], 1);
    cloud.settle(&started).await;
    let (status, answer) = cloud.post(&format!("{path}:cancel"), json!({})).await;
    assert_eq!(
        (status, answer["error"]["status"].as_str()),
        (400, Some("FAILED_PRECONDITION"))
    );
}

#[tokio::test]
async fn a_token_runs_the_job_as_part_of_its_creation() {
    let cloud = Cloud::start().await;
    let mut with_token = job();
    with_token["runExecutionToken"] = json!("first");
    let (_, operation) = cloud.post("/jobs?jobId=a", with_token.clone()).await;
    let made = cloud.settle(&operation).await["response"].clone();
    assert_eq!(made["@type"], "type.googleapis.com/google.cloud.run.v2.Job");
    assert_eq!(
        made["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_SUCCEEDED"
    );
    assert_eq!(cloud.get("/jobs/a/executions/a-first").await.0, 200);
    let (status, answer) = cloud.patch("/jobs/a", with_token).await;
    assert_eq!(
        (status, message(&answer)),
        (409, "Resource 'a-first' already exists.")
    );
}

#[tokio::test]
async fn what_is_under_way_ends_with_its_job() {
    let cloud = slow().await;
    cloud.make("a").await;
    let (running, _) = run(&cloud, json!({})).await;
    let (_, operation) = cloud.delete("/jobs/a").await;
    cloud.settle(&operation).await;
    let abandoned = cloud.settle(&running).await;
    assert_eq!(abandoned["error"]["code"], 5, "nobody waits for ever");
}

#[tokio::test]
async fn a_change_to_a_job_that_is_gone_is_not_done_to_its_namesake() {
    let operation_time = Duration::from_millis(200);
    let cloud = Cloud::with(cloudrun_emulator::Config {
        operation_time,
        ..config()
    })
    .await;
    let (_, first) = cloud.post("/jobs?jobId=a", job()).await;
    cloud.arm("deleted-in-between").await;
    assert_eq!(cloud.patch("/jobs/a", job()).await.0, 404);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (_, second) = cloud.post("/jobs?jobId=a", job()).await;
    assert_eq!(cloud.settle(&first).await["error"]["code"], 5);
    assert_eq!(cloud.get("/jobs/a").await.1["reconciling"], true);
    assert_eq!(cloud.settle(&second).await["response"]["observedGeneration"], "1");
}

#[tokio::test]
async fn enums_come_as_numbers_where_asked() {
    let cloud = slow().await;
    cloud.make("a").await;
    run(&cloud, json!({})).await;
    let (_, list) = cloud.get("/jobs/a/executions?$alt=json;enum-encoding=int").await;
    let execution = &list["executions"][0];
    assert_eq!(
        (
            &execution["launchStage"],
            &execution["template"]["executionEnvironment"]
        ),
        (&json!(4), &json!(2))
    );
    assert!(completed(execution)["state"].is_i64());
    let (_, jobs) = cloud.get("/jobs?$alt=json;enum-encoding=int").await;
    assert!(jobs["jobs"][0]["latestCreatedExecution"]["completionStatus"].is_i64());
}
