//! Executions and tasks: what is sent, what is sent again, and what is decoded.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use crate::redaction::{Redaction, Secret};
use crate::test_server::Reply::{self, CloseConnection, Respond, RespondLate, Stall, Truncate};
use crate::test_server::{
    NOT_FOUND, Server, UNAUTHENTICATED, UNAVAILABLE, cancel_on_first_request, client, name,
};
use crate::{Credentials, Endpoint, Error, ExecutionName, Impersonation, RunOverrides};

const EXECUTIONS: &str = "/v2/projects/p/locations/l/jobs/n/executions";
const RUN: &str = "POST /v2/projects/p/locations/l/jobs/n:run";
/// As the API documents it: counts of zero are omitted, an int64 is a string.
const EXECUTION: &str = r#"{
    "name": "projects/p/locations/l/jobs/n/executions/n-x", "uid": "u", "generation": "1", "creator": "a@b.c",
    "createTime": "2026-11-28T10:00:00Z", "startTime": "2026-11-28T10:00:05Z", "job": "n", "taskCount": 10,
    "parallelism": 4, "runningCount": 2, "succeededCount": 3, "retriedCount": 1, "reconciling": true, "logUri": "https://l",
    "conditions": [{"type": "Started", "state": "CONDITION_SUCCEEDED"},
                   {"type": "Completed", "state": "CONDITION_RECONCILING", "executionReason": "DELAYED_START_PENDING"}],
    "template": {"timeout": "600s", "containers": [{"image": "i", "env": [{"name": "K", "value": "hush-hush"}]}]}}"#;
const STARTED: Reply = Respond(
    200,
    "",
    r#"{"name": "projects/p/locations/l/operations/o", "metadata": {
        "@type": "type.googleapis.com/google.cloud.run.v2.Execution",
        "name": "projects/p/locations/l/jobs/n/executions/n-x", "uid": "u"}}"#,
);

fn execution() -> ExecutionName {
    ExecutionName::parse("projects/p/locations/l/jobs/n/executions/n-x").unwrap()
}

fn overrides() -> RunOverrides {
    RunOverrides {
        env: [("KEY".to_owned(), Secret::new("hush \"hush\""))].into(),
        ..RunOverrides::default()
    }
}

async fn run(server: &Server) -> Result<Option<String>, Error> {
    let started = server
        .client
        .run_job(&name(), &overrides(), &server.context)
        .await;
    started.map(|execution| execution.map(|execution| execution.name))
}

#[tokio::test]
async fn execution_decodes() {
    let server = Server::new(vec![Respond(503, "", UNAVAILABLE), Respond(200, "", EXECUTION)]).await;
    let found = server
        .client
        .get_execution(&execution(), &server.context)
        .await
        .unwrap();
    let line = format!("GET {EXECUTIONS}/n-x");
    assert_eq!(server.request_lines(), [line.clone(), line]);
    assert_eq!(
        (
            found.task_count,
            found.running_count,
            found.succeeded_count,
            found.failed_count
        ),
        (10, 2, 3, 0)
    );
    assert_eq!(
        (found.generation, found.creator.as_deref()),
        (Some(1), Some("a@b.c"))
    );
    assert_eq!(
        found.condition("Completed").and_then(|one| one.reason()),
        Some("DELAYED_START_PENDING")
    );
    assert_eq!(found.template.timeout.as_deref(), Some("600s"));
    assert!(!format!("{found:?}").contains("hush"), "{found:?}");
}

