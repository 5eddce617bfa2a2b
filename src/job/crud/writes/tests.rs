//! Writes whose answers are lost, refused or put off: what is sent again, when, and when no more.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::{Duration, Instant};

use super::*;
use crate::job::plan::plan;
use crate::job::plan::tests::defaults;
use crate::job::validate::tests::config;
use cloud_run::test_server::Reply::{CloseConnection, Respond, RespondLate, Truncate};
use cloud_run::test_server::{NOT_FOUND, Reply, Server, UNAVAILABLE, name};

const CREATION: &str = "this-one";
const ACCEPTED: Reply = Respond(200, "", r#"{"name": "o"}"#);
const MISSING: Reply = Respond(404, "", NOT_FOUND);
const OURS: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "uid": "u", "annotations": {"example.com/creation-id": "this-one"}}"#,
);
/// Of another create call of this provider.
const ANOTHERS: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "uid": "w", "annotations": {"example.com/creation-id": "another"}}"#,
);
const STRANGERS: Reply = Respond(200, "", r#"{"name": "n", "uid": "v"}"#);
const GOING: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "uid": "v", "deleteTime": "2026-11-28T10:00:00Z"}"#,
);
const EXISTS: Reply = Respond(
    409,
    "",
    r#"{"error": {"code": 409, "status": "ALREADY_EXISTS", "message": "Resource 'n' already exists."}}"#,
);
const DENIED: Reply = Respond(
    403,
    "",
    r#"{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "No."}}"#,
);

async fn create(server: &Server) -> Result<Accepted, NotCreated> {
    accept(
        &server.client,
        &name(),
        &Remote::default(),
        CREATION,
        &server.context,
    )
    .await
}

/// What came of a creation, and the methods of the requests.
async fn created(script: Vec<Reply>) -> (Result<Accepted, NotCreated>, String) {
    let server = Server::new(script).await;
    let outcome = create(&server).await;
    (outcome, methods(&server))
}

fn methods(server: &Server) -> String {
    let asked = server.request_lines();
    let methods = asked.iter().map(|line| line.split(' ').next().unwrap());
    methods.collect::<Vec<_>>().join(" ")
}

/// Answers of which it is not known whether they were given to a request that was accepted.
fn lost_answers() -> [Reply; 8] {
    [
        Respond(503, "", UNAVAILABLE),
        Respond(500, "", UNAVAILABLE),
        Respond(502, "", "<html>"),
        Respond(504, "", UNAVAILABLE),
        CloseConnection,
        Truncate,
        Respond(200, "", "<html>"),
        Respond(200, "", "{}"),
    ]
}

#[tokio::test]
async fn a_creation_goes_on_through_passing_trouble_like_a_read() {
    let script = lost_answers().into_iter().flat_map(|lost| [lost, MISSING]);
    let (outcome, methods) = created(script.chain([ACCEPTED]).collect()).await;
    assert!(matches!(outcome, Ok(Accepted::Begun(_))));
    assert_eq!(methods, "POST GET ".repeat(8) + "POST");
}

#[tokio::test]
async fn a_creation_that_was_accepted_is_found_and_not_sent_again() {
    for lost in lost_answers() {
        let (outcome, methods) = created(vec![lost, OURS]).await;
        assert!(matches!(outcome, Ok(Accepted::Made(found)) if found.uid.as_deref() == Some("u")));
        assert_eq!(methods, "POST GET");
    }
    // It was still on its way when one looked.
    let (outcome, methods) = created(vec![CloseConnection, MISSING, EXISTS, OURS]).await;
    assert!(matches!(outcome, Ok(Accepted::Made(_))));
    assert_eq!(methods, "POST GET POST GET");
    let (outcome, _) = created(vec![CloseConnection, MISSING, DENIED, OURS]).await;
    assert!(
        matches!(outcome, Ok(Accepted::Made(_))),
        "the first one was accepted"
    );
}

#[tokio::test]
async fn a_job_of_another_creation_is_never_taken() {
    for first in lost_answers().into_iter().chain([EXISTS]) {
        for theirs in [STRANGERS, ANOTHERS] {
            let (outcome, methods) = created(vec![first.clone(), theirs]).await;
            let not_created = outcome.err().expect("it is not ours");
            assert!(matches!(not_created.looked, Some(Ok(_))));
            assert_eq!(methods, "POST GET");
        }
    }
}

#[tokio::test]
async fn a_creation_is_not_sent_again_unless_a_look_has_found_nothing() {
    let (outcome, methods) = created(vec![CloseConnection, DENIED]).await;
    let not_created = outcome.err().expect("nobody knows");
    assert!(not_created.error.maybe_accepted() && matches!(not_created.looked, Some(Err(_))));
    assert_eq!(methods, "POST GET");
    let (outcome, methods) = created(vec![DENIED]).await;
    assert!(outcome.err().is_some_and(|refused| refused.looked.is_none()));
    assert_eq!(methods, "POST");
}

#[tokio::test]
async fn a_look_goes_on_until_it_is_known_what_is_there() {
    let trouble = [
        Respond(503, "", UNAVAILABLE),
        CloseConnection,
        Respond(502, "", "<html>"),
    ];
    let script = [CloseConnection].into_iter().chain(trouble).chain([OURS]);
    let (outcome, methods) = created(script.collect()).await;
    assert!(matches!(outcome, Ok(Accepted::Made(_))));
    assert_eq!(methods, "POST GET GET GET GET");
}

