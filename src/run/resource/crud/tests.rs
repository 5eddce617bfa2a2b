//! What a creation reports, what a refresh reads, and what a deletion cancels.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::run::resource::schema::SCHEMA;
use crate::run::{Failure, Followed, Outcome};
use cloud_run::test_server::Reply::{self, Respond};
use cloud_run::test_server::{NOT_FOUND, Server};
use cloud_run::{Error, ExecutionName, Status};
use terraform_plugin::redact::Redactor;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::from_json;

const ID: &str = "projects/p/locations/us-central1/jobs/train/executions/train-x7k2p";
const RUNNING: &str = r#"{"name": "e", "taskCount": 10, "runningCount": 2, "succeededCount": 3}"#;
const SUCCEEDED: &str = r#"{"name": "e", "taskCount": 1, "succeededCount": 1,
    "conditions": [{"type": "Completed", "state": "CONDITION_SUCCEEDED"}]}"#;
const FAILED: &str = r#"{"name": "e", "failedCount": 1, "conditions": [{"type": "Completed", "state": "CONDITION_FAILED",
    "executionReason": "NON_ZERO_EXIT_CODE", "message": "Task t failed."}]}"#;
const DENIED: &str =
    r#"{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "Permission denied."}}"#;

fn state(json: &str) -> Value {
    let value = from_json(json.as_bytes()).unwrap();
    SCHEMA.coerce(value, ExtraAttributes::Error).unwrap()
}

/// The state of an execution.
fn stored(state: &str) -> Value {
    self::state(&format!(
        r#"{{"id": "{ID}", "state": "{state}", "triggers": {{"uid": "u"}}}}"#
    ))
}

fn name() -> ExecutionName {
    ExecutionName::parse(ID).unwrap()
}

async fn server(script: Vec<Reply>) -> (Server, ProviderData) {
    let server = Server::new(script).await;
    let config = format!(
        r#"{{"project": "p", "region": "us-central1", "access_token": "hush", "cloud_run_endpoint": "{}/v2/"}}"#,
        server.address
    );
    let config = from_json(config.as_bytes()).unwrap();
    let config = crate::provider::SCHEMA
        .coerce(config, ExtraAttributes::Error)
        .unwrap();
    let (data, diagnostics) = ProviderData::new(&config, "1.11.4", &|_| None, &Redactor::default());
    assert_eq!(diagnostics, []);
    (server, data)
}

