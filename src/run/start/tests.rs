//! What is read before a run, and what is sent when its response is lost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use cloud_run::Secret;
use cloud_run::test_server::Reply::{CloseConnection, Respond, Truncate};
use cloud_run::test_server::{NOT_FOUND, Reply, Server, UNAVAILABLE, name};

const JOB: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "template": {"taskCount": 2, "template": {"containers": [{"image": "a"}, {"image": "b"}]}}}"#,
);
const NEVER_RAN: Reply = Respond(200, "", "{}");
const NO_EXECUTION: Reply = Respond(404, "", NOT_FOUND);
const ONE: Reply = Respond(
    200,
    "",
    r#"{"executions": [{"name": "projects/1/locations/l/jobs/n/executions/n-x", "taskCount": 2,
        "template": {"containers": [{"image": "a"}, {"image": "b"}]}}]}"#,
);
const TWO: Reply = Respond(
    200,
    "",
    r#"{"executions": [
        {"name": "n-y", "taskCount": 2, "createTime": "2026-11-28T10:00:00Z", "creator": "a@b.c"},
        {"name": "n-x", "taskCount": 2}]}"#,
);
const EXECUTION: Reply = Respond(200, "", r#"{"name": "n-x"}"#);
const STARTED: Reply = Respond(
    200,
    "",
    r#"{"name": "o", "metadata": {"@type": "type.googleapis.com/google.cloud.run.v2.Execution",
        "name": "projects/1/locations/l/jobs/n/executions/n-x", "logUri": "https://l"}}"#,
);
const DENIED: Reply = Respond(
    403,
    "",
    r#"{"error": {"status": "PERMISSION_DENIED", "message": "The caller does not have permission"}}"#,
);

/// The result of a run, and the requests as method and last segment.
async fn run(script: Vec<Reply>, overrides: &RunOverrides) -> (Result<String, Diagnostic>, String) {
    let server = Server::new(script).await;
    let runs = Runs::default();
    let result = async {
        let prepared = prepare(&server.client, &name(), true, &server.cancellation).await?;
        let started = prepared.start(&server.client, &runs, overrides, &server.context);
        started.await.map(|started| started.name.to_string())
    };
    let result = result.await;
    let lines = server.request_lines();
    let requests: Vec<String> = lines
        .iter()
        .map(|line| {
            let path = line.split('?').next().unwrap_or_default();
            let (method, last) = (path.split(' ').next().unwrap(), path.rsplit('/').next().unwrap());
            format!("{method} {last}")
        })
        .collect();
    (result, requests.join(", "))
}

async fn run_job(script: Vec<Reply>) -> (Result<String, Diagnostic>, String) {
    run(script, &RunOverrides::default()).await
}

const NAME: &str = "projects/p/locations/l/jobs/n/executions/n-x";

#[tokio::test]
async fn job_and_executions_are_read_first() {
    let (started, requests) = run_job(vec![JOB, NEVER_RAN, NO_EXECUTION, STARTED]).await;
    assert_eq!(started.unwrap(), NAME);
    assert_eq!(requests, "GET n, GET executions, GET none, POST n:run");
    let (started, requests) = run_job(vec![JOB, TWO, EXECUTION, STARTED]).await;
    assert_eq!(started.unwrap(), NAME);
    assert_eq!(requests, "GET n, GET executions, GET n-y, POST n:run");
    let gone = Respond(404, "", NOT_FOUND);
    assert!(run_job(vec![JOB, TWO, gone, STARTED]).await.0.is_ok());
    // Not followed.
    let server = Server::new(vec![JOB, TWO]).await;
    let prepared = prepare(&server.client, &name(), false, &server.cancellation).await;
    assert!(prepared.is_ok());
    assert_eq!(server.request_lines().len(), 2);
}

#[tokio::test]
async fn missing_job_is_an_error() {
    let (result, _) = run_job(vec![Respond(404, "", NOT_FOUND)]).await;
    let error = result.unwrap_err();
    let end = "Correct job, or create the job first.\n\nNo execution was started.";
    assert!(error.detail.ends_with(end), "{error}");
}

#[tokio::test]
async fn missing_permission_is_named() {
    let with_overrides = RunOverrides {
        task_count: Some(1),
        ..RunOverrides::default()
    };
    let none = RunOverrides::default();
    for (script, overrides, permission, requests) in [
        (vec![DENIED], &none, "run.jobs.get", 1),
        (vec![JOB, DENIED], &none, "run.executions.list", 2),
        (vec![JOB, ONE, DENIED], &none, "run.executions.get", 3),
        (vec![JOB, NEVER_RAN, DENIED], &none, "run.executions.get", 3),
        (
            vec![JOB, NEVER_RAN, NO_EXECUTION, DENIED],
            &none,
            "run.jobs.run",
            4,
        ),
        (
            vec![JOB, NEVER_RAN, NO_EXECUTION, DENIED],
            &with_overrides,
            "run.jobs.runWithOverrides",
            4,
        ),
    ] {
        let (result, sent) = run(script, overrides).await;
        let error = result.unwrap_err();
        let expected = format!("the permission {permission}, which roles/run.developer has.");
        assert!(error.detail.contains(&expected), "{error}");
        assert!(error.detail.ends_with("No execution was started."), "{error}");
        assert_eq!(sent.split(", ").count(), requests, "{sent}");
    }
}

