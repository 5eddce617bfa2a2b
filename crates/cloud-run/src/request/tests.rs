//! Requests against the discovery document.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

fn check(request: &Request, expected: &str) {
    assert_eq!(
        format!("{} {}", request.method, request.url(&Endpoint::default())),
        expected
    );
}

#[test]
fn request_urls_match_the_api() {
    let name = JobName::new("p", "us-central1", "n");
    let job = Job::default();
    let root = "https://run.googleapis.com/v2/projects/p/locations/us-central1";
    check(&Request::get(&name), &format!("GET {root}/jobs/n"));
    check(
        &Request::list("projects/p/locations/us-central1", 500, ""),
        &format!("GET {root}/jobs?pageSize=500"),
    );
    check(
        &Request::list("projects/p/locations/us-central1", 1000, "a/b=&c"),
        &format!("GET {root}/jobs?pageSize=1000&pageToken=a%2Fb%3D%26c"),
    );
    check(
        &Request::create(&name, &job),
        &format!("POST {root}/jobs?jobId=n"),
    );
    check(
        &Request::create(&name, &job).validate_only(),
        &format!("POST {root}/jobs?jobId=n&validateOnly=true"),
    );
    check(
        &Request::replace(&name, &Json::Null),
        &format!("PATCH {root}/jobs/n"),
    );
    check(&Request::delete(&name, None), &format!("DELETE {root}/jobs/n"));
    check(
        &Request::delete(&name, Some("\"a/b+c=\"")),
        &format!("DELETE {root}/jobs/n?etag=%22a%2Fb%2Bc%3D%22"),
    );
    let operation = "projects/p/locations/us-central1/operations/1";
    check(
        &Request::operation(operation),
        &format!("GET {root}/operations/1"),
    );
    check(
        &Request::wait(operation, Duration::from_secs(30)),
        &format!("POST {root}/operations/1:wait"),
    );
}

#[test]
fn create_body_has_no_name() {
    let job = Job {
        name: Some("n".to_owned()),
        ..Job::default()
    };
    let body = Request::create(&JobName::new("p", "l", "n"), &job).body;
    assert_eq!(
        body.as_deref(),
        Some(r#"{"template":{"template":{"containers":[]}}}"#)
    );
}

/// The methods as Google publishes them.
#[test]
fn requests_match_the_discovery_document() {
    let surface = include_str!("../../../../emulator/src/types/surface.json");
    let surface: serde_json::Value = serde_json::from_str(surface).unwrap();
    let (name, job) = (JobName::new("p", "l", "n"), Job::default());
    let execution = ExecutionName::parse("projects/p/locations/l/jobs/n/executions/e").unwrap();
    let operation = "projects/p/locations/l/operations/o";
    for (method, request) in [
        ("jobs.get", Request::get(&name)),
        ("jobs.list", Request::list("projects/p/locations/l", 500, "t")),
        ("jobs.create", Request::create(&name, &job)),
        ("jobs.create", Request::create(&name, &job).validate_only()),
        ("jobs.patch", Request::replace(&name, &Json::Null)),
        ("jobs.patch", Request::replace(&name, &Json::Null).validate_only()),
        ("jobs.delete", Request::delete(&name, Some("e"))),
        ("jobs.run", Request::run(&name, &RunOverrides::default())),
        (
            "jobs.executions.list",
            Request::list_in(&format!("{name}/executions"), 500, "t"),
        ),
        ("jobs.executions.get", Request::get_execution(&execution)),
        ("jobs.executions.cancel", Request::cancel(&execution)),
        (
            "jobs.executions.tasks.list",
            Request::list_in(&format!("{execution}/tasks"), 500, "t"),
        ),
        ("operations.get", Request::operation(operation)),
        (
            "operations.wait",
            Request::wait(operation, Duration::from_secs(1)),
        ),
    ] {
        let published = &surface["methods"][format!("run.projects.locations.{method}")];
        assert_eq!(request.method.as_str(), published["httpMethod"], "{method}");
        let path = published["path"].as_str().unwrap();
        let parent = match method {
            "jobs.executions.list" => "projects/p/locations/l/jobs/n",
            "jobs.executions.tasks.list" => "projects/p/locations/l/jobs/n/executions/e",
            _ => "projects/p/locations/l",
        };
        let path = path.replace("{+parent}", parent);
        let resource = if method.starts_with("jobs.executions") {
            "projects/p/locations/l/jobs/n/executions/e"
        } else if method.starts_with("jobs") {
            "projects/p/locations/l/jobs/n"
        } else {
            operation
        };
        let path = path.replace("{+name}", resource);
        assert_eq!(format!("v2/{}", request.path), path, "{method}");
        for (parameter, _) in &request.query {
            assert!(
                published["queryParameters"][parameter].is_object(),
                "{method} has no {parameter}"
            );
        }
        assert_eq!(
            request.body.is_some(),
            published["request"].is_string(),
            "{method}"
        );
    }
}
