//! Executions that wait, are stopped or removed.

use serde_json::json;

use super::Scripted;
use crate::harness::message;

#[tokio::test]
async fn cancellation_keeps_ended_tasks() {
    let script = json!({ "pending": "0s", "time": "1h", "tasks": [{ "time": "1h" }, { "time": "9h" }] });
    let run = Scripted::start(json!({ "taskCount": 4, "parallelism": 2 }), script).await;
    run.emulator.advance_clock("61m").await;
    let cancel = run.cancel().await;
    assert_eq!(
        cancel["metadata"]["conditions"][0]["executionReason"],
        "CANCELLING"
    );
    let cancelled = run.emulator.wait(&cancel).await["response"].clone();
    assert_eq!(cancelled["succeededCount"], 1);
    assert_eq!(cancelled["cancelledCount"], 3, "running and pending ones");
    assert!(cancelled["runningCount"].is_null());
    assert_eq!(
        run.completed().await,
        ["CONDITION_FAILED", "CANCELLED", "Cancelled by user."]
    );
    assert_eq!(run.completion_status().await, "EXECUTION_CANCELLED");
    let task = &run.tasks().await[1];
    assert_eq!(task["conditions"][0]["executionReason"], "CANCELLED");
    assert!(task["startTime"].is_string() && task["completionTime"].is_string());
}

#[tokio::test]
async fn pending_execution_waits_for_capacity_until_cancelled() {
    let run = Scripted::start(json!({}), json!({ "pending": "1000h" })).await;
    assert_eq!(run.counts_after("900h").await, [0; 5]);
    let execution = run.execution().await;
    assert_eq!(execution["conditions"][0]["state"], "CONDITION_PENDING");
    assert_eq!(execution["conditions"][1]["type"], "ResourcesAvailable");
    assert_eq!(execution["conditions"][1]["state"], "CONDITION_PENDING");
    assert!(execution["startTime"].is_null());
    run.emulator.wait(&run.cancel().await).await;
    let execution = run.execution().await;
    assert_eq!(execution["cancelledCount"], 1);
    assert!(execution["startTime"].is_null() && execution["completionTime"].is_string());
}

#[tokio::test]
async fn delayed_execution_waits_for_its_start() {
    for (template, body) in [
        (json!({ "delayExecution": true }), json!({})),
        (json!({}), json!({ "overrides": { "delayExecution": true } })),
    ] {
        let run = Scripted::run(template, json!({ "pending": "6h", "time": "1h" }), body).await;
        assert_eq!(run.counts_after("5h").await, [0; 5]);
        let [state, reason, _] = run.completed().await;
        assert_eq!([state, reason], ["CONDITION_PENDING", "DELAYED_START_PENDING"]);
        assert_eq!(run.counts_after("1h").await, [1, 0, 0, 0, 0]);
        assert_eq!(run.completed().await, ["CONDITION_RECONCILING", "", ""]);
        assert_eq!(run.counts_after("1h").await, [0, 1, 0, 0, 0]);
    }
}

#[tokio::test]
async fn delayed_execution_fails_after_twelve_hours() {
    let template = json!({ "delayExecution": true, "taskCount": 2, "parallelism": 1 });
    let run = Scripted::start(template, json!({ "pending": "1h", "time": "7h" })).await;
    assert_eq!(run.counts_after("12h").await, [1, 1, 0, 0, 0]);
    assert_eq!(run.counts_after("2h").await, [0, 1, 0, 1, 0]);
    let [state, reason, _] = run.completed().await;
    assert_eq!(
        [state, reason],
        ["CONDITION_FAILED", "DELAYED_EXECUTION_EXCEEDING_DURATION_LIMIT"]
    );
    assert_eq!(run.completion_status().await, "EXECUTION_FAILED");
}

#[tokio::test]
async fn retention_removes_ended_executions() {
    let run = Scripted::start(json!({}), json!({ "time": "1h" })).await;
    let remove = "executions?jobs=render";
    run.emulator.control("DELETE", remove, None).await;
    assert_eq!(run.execution().await["job"], "render", "it has not ended");
    run.emulator.advance_clock("2h").await;
    run.emulator
        .control("DELETE", "executions?jobs=other", None)
        .await;
    let (_, all) = run.emulator.control("GET", "executions", None).await;
    assert_eq!(all[0]["succeededCount"], 1);
    run.emulator.control("DELETE", remove, None).await;
    let (status, response) = run.emulator.get(&run.path).await;
    assert_eq!(status, 404);
    assert!(message(&response).contains("of kind 'EXECUTION'"), "{response}");
    assert_eq!(run.emulator.get(&format!("{}/tasks", run.path)).await.0, 404);
    assert_eq!(
        run.emulator
            .get("/jobs/render/executions?showDeleted=true")
            .await
            .1,
        json!({})
    );
    assert_eq!(
        run.completion_status().await,
        "EXECUTION_SUCCEEDED",
        "the job keeps its reference"
    );
}