#[tokio::test]
async fn all_pages_of_executions_are_read() {
    let server = Server::new(vec![
        Respond(
            200,
            "",
            r#"{"executions": [{"name": "b"}], "nextPageToken": "t"}"#,
        ),
        Respond(200, "", r#"{"nextPageToken": "u"}"#),
        Respond(200, "", r#"{"executions": [{"name": "a"}]}"#),
    ])
    .await;
    let all = server
        .client
        .list_executions(&name(), &server.context)
        .await
        .unwrap();
    let names: Vec<&str> = all.iter().map(|execution| execution.name.as_str()).collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(
        server.request_lines(),
        ["", "&pageToken=t", "&pageToken=u"].map(|token| format!("GET {EXECUTIONS}?pageSize=500{token}"))
    );
    for body in [r#"{"executions": [{}]}"#, r#"{"error": {}}"#, "[]"] {
        let server = Server::new(vec![Respond(200, "", body); 6]).await;
        let error = server.client.list_executions(&name(), &server.context).await;
        assert!(matches!(error, Err(Error::UnexpectedResponse { .. })), "{body}");
    }
    let page = r#"{"executions": [{"name": "a"}], "nextPageToken": "t"}"#;
    let server = Server::new(vec![Respond(200, "", page); 2]).await;
    let error = server.client.list_executions(&name(), &server.context).await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("the list of executions must end")
    );
}

#[tokio::test]
async fn tasks_decode() {
    let body = r#"{"tasks": [
        {"name": "t0", "lastAttemptResult": {"status": {}}},
        {"name": "t1", "index": 1, "retried": 3, "lastAttemptResult":
            {"exitCode": 1, "termSignal": 9, "status": {"code": 13, "message": "It exited."}}}]}"#;
    let server = Server::new(vec![Respond(200, "", body)]).await;
    let tasks = server
        .client
        .list_tasks(&execution(), &server.context)
        .await
        .unwrap();
    assert_eq!(
        server.request_lines(),
        [format!("GET {EXECUTIONS}/n-x/tasks?pageSize=500")]
    );
    let result = tasks[1].last_attempt_result.clone().unwrap();
    assert_eq!((tasks[0].index, tasks[1].index, tasks[1].retried), (0, 1, 3));
    assert_eq!((result.exit_code, result.term_signal), (1, 9));
    assert_eq!(result.status.unwrap().message, "It exited.");
}

