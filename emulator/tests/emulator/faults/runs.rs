//! Faults of `:run` and of what follows an execution.

use serde_json::{Value, json};

use crate::harness::{Emulator, job, message};

/// Faults with the status of a run, if a response arrives, and the number of executions afterward.
const RUN_ERRORS: &[(&str, Option<u16>, usize)] = &[
    ("run-lost-answer", None, 1),
    ("run-cut", None, 0),
    ("run-accepted-500", Some(500), 1),
    ("run-500", Some(500), 0),
];

async fn executions(emulator: &Emulator) -> usize {
    let (_, executions) = emulator.control("GET", "executions", None).await;
    executions.as_array().unwrap().len()
}

#[tokio::test]
async fn lost_run_leaves_execution_or_none() {
    for (fault, status, expected) in RUN_ERRORS {
        let emulator = Emulator::start().await;
        emulator.create_job("render").await;
        emulator.arm(fault).await;
        let (validated, _) = emulator
            .post("/jobs/render:run", json!({ "validateOnly": true }))
            .await;
        assert_eq!(validated, 200, "{fault} needs a run");
        let path = "/v2/projects/p/locations/us-central1/jobs/render:run";
        let sent = emulator.request("POST", path).json(&json!({})).send().await;
        assert_eq!(
            sent.ok().map(|response| response.status().as_u16()),
            *status,
            "{fault}"
        );
        assert_eq!(executions(&emulator).await, *expected, "{fault}");
        assert_eq!(emulator.post("/jobs/render:run", json!({})).await.0, 200);
        assert_eq!(executions(&emulator).await, *expected + 1, "{fault} is used up");
    }
}

async fn deny(emulator: &Emulator, permission: &str) {
    let fault = json!({ "fault": "permission-denied", "permission": permission, "times": 1000 });
    let (status, response) = emulator.control("POST", "faults", Some(fault)).await;
    assert_eq!(status, 200, "{response}");
}

#[tokio::test]
async fn permissions_denied_one_by_one() {
    let emulator = Emulator::start().await;
    emulator.create_job("render").await;
    let (_, operation) = emulator.post("/jobs/render:run", json!({})).await;
    let execution = operation["metadata"]["name"].as_str().unwrap().to_owned();
    let path = execution
        .strip_prefix("projects/p/locations/us-central1")
        .unwrap();
    let run = "/jobs/render:run";
    let overrides = json!({ "overrides": { "taskCount": 2 } });
    let calls: [(&str, String, Option<Value>, &[&str]); 7] = [
        ("GET", "/jobs/render".to_owned(), None, &["run.jobs.get"]),
        ("POST", run.to_owned(), Some(json!({})), &["run.jobs.run"]),
        (
            "POST",
            run.to_owned(),
            Some(overrides),
            &["run.jobs.run", "run.jobs.runWithOverrides"],
        ),
        (
            "GET",
            "/jobs/render/executions".to_owned(),
            None,
            &["run.executions.list"],
        ),
        ("GET", path.to_owned(), None, &["run.executions.get"]),
        ("GET", format!("{path}/tasks"), None, &["run.tasks.list"]),
        (
            "POST",
            format!("{path}:cancel"),
            Some(json!({ "validateOnly": true })),
            &["run.executions.cancel"],
        ),
    ];
    for denied in [
        "run.jobs.get",
        "run.jobs.run",
        "run.jobs.runWithOverrides",
        "run.executions.list",
        "run.executions.get",
        "run.tasks.list",
        "run.executions.cancel",
    ] {
        deny(&emulator, denied).await;
        for (method, path, body, permissions) in &calls {
            let (status, response) = emulator.send(method, path, body.as_ref()).await;
            let is_denied = permissions.contains(&denied);
            assert_eq!(status == 403, is_denied, "{denied}: {method} {path}: {response}");
            if is_denied {
                let expected = format!("Permission '{denied}' denied on resource 'projects/p/");
                assert!(message(&response).starts_with(&expected), "{response}");
                let details = &response["error"]["details"][0]["metadata"];
                assert_eq!(details["permission"], denied);
            }
        }
        emulator.control("DELETE", "faults", None).await;
    }
}

#[tokio::test]
async fn denial_names_requested_resource() {
    let emulator = Emulator::start().await;
    for (path, resource) in [
        ("/jobs/a/executions", "jobs/a'"),
        ("/jobs/a/executions/a-1", "jobs/a/executions/a-1'"),
        ("/jobs/a/executions/a-1/tasks", "jobs/a/executions/a-1'"),
        (
            "/jobs/a/executions/a-1/tasks/a-1-task0",
            "executions/a-1/tasks/a-1-task0'",
        ),
    ] {
        emulator.arm("permission-denied").await;
        let (_, response) = emulator.get(path).await;
        assert!(message(&response).contains(resource), "{response}");
    }
}

#[tokio::test]
async fn unknown_permission_rejected() {
    let emulator = Emulator::start().await;
    let fault = json!({ "fault": "permission-denied", "permission": "run.jobs.execute" });
    let (status, response) = emulator.control("POST", "faults", Some(fault)).await;
    assert_eq!(status, 400);
    assert!(
        message(&response).contains("run.jobs.runWithOverrides"),
        "{response}"
    );
}

#[tokio::test]
async fn permission_limits_any_fault_of_requests() {
    let emulator = Emulator::start().await;
    let fault = json!({ "fault": "connection-cut", "permission": "run.jobs.create" });
    emulator.control("POST", "faults", Some(fault)).await;
    assert_eq!(emulator.get("/jobs").await.0, 200);
    let path = "/v2/projects/p/locations/us-central1/jobs?jobId=a";
    emulator
        .request("POST", path)
        .json(&job())
        .send()
        .await
        .unwrap_err();
}
