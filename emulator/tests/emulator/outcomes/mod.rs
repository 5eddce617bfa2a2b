//! Scripted executions: `/_emulator/outcomes`, and what becomes of them when the clock advances.

mod scripts;
mod stopped;

use serde_json::{Value, json};

use crate::harness::{Emulator, config, job, relative_name};

/// An emulator with a job `render`, and its next execution, which runs by a script.
struct Scripted {
    emulator: Emulator,
    /// Of the execution.
    path: String,
    operation: Value,
}

impl Scripted {
    /// `template` is the job's ExecutionTemplate without its container; the timeout of its tasks is 24 hours.
    async fn start(template: Value, script: Value) -> Self {
        Self::run(template, script, json!({})).await
    }

    async fn run(template: Value, script: Value, body: Value) -> Self {
        let emulator = emulator_with_job(template).await;
        emulator.script(script).await;
        let (status, operation) = emulator.post("/jobs/render:run", body).await;
        assert_eq!(status, 200, "{operation}");
        let path = relative_name(&operation["metadata"]["name"]);
        Self {
            emulator,
            path,
            operation,
        }
    }

    async fn execution(&self) -> Value {
        let (status, execution) = self.emulator.get(&self.path).await;
        assert_eq!(status, 200, "{execution}");
        execution
    }

    async fn tasks(&self) -> Vec<Value> {
        let (_, list) = self.emulator.get(&format!("{}/tasks", self.path)).await;
        list["tasks"].as_array().unwrap().clone()
    }

    /// Advances the clock; the running, succeeded, failed, cancelled and retried tasks.
    async fn counts_after(&self, time: &str) -> [u64; 5] {
        self.emulator.advance_clock(time).await;
        let execution = self.execution().await;
        let count = |member: &str| execution[member].as_u64().unwrap_or_default();
        [
            count("runningCount"),
            count("succeededCount"),
            count("failedCount"),
            count("cancelledCount"),
            count("retriedCount"),
        ]
    }

    /// The state, reason and message of the condition `Completed`.
    async fn completed(&self) -> [String; 3] {
        let execution = self.execution().await;
        let condition = &execution["conditions"][0];
        assert_eq!(condition["type"], "Completed");
        let text = |member: &str| condition[member].as_str().unwrap_or_default().to_owned();
        [text("state"), text("executionReason"), text("message")]
    }

    async fn cancel(&self) -> Value {
        let (status, cancel) = self
            .emulator
            .post(&format!("{}:cancel", self.path), json!({}))
            .await;
        assert_eq!(status, 200, "{cancel}");
        cancel
    }

    async fn completion_status(&self) -> Value {
        let (_, job) = self.emulator.get("/jobs/render").await;
        job["latestCreatedExecution"]["completionStatus"].clone()
    }
}

async fn emulator_with_job(template: Value) -> Emulator {
    let emulator = Emulator::with(config()).await;
    let mut definition = job();
    definition["launchStage"] = json!("BETA");
    definition["template"]["template"]["timeout"] = json!("43200s");
    for (member, value) in template.as_object().unwrap() {
        match member.as_str() {
            "maxRetries" | "timeout" => definition["template"]["template"][member] = value.clone(),
            _ => definition["template"][member] = value.clone(),
        }
    }
    let (_, operation) = emulator.post("/jobs?jobId=render", definition).await;
    emulator.wait(&operation).await;
    emulator
}

#[tokio::test]
async fn tasks_end_in_rounds() {
    let template = json!({ "taskCount": 5, "parallelism": 2 });
    let run = Scripted::start(template, json!({ "pending": "5m", "time": "1h" })).await;
    assert_eq!(run.counts_after("0s").await, [0; 5]);
    assert_eq!(run.counts_after("5m").await, [2, 0, 0, 0, 0]);
    assert_eq!(run.counts_after("1h").await, [2, 2, 0, 0, 0]);
    assert_eq!(run.counts_after("1h").await, [1, 4, 0, 0, 0]);
    assert_eq!(run.completed().await, ["CONDITION_RECONCILING", "", ""]);
    assert_eq!(run.counts_after("1h").await, [0, 5, 0, 0, 0]);
    assert_eq!(run.completed().await, ["CONDITION_SUCCEEDED", "", ""]);
    let starts: Vec<Value> = run
        .tasks()
        .await
        .iter()
        .map(|task| task["startTime"].clone())
        .collect();
    assert!(starts[0] == starts[1] && starts[2] == starts[3], "{starts:?}");
    assert!(starts[1].as_str() < starts[2].as_str() && starts[3].as_str() < starts[4].as_str());
}

