//! The life of executions and tasks.

use serde_json::{Value, json};

use super::{Cloud, JOBS, plain};

#[test]
fn a_run_is_pending_then_running_then_succeeded() {
    let cloud = Cloud::with_job(plain());
    let (execution, operation) = cloud.run(&Value::Null);
    let state = |wanted: &str, status: &str| {
        let execution = cloud.get(&execution);
        assert_eq!(execution["conditions"][0]["type"], "Completed");
        assert_eq!(execution["conditions"][0]["state"], wanted);
        let job = cloud.job();
        assert_eq!(job["latestCreatedExecution"]["completionStatus"], status);
        assert_eq!(job["executionCount"], 1);
        execution
    };
    let pending = state("CONDITION_PENDING", "EXECUTION_PENDING");
    assert_eq!(pending["reconciling"], true);
    assert!(pending.get("startTime").is_none() && pending.get("runningCount").is_none());

    cloud.after_hours(3);
    let running = state("CONDITION_RECONCILING", "EXECUTION_RUNNING");
    assert_eq!(running["runningCount"], 3);
    assert!(cloud.get(&operation).get("done").is_none());

    cloud.after_hours(11);
    let ended = state("CONDITION_SUCCEEDED", "EXECUTION_SUCCEEDED");
    assert_eq!(ended["succeededCount"], 3);
    assert!(ended["completionTime"].as_str() > ended["startTime"].as_str());
    assert!(ended.get("reconciling").is_none() && ended.get("runningCount").is_none());
    let operation = cloud.get(&operation);
    assert_eq!(operation["done"], true);
    assert_eq!(operation["response"]["succeededCount"], 3);
    assert_eq!(
        operation["response"]["@type"],
        "type.googleapis.com/google.cloud.run.v2.Execution"
    );
}

#[test]
fn a_run_changes_neither_generation_nor_etag_of_the_job() {
    let cloud = Cloud::with_job(plain());
    let before = cloud.job();
    cloud.run(&json!({ "etag": before["etag"] }));
    let after = cloud.job();
    assert_eq!(
        (&before["generation"], &before["etag"]),
        (&after["generation"], &after["etag"])
    );
}

