//! What becomes of a replacement whose answer was lost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use super::*;
use crate::test_server::Act::{self, HangUp, Say, Stall, Truncate};
use crate::test_server::{BUSY, GONE, JOB, Server};

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
        Say(503, "", BUSY),
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
    let lost = [Say(503, "", BUSY), Say(502, "", "<html>"), HangUp, Truncate];
    let script = lost.into_iter().cycle().take(6).flat_map(|lost| [lost, OLD]);
    let (outcome, methods) = replace(script.chain([ACCEPTED]).collect()).await;
    assert_eq!(outcome.unwrap().name, "o");
    assert_eq!(methods.join(" "), "PATCH GET ".repeat(6) + "PATCH");
}

#[tokio::test]
async fn one_that_arrived_late_is_no_conflict() {
    let (outcome, _) = replace(vec![HangUp, OLD, CONFLICT, OURS]).await;
    assert!(outcome.unwrap().done);
    // Not even when it is seen later still.
    let (outcome, _) = replace(vec![HangUp, OLD, CONFLICT, OLD, CONFLICT, OURS]).await;
    assert!(outcome.unwrap().done);
}

/// A job that stays as it was, and a server that loses every answer, refuses every second request or does both.
#[tokio::test]
async fn one_that_is_never_accepted_is_sent_at_a_decent_pace_until_the_time_is_over() {
    for refusals in [vec![HangUp], vec![HangUp, CONFLICT]] {
        let mut refusals = refusals.into_iter().cycle();
        let server = Server::answering(move |line| match line.starts_with("PATCH") {
            true => refusals.next().unwrap(),
            false => OLD,
        });
        let server = server.await.with_patience_for(Duration::from_millis(500));
        assert!(server.replace(&job()).await.is_err());
        let asked = server.asked();
        let patches = asked.iter().filter(|line| line.starts_with("PATCH")).count();
        assert!(patches < 9, "{asked:?}");
    }
}

#[tokio::test]
async fn a_pause_that_is_asked_for_is_waited_for_or_not_begun() {
    let start = std::time::Instant::now();
    let (outcome, _) = replace(vec![Say(503, "retry-after: 1\r\n", BUSY), OLD, ACCEPTED]).await;
    assert!(outcome.is_ok() && start.elapsed() >= Duration::from_secs(1));
    let (outcome, methods) = replace(vec![Say(503, "retry-after: 3600\r\n", BUSY), OLD]).await;
    assert!(outcome.unwrap_err().maybe_accepted());
    assert_eq!(methods, ["PATCH", "GET"]);
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
