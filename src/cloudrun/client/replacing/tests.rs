//! What becomes of a replacement whose answer was lost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use super::*;
use crate::cloudrun::tests::Act::{self, HangUp, Say, Stall, Truncate};
use crate::cloudrun::tests::{BUSY, GONE, JOB, Server};

const OLD: Act = Say(
    200,
    "",
    r#"{"name": "n", "etag": "1", "template": {"taskCount": 1}}"#,
);
const OURS: Act = Say(
    200,
    "",
    r#"{"name": "n", "etag": "2", "labels": {"a": "b"}, "template": {"taskCount": 2, "template": {"maxRetries": 3}}}"#,
);
const THEIRS: Act = Say(
    200,
    "",
    r#"{"name": "n", "etag": "2", "template": {"taskCount": 3}}"#,
);
const ACCEPTED: Act = Say(200, "", r#"{"name": "o"}"#);
const CONFLICT: Act = Say(
    409,
    "",
    r#"{"error": {"code": 409, "status": "ABORTED", "message": "The etag is another."}}"#,
);

/// Replaces a job that had the etag 1, with two tasks.
async fn replace(script: Vec<Act>) -> (Result<Operation, Error>, Vec<String>) {
    let server = Server::new(script).await;
    let outcome = server.replace(&job()).await;
    let asked = server.asked().into_iter();
    let methods = asked
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    (outcome, methods)
}

fn job() -> Json {
    serde_json::from_str(r#"{"etag": "1", "labels": {"a": "b"}, "template": {"taskCount": 2}}"#).unwrap()
}

#[tokio::test]
async fn one_that_was_accepted_is_found_to_be_done() {
    for lost in [
        HangUp,
        Truncate,
        Say(500, "", BUSY),
        Say(504, "", "<html>"),
        Say(200, "", "{}"),
    ] {
        let (outcome, methods) = replace(vec![lost, OURS]).await;
        assert!(outcome.unwrap().done);
        assert_eq!(methods, ["PATCH", "GET"]);
    }
}

#[tokio::test]
async fn one_that_was_not_accepted_is_sent_again() {
    let (outcome, methods) = replace(vec![Say(502, "", "<html>"), OLD, HangUp, OLD, ACCEPTED]).await;
    assert_eq!(outcome.unwrap().name, "o");
    assert_eq!(methods, ["PATCH", "GET", "PATCH", "GET", "PATCH"]);
}

#[tokio::test]
async fn one_that_arrived_late_is_no_conflict() {
    let (outcome, _) = replace(vec![HangUp, OLD, CONFLICT, OURS]).await;
    assert!(outcome.unwrap().done);
}

/// The machine slept: the time is over, and Google has long been done.
#[tokio::test]
async fn one_that_was_accepted_when_the_time_was_over_is_found_to_be_done() {
    for (found, done) in [(OURS, true), (OLD, false), (THEIRS, false)] {
        let server = Server::new(vec![Stall, found]).await;
        let server = server.with_patience_for(Duration::from_millis(500));
        let outcome = server.replace(&job()).await;
        assert_eq!(outcome.is_ok_and(|operation| operation.done), done);
        assert_eq!(server.asked().len(), 2, "nothing is sent again");
    }
}

#[tokio::test]
async fn somebody_elses_change_is_not_taken_for_ours() {
    let (outcome, _) = replace(vec![HangUp, THEIRS]).await;
    assert!(outcome.unwrap_err().maybe_accepted());
    let (outcome, methods) = replace(vec![CONFLICT]).await;
    assert!(outcome.unwrap_err().is_conflict());
    assert_eq!(methods, ["PATCH"]);
}

#[tokio::test]
async fn what_cannot_be_found_out_is_told() {
    let (outcome, _) = replace(vec![HangUp, Say(404, "", GONE)]).await;
    assert!(outcome.unwrap_err().maybe_accepted());
    let script = (0..MOST_LOST).flat_map(|_| [HangUp, OLD]).collect();
    let (outcome, _) = replace(script).await;
    assert!(outcome.unwrap_err().maybe_accepted());
    let server = Server::new(vec![HangUp, Say(200, "", JOB)]).await;
    let without_etag = server.replace(&Json::Null).await;
    assert!(without_etag.unwrap_err().maybe_accepted());
}

#[test]
fn what_the_service_fills_in_is_no_difference() {
    let job = |json: &str| serde_json::from_str::<Json>(json).unwrap();
    let sent = job(r#"{"template": {"template": {"containers": [{"image": "i", "args": ["a"]}]}}}"#);
    let filled = job(
        r#"{"labels": {"x": "y"}, "launchStage": "BETA", "template": {"taskCount": 1, "template": {
        "containers": [{"image": "i", "args": ["a"], "resources": {"limits": {"cpu": "1"}}}], "timeout": "600s"}}}"#,
    );
    assert!(carries(&filled, &sent));
    for other in [
        r#"{"template": {"template": {"containers": [{"image": "j", "args": ["a"]}]}}}"#,
        r#"{"template": {"template": {"containers": [{"image": "i", "args": ["a", "b"]}]}}}"#,
        r#"{"template": {"template": {"containers": [{"image": "i", "args": ["a"]}, {"image": "k"}]}}}"#,
        r#"{"template": {"template": {"containers": []}}}"#,
    ] {
        assert!(!carries(&job(other), &sent), "{other}");
    }
}