#[tokio::test]
async fn a_name_that_is_taken_by_no_job_is_tried_a_few_times() {
    let script = (0..6).flat_map(|_| [EXISTS, MISSING]);
    let (outcome, methods) = created(script.collect()).await;
    let not_created = outcome.err().expect("the name stays taken");
    assert!(not_created.error.is_already_exists());
    assert_eq!(methods.matches("POST").count(), 6);
}

#[tokio::test]
async fn a_name_that_becomes_free_is_waited_for() {
    let (outcome, methods) = created(vec![EXISTS, GOING, EXISTS, GOING, ACCEPTED]).await;
    assert!(matches!(outcome, Ok(Accepted::Begun(_))));
    assert_eq!(methods, "POST GET POST GET POST");
}

#[tokio::test]
async fn a_pause_that_the_time_does_not_allow_is_not_begun() {
    let (outcome, methods) = created(vec![Respond(503, "retry-after: 3600\r\n", UNAVAILABLE), MISSING]).await;
    let not_created = outcome.err().expect("there is no time for that");
    assert_eq!(
        not_created.error.status().and_then(|status| status.http),
        Some(503)
    );
    assert_eq!(methods, "POST GET");
}

#[tokio::test]
async fn the_end_of_the_time_ends_a_creation_after_a_last_look() {
    let answer = |line: &str| match line.starts_with("POST") {
        true => Respond(503, "", UNAVAILABLE),
        false => MISSING,
    };
    let server = Server::with_handler(answer).await;
    let server = server.with_timeout(Duration::from_millis(500));
    let not_created = create(&server).await.err().expect("it never goes well");
    assert!(not_created.looked.is_some_and(|looked| looked.is_err()));
    let methods = methods(&server);
    assert!(methods.ends_with("GET"), "{methods}");
    // 5, 10, 20, … milliseconds, and jitter.
    assert!(methods.matches("POST").count() < 9, "{methods}");
}

#[tokio::test]
async fn a_wish_to_stop_ends_the_pause_before_the_next_creation() {
    let server = Server::new(vec![Respond(503, "retry-after: 30\r\n", UNAVAILABLE), MISSING]).await;
    let (stop, asked) = (server.cancellation.clone(), server.requests.clone());
    tokio::spawn(async move {
        while asked.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    let start = Instant::now();
    let not_created = create(&server).await.err().expect("it was stopped");
    assert!(not_created.error.is_cancelled() && start.elapsed() < Duration::from_secs(30));
}

/// Each refusal of a write brings another etag, as when somebody changes the job again and again.
async fn ever_new_etags(write: &'static str, headers: &'static str) -> Server {
    let mut version = 0;
    let answer = move |line: &str| {
        version += 1;
        match line.starts_with(write) {
            true => Respond(
                409,
                headers,
                r#"{"error": {"code": 409, "status": "ABORTED", "message": "The etag is another."}}"#,
            ),
            false => RespondLate(
                200,
                0,
                format!(
                    r#"{{"name": "n", "uid": "u", "generation": "1", "etag": "{version}",
                    "template": {{"template": {{"containers": [{{"image": "gcr.io/p/i"}}]}}}}}}"#
                ),
            ),
        }
    };
    Server::with_handler(answer)
        .await
        .with_timeout(Duration::from_secs(2))
}

async fn update(server: &Server) -> Result<Replaced, Error> {
    let planned = |changes| plan(&Value::Null, &config(changes), &defaults()).planned;
    let (mut prior, planned) = (planned("{}"), planned(r#"{"job": {"task_count": 2}}"#));
    prior.set("generation", Value::Null);
    prior.set("uid", "u");
    let update = Update {
        prior: &prior,
        planned: &planned,
        imported: &Imported::default(),
    };
    replace(&server.client, &name(), &update, &server.context).await
}

async fn delete(server: &Server) -> Result<Option<Operation>, Error> {
    let mut prior = plan(&Value::Null, &config("{}"), &defaults()).planned;
    prior.set("uid", "u");
    prior.set("etag", "0");
    remove(&server.client, &name(), &prior, &server.context).await
}

#[tokio::test]
async fn ever_new_etags_are_followed_at_a_decent_pace_and_not_for_ever() {
    let server = ever_new_etags("PATCH", "").await;
    assert!(update(&server).await.err().expect("it never fits").is_conflict());
    let patches = methods(&server).matches("PATCH").count();
    // 5, 10, 20, … milliseconds, and jitter.
    assert!((2..11).contains(&patches), "{patches}");
    let server = ever_new_etags("DELETE", "").await;
    assert!(delete(&server).await.unwrap_err().is_conflict());
    let deletions = methods(&server).matches("DELETE").count();
    assert!((2..11).contains(&deletions), "{deletions}");
}

#[tokio::test]
async fn a_conflict_may_ask_for_a_pause() {
    let server = ever_new_etags("PATCH", "retry-after: 3600\r\n").await;
    assert!(update(&server).await.err().expect("it never fits").is_conflict());
    assert_eq!(methods(&server), "GET PATCH");
    let server = ever_new_etags("DELETE", "retry-after: 3600\r\n").await;
    assert!(delete(&server).await.unwrap_err().is_conflict());
    assert_eq!(methods(&server), "DELETE");
}
