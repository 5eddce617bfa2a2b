//! Pending and done operations.

use serde_json::{Value, json};

use super::{JOBS, TestEmulator, minimal_task};

const OPERATIONS: &str = "/v2/projects/p/locations/us-central1/operations";

fn job() -> Value {
    json!({ "template": { "template": minimal_task() } })
}

/// Sends a write; the path of its operation.
fn start(emulator: &TestEmulator, method: &str, address: &str) -> String {
    let operation = emulator.send_ok(method, address, &job());
    format!("/v2/{}", operation["name"].as_str().unwrap())
}

#[test]
fn wait_returns_at_timeout_or_when_done() {
    let emulator = TestEmulator::new();
    let create = start(&emulator, "POST", &format!("{JOBS}?jobId=a"));
    let wait = |time| emulator.send_ok("POST", &format!("{create}:wait"), &json!({ "timeout": time }));
    assert_eq!(wait("0.01s")["done"], Value::Null);
    emulator.advance_to_next_event();
    let done = wait("600s");
    assert_eq!(done["done"], true);
    assert_eq!(emulator.get(&create), done);
}

#[test]
fn operations_filtered_by_done() {
    let emulator = TestEmulator::new();
    let first = start(&emulator, "POST", &format!("{JOBS}?jobId=a"));
    emulator.advance_to_next_event();
    let second = start(&emulator, "POST", &format!("{JOBS}?jobId=b"));
    let list = |query: &str| {
        let page = emulator.get(&format!("{OPERATIONS}?{query}"));
        let operations = page["operations"].as_array().unwrap().iter();
        let names = operations.map(|one| format!("/v2/{}", one["name"].as_str().unwrap()));
        names.collect::<Vec<String>>()
    };
    assert_eq!(list("filter=done:true"), std::slice::from_ref(&first));
    assert_eq!(list("filter=done:false"), std::slice::from_ref(&second));
    assert_eq!(list(""), [second.clone(), first.clone()]);
    let (status, _) = emulator.call("GET", &format!("{OPERATIONS}?filter=name:x"), &Value::Null);
    assert_eq!(status, 400);
    let page = emulator.get(&format!("{OPERATIONS}?pageSize=1"));
    assert_eq!(page["operations"].as_array().unwrap().len(), 1);
    let token = page["nextPageToken"].as_str().unwrap();
    assert_eq!(list(&format!("pageToken={token}")), [first]);
}

#[test]
fn job_ready_after_last_of_two_updates() {
    let emulator = TestEmulator::new();
    start(&emulator, "POST", &format!("{JOBS}?jobId=render"));
    start(&emulator, "PATCH", &format!("{JOBS}/render"));
    for (observed, reconciling) in [("1", json!(true)), ("2", Value::Null)] {
        emulator.advance_to_next_event();
        let job = emulator.job();
        assert_eq!(job["observedGeneration"], observed);
        assert_eq!(job["reconciling"], reconciling);
    }
}

#[test]
fn operation_of_deleted_job_leaves_new_job_alone() {
    let emulator = TestEmulator::new();
    let first = start(&emulator, "POST", &format!("{JOBS}?jobId=render"));
    emulator.arm("deleted-in-between");
    let (status, _) = emulator.call("PATCH", &format!("{JOBS}/render"), &job());
    assert_eq!(status, 404);
    let second = start(&emulator, "POST", &format!("{JOBS}?jobId=render"));
    emulator.advance_to_next_event();
    assert_eq!(emulator.get(&first)["error"]["code"], 5);
    assert_eq!(emulator.job()["reconciling"], true);
    emulator.advance_to_next_event();
    assert_eq!(emulator.get(&second)["response"]["observedGeneration"], "1");
}