#[test]
fn tasks_tell_what_their_execution_tells() {
    let cloud = Cloud::with_job(json!({ "containers": [{ "image": "i" }], "maxRetries": 2 }));
    cloud.arm("execution-fails");
    let (execution, _) = cloud.run(&Value::Null);
    cloud.after_hours(11);
    let tasks = cloud.get(&format!("{execution}/tasks"));
    let tasks = tasks["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 3);
    assert_eq!(tasks[0]["lastAttemptResult"]["exitCode"], 1);
    assert_eq!(tasks[0]["retried"], 2);
    assert_eq!(tasks[0]["conditions"][0]["executionReason"], "NON_ZERO_EXIT_CODE");
    assert!(tasks[0].get("index").is_none() && tasks[1]["index"] == 1);
    assert_eq!(tasks[1]["conditions"][0]["state"], "CONDITION_SUCCEEDED");
    let name = tasks[2]["name"].as_str().unwrap();
    assert_eq!(&cloud.get(&format!("/v2/{name}")), &tasks[2]);

    let told = cloud.get(&execution);
    assert_eq!(
        (
            &told["succeededCount"],
            &told["failedCount"],
            &told["retriedCount"]
        ),
        (&json!(2), &json!(1), &json!(2))
    );
    assert_eq!(
        cloud.job()["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_FAILED"
    );
    let (status, _) = cloud.call("GET", &format!("{execution}/tasks/none"), &Value::Null);
    assert_eq!(status, 404);
}

#[test]
fn no_more_tasks_run_than_may_side_by_side() {
    let cloud = Cloud::with_job(plain());
    let job = json!({ "template": { "taskCount": 3, "parallelism": 2, "template": plain() } });
    cloud.good_now("PATCH", &format!("{JOBS}/render"), &job);
    let (execution, _) = cloud.run(&Value::Null);
    cloud.after_hours(3);
    assert_eq!(cloud.get(&execution)["runningCount"], 2);
    let tasks = cloud.get(&format!("{execution}/tasks"));
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
fn a_run_can_be_cancelled_until_it_has_ended() {
    let cloud = Cloud::with_job(plain());
    let (execution, run) = cloud.run(&Value::Null);
    let cancel = cloud.good_now("POST", &format!("{execution}:cancel"), &Value::Null);
    assert_eq!(
        cancel["metadata"]["conditions"][0]["executionReason"],
        "CANCELLING"
    );
    cloud.after_hours(2);
    let told = cloud.get(&execution);
    assert_eq!(told["cancelledCount"], 3);
    assert_eq!(told["conditions"][0]["executionReason"], "CANCELLED");
    let cancel = cloud.get(&format!("/v2/{}", cancel["name"].as_str().unwrap()));
    assert_eq!(
        (&cancel["done"], &cloud.get(&run)["done"]),
        (&json!(true), &json!(true))
    );
    let (status, problem) = cloud.call("POST", &format!("{execution}:cancel"), &Value::Null);
    assert_eq!(
        (status, &problem["error"]["status"]),
        (400, &json!("FAILED_PRECONDITION"))
    );
}

#[test]
fn a_deleted_execution_is_listed_only_for_who_asks() {
    let cloud = Cloud::with_job(plain());
    let (execution, _) = cloud.run(&Value::Null);
    let delete = cloud.good_now("DELETE", &execution, &Value::Null);
    assert!(delete["metadata"]["deleteTime"].is_string() && delete["metadata"]["expireTime"].is_string());
    cloud.after_hours(2);
    let list = format!("{JOBS}/render/executions");
    assert_eq!(cloud.get(&list), json!({}));
    let all = cloud.get(&format!("{list}?showDeleted=true"));
    assert_eq!(
        all["executions"][0]["conditions"][0]["executionReason"],
        "CANCELLED"
    );
}

#[test]
fn executions_are_listed_newest_first_in_pages_and_across_jobs() {
    let cloud = Cloud::with_job(plain());
    let names: Vec<String> = (0..3).map(|_| cloud.run(&Value::Null).0).collect();
    let page = cloud.get(&format!("{JOBS}/-/executions?pageSize=2"));
    let rest = format!(
        "{JOBS}/render/executions?pageToken={}",
        page["nextPageToken"].as_str().unwrap()
    );
    let rest = cloud.get(&rest);
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
fn asking_only_starts_ends_and_removes_nothing() {
    let cloud = Cloud::with_job(plain());
    let only = json!({ "validateOnly": true });
    let asked = cloud.good_now("POST", &format!("{JOBS}/render:run"), &only);
    assert_eq!(asked["done"], true);
    assert!(cloud.job().get("executionCount").is_none());
    let (execution, _) = cloud.run(&Value::Null);
    cloud.good_now("POST", &format!("{execution}:cancel"), &only);
    cloud.good_now("DELETE", &format!("{execution}?validateOnly=true"), &Value::Null);
    let told = cloud.get(&execution);
    assert_eq!(told["conditions"][0]["state"], "CONDITION_PENDING");
    assert!(told.get("deleteTime").is_none());
}

#[test]
fn an_old_etag_is_refused_everywhere() {
    let cloud = Cloud::with_job(plain());
    let old = json!({ "etag": "\"old\"" });
    let (execution, _) = cloud.run(&Value::Null);
    for (method, address, body) in [
        ("POST", format!("{JOBS}/render:run"), &old),
        ("POST", format!("{execution}:cancel"), &old),
        ("DELETE", format!("{execution}?etag=old"), &Value::Null),
    ] {
        let (status, problem) = cloud.call(method, &address, body);
        assert_eq!(
            (status, &problem["error"]["status"]),
            (409, &json!("ABORTED")),
            "{method} {address}"
        );
    }
}

#[test]
fn a_start_token_holds_the_operation_until_the_execution_has_started() {
    let cloud = Cloud::new();
    let job = json!({ "startExecutionToken": "first", "template": { "template": plain() } });
    let create = cloud.good_now("POST", &format!("{JOBS}?jobId=render"), &job);
    let create = format!("/v2/{}", create["name"].as_str().unwrap());
    cloud.after_hours(2);
    assert!(cloud.get(&create).get("done").is_none());
    let execution = format!("{JOBS}/render/executions/render-first");
    assert_eq!(
        cloud.get(&execution)["conditions"][0]["state"],
        "CONDITION_PENDING"
    );
    cloud.after_hours(4);
    let create = cloud.get(&create);
    assert_eq!(create["done"], true);
    assert_eq!(
        create["response"]["@type"],
        "type.googleapis.com/google.cloud.run.v2.Job"
    );
    // The server forgets the token once there is another execution; until then it may not come again.
    let again = cloud.job();
    let (status, problem) = cloud.call("PATCH", &format!("{JOBS}/render"), &again);
    assert_eq!(
        (status, &problem["error"]["message"]),
        (409, &json!("Resource 'render-first' already exists."))
    );
    cloud.run(&Value::Null);
    assert!(cloud.job().get("startExecutionToken").is_none());
}

#[test]
fn executions_go_with_their_job() {
    let cloud = Cloud::with_job(plain());
    let (execution, run) = cloud.run(&Value::Null);
    cloud.good_now("DELETE", &format!("{JOBS}/render"), &Value::Null);
    cloud.after_hours(2);
    assert_eq!(cloud.get(&run)["error"]["code"], 5, "its operation ends too");
    assert_eq!(cloud.call("GET", &execution, &Value::Null).0, 404);
    assert_eq!(
        cloud
            .call("GET", &format!("{JOBS}/render/executions"), &Value::Null)
            .0,
        404
    );
}

#[test]
fn a_run_token_holds_the_operation_until_the_execution_has_ended() {
    let cloud = Cloud::new();
    let job = json!({ "runExecutionToken": "first", "template": { "template": plain() } });
    let create = cloud.good_now("POST", &format!("{JOBS}?jobId=render"), &job);
    let create = format!("/v2/{}", create["name"].as_str().unwrap());
    cloud.after_hours(4);
    assert!(cloud.get(&create).get("done").is_none());
    cloud.after_hours(14);
    let job = cloud.get(&create)["response"].clone();
    assert_eq!(job["@type"], "type.googleapis.com/google.cloud.run.v2.Job");
    assert_eq!(
        job["latestCreatedExecution"]["completionStatus"],
        "EXECUTION_SUCCEEDED"
    );
}

#[test]
fn overrides_hold_for_one_run() {
    let cloud = Cloud::with_job(plain());
    let before = cloud.job();
    let containers = json!([{ "args": ["x"], "env": [{ "name": "A", "value": "1" }] }]);
    let overrides = json!({ "taskCount": 5, "timeout": "60s", "containerOverrides": containers });
    let (execution, _) = cloud.run(&json!({ "overrides": overrides }));
    let told = cloud.get(&execution);
    assert_eq!(
        (&told["taskCount"], &told["template"]["timeout"]),
        (&json!(5), &json!("60s"))
    );
    assert_eq!(told["template"]["containers"][0]["args"], json!(["x"]));
    assert_eq!(cloud.job()["template"], before["template"]);
}

#[test]
fn enums_come_as_numbers_where_asked() {
    let cloud = Cloud::with_job(plain());
    cloud.run(&Value::Null);
    let list = cloud.get(&format!("{JOBS}/render/executions?$alt=json;enum-encoding=int"));
    let execution = &list["executions"][0];
    assert_eq!(
        (
            &execution["launchStage"],
            &execution["template"]["executionEnvironment"],
            &execution["conditions"][0]["state"]
        ),
        (&json!(4), &json!(2), &json!(1))
    );
    let jobs = cloud.get(&format!("{JOBS}?$alt=json;enum-encoding=int"));
    assert_eq!(jobs["jobs"][0]["latestCreatedExecution"]["completionStatus"], 4);
}
