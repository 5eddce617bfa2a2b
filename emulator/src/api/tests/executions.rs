//! Executions and tasks over time.

use serde_json::{Value, json};

use super::{JOBS, TestEmulator, minimal_task};

#[test]
fn execution_is_pending_then_running_then_succeeded() {
    let emulator = TestEmulator::with_job(minimal_task());
    let (execution, operation) = emulator.run(&Value::Null);
    let state = |expected: &str, status: &str| {
        let execution = emulator.get(&execution);
        assert_eq!(execution["conditions"][0]["type"], "Completed");
        assert_eq!(execution["conditions"][0]["state"], expected);
        let job = emulator.job();
        assert_eq!(job["latestCreatedExecution"]["completionStatus"], status);
        assert_eq!(job["executionCount"], 1);
        execution
    };
    let pending = state("CONDITION_PENDING", "EXECUTION_PENDING");
    assert_eq!(pending["reconciling"], true);
    assert!(pending.get("startTime").is_none() && pending.get("runningCount").is_none());

    emulator.advance_hours(3);
    let running = state("CONDITION_RECONCILING", "EXECUTION_RUNNING");
    assert_eq!(running["runningCount"], 3);
    assert!(emulator.get(&operation).get("done").is_none());

    emulator.advance_hours(11);
    let ended = state("CONDITION_SUCCEEDED", "EXECUTION_SUCCEEDED");
    assert_eq!(ended["succeededCount"], 3);
    assert!(ended["completionTime"].as_str() > ended["startTime"].as_str());
    assert!(ended.get("reconciling").is_none() && ended.get("runningCount").is_none());
    let operation = emulator.get(&operation);
    assert_eq!(operation["done"], true);
    assert_eq!(operation["response"]["succeededCount"], 3);
    assert_eq!(
        operation["response"]["@type"],
        "type.googleapis.com/google.cloud.run.v2.Execution"
    );
}

#[test]
fn run_keeps_generation_and_etag_of_job() {
    let emulator = TestEmulator::with_job(minimal_task());
    let before = emulator.job();
    emulator.run(&json!({ "etag": before["etag"] }));
    let after = emulator.job();
    assert_eq!(
        (&before["generation"], &before["etag"]),
        (&after["generation"], &after["etag"])
    );
}

