//! Cancellations, and what they find.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use cloud_run::test_server::Reply::{CloseConnection, Respond};
use cloud_run::test_server::{NOT_FOUND, Reply, Server};

const RUNNING: Reply = Respond(
    200,
    "",
    r#"{"name": "e", "runningCount": 1, "logUri": "https://l"}"#,
);
const CANCELLED: Reply = Respond(
    200,
    "",
    r#"{"name": "e", "conditions": [{"type": "Completed", "state": "CONDITION_FAILED", "executionReason": "CANCELLED"}]}"#,
);
const GONE: Reply = Respond(404, "", NOT_FOUND);
const ACCEPTED: Reply = Respond(200, "", r#"{"name": "o"}"#);
const DENIED: Reply = Respond(
    403,
    "",
    r#"{"error": {"status": "PERMISSION_DENIED", "message": "Permission 'run.executions.cancel' denied."}}"#,
);
const ENDED: Reply = Respond(
    400,
    "",
    r#"{"error": {"status": "FAILED_PRECONDITION", "message": "It has ended."}}"#,
);

/// The result, and the methods of the requests.
async fn cancelled(script: Vec<Reply>) -> (Result<Option<State>, Diagnostic>, String) {
    let server = Server::new(script).await;
    let name = ExecutionName::parse("projects/p/locations/l/jobs/n/executions/e").unwrap();
    let cancelling = cancel(&server.client, &name, &server.context);
    // The provider's calls are spawned.
    let cancelling: std::pin::Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(cancelling);
    let result = cancelling
        .await
        .map(|execution| execution.as_ref().map(State::of));
    let lines = server.request_lines();
    let methods: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    (result, methods.join(" "))
}

#[tokio::test]
async fn running_execution_is_cancelled_and_waited_for() {
    let script = vec![RUNNING, CloseConnection, ACCEPTED, RUNNING, RUNNING, CANCELLED];
    let (result, methods) = cancelled(script).await;
    assert_eq!(result.unwrap(), Some(State::Cancelled));
    assert_eq!(methods, "GET POST POST GET GET GET");
}

#[tokio::test]
async fn ended_or_missing_execution_is_left_alone() {
    for (script, state, methods) in [
        (vec![CANCELLED], Some(State::Cancelled), "GET"),
        (vec![GONE], None, "GET"),
        (vec![RUNNING, GONE, GONE], None, "GET POST GET"),
        (
            vec![RUNNING, ENDED, CANCELLED],
            Some(State::Cancelled),
            "GET POST GET",
        ),
        (vec![RUNNING, ACCEPTED, GONE], None, "GET POST GET"),
    ] {
        let (result, sent) = cancelled(script).await;
        assert_eq!((result.unwrap(), sent.as_str()), (state, methods));
    }
}

#[tokio::test]
async fn missing_permission_is_named() {
    for (script, permission) in [
        (vec![DENIED], "run.executions.get"),
        (vec![RUNNING, DENIED, RUNNING], "run.executions.cancel"),
        (vec![RUNNING, ACCEPTED, DENIED], "run.executions.get"),
    ] {
        let error = cancelled(script).await.0.unwrap_err();
        assert!(error.detail.contains(permission), "{error}");
    }
}

#[tokio::test]
async fn deadline_is_explained() {
    let server = Server::with_handler(|line| {
        if line.starts_with("GET") {
            RUNNING
        } else {
            ACCEPTED
        }
    })
    .await
    .with_timeout(Duration::from_millis(100));
    let name = ExecutionName::parse("projects/p/locations/l/jobs/n/executions/e").unwrap();
    let error = cancel(&server.client, &name, &server.context).await.unwrap_err();
    assert_eq!(error.summary, "Execution not cancelled yet");
    for part in [
        "0 of 1 task succeeded, 1 running",
        "gcloud run jobs executions cancel e",
        "https://l",
    ] {
        assert!(error.detail.contains(part), "{error}");
    }
}
