//! Executions and tasks over HTTP; the harness checks every response against the discovery document.

use serde_json::{Value, json};

use crate::harness::{Emulator, gpu_job, message, relative_name};

/// Runs a job and waits; the path of the execution.
async fn run(emulator: &Emulator, job: &str, body: Value) -> String {
    let (status, operation) = emulator.post(&format!("/jobs/{job}:run"), body).await;
    assert_eq!(status, 200, "{operation}");
    let operation = emulator.wait(&operation).await;
    assert_eq!(operation["metadata"], operation["response"]);
    relative_name(&operation["response"]["name"])
}

/// A GPU job with labels on its executions.
async fn emulator_with_gpu_job() -> Emulator {
    let emulator = Emulator::start().await;
    let mut job = gpu_job();
    job["template"]["labels"] = json!({ "team": "media" });
    job["template"]["taskCount"] = json!(2);
    let (status, operation) = emulator.post("/jobs?jobId=render", job).await;
    assert_eq!(status, 200, "{operation}");
    emulator.wait(&operation).await;
    emulator
}

#[tokio::test]
async fn gpu_job_execution_succeeds() {
    let emulator = emulator_with_gpu_job().await;
    let execution = run(&emulator, "render", json!({})).await;
    let (_, ended) = emulator.get(&execution).await;
    assert_eq!(
        (&ended["succeededCount"], &ended["job"]),
        (&json!(2), &json!("render"))
    );
    assert_eq!(ended["launchStage"], "GA");
    assert_eq!(ended["labels"], json!({ "team": "media" }));
    assert_eq!(
        ended["template"]["nodeSelector"]["accelerator"],
        "nvidia-rtx-pro-6000"
    );
    let (_, job) = emulator.get("/jobs/render").await;
    let latest = &job["latestCreatedExecution"];
    assert!(execution.ends_with(latest["name"].as_str().unwrap()));
    assert_eq!(latest["completionTime"], ended["completionTime"]);
    assert_eq!(job["executionCount"], 1);
}

#[tokio::test]
async fn task_equals_its_list_entry() {
    let emulator = emulator_with_gpu_job().await;
    let execution = run(&emulator, "render", json!({ "overrides": { "taskCount": 5 } })).await;
    let (_, list) = emulator.get(&format!("{execution}/tasks?pageSize=3")).await;
    let (_, rest) = emulator
        .get(&format!(
            "{execution}/tasks?pageToken={}",
            list["nextPageToken"].as_str().unwrap()
        ))
        .await;
    let tasks: Vec<&Value> = [&list, &rest]
        .iter()
        .flat_map(|page| page["tasks"].as_array().unwrap())
        .collect();
    assert_eq!(tasks.len(), 5);
    for (index, task) in tasks.into_iter().enumerate() {
        let (status, task_alone) = emulator.get(&relative_name(&task["name"])).await;
        assert_eq!((status, &task_alone), (200, task));
        assert_eq!(
            task_alone["index"].as_u64().unwrap_or_default(),
            u64::try_from(index).unwrap()
        );
        assert_eq!(task_alone["gpuZonalRedundancyDisabled"], true);
    }
}

#[tokio::test]
async fn execution_fails_fault_applies_once() {
    let emulator = emulator_with_gpu_job().await;
    emulator.arm("execution-fails").await;
    let execution = run(&emulator, "render", json!({})).await;
    let (_, ended) = emulator.get(&execution).await;
    assert_eq!(ended["failedCount"], 1);
    assert_eq!(ended["conditions"][0]["executionReason"], "NON_ZERO_EXIT_CODE");
    let (_, log) = emulator.control("GET", "requests", None).await;
    let has_fault = |entry: &&Value| entry["fault"] == "execution-fails";
    assert_eq!(log.as_array().unwrap().iter().filter(has_fault).count(), 1);
    let again = run(&emulator, "render", json!({})).await;
    assert_eq!(
        emulator.get(&again).await.1["succeededCount"],
        2,
        "the fault is used up"
    );
}