#[test]
fn tasks_agree_with_their_execution() {
    let emulator = TestEmulator::with_job(json!({ "containers": [{ "image": "i" }], "maxRetries": 2 }));
    emulator.arm("execution-fails");
    let (execution, _) = emulator.run(&Value::Null);
    // Two hours pending, then three attempts of eight hours.
    emulator.advance_hours(27);
    let tasks = emulator.get(&format!("{execution}/tasks"));
    let tasks = tasks["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 3);
    assert_eq!(tasks[0]["lastAttemptResult"]["exitCode"], 1);
    assert_eq!(tasks[0]["retried"], 2);
    assert_eq!(tasks[0]["conditions"][0]["executionReason"], "NON_ZERO_EXIT_CODE");
    assert!(tasks[0].get("index").is_none() && tasks[1]["index"] == 1);
    assert_eq!(tasks[1]["conditions"][0]["state"], "CONDITION_SUCCEEDED");
    let name = tasks[2]["name"].as_str().unwrap();
    assert_eq!(&emulator.get(&format!("/v2/{name}")), &tasks[2]);

    let current = emulator.get(&execution);
    assert_eq!(
        (
            &current["succeededCount"],
            &current["failedCount"],
            &current["retriedCount"]
        ),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(
        emulator.job()["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_FAILED"
    );
    let (status, _) = emulator.call("GET", &format!("{execution}/tasks/none"), &Value::Null);
    assert_eq!(status, 404);
}

#[test]
fn parallelism_limits_running_tasks() {
    let emulator = TestEmulator::with_job(minimal_task());
    let job = json!({ "template": { "taskCount": 3, "parallelism": 2, "template": minimal_task() } });
    emulator.send_ok("PATCH", &format!("{JOBS}/render"), &job);
    let (execution, _) = emulator.run(&Value::Null);
    emulator.advance_hours(3);
    assert_eq!(emulator.get(&execution)["runningCount"], 2);
    let tasks = emulator.get(&format!("{execution}/tasks"));
    let state = |index: usize| tasks["tasks"][index]["conditions"][0]["state"].clone();
    assert_eq!(
        [state(0), state(1), state(2)],
        [
            "CONDITION_RECONCILING",
            "CONDITION_RECONCILING",
            "CONDITION_PENDING"
        ]
    );
}

#[test]
fn execution_cancelled_only_before_it_ended() {
    let emulator = TestEmulator::with_job(minimal_task());
    let (execution, run) = emulator.run(&Value::Null);
    let cancel = emulator.send_ok("POST", &format!("{execution}:cancel"), &Value::Null);
    assert_eq!(
        cancel["metadata"]["conditions"][0]["executionReason"],
        "CANCELLING"
    );
    emulator.advance_hours(2);
    let current = emulator.get(&execution);
    assert_eq!(current["cancelledCount"], 3);
    assert_eq!(current["conditions"][0]["executionReason"], "CANCELLED");
    let cancel = emulator.get(&format!("/v2/{}", cancel["name"].as_str().unwrap()));
    assert_eq!(
        (&cancel["done"], &emulator.get(&run)["done"]),
        (&json!(true), &json!(true))
    );
    let (status, error) = emulator.call("POST", &format!("{execution}:cancel"), &Value::Null);
    assert_eq!(
        (status, &error["error"]["status"]),
        (400, &json!("FAILED_PRECONDITION"))
    );
}

#[test]
fn deleted_execution_listed_with_show_deleted_only() {
    let emulator = TestEmulator::with_job(minimal_task());
    let (execution, _) = emulator.run(&Value::Null);
    let delete = emulator.send_ok("DELETE", &execution, &Value::Null);
    assert!(delete["metadata"]["deleteTime"].is_string() && delete["metadata"]["expireTime"].is_string());
    emulator.advance_hours(2);
    let list = format!("{JOBS}/render/executions");
    assert_eq!(emulator.get(&list), json!({}));
    let all = emulator.get(&format!("{list}?showDeleted=true"));
    assert_eq!(
        all["executions"][0]["conditions"][0]["executionReason"],
        "CANCELLED"
    );
}

#[test]
fn executions_listed_in_pages_and_across_jobs() {
    let emulator = TestEmulator::with_job(minimal_task());
    let names: Vec<String> = (0..3).map(|_| emulator.run(&Value::Null).0).collect();
    let page = emulator.get(&format!("{JOBS}/-/executions?pageSize=2"));
    let rest = format!(
        "{JOBS}/render/executions?pageToken={}",
        page["nextPageToken"].as_str().unwrap()
    );
    let rest = emulator.get(&rest);
    let mut listed: Vec<String> = Vec::new();
    for page in [&page, &rest] {
        let executions = page["executions"].as_array().unwrap();
        listed.extend(
            executions
                .iter()
                .map(|one| format!("/v2/{}", one["name"].as_str().unwrap())),
        );
    }
    listed.sort();
    let mut names = names;
    names.sort();
    assert_eq!(listed, names);
    assert!(rest.get("nextPageToken").is_none());
}

#[test]
fn validate_only_changes_no_execution() {
    let emulator = TestEmulator::with_job(minimal_task());
    let only = json!({ "validateOnly": true });
    let operation = emulator.send_ok("POST", &format!("{JOBS}/render:run"), &only);
    assert_eq!(operation["done"], true);
    assert!(emulator.job().get("executionCount").is_none());
    let (execution, _) = emulator.run(&Value::Null);
    emulator.send_ok("POST", &format!("{execution}:cancel"), &only);
    emulator.send_ok("DELETE", &format!("{execution}?validateOnly=true"), &Value::Null);
    let current = emulator.get(&execution);
    assert_eq!(current["conditions"][0]["state"], "CONDITION_PENDING");
    assert!(current.get("deleteTime").is_none());
}

#[test]
fn stale_etag_conflicts() {
    let emulator = TestEmulator::with_job(minimal_task());
    let old = json!({ "etag": "\"old\"" });
    let (execution, _) = emulator.run(&Value::Null);
    for (method, address, body) in [
        ("POST", format!("{JOBS}/render:run"), &old),
        ("POST", format!("{execution}:cancel"), &old),
        ("DELETE", format!("{execution}?etag=old"), &Value::Null),
    ] {
        let (status, error) = emulator.call(method, &address, body);
        assert_eq!(
            (status, &error["error"]["status"]),
            (409, &json!("ABORTED")),
            "{method} {address}"
        );
    }
}

#[test]
fn start_token_operation_done_at_execution_start() {
    let emulator = TestEmulator::new();
    let job = json!({ "startExecutionToken": "first", "template": { "template": minimal_task() } });
    let create = emulator.send_ok("POST", &format!("{JOBS}?jobId=render"), &job);
    let create = format!("/v2/{}", create["name"].as_str().unwrap());
    emulator.advance_hours(2);
    assert!(emulator.get(&create).get("done").is_none());
    let execution = format!("{JOBS}/render/executions/render-first");
    assert_eq!(
        emulator.get(&execution)["conditions"][0]["state"],
        "CONDITION_PENDING"
    );
    emulator.advance_hours(4);
    let create = emulator.get(&create);
    assert_eq!(create["done"], true);
    assert_eq!(
        create["response"]["@type"],
        "type.googleapis.com/google.cloud.run.v2.Job"
    );
    // The token is removed when there is a later execution; until then it cannot be used again.
    let again = emulator.job();
    let (status, error) = emulator.call("PATCH", &format!("{JOBS}/render"), &again);
    assert_eq!(
        (status, &error["error"]["message"]),
        (409, &json!("Resource 'render-first' already exists."))
    );
    emulator.run(&Value::Null);
    assert!(emulator.job().get("startExecutionToken").is_none());
}

#[test]
fn executions_deleted_with_their_job() {
    let emulator = TestEmulator::with_job(minimal_task());
    let (execution, run) = emulator.run(&Value::Null);
    emulator.send_ok("DELETE", &format!("{JOBS}/render"), &Value::Null);
    emulator.advance_hours(2);
    assert_eq!(emulator.get(&run)["error"]["code"], 5, "its operation fails");
    assert_eq!(emulator.call("GET", &execution, &Value::Null).0, 404);
    assert_eq!(
        emulator
            .call("GET", &format!("{JOBS}/render/executions"), &Value::Null)
            .0,
        404
    );
}

#[test]
fn run_token_operation_done_at_execution_end() {
    let emulator = TestEmulator::new();
    let job = json!({ "runExecutionToken": "first", "template": { "template": minimal_task() } });
    let create = emulator.send_ok("POST", &format!("{JOBS}?jobId=render"), &job);
    let create = format!("/v2/{}", create["name"].as_str().unwrap());
    emulator.advance_hours(4);
    assert!(emulator.get(&create).get("done").is_none());
    emulator.advance_hours(14);
    let job = emulator.get(&create)["response"].clone();
    assert_eq!(job["@type"], "type.googleapis.com/google.cloud.run.v2.Job");
    assert_eq!(
        job["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_SUCCEEDED"
    );
}

#[test]
fn overrides_apply_to_one_execution() {
    let emulator = TestEmulator::with_job(minimal_task());
    let before = emulator.job();
    let containers = json!([{ "args": ["x"], "env": [{ "name": "A", "value": "1" }] }]);
    let overrides = json!({ "taskCount": 5, "timeout": "60s", "containerOverrides": containers });
    let (execution, _) = emulator.run(&json!({ "overrides": overrides }));
    let current = emulator.get(&execution);
    assert_eq!(
        (&current["taskCount"], &current["template"]["timeout"]),
        (&json!(5), &json!("60s"))
    );
    assert_eq!(current["template"]["containers"][0]["args"], json!(["x"]));
    assert_eq!(emulator.job()["template"], before["template"]);
}

#[test]
fn enums_encoded_as_numbers_on_request() {
    let emulator = TestEmulator::with_job(minimal_task());
    emulator.run(&Value::Null);
    let list = emulator.get(&format!("{JOBS}/render/executions?$alt=json;enum-encoding=int"));
    let execution = &list["executions"][0];
    assert_eq!(
        (
            &execution["launchStage"],
            &execution["template"]["executionEnvironment"],
            &execution["conditions"][0]["state"]
        ),
        (&json!(4), &json!(2), &json!(1))
    );
    let jobs = emulator.get(&format!("{JOBS}?$alt=json;enum-encoding=int"));
    assert_eq!(jobs["jobs"][0]["latestCreatedExecution"]["completionStatus"], 4);
}
