//! Which executions a script applies to, and the creator of an execution.

use serde_json::json;

use super::emulator_with_job;
use crate::harness::{Emulator, job, message, relative_name};

#[tokio::test]
async fn scripts_apply_in_order_per_job_and_times() {
    let emulator = emulator_with_job(json!({ "maxRetries": 0 })).await;
    emulator.create_job("other").await;
    let failing = json!([{ "attempts": ["exit 1"] }]);
    emulator
        .script(json!({ "jobs": "rend*", "times": 2, "tasks": failing }))
        .await;
    emulator
        .script(json!({ "jobs": "render", "tasks": [{ "attempts": ["exit 7"] }] }))
        .await;
    let mut results = Vec::new();
    for job in ["render", "other", "render", "render", "render"] {
        let (_, operation) = emulator.post(&format!("/jobs/{job}:run"), json!({})).await;
        emulator.wait(&operation).await;
        let path = relative_name(&operation["metadata"]["name"]);
        let (_, tasks) = emulator.get(&format!("{path}/tasks")).await;
        results.push(tasks["tasks"][0]["lastAttemptResult"]["exitCode"].as_u64());
    }
    assert_eq!(results, [Some(1), None, Some(1), Some(7), None]);
    assert_eq!(emulator.control("GET", "outcomes", None).await.1, json!([]));
    emulator.script(json!({ "tasks": failing })).await;
    let script = json!({ "times": 1, "tasks": failing });
    assert_eq!(emulator.control("GET", "outcomes", None).await.1, json!([script]));
    emulator.control("DELETE", "outcomes", None).await;
    assert_eq!(emulator.control("GET", "outcomes", None).await.1, json!([]));
}

#[tokio::test]
async fn invalid_scripts_rejected() {
    let emulator = Emulator::start().await;
    for (invalid, expected) in [
        (json!({ "task": [] }), "unknown field `task`"),
        (json!({ "tasks": [{ "attempts": ["exit 0"] }] }), "got \"exit 0\""),
        (
            json!({ "tasks": [{ "attempts": ["exit 256"] }] }),
            "got \"exit 256\"",
        ),
        (json!({ "tasks": [{ "attempts": ["crash"] }] }), "got \"crash\""),
        (
            json!({ "tasks": [{ "attempt": ["exit 1"] }] }),
            "unknown field `attempt`",
        ),
        (json!({ "pending": "long" }), "got \"long\""),
    ] {
        let (status, response) = emulator.control("POST", "outcomes", Some(invalid.clone())).await;
        assert_eq!(status, 400, "{invalid}");
        assert!(message(&response).contains(expected), "{response}");
    }
}

#[tokio::test]
async fn creator_is_caller_of_run() {
    let emulator = Emulator::start().await;
    emulator.create_job("render").await;
    let email = "robot@p.iam.gserviceaccount.com";
    let caller = json!({ "token": "some-token", "email": email });
    let mut creators = Vec::new();
    for set_caller in [false, true] {
        if set_caller {
            emulator.control("POST", "callers", Some(caller.clone())).await;
        }
        let (_, operation) = emulator.post("/jobs/render:run", json!({})).await;
        let path = relative_name(&operation["metadata"]["name"]);
        creators.push(emulator.get(&path).await.1["creator"].clone());
    }
    assert_eq!(creators, ["user@example.com", email]);
    let (status, _) = emulator
        .control("POST", "callers", Some(json!({ "token": "t" })))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn script_applies_to_run_by_token() {
    let emulator = Emulator::start().await;
    emulator
        .script(json!({ "jobs": "render", "tasks": [{ "attempts": ["exit 5"] }] }))
        .await;
    let mut definition = job();
    definition["runExecutionToken"] = json!("first");
    let (_, operation) = emulator.post("/jobs?jobId=render", definition).await;
    emulator.wait(&operation).await;
    let (_, tasks) = emulator.get("/jobs/render/executions/render-first/tasks").await;
    assert_eq!(tasks["tasks"][0]["lastAttemptResult"]["exitCode"], 5);
    assert_eq!(tasks["tasks"][0]["retried"], 3, "the default of maxRetries");
}