#[tokio::test]
async fn tasks_end_at_scripted_times() {
    let script = json!({ "pending": "0s", "tasks": [{ "time": "1h" }, { "time": "3h" }, { "time": "2h" }] });
    let run = Scripted::start(json!({ "taskCount": 3 }), script).await;
    assert_eq!(run.counts_after("1m").await, [3, 0, 0, 0, 0]);
    assert_eq!(run.counts_after("1h").await, [2, 1, 0, 0, 0]);
    assert_eq!(run.counts_after("1h").await, [1, 2, 0, 0, 0]);
    let done: Vec<bool> = run
        .tasks()
        .await
        .iter()
        .map(|task| task["completionTime"].is_string())
        .collect();
    assert_eq!(done, [true, false, true]);
    assert_eq!(run.counts_after("1h").await, [0, 3, 0, 0, 0]);
}

#[tokio::test]
async fn retried_task_succeeds() {
    let script = json!({ "pending": "0s", "time": "1h", "tasks": [{ "attempts": ["exit 3", "success"] }] });
    let run = Scripted::start(json!({ "taskCount": 2, "maxRetries": 1 }), script).await;
    assert_eq!(run.counts_after("61m").await, [1, 1, 0, 0, 1]);
    let task = &run.tasks().await[0];
    assert_eq!(task["retried"], 1);
    assert_eq!(task["lastAttemptResult"]["exitCode"], 3);
    assert_eq!(task["conditions"][0]["state"], "CONDITION_RECONCILING");
    assert_eq!(run.counts_after("1h").await, [0, 2, 0, 0, 1]);
    let task = &run.tasks().await[0];
    assert_eq!(task["retried"], 1);
    assert_eq!(task["lastAttemptResult"], json!({ "status": {} }));
    assert_eq!(run.completion_status().await, "EXECUTION_SUCCEEDED");
}

#[tokio::test]
async fn failed_attempts_have_exit_code_signal_or_limit() {
    let exited = "The container exited with an error.";
    for (attempt, result, expected) in [
        (
            "exit 42",
            json!({ "exitCode": 42 }),
            format!("failed with exit code: 42 and message: {exited}"),
        ),
        (
            "signal 9",
            json!({ "termSignal": 9 }),
            "Container terminated on signal 9.".to_owned(),
        ),
        (
            "timeout",
            json!({}),
            "The configured timeout was reached.".to_owned(),
        ),
        (
            "memory",
            json!({}),
            "The configured memory limit was reached.".to_owned(),
        ),
    ] {
        let script = json!({ "pending": "0s", "time": "1h", "tasks": [{}, { "attempts": [attempt] }] });
        let template = json!({ "taskCount": 2, "maxRetries": 2, "timeout": "7200s" });
        let run = Scripted::start(template, script).await;
        assert_eq!(run.counts_after("24h").await, [0, 1, 1, 0, 1], "{attempt}");
        let [state, reason, message] = run.completed().await;
        assert_eq!(
            [state, reason],
            ["CONDITION_FAILED", "NON_ZERO_EXIT_CODE"],
            "{attempt}"
        );
        assert!(
            message.contains("-task1 failed") && message.contains(&expected),
            "{message}"
        );
        let task = &run.tasks().await[1];
        assert_eq!(task["retried"], 2, "{attempt}");
        for member in ["exitCode", "termSignal"] {
            assert_eq!(task["lastAttemptResult"][member], result[member], "{attempt}");
        }
        assert!(expected.contains(task["lastAttemptResult"]["status"]["message"].as_str().unwrap()));
        assert_eq!(run.completion_status().await, "EXECUTION_FAILED");
        let (_, operation) = run.emulator.get(&relative_name(&run.operation["name"])).await;
        assert_eq!(operation["response"]["failedCount"], 1);
    }
}