#[tokio::test]
async fn run_returns_the_execution() {
    let server = Server::new(vec![STARTED]).await;
    assert_eq!(run(&server).await.unwrap(), Some(execution().to_string()));
    assert_eq!(server.request_lines(), [RUN]);
    let request = server.requests.lock().unwrap()[0].clone();
    assert!(
        request.ends_with(
            r#"{"overrides":{"containerOverrides":[{"env":[{"name":"KEY","value":"hush \"hush\""}]}]}}"#
        ),
        "{request}"
    );
    let server = Server::new(vec![Respond(200, "", r#"{"name": "o", "done": true}"#)]).await;
    assert_eq!(run(&server).await.unwrap(), None);
    let failed = r#"{"name": "o", "done": true, "error": {"code": 8, "message": "no GPU"}}"#;
    let server = Server::new(vec![Respond(200, "", failed)]).await;
    let error = run(&server).await.unwrap_err();
    assert!(
        matches!(error, Error::Operation(_)) && !error.maybe_accepted(),
        "{error}"
    );
}

#[tokio::test]
async fn run_is_resent_only_if_it_was_not_accepted() {
    let server = Server::new(vec![Respond(429, "", UNAVAILABLE), STARTED]).await;
    assert!(run(&server).await.unwrap().is_some());
    assert_eq!(server.request_lines(), [RUN, RUN]);
    for (reply, accepted) in [
        (Respond(500, "", UNAVAILABLE), true),
        (Respond(503, "", UNAVAILABLE), true),
        (Respond(502, "", "<html>"), true),
        (Respond(200, "", "<html>"), true),
        (CloseConnection, true),
        (Truncate, true),
        (Respond(408, "", UNAVAILABLE), true),
        (Respond(499, "", UNAVAILABLE), true),
        (Respond(404, "", NOT_FOUND), false),
        (Respond(409, "", r#"{"error": {"status": "ABORTED"}}"#), false),
        // This token cannot be renewed.
        (Respond(401, "", UNAUTHENTICATED), false),
        (
            Respond(
                429,
                "",
                r#"{"error": {"message": "total allowable count of GPUs"}}"#,
            ),
            false,
        ),
    ] {
        let server = Server::new(vec![reply]).await;
        let error = run(&server).await.unwrap_err();
        assert_eq!(error.maybe_accepted(), accepted, "{error}");
        assert_eq!(server.request_lines(), [RUN]);
    }
    let server = Server::new(vec![Stall])
        .await
        .with_timeout(Duration::from_millis(50));
    assert!(run(&server).await.unwrap_err().maybe_accepted());
    assert_eq!(server.request_lines(), [RUN]);
}

#[tokio::test]
async fn run_is_resent_with_a_renewed_token() {
    let token = |text| Respond(200, "", text);
    let server = Server::new(vec![
        token(r#"{"access_token": "old", "expires_in": 3600}"#),
        Respond(401, "", UNAUTHENTICATED),
        token(r#"{"access_token": "new", "expires_in": 3600}"#),
        STARTED,
    ])
    .await;
    let document = format!(
        r#"{{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r", "token_uri": "{}/token"}}"#,
        server.address
    );
    let server =
        server.with_credentials(Credentials::from_json_or_path(&document, &Redaction::default()).unwrap());
    assert!(run(&server).await.unwrap().is_some());
    assert_eq!(server.request_lines(), ["POST /token", RUN, "POST /token", RUN]);
    assert!(!server.client.has_static_token());
    assert_eq!(server.client.account().await, None);
}

#[tokio::test]
async fn unreachable_run_is_not_accepted() {
    let mut server = Server::new(vec![]).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    server.client = client(&address, Credentials::AccessToken(Secret::new("hush")));
    let error = run(&server).await.unwrap_err();
    assert!(error.is_unreachable() && !error.maybe_accepted(), "{error}");
}

/// It has no other end than its timeout.
#[tokio::test]
async fn cancellation_lets_a_run_finish() {
    let started = r#"{"name": "o", "metadata": {
        "@type": "type.googleapis.com/google.cloud.run.v2.Execution", "name": "e"}}"#;
    let server = Server::new(vec![RespondLate(200, 100, started.to_owned())]).await;
    cancel_on_first_request(&server);
    assert_eq!(run(&server).await.unwrap().as_deref(), Some("e"));
    assert!(run(&server).await.unwrap_err().is_cancelled());
    assert_eq!(
        server.request_lines(),
        [RUN],
        "nothing starts after a cancellation"
    );
}

#[tokio::test]
async fn override_values_are_in_no_error() {
    for body in [
        r#"{"error": {"status": "INVALID_ARGUMENT", "message": "hush \"hush\" is too long",
            "details": [{"value": "hush \"hush\"", "reason": "LENGTH"}]}}"#,
        r#"{"error": {"status": "INVALID_ARGUMENT", "message": "env {\"value\":\"hush \\\"hush\\\"\"}"}}"#,
    ] {
        let server = Server::new(vec![Respond(400, "", body)]).await;
        let error = run(&server).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hush") && shown.contains("***"), "{shown}");
    }
    assert!(!format!("{:?}", overrides()).contains("hush"));
}

#[tokio::test]
async fn cancel_is_resent() {
    let server = Server::new(vec![
        CloseConnection,
        Respond(503, "", UNAVAILABLE),
        Respond(200, "", r#"{"name": "o"}"#),
    ])
    .await;
    let operation = server
        .client
        .cancel_execution(&execution(), &server.context)
        .await
        .unwrap();
    assert_eq!(operation.name, "o");
    assert_eq!(
        server.request_lines(),
        vec![format!("POST {EXECUTIONS}/n-x:cancel"); 3]
    );
}

#[tokio::test]
async fn account_is_that_of_the_credentials() {
    let key = include_str!("../../testdata/service-account.json");
    let key = Credentials::from_json_or_path(key, &Redaction::default()).unwrap();
    let server = Server::new(vec![Respond(404, "", NOT_FOUND)])
        .await
        .with_credentials(key);
    assert_eq!(
        server.client.account().await,
        None,
        "nothing is read before a request"
    );
    assert!(server.get().await.is_err());
    assert_eq!(
        server.client.account().await.as_deref(),
        Some("test@test-project.iam.gserviceaccount.com")
    );
    assert!(!server.client.has_static_token());

    let token = r#"{"accessToken": "theirs", "expireTime": "2030-01-01T00:00:00Z"}"#;
    let server = Server::new(vec![Respond(200, "", token), Respond(404, "", NOT_FOUND)]).await;
    let endpoint = Endpoint::for_service(&server.address).unwrap();
    let account = Impersonation::new("a@b.c", Vec::new(), Some(&endpoint)).unwrap();
    let own = Credentials::AccessToken(Secret::new("mine"));
    let server = server.with_credentials(Credentials::Impersonated(Box::new(own), account));
    assert!(server.get().await.is_err());
    assert_eq!(server.client.account().await.as_deref(), Some("a@b.c"));
    assert!(server.client.has_static_token());
}