#[tokio::test]
async fn executions_are_cancelled_listed_and_deleted() {
    let emulator = Emulator::with(cloudrun_emulator::Config {
        execution_time: std::time::Duration::from_secs(600),
        ..crate::harness::config()
    })
    .await;
    emulator.create_job("render").await;
    let (_, operation) = emulator.post("/jobs/render:run", json!({})).await;
    assert_eq!(
        operation["metadata"]["conditions"][0]["state"],
        "CONDITION_PENDING"
    );
    let execution = relative_name(&operation["metadata"]["name"]);
    let (status, cancel) = emulator.post(&format!("{execution}:cancel"), json!({})).await;
    assert_eq!(status, 200, "{cancel}");
    let cancelled = emulator.wait(&cancel).await;
    assert_eq!(cancelled["response"]["cancelledCount"], 1);
    // The operation of the run ends too.
    emulator.wait(&operation).await;
    let (_, tasks) = emulator.get(&format!("{execution}/tasks")).await;
    assert_eq!(tasks["tasks"][0]["conditions"][0]["executionReason"], "CANCELLED");
    let (_, job) = emulator.get("/jobs/render").await;
    assert_eq!(
        job["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_CANCELLED"
    );

    let (_, list) = emulator.get("/jobs/-/executions").await;
    assert_eq!(list["executions"].as_array().unwrap().len(), 1);
    let (status, delete) = emulator.delete(&execution).await;
    assert_eq!(status, 200, "{delete}");
    emulator.wait(&delete).await;
    assert_eq!(emulator.get("/jobs/render/executions").await.1, json!({}));
    let (_, all) = emulator.get("/jobs/render/executions?showDeleted=true").await;
    assert!(all["executions"][0]["expireTime"].is_string());
}

#[tokio::test]
async fn missing_resource_named_by_kind() {
    let emulator = Emulator::start().await;
    emulator.create_job("render").await;
    for (method, path, kind) in [
        ("POST", "/jobs/none:run", "JOB"),
        ("GET", "/jobs/none/executions", "JOB"),
        ("GET", "/jobs/render/executions/none", "EXECUTION"),
        ("DELETE", "/jobs/render/executions/none", "EXECUTION"),
        ("POST", "/jobs/render/executions/none:cancel", "EXECUTION"),
        ("GET", "/jobs/render/executions/none/tasks", "EXECUTION"),
        ("GET", "/jobs/render/executions/none/tasks/none", "EXECUTION"),
        ("GET", "/jobs/none:getIamPolicy", "JOB"),
        ("POST", "/jobs/none:setIamPolicy", "JOB"),
    ] {
        let (status, response) = emulator.send(method, path, None).await;
        assert_eq!(status, 404, "{method} {path}: {response}");
        assert!(
            message(&response).contains(&format!("of kind '{kind}'")),
            "{method} {path}: {response}"
        );
    }
}

#[tokio::test]
async fn run_body_is_validated() {
    let emulator = Emulator::start().await;
    emulator.create_job("render").await;
    for (body, expected) in [
        (json!({ "override": {} }), "Unknown name \\\"override\\\""),
        (
            json!({ "overrides": { "containerOverrides": [{ "image": "other" }] } }),
            "Cannot find field",
        ),
        (
            json!({ "overrides": { "timeout": "2m" } }),
            "Illegal duration format",
        ),
        (json!({ "overrides": { "taskCount": 10_001 } }), "task_count"),
    ] {
        let (status, response) = emulator.post("/jobs/render:run", body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert!(response.to_string().contains(expected), "{body}: {response}");
    }
    let (status, _) = emulator
        .post("/jobs/render:run?validateOnly=true", json!({}))
        .await;
    assert_eq!(status, 400, "validateOnly belongs in the body");
}

#[tokio::test]
async fn policies_stored_and_permissions_granted() {
    let emulator = Emulator::start().await;
    emulator.create_job("render").await;
    let (_, policy) = emulator.get("/jobs/render:getIamPolicy").await;
    assert_eq!(policy, json!({ "etag": "ACAB" }), "never set");
    let body = json!({ "policy": {
        "etag": policy["etag"],
        "bindings": [{ "role": "roles/run.invoker", "members": ["user:a@example.com"] }],
    } });
    let (status, set) = emulator.post("/jobs/render:setIamPolicy", body.clone()).await;
    assert_eq!((status, &set["version"]), (200, &json!(1)), "{set}");
    assert_eq!(emulator.get("/jobs/render:getIamPolicy").await.1, set);
    let (status, response) = emulator.post("/jobs/render:setIamPolicy", body).await;
    assert_eq!(
        (status, &response["error"]["status"]),
        (409, &json!("ABORTED")),
        "stale etag"
    );
    emulator
        .post("/jobs/render:setIamPolicy", json!({ "policy": {} }))
        .await;
    assert!(emulator.get("/jobs/render:getIamPolicy").await.1["bindings"].is_null());

    emulator.arm("permission-denied").await;
    let permissions = json!({ "permissions": ["run.jobs.run"] });
    let (status, granted) = emulator
        .post("/jobs/none:testIamPermissions", permissions.clone())
        .await;
    assert_eq!((status, granted), (200, permissions), "needs no permission");
    let test = "/jobs/none:testIamPermissions";
    assert_eq!(emulator.post(test, json!({})).await, (200, json!({})));
    let invalid = json!({ "permissions": ["run.*"] });
    assert_eq!(emulator.post(test, invalid).await.0, 400);
    assert_eq!(
        emulator.get("/jobs/render").await.0,
        403,
        "the fault is still armed"
    );
}
