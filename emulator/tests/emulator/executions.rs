//! Executions and tasks over the wire; the harness holds every document against the surface.

use serde_json::{Value, json};

use crate::harness::{Cloud, below_place, gpu_job, message};

/// Runs a job to its end; the path of the execution.
async fn run(cloud: &Cloud, job: &str, body: Value) -> String {
    let (status, operation) = cloud.post(&format!("/jobs/{job}:run"), body).await;
    assert_eq!(status, 200, "{operation}");
    let operation = cloud.settle(&operation).await;
    assert_eq!(operation["metadata"], operation["response"]);
    below_place(&operation["response"]["name"])
}

/// A GPU job with labels on its executions.
async fn cloud_with_gpu_job() -> Cloud {
    let cloud = Cloud::start().await;
    let mut job = gpu_job();
    job["template"]["labels"] = json!({ "team": "media" });
    job["template"]["taskCount"] = json!(2);
    let (status, operation) = cloud.post("/jobs?jobId=render", job).await;
    assert_eq!(status, 200, "{operation}");
    cloud.settle(&operation).await;
    cloud
}

#[tokio::test]
async fn a_gpu_job_runs_to_its_end() {
    let cloud = cloud_with_gpu_job().await;
    let execution = run(&cloud, "render", json!({})).await;
    let (_, told) = cloud.get(&execution).await;
    assert_eq!(
        (&told["succeededCount"], &told["job"]),
        (&json!(2), &json!("render"))
    );
    assert_eq!(told["launchStage"], "BETA");
    assert_eq!(told["labels"], json!({ "team": "media" }));
    assert_eq!(
        told["template"]["nodeSelector"]["accelerator"],
        "nvidia-rtx-pro-6000"
    );
    let (_, job) = cloud.get("/jobs/render").await;
    let latest = &job["latestCreatedExecution"];
    assert!(execution.ends_with(latest["name"].as_str().unwrap()));
    assert_eq!(latest["completionTime"], told["completionTime"]);
    assert_eq!(job["executionCount"], 1);
}

#[tokio::test]
async fn every_task_is_told_alone_as_in_the_list() {
    let cloud = cloud_with_gpu_job().await;
    let execution = run(&cloud, "render", json!({ "overrides": { "taskCount": 5 } })).await;
    let (_, list) = cloud.get(&format!("{execution}/tasks?pageSize=3")).await;
    let (_, rest) = cloud
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
        let (status, alone) = cloud.get(&below_place(&task["name"])).await;
        assert_eq!((status, &alone), (200, task));
        assert_eq!(
            alone["index"].as_u64().unwrap_or_default(),
            u64::try_from(index).unwrap()
        );
        assert_eq!(alone["gpuZonalRedundancyDisabled"], true);
    }
}

#[tokio::test]
async fn a_program_that_fails_is_tried_again_and_fails() {
    let cloud = cloud_with_gpu_job().await;
    cloud.arm("execution-fails").await;
    let execution = run(&cloud, "render", json!({})).await;
    let (_, told) = cloud.get(&execution).await;
    assert_eq!(told["failedCount"], 1);
    assert_eq!(told["conditions"][0]["executionReason"], "NON_ZERO_EXIT_CODE");
    let (_, log) = cloud.control("GET", "requests", None).await;
    let struck = |entry: &&Value| entry["fault"] == "execution-fails";
    assert_eq!(log.as_array().unwrap().iter().filter(struck).count(), 1);
    let again = run(&cloud, "render", json!({})).await;
    assert_eq!(
        cloud.get(&again).await.1["succeededCount"],
        2,
        "the fault is used up"
    );
}

