//! Which reads are served from a list, and what discards it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::json;

use tokio_util::sync::CancellationToken;

use std::sync::Arc;

use super::*;
use crate::Credentials;
use crate::call_context::CallContext;
use crate::redaction::Secret;
use crate::test_server::Reply::{self, RespondLate, Stall};
use crate::test_server::{NOT_FOUND, Server, client, name};

const PARENT: &str = "projects/p/locations/l";

fn raw(id: &str) -> Box<RawValue> {
    let job = json!({"name": format!("projects/7/locations/l/jobs/{id}")});
    serde_json::from_value(job).unwrap()
}

#[tokio::test(start_paused = true)]
async fn listed_job_serves_one_read_until_expiry() {
    let client = client(
        "http://127.0.0.1:1",
        Credentials::AccessToken(Secret::new("hush")),
    );
    let context = CallContext::new(Instant::now() + LIFETIME * 2, CancellationToken::new());
    let read = |location, id| {
        client
            .listed_job(&JobName::new("p", location, id), &context)
            .is_some()
    };
    assert!(!read("l", "a"));
    let just_now = Some(Instant::now());
    client
        .lists
        .lock()
        .as_mut()
        .unwrap()
        .get_mut(PARENT)
        .unwrap()
        .requested = just_now;
    client.lists.add(PARENT, ["a", "b", "c"].map(raw).into());
    assert!(read("l", "a") && !read("l", "a") && !read("l", "z") && !read("m", "b"));
    tokio::time::advance(LIFETIME - Duration::from_millis(1)).await;
    assert!(read("l", "b"));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(!read("l", "c"));
}

/// A server that passes list requests to `list`, has the job `n`, and accepts a deletion.
async fn server(mut list: impl FnMut(&str) -> Reply + Send + 'static) -> Server {
    Server::with_handler(move |line| match line.split(' ').collect::<Vec<_>>()[..] {
        [_, path, _] if path.contains("/jobs?") => list(path),
        ["DELETE", ..] => RespondLate(200, 0, json!({"name": "o"}).to_string()),
        _ => RespondLate(200, 0, json!({"name": "n"}).to_string()),
    })
    .await
}

/// Causes the region to be listed, and waits for the end of the list.
async fn list(server: &Server) {
    for _ in 0..=READS_BY_NAME {
        assert_eq!(read(server, "n"), None);
    }
    // The list holds the client until it ends.
    while Arc::strong_count(&server.client) > 1 {
        tokio::task::yield_now().await;
    }
}

fn read(server: &Server, id: &str) -> Option<String> {
    let name = JobName::new("p", "l", id);
    let job = server.client.listed_job(&name, &server.context)?;
    job.name
}

fn page(id: &str, next: &str) -> Reply {
    let job = json!({"name": format!("projects/7/locations/l/jobs/{id}")});
    // An undecodable job does not affect the others.
    let body = json!({"jobs": [job, {}, {"name": 1}], "nextPageToken": next});
    RespondLate(200, 0, body.to_string())
}

#[tokio::test]
async fn all_pages_are_read() {
    let server = server(|path| match path.split_once("pageToken=") {
        None => page("a", "t"),
        Some(_) => page("b", ""),
    })
    .await;
    list(&server).await;
    assert_eq!(server.request_lines().len(), 2);
    assert_eq!(
        read(&server, "a").as_deref(),
        Some("projects/7/locations/l/jobs/a")
    );
    assert_eq!(
        read(&server, "b").as_deref(),
        Some("projects/7/locations/l/jobs/b")
    );
    assert_eq!(read(&server, "c"), None);
}

#[tokio::test]
async fn repeated_page_token_ends_the_list() {
    let server = server(|_| page("a", "t")).await;
    list(&server).await;
    assert_eq!(server.request_lines().len(), 2);
}

#[tokio::test]
async fn failed_list_is_not_requested_again() {
    for (status, body) in [
        (403, r#"{"error": {"code": 403, "message": "no"}}"#),
        (404, NOT_FOUND),
        (400, "<html>"),
    ] {
        let server = server(move |_| RespondLate(status, 0, body.to_owned())).await;
        list(&server).await;
        assert_eq!(read(&server, "a"), None);
        assert_eq!(server.request_lines().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn reads_do_not_wait_for_a_list() {
    let server = server(|_| Stall).await;
    for _ in 0..READS_BY_NAME * 2 {
        assert_eq!(read(&server, "n"), None);
        server.get().await.unwrap();
    }
}

#[tokio::test]
async fn write_ends_the_list() {
    let server = server(|_| page("n", "")).await;
    list(&server).await;
    server.delete().await.unwrap();
    assert_eq!(read(&server, &name().job), None);
    server.client.lists.add(PARENT, vec![raw("n")]);
    assert_eq!(
        read(&server, &name().job),
        None,
        "a page that arrives later is not used"
    );
}
