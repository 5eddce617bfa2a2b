//! Writes whose responses are lost, refused or delayed: what is sent again, and until when.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::{Duration, Instant};

use super::*;
use crate::job::plan::plan;
use crate::job::plan::tests::defaults;
use crate::job::validate::tests::config;
use cloud_run::test_server::Reply::{CloseConnection, Respond, RespondLate, Truncate};
use cloud_run::test_server::{NOT_FOUND, Reply, Server, UNAVAILABLE, name};

const CREATION_ID: &str = "this-one";
const ACCEPTED: Reply = Respond(200, "", r#"{"name": "o"}"#);
const MISSING: Reply = Respond(404, "", NOT_FOUND);
const CREATED: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "uid": "u", "annotations": {"example.com/creation-id": "this-one"}}"#,
);
/// Created by another create call of this provider.
const OTHER_CREATION: Reply = Respond(
    200,
    "",
    r#"{"name": "n", "uid": "w", "annotations": {"example.com/creation-id": "another"}}"#,
);
const WITHOUT_CREATION_ID: Reply = Respond(200, "", r#"{"name": "n", "uid": "v"}"#);
const BEING_DELETED: Reply = Respond(
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

async fn create(server: &Server) -> Result<CreateOutcome, CreateError> {
    create_once(
        &server.client,
        &name(),
        &Remote::default(),
        CREATION_ID,
        &server.context,
    )
    .await
}

/// The result of a creation, and the methods of the requests.
async fn created(script: Vec<Reply>) -> (Result<CreateOutcome, CreateError>, String) {
    let server = Server::new(script).await;
    let outcome = create(&server).await;
    (outcome, methods(&server))
}

fn methods(server: &Server) -> String {
    let lines = server.request_lines();
    let methods = lines.iter().map(|line| line.split(' ').next().unwrap());
    methods.collect::<Vec<_>>().join(" ")
}

/// Responses that do not tell whether the request was accepted.
fn lost_responses() -> [Reply; 8] {
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
async fn create_is_sent_again_when_no_job_is_found() {
    let script = lost_responses().into_iter().flat_map(|lost| [lost, MISSING]);
    let (outcome, methods) = created(script.chain([ACCEPTED]).collect()).await;
    assert!(matches!(outcome, Ok(CreateOutcome::Started(_))));
    assert_eq!(methods, "POST GET ".repeat(8) + "POST");
}

#[tokio::test]
async fn accepted_create_is_not_sent_again() {
    for lost in lost_responses() {
        let (outcome, methods) = created(vec![lost, CREATED]).await;
        assert!(
            matches!(outcome, Ok(CreateOutcome::AlreadyCreated(found)) if found.uid.as_deref() == Some("u"))
        );
        assert_eq!(methods, "POST GET");
    }
    // The first read came before the job was created.
    let (outcome, methods) = created(vec![CloseConnection, MISSING, EXISTS, CREATED]).await;
    assert!(matches!(outcome, Ok(CreateOutcome::AlreadyCreated(_))));
    assert_eq!(methods, "POST GET POST GET");
    let (outcome, _) = created(vec![CloseConnection, MISSING, DENIED, CREATED]).await;
    assert!(
        matches!(outcome, Ok(CreateOutcome::AlreadyCreated(_))),
        "the first request was accepted"
    );
}

#[tokio::test]
async fn job_of_another_creation_is_refused() {
    for first in lost_responses().into_iter().chain([EXISTS]) {
        for other in [WITHOUT_CREATION_ID, OTHER_CREATION] {
            let (outcome, methods) = created(vec![first.clone(), other]).await;
            let failed = outcome.err().expect("the job is another one");
            assert!(matches!(failed.found, Some(Ok(_))));
            assert_eq!(methods, "POST GET");
        }
    }
}

#[tokio::test]
async fn create_is_not_sent_again_without_a_read() {
    let (outcome, methods) = created(vec![CloseConnection, DENIED]).await;
    let failed = outcome.err().expect("the result is unknown");
    assert!(failed.error.maybe_accepted() && matches!(failed.found, Some(Err(_))));
    assert_eq!(methods, "POST GET");
    let (outcome, methods) = created(vec![DENIED]).await;
    assert!(outcome.err().is_some_and(|refused| refused.found.is_none()));
    assert_eq!(methods, "POST");
}

#[tokio::test]
async fn read_is_retried_after_lost_response() {
    let failures = [
        Respond(503, "", UNAVAILABLE),
        CloseConnection,
        Respond(502, "", "<html>"),
    ];
    let script = [CloseConnection].into_iter().chain(failures).chain([CREATED]);
    let (outcome, methods) = created(script.collect()).await;
    assert!(matches!(outcome, Ok(CreateOutcome::AlreadyCreated(_))));
    assert_eq!(methods, "POST GET GET GET GET");
}

#[tokio::test]
async fn name_held_by_no_job_is_retried() {
    let script = (0..6).flat_map(|_| [EXISTS, MISSING]);
    let (outcome, methods) = created(script.collect()).await;
    let failed = outcome.err().expect("the name is held");
    assert!(failed.error.is_already_exists());
    assert_eq!(methods.matches("POST").count(), 6);
}

#[tokio::test]
async fn name_of_deleted_job_is_waited_for() {
    let (outcome, methods) = created(vec![EXISTS, BEING_DELETED, EXISTS, BEING_DELETED, ACCEPTED]).await;
    assert!(matches!(outcome, Ok(CreateOutcome::Started(_))));
    assert_eq!(methods, "POST GET POST GET POST");
}

#[tokio::test]
async fn pause_beyond_deadline_is_not_started() {
    let (outcome, methods) = created(vec![Respond(503, "retry-after: 3600\r\n", UNAVAILABLE), MISSING]).await;
    let failed = outcome.err().expect("the deadline is earlier");
    assert_eq!(failed.error.status().and_then(|status| status.http), Some(503));
    assert_eq!(methods, "POST GET");
}

#[tokio::test]
async fn deadline_ends_create_after_last_read() {
    let handler = |line: &str| match line.starts_with("POST") {
        true => Respond(503, "", UNAVAILABLE),
        false => MISSING,
    };
    let server = Server::with_handler(handler).await;
    let server = server.with_timeout(Duration::from_millis(500));
    let failed = create(&server).await.err().expect("every attempt fails");
    assert!(failed.found.is_some_and(|found| found.is_err()));
    let methods = methods(&server);
    assert!(methods.ends_with("GET"), "{methods}");
    // 5, 10, 20, … milliseconds, and jitter.
    assert!(methods.matches("POST").count() < 9, "{methods}");
}

#[tokio::test]
async fn cancellation_ends_pause_before_retry() {
    let server = Server::new(vec![Respond(503, "retry-after: 30\r\n", UNAVAILABLE), MISSING]).await;
    let (cancellation, requests) = (server.cancellation.clone(), server.requests.clone());
    tokio::spawn(async move {
        while requests.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        cancellation.cancel();
    });
    let start = Instant::now();
    let failed = create(&server).await.err().expect("it was cancelled");
    assert!(failed.error.is_cancelled() && start.elapsed() < Duration::from_secs(30));
}

/// After each conflict the job has another etag, as if it was changed all the time.
async fn conflicting_server(write: &'static str, headers: &'static str) -> Server {
    let mut version = 0;
    let handler = move |line: &str| {
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
    Server::with_handler(handler)
        .await
        .with_timeout(Duration::from_secs(2))
}

async fn update(server: &Server) -> Result<UpdateOutcome, Error> {
    let planned = |changes| plan(&Value::Null, &config(changes), &defaults()).planned;
    let (mut prior, planned) = (planned("{}"), planned(r#"{"job": {"task_count": 2}}"#));
    prior.set("generation", Value::Null);
    prior.set("uid", "u");
    let update = Update {
        prior: &prior,
        planned: &planned,
        imported: &ImportedKeys::default(),
    };
    update_guarded(&server.client, &name(), &update, &server.context).await
}

async fn delete(server: &Server) -> Result<Option<Operation>, Error> {
    let mut prior = plan(&Value::Null, &config("{}"), &defaults()).planned;
    prior.set("uid", "u");
    prior.set("etag", "0");
    super::delete(&server.client, &name(), &prior, &server.context).await
}

#[tokio::test]
async fn conflicts_are_retried_with_backoff_until_deadline() {
    let server = conflicting_server("PATCH", "").await;
    assert!(
        update(&server)
            .await
            .err()
            .expect("every attempt conflicts")
            .is_conflict()
    );
    let patches = methods(&server).matches("PATCH").count();
    // 5, 10, 20, … milliseconds, and jitter.
    assert!((2..11).contains(&patches), "{patches}");
    let server = conflicting_server("DELETE", "").await;
    assert!(delete(&server).await.unwrap_err().is_conflict());
    let deletes = methods(&server).matches("DELETE").count();
    assert!((2..11).contains(&deletes), "{deletes}");
}

#[tokio::test]
async fn retry_after_of_conflict_is_respected() {
    let server = conflicting_server("PATCH", "retry-after: 3600\r\n").await;
    assert!(
        update(&server)
            .await
            .err()
            .expect("every attempt conflicts")
            .is_conflict()
    );
    assert_eq!(methods(&server), "GET PATCH");
    let server = conflicting_server("DELETE", "retry-after: 3600\r\n").await;
    assert!(delete(&server).await.unwrap_err().is_conflict());
    assert_eq!(methods(&server), "DELETE");
}

#[test]
fn omitted_imported_keys_need_no_update() {
    let planned = |changes| plan(&Value::Null, &config(changes), &defaults()).planned;
    let prior =
        planned(r#"{"labels": {"kept": "1", "dropped": "1", "imported": "1"}, "annotations": {"a": "1"}}"#);
    let imported = ImportedKeys {
        labels: ["imported".to_owned(), "kept".to_owned()].into(),
        ..ImportedKeys::default()
    };
    let is_unchanged = |planned: &Value, imported: &ImportedKeys| {
        let prior = &prior;
        Update {
            prior,
            planned,
            imported,
        }
        .is_unchanged_definition()
    };
    let without_imported = planned(r#"{"labels": {"kept": "1", "dropped": "1"}, "annotations": {"a": "1"}}"#);
    assert!(is_unchanged(&without_imported, &imported));
    assert!(!is_unchanged(&without_imported, &ImportedKeys::default()));
    assert!(!is_unchanged(&planned(r#"{"labels": {"kept": "2"}}"#), &imported));
}
