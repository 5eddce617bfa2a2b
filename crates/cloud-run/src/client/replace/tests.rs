//! What becomes of a replacement whose response was lost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use super::*;
use crate::test_server::Reply::{self, CloseConnection, Respond, Stall, Truncate};
use crate::test_server::{JOB, NOT_FOUND, Server, UNAVAILABLE};

const OLD: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "etag": "1", "template": {"taskCount": 1}}"#,
);
const OURS: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "etag": "2", "labels": {"a": "b"}, "template": {"taskCount": 2, "template": {"maxRetries": 3}}}"#,
);
const THEIRS: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "etag": "2", "template": {"taskCount": 3}}"#,
);
const ACCEPTED: Reply = Respond(200, "", r#"{"name": "o"}"#);
const CONFLICT: Reply = Respond(
    409,
    "",
    r#"{"error": {"code": 409, "status": "ABORTED", "message": "The etag is another."}}"#,
);

/// Replaces a job that had the etag 1, with two tasks.
async fn replace(script: Vec<Reply>) -> (Result<Operation, Error>, Vec<String>) {
    let server = Server::new(script).await;
    let outcome = server.replace(&job()).await;
    let requests = server.request_lines().into_iter();
    let methods = requests
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    (outcome, methods)
}

fn job() -> Json {
    serde_json::from_str(r#"{"etag": "1", "labels": {"a": "b"}, "template": {"taskCount": 2}}"#).unwrap()
}

#[tokio::test]
async fn accepted_replacement_is_found() {
    for lost in [
        CloseConnection,
        Truncate,
        Respond(500, "", UNAVAILABLE),
        Respond(503, "", UNAVAILABLE),
        Respond(504, "", "<html>"),
        Respond(200, "", "{}"),
    ] {
        let (outcome, methods) = replace(vec![lost, OURS]).await;
        assert!(outcome.unwrap().done);
        assert_eq!(methods, ["PATCH", "GET"]);
    }
}

#[tokio::test]
async fn unaccepted_replacement_is_resent() {
    let lost = [
        Respond(503, "", UNAVAILABLE),
        Respond(502, "", "<html>"),
        CloseConnection,
        Truncate,
    ];
    let script = lost.into_iter().cycle().take(6).flat_map(|lost| [lost, OLD]);
    let (outcome, methods) = replace(script.chain([ACCEPTED]).collect()).await;
    assert_eq!(outcome.unwrap().name, "o");
    assert_eq!(methods.join(" "), "PATCH GET ".repeat(6) + "PATCH");
}

#[tokio::test]
async fn late_replacement_is_no_conflict() {
    let (outcome, _) = replace(vec![CloseConnection, OLD, CONFLICT, OURS]).await;
    assert!(outcome.unwrap().done);
    // Not even when it is seen later still.
    let (outcome, _) = replace(vec![CloseConnection, OLD, CONFLICT, OLD, CONFLICT, OURS]).await;
    assert!(outcome.unwrap().done);
}

/// An unchanged job, and a server that loses every response, rejects every second request, or both.
#[tokio::test]
async fn unaccepted_replacement_backs_off_until_deadline() {
    for refusals in [vec![CloseConnection], vec![CloseConnection, CONFLICT]] {
        let mut refusals = refusals.into_iter().cycle();
        let server = Server::with_handler(move |line| match line.starts_with("PATCH") {
            true => refusals.next().unwrap(),
            false => OLD,
        });
        let server = server.await.with_timeout(Duration::from_millis(500));
        assert!(server.replace(&job()).await.is_err());
        let requests = server.request_lines();
        let patches = requests.iter().filter(|line| line.starts_with("PATCH")).count();
        assert!(patches < 9, "{requests:?}");
    }
}

#[tokio::test]
async fn retry_after_is_awaited_or_skipped() {
    let start = std::time::Instant::now();
    let (outcome, _) = replace(vec![
        Respond(503, "retry-after: 1\r\n", UNAVAILABLE),
        OLD,
        ACCEPTED,
    ])
    .await;
    assert!(outcome.is_ok() && start.elapsed() >= Duration::from_secs(1));
    let (outcome, methods) = replace(vec![Respond(503, "retry-after: 3600\r\n", UNAVAILABLE), OLD]).await;
    assert!(outcome.unwrap_err().maybe_accepted());
    assert_eq!(methods, ["PATCH", "GET"]);
}

/// The machine slept: the time is over, and Google has long been done.
#[tokio::test]
async fn replacement_accepted_at_the_deadline_is_found() {
    for (found, done) in [(OURS, true), (OLD, false), (THEIRS, false)] {
        let server = Server::new(vec![Stall, found]).await;
        let server = server.with_timeout(Duration::from_millis(500));
        let outcome = server.replace(&job()).await;
        assert_eq!(outcome.is_ok_and(|operation| operation.done), done);
        assert_eq!(server.request_lines().len(), 2, "nothing is sent again");
    }
}

#[tokio::test]
async fn foreign_change_is_a_conflict() {
    let (outcome, _) = replace(vec![CloseConnection, THEIRS]).await;
    assert!(outcome.unwrap_err().maybe_accepted());
    let (outcome, methods) = replace(vec![CONFLICT]).await;
    assert!(outcome.unwrap_err().is_conflict());
    assert_eq!(methods, ["PATCH"]);
}

#[tokio::test]
async fn unknown_outcome_is_an_error() {
    let (outcome, _) = replace(vec![CloseConnection, Respond(404, "", NOT_FOUND)]).await;
    assert!(outcome.unwrap_err().maybe_accepted());
    let server = Server::new(vec![CloseConnection, Respond(200, "", JOB)]).await;
    let without_etag = server.replace(&Json::Null).await;
    assert!(without_etag.unwrap_err().maybe_accepted());
}

#[test]
fn server_defaults_are_no_difference() {
    let job = |json: &str| serde_json::from_str::<Json>(json).unwrap();
    let sent = job(r#"{"template": {"template": {"containers": [{"image": "i", "args": ["a"]}]}}}"#);
    let filled = job(
        r#"{"labels": {"x": "y"}, "launchStage": "BETA", "template": {"taskCount": 1, "template": {
        "containers": [{"image": "i", "args": ["a"], "resources": {"limits": {"cpu": "1"}}}], "timeout": "600s"}}}"#,
    );
    assert!(has_definition(&filled, &sent));
    for other in [
        r#"{"template": {"template": {"containers": [{"image": "j", "args": ["a"]}]}}}"#,
        r#"{"template": {"template": {"containers": [{"image": "i", "args": ["a", "b"]}]}}}"#,
        r#"{"template": {"template": {"containers": [{"image": "i", "args": ["a"]}, {"image": "k"}]}}}"#,
        r#"{"template": {"template": {"containers": []}}}"#,
    ] {
        assert!(!has_definition(&job(other), &sent), "{other}");
    }
}