/// Each message once.
#[tokio::test]
async fn only_a_failure_is_an_error() {
    let server = Server::new(Vec::new()).await;
    let status = |code, status: &str| {
        Error::Status(Status {
            http: Some(code),
            status: status.to_owned(),
            message: "Google's message.".to_owned(),
            ..Status::default()
        })
    };
    let failure = Failure {
        reason: "NON_ZERO_EXIT_CODE".to_owned(),
        message: "Task t failed.".to_owned(),
        tasks: Ok(Vec::new()),
    };
    let mut texts = Vec::new();
    for (document, outcome) in [
        (SUCCEEDED, Outcome::Succeeded),
        (FAILED, Outcome::Failed(failure)),
        (RUNNING, Outcome::Cancelled),
        (RUNNING, Outcome::Stopped),
        (RUNNING, Outcome::TimedOut),
        (RUNNING, Outcome::Unreadable(status(404, "NOT_FOUND"))),
        (RUNNING, Outcome::Unreadable(status(403, "PERMISSION_DENIED"))),
        (RUNNING, Outcome::Unreadable(status(401, "UNAUTHENTICATED"))),
    ] {
        let execution = serde_json::from_str(document).unwrap();
        let is_error = matches!(outcome, Outcome::Failed(_) | Outcome::Cancelled);
        let followed = Followed { execution, outcome };
        let two_hours = Duration::from_secs(2 * 3600);
        let diagnostics = outcome::of_wait(&server.client, &name(), &followed, two_hours);
        assert_eq!(
            diagnostics.iter().any(Diagnostic::is_error),
            is_error,
            "{followed:?}"
        );
        texts.extend(diagnostics.iter().map(ToString::to_string));
    }
    texts.extend(
        outcome::similar_executions(&vec![name(); 11])
            .iter()
            .map(ToString::to_string),
    );
    texts.push(missing_id().to_string());
    assert_eq!(outcome::similar_executions(&[]), None);
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[tokio::test]
async fn refresh_reads_what_has_not_ended() {
    let interrupted = || PrivateState {
        interrupted: true,
        ..PrivateState::default()
    };
    let failure = Some("NON_ZERO_EXIT_CODE: \"Task t failed.\"".to_owned());
    let failed = PrivateState {
        failure,
        ..interrupted()
    };
    for (before, private, reply, after, stored_private) in [
        ("SUCCEEDED", interrupted(), None, "SUCCEEDED", None),
        ("FAILED", interrupted(), None, "FAILED", None),
        ("CANCELLED", PrivateState::default(), None, "CANCELLED", None),
        (
            "PENDING",
            PrivateState::default(),
            Some(Respond(200, "", RUNNING)),
            "RUNNING",
            None,
        ),
        (
            "RUNNING",
            interrupted(),
            Some(Respond(200, "", SUCCEEDED)),
            "SUCCEEDED",
            None,
        ),
        (
            "RUNNING",
            PrivateState::default(),
            Some(Respond(200, "", FAILED)),
            "FAILED",
            None,
        ),
        (
            "RUNNING",
            interrupted(),
            Some(Respond(200, "", FAILED)),
            "FAILED",
            Some(failed),
        ),
        (
            "RUNNING",
            interrupted(),
            Some(Respond(404, "", NOT_FOUND)),
            "RUNNING",
            None,
        ),
    ] {
        let (server, data) = server(reply.into_iter().collect()).await;
        let prior = stored(before);
        let response = read(&data, &prior, private, &server.cancellation).await;
        assert_eq!(response.diagnostics, [], "{before} → {after}");
        assert_eq!(response.state.get("state"), &Value::from(after));
        assert_eq!(response.state.get("triggers"), prior.get("triggers"));
        assert_eq!(
            response.private,
            stored_private.map(|private| private.to_bytes()),
            "{before} → {after}"
        );
    }
    let (server, data) = server(vec![Respond(403, "", DENIED)]).await;
    let response = read(&data, &stored("RUNNING"), interrupted(), &server.cancellation).await;
    assert_eq!((response.state, response.private), (stored("RUNNING"), None));
    assert!(
        response.diagnostics[0]
            .detail
            .contains("the permission run.executions.get")
    );
}

#[tokio::test]
async fn deletion_cancels_what_has_not_ended() {
    const ACCEPTED: Reply = Respond(200, "", r#"{"name": "o"}"#);
    let ok = |body| Respond(200, "", body);
    for (before, script, methods) in [
        ("SUCCEEDED", vec![], ""),
        ("FAILED", vec![], ""),
        ("CANCELLED", vec![], ""),
        ("RUNNING", vec![ok(SUCCEEDED)], "GET"),
        ("PENDING", vec![Respond(404, "", NOT_FOUND)], "GET"),
        ("RUNNING", vec![ok(RUNNING), ACCEPTED, ok(FAILED)], "GET POST GET"),
    ] {
        let (server, data) = server(script).await;
        let response = delete(&data, &stored(before), &server.cancellation).await;
        assert_eq!(
            (response.state, response.diagnostics),
            (Value::Null, Vec::new()),
            "{before}"
        );
        let lines = server.request_lines();
        let sent: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(sent.join(" "), methods, "{before}");
    }
    let (server, data) = server(vec![ok(RUNNING), Respond(403, "", DENIED), ok(RUNNING)]).await;
    let response = delete(&data, &stored("RUNNING"), &server.cancellation).await;
    assert_eq!(response.state, stored("RUNNING"));
    assert!(
        response.diagnostics[0]
            .detail
            .contains("the permission run.executions.cancel")
    );
}