#[tokio::test]
async fn executions_are_cancelled_listed_and_deleted() {
    let cloud = Cloud::with(cloudrun_emulator::Config {
        execution_time: std::time::Duration::from_secs(600),
        ..crate::harness::config()
    })
    .await;
    cloud.make("render").await;
    let (_, operation) = cloud.post("/jobs/render:run", json!({})).await;
    let execution = below_place(&operation["metadata"]["name"]);
    let (status, cancel) = cloud.post(&format!("{execution}:cancel"), json!({})).await;
    assert_eq!(status, 200, "{cancel}");
    let cancelled = cloud.settle(&cancel).await;
    assert_eq!(cancelled["response"]["cancelledCount"], 1);
    // The run's own operation ends with it.
    cloud.settle(&operation).await;
    let (_, tasks) = cloud.get(&format!("{execution}/tasks")).await;
    assert_eq!(tasks["tasks"][0]["conditions"][0]["executionReason"], "CANCELLED");
    let (_, job) = cloud.get("/jobs/render").await;
    assert_eq!(
        job["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_CANCELLED"
    );

    let (_, list) = cloud.get("/jobs/-/executions").await;
    assert_eq!(list["executions"].as_array().unwrap().len(), 1);
    let (status, delete) = cloud.delete(&execution).await;
    assert_eq!(status, 200, "{delete}");
    cloud.settle(&delete).await;
    assert_eq!(cloud.get("/jobs/render/executions").await.1, json!({}));
    let (_, all) = cloud.get("/jobs/render/executions?showDeleted=true").await;
    assert!(all["executions"][0]["expireTime"].is_string());
}

#[tokio::test]
async fn what_is_not_there_is_told_by_its_kind() {
    let cloud = Cloud::start().await;
    cloud.make("render").await;
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
        let (status, answer) = cloud.send(method, path, None).await;
        assert_eq!(status, 404, "{method} {path}: {answer}");
        assert!(
            message(&answer).contains(&format!("of kind '{kind}'")),
            "{method} {path}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_run_is_read_strictly() {
    let cloud = Cloud::start().await;
    cloud.make("render").await;
    for (body, words) in [
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
        let (status, answer) = cloud.post("/jobs/render:run", body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer.to_string().contains(words), "{body}: {answer}");
    }
    let (status, _) = cloud.post("/jobs/render:run?validateOnly=true", json!({})).await;
    assert_eq!(status, 400, "it belongs into the body");
}

#[tokio::test]
async fn policies_are_kept_and_permissions_are_there() {
    let cloud = Cloud::start().await;
    cloud.make("render").await;
    let (_, policy) = cloud.get("/jobs/render:getIamPolicy").await;
    assert_eq!(policy, json!({ "etag": "ACAB" }), "it was never set");
    let wish = json!({ "policy": {
        "etag": policy["etag"],
        "bindings": [{ "role": "roles/run.invoker", "members": ["user:a@example.com"] }],
    } });
    let (status, set) = cloud.post("/jobs/render:setIamPolicy", wish.clone()).await;
    assert_eq!((status, &set["version"]), (200, &json!(1)), "{set}");
    assert_eq!(cloud.get("/jobs/render:getIamPolicy").await.1, set);
    let (status, answer) = cloud.post("/jobs/render:setIamPolicy", wish).await;
    assert_eq!(
        (status, &answer["error"]["status"]),
        (409, &json!("ABORTED")),
        "the etag is an old one"
    );
    cloud
        .post("/jobs/render:setIamPolicy", json!({ "policy": {} }))
        .await;
    assert!(cloud.get("/jobs/render:getIamPolicy").await.1["bindings"].is_null());

    cloud.arm("permission-denied").await;
    let asked = json!({ "permissions": ["run.jobs.run"] });
    let (status, has) = cloud.post("/jobs/none:testIamPermissions", asked.clone()).await;
    assert_eq!((status, has), (200, asked), "asking needs no permission");
    let test = "/jobs/none:testIamPermissions";
    assert_eq!(cloud.post(test, json!({})).await, (200, json!({})));
    let wrong = json!({ "permissions": ["run.*"] });
    assert_eq!(cloud.post(test, wrong).await.0, 400);
    assert_eq!(cloud.get("/jobs/render").await.0, 403, "the fault still waits");
}