#[tokio::test]
async fn lost_response_is_looked_up() {
    for lost in [
        CloseConnection,
        Truncate,
        Respond(500, "", UNAVAILABLE),
        Respond(503, "", UNAVAILABLE),
        Respond(502, "", "<html>"),
        Respond(200, "", "{}"),
        // Accepted, without an execution.
        Respond(200, "", r#"{"name": "o"}"#),
    ] {
        let (started, requests) =
            run_job(vec![JOB, NEVER_RAN, NO_EXECUTION, lost.clone(), NEVER_RAN, ONE]).await;
        assert_eq!(started.unwrap(), NAME);
        assert_eq!(
            requests,
            "GET n, GET executions, GET none, POST n:run, GET executions, GET executions"
        );
        let (started, requests) = run_job(vec![JOB, NEVER_RAN, NO_EXECUTION, lost, TWO]).await;
        assert_eq!(started.unwrap_err().summary, "Unknown whether the job runs");
        assert_eq!(
            requests,
            "GET n, GET executions, GET none, POST n:run, GET executions"
        );
    }
}

#[tokio::test]
async fn unknown_outcomes_are_explained() {
    let mut shown = Vec::new();
    for script in [
        vec![JOB, NEVER_RAN, NO_EXECUTION, Respond(503, "", UNAVAILABLE), TWO],
        vec![
            JOB,
            NEVER_RAN,
            NO_EXECUTION,
            Respond(200, "", r#"{"name": "o"}"#),
            DENIED,
        ],
    ] {
        let (result, _) = run_job(script).await;
        shown.push(result.unwrap_err().to_string());
    }
    let found = unknown_outcome(&name(), Some(&Error::Cancelled), &Ok(Vec::new()));
    shown.push(found.to_string());
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn nothing_is_sent_after_a_cancellation() {
    let server = Server::new(vec![JOB, NEVER_RAN, NO_EXECUTION]).await;
    let prepared = prepare(&server.client, &name(), true, &server.cancellation)
        .await
        .unwrap();
    server.cancellation.cancel();
    let (runs, overrides) = (Runs::default(), RunOverrides::default());
    let result = prepared
        .start(&server.client, &runs, &overrides, &server.context)
        .await;
    assert!(result.unwrap_err().detail.ends_with("No execution was started."));
    assert_eq!(server.request_lines().len(), 3);
}

/// The job has a sidecar.
#[tokio::test]
async fn overrides_name_the_container() {
    let job = Respond(
        200,
        "",
        r#"{"name": "n", "template": {"template": {"containers": [{"name": "sidecar", "image": "a"},
            {"name": "main", "image": "b", "resources": {"limits": {"nvidia.com/gpu": "1"}}}]}}}"#,
    );
    let server = Server::new(vec![job, NEVER_RAN, NO_EXECUTION, STARTED]).await;
    let prepared = prepare(&server.client, &name(), true, &server.cancellation)
        .await
        .unwrap();
    let overrides = RunOverrides {
        env: [("K".to_owned(), Secret::new("v"))].into(),
        ..RunOverrides::default()
    };
    let runs = Runs::default();
    let started = prepared.start(&server.client, &runs, &overrides, &server.context);
    let started = tokio::spawn(std::future::ready(started.await))
        .await
        .unwrap()
        .unwrap();
    assert!(runs.contains(&started.name));
    let request = server.requests.lock().unwrap()[3].clone();
    let expected =
        r#"{"overrides":{"containerOverrides":[{"env":[{"name":"K","value":"v"}],"name":"main"}]}}"#;
    assert!(request.ends_with(expected), "{request}");
}

#[tokio::test]
async fn unfinished_runs_of_the_same_definition_are_found() {
    let server = Server::new(vec![JOB, TWO, EXECUTION]).await;
    let prepared = prepare(&server.client, &name(), true, &server.cancellation)
        .await
        .unwrap();
    let runs = Runs::default();
    let found = |overrides: &RunOverrides| {
        let names = prepared.unfinished_like(overrides, &runs);
        names.into_iter().map(|name| name.execution).collect::<Vec<_>>()
    };
    let other = RunOverrides {
        task_count: Some(3),
        ..RunOverrides::default()
    };
    assert_eq!(found(&RunOverrides::default()), ["n-y", "n-x"]);
    assert_eq!(found(&other), Vec::<String>::new());
}

/// Both responses are lost. The second request waits until the first execution is found.
#[tokio::test]
async fn concurrent_runs_get_an_execution_each() {
    let script = vec![
        JOB,
        NEVER_RAN,
        NO_EXECUTION,
        JOB,
        NEVER_RAN,
        NO_EXECUTION,
        CloseConnection,
        ONE,
        CloseConnection,
        TWO,
    ];
    let server = Server::new(script).await;
    let (client, runs) = (&server.client, Runs::default());
    let mut prepared = Vec::new();
    for _ in 0..2 {
        prepared.push(
            prepare(client, &name(), true, &server.cancellation)
                .await
                .unwrap(),
        );
    }
    let none = RunOverrides::default();
    let [first, second] = [0, 1].map(|at: usize| prepared[at].start(client, &runs, &none, &server.context));
    let (first, second) = tokio::join!(first, second);
    let ids = [first, second].map(|started| started.unwrap().name.execution);
    assert_eq!(ids, ["n-x", "n-y"]);
}
