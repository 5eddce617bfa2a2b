//! Operations, while they are under way and when they are done.

use serde_json::{Value, json};

use super::{Cloud, JOBS, plain};

const OPERATIONS: &str = "/v2/projects/p/locations/us-central1/operations";

fn job() -> Value {
    json!({ "template": { "template": plain() } })
}

/// The address of the operation of a request.
fn begun(cloud: &Cloud, method: &str, address: &str) -> String {
    let operation = cloud.good_now(method, address, &job());
    format!("/v2/{}", operation["name"].as_str().unwrap())
}

#[test]
fn a_wait_ends_with_its_time_or_with_its_operation() {
    let cloud = Cloud::new();
    let create = begun(&cloud, "POST", &format!("{JOBS}?jobId=a"));
    let wait = |time| cloud.good_now("POST", &format!("{create}:wait"), &json!({ "timeout": time }));
    assert_eq!(wait("0.01s")["done"], Value::Null);
    cloud.next();
    let done = wait("600s");
    assert_eq!(done["done"], true);
    assert_eq!(cloud.get(&create), done);
}

#[test]
fn operations_are_listed_by_whether_they_are_done() {
    let cloud = Cloud::new();
    let first = begun(&cloud, "POST", &format!("{JOBS}?jobId=a"));
    cloud.next();
    let second = begun(&cloud, "POST", &format!("{JOBS}?jobId=b"));
    let list = |query: &str| {
        let page = cloud.get(&format!("{OPERATIONS}?{query}"));
        let operations = page["operations"].as_array().unwrap().iter();
        let names = operations.map(|one| format!("/v2/{}", one["name"].as_str().unwrap()));
        names.collect::<Vec<String>>()
    };
    assert_eq!(list("filter=done:true"), std::slice::from_ref(&first));
    assert_eq!(list("filter=done:false"), std::slice::from_ref(&second));
    assert_eq!(list(""), [second.clone(), first.clone()]);
    let (status, _) = cloud.call("GET", &format!("{OPERATIONS}?filter=name:x"), &Value::Null);
    assert_eq!(status, 400);
    let page = cloud.get(&format!("{OPERATIONS}?pageSize=1"));
    assert_eq!(page["operations"].as_array().unwrap().len(), 1);
    let token = page["nextPageToken"].as_str().unwrap();
    assert_eq!(list(&format!("pageToken={token}")), [first]);
}

#[test]
fn a_change_on_a_change_is_ready_when_the_last_is() {
    let cloud = Cloud::new();
    begun(&cloud, "POST", &format!("{JOBS}?jobId=render"));
    begun(&cloud, "PATCH", &format!("{JOBS}/render"));
    for (observed, reconciling) in [("1", json!(true)), ("2", Value::Null)] {
        cloud.next();
        let job = cloud.job();
        assert_eq!(job["observedGeneration"], observed);
        assert_eq!(job["reconciling"], reconciling);
    }
}

#[test]
fn a_change_to_a_job_that_is_gone_is_not_done_to_its_namesake() {
    let cloud = Cloud::new();
    let first = begun(&cloud, "POST", &format!("{JOBS}?jobId=render"));
    cloud.arm("deleted-in-between");
    let (status, _) = cloud.call("PATCH", &format!("{JOBS}/render"), &job());
    assert_eq!(status, 404);
    let second = begun(&cloud, "POST", &format!("{JOBS}?jobId=render"));
    cloud.next();
    assert_eq!(cloud.get(&first)["error"]["code"], 5);
    assert_eq!(cloud.job()["reconciling"], true);
    cloud.next();
    assert_eq!(cloud.get(&second)["response"]["observedGeneration"], "1");
}
