//! Which requests are sent, and which are sent again.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use crate::redaction::Secret;
use crate::test_server::Reply::{self, CloseConnection, EchoHeader, Respond, RespondLate, Stall, Truncate};
use crate::test_server::{JOB, NOT_FOUND, Server, UNAVAILABLE, cancel_on_first_request, client};
use crate::{Credentials, Error, Page, QuotaProject};

const OPERATION: Reply = Respond(200, "", r#"{"name": "o"}"#);

#[tokio::test]
async fn request_has_token_and_user_agent() {
    for (header, value) in [
        ("authorization", "Bearer hush"),
        ("user-agent", "test/1"),
        ("x-goog-user-project", "none"),
    ] {
        let server = Server::new(vec![EchoHeader(header)]).await;
        assert_eq!(server.get().await.unwrap().name.as_deref(), Some(value));
    }
}

#[tokio::test]
async fn request_names_the_quota_project() {
    for (payer, value) in [
        (QuotaProject::FromCredentials, "none"),
        (QuotaProject::FromJob, "p"),
        (QuotaProject::Named("payer".to_owned()), "payer"),
    ] {
        let server = Server::new(vec![EchoHeader("x-goog-user-project")])
            .await
            .with_quota_project(payer);
        assert_eq!(server.get().await.unwrap().name.as_deref(), Some(value));
    }
}

/// Runs the test above again in a process whose environment names a closed port as proxy.
#[test]
fn plain_http_bypasses_the_proxy() {
    let test = "client::tests::request_has_token_and_user_agent";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", test])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

#[tokio::test]
async fn read_retries_transient_errors() {
    let server = Server::new(vec![
        Respond(503, "", UNAVAILABLE),
        Respond(500, "", UNAVAILABLE),
        CloseConnection,
        Respond(502, "", "<html>"),
        Respond(429, "", UNAVAILABLE),
        Truncate,
        Respond(200, "", JOB),
    ])
    .await;
    assert_eq!(server.get().await.unwrap().generation, Some(1));
    assert_eq!(server.request_lines().len(), 7);
}

#[tokio::test]
async fn retry_after_is_respected() {
    let server = Server::new(vec![
        Respond(503, "retry-after: 1\r\n", UNAVAILABLE),
        Respond(200, "", JOB),
    ])
    .await;
    let start = std::time::Instant::now();
    assert!(server.get().await.is_ok());
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn pause_beyond_the_deadline_is_skipped() {
    let server = Server::new(vec![Respond(503, "retry-after: 3600\r\n", UNAVAILABLE)]).await;
    let error = server.get().await.unwrap_err();
    assert_eq!(
        error.status().and_then(|status| status.http),
        Some(503),
        "{error}"
    );
}

#[tokio::test]
async fn not_found_is_returned_at_once() {
    let server = Server::new(vec![Respond(404, "", NOT_FOUND)]).await;
    assert!(server.get().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn unrelated_json_is_no_job() {
    for body in [
        "{}",
        r#"{"error": {"code": 500}}"#,
        "[]",
        "null",
        r#"{"name": ""}"#,
    ] {
        let script = (0..6).map(|_| Respond(200, "", body)).collect();
        let server = Server::new(script).await;
        assert!(
            matches!(
                server.get().await.unwrap_err(),
                Error::UnexpectedResponse { http: 200, .. }
            ),
            "{body}"
        );
    }
}

async fn list(script: Vec<Reply>) -> (Result<Page, Error>, Vec<String>) {
    let server = Server::new(script).await;
    let page = server.client.list_jobs("p", "l", "t", &server.context).await;
    (page, server.request_lines())
}

#[tokio::test]
async fn pages_of_any_size_decode() {
    for (body, jobs, next) in [
        ("{}", 0, None),
        (r#"{"nextPageToken": ""}"#, 0, None),
        (r#"{"jobs": [], "nextPageToken": "u"}"#, 0, Some("u")),
        (
            r#"{"jobs": [{"name": "a"}, {"name": "b"}], "of_tomorrow": 1}"#,
            2,
            None,
        ),
    ] {
        let (page, requests) = list(vec![Respond(503, "", UNAVAILABLE), Respond(200, "", body)]).await;
        let page = page.unwrap();
        assert_eq!((page.jobs.len(), page.next()), (jobs, next), "{body}");
        assert_eq!(
            requests,
            ["GET /v2/projects/p/locations/l/jobs?pageSize=500&pageToken=t"; 2]
        );
    }
}

#[tokio::test]
async fn unrelated_json_is_no_page() {
    for body in [
        r#"{"error": {"code": 500}}"#,
        r#"{"jobs": [{}]}"#,
        r#"{"error": "log in", "detail": {}}"#,
        "[]",
        "null",
    ] {
        let (page, _) = list((0..6).map(|_| Respond(200, "", body)).collect()).await;
        assert!(
            matches!(page.unwrap_err(), Error::UnexpectedResponse { http: 200, .. }),
            "{body}"
        );
    }
}

#[tokio::test]
async fn member_of_unexpected_type_is_named() {
    let job = r#"{"name": "projects/p/locations/l/jobs/n", "template": {"template": {"#;
    for (body, member) in [
        (r#"{"name": 5}"#.to_owned(), "name"),
        (r#"{"name": "n", "generation": "many"}"#.to_owned(), "generation"),
        (r#"{"name": "n", "labels": {"a": 1}}"#.to_owned(), "labels.a"),
        (r#"{"name": "n", "reconciling": null}"#.to_owned(), "reconciling"),
        (r#"{"name": "n", "launchStage": 4}"#.to_owned(), "launchStage"),
        (
            format!(r#"{job} "maxRetries": "x"}}}}}}"#),
            "template.template.maxRetries",
        ),
        (
            format!(
                r#"{job} "containers": [{{}}, {{"env": [{{"name": ["{}"]}}]}}]}}}}}}"#,
                "long".repeat(1000)
            ),
            "template.template.containers[1].env[0].name",
        ),
    ] {
        let server = Server::new(vec![Reply::RespondLate(200, 0, body.clone())]).await;
        let error = server.get().await.unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.contains(&format!("member {member} has an unexpected type: ")),
            "{body}: {shown}"
        );
        assert!(shown.len() < 600 && error.maybe_accepted(), "{shown}");
        assert!(matches!(error, Error::Undecodable(_)), "{shown}");
    }
    let server = Server::new(vec![Respond(200, "", r#"{"name": "o", "done": "yes"}"#)]).await;
    let shown = server.create().await.unwrap_err().to_string();
    assert!(shown.contains("member done has"), "{shown}");
    for (body, member) in [
        (r#"{"jobs": {}}"#, "jobs"),
        (r#"{"jobs": [], "nextPageToken": 7}"#, "nextPageToken"),
        (
            r#"{"jobs": [{"name": "a"}, {"name": "b", "template": {"taskCount": []}}]}"#,
            "jobs[1].template.taskCount",
        ),
    ] {
        let (page, requests) = list(vec![Respond(200, "", body)]).await;
        let shown = page.unwrap_err().to_string();
        assert!(shown.contains(&format!("member {member} has")), "{body}: {shown}");
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn create_with_lost_response_is_not_resent() {
    for reply in lost_responses() {
        let server = Server::new(vec![reply]).await;
        assert!(server.create().await.unwrap_err().maybe_accepted());
        assert_eq!(
            server.request_lines(),
            ["POST /v2/projects/p/locations/l/jobs?jobId=n"]
        );
    }
}

#[tokio::test]
async fn delete_with_lost_response_is_resent() {
    let server = Server::new(vec![
        CloseConnection,
        Truncate,
        Respond(502, "", "<html>"),
        Respond(404, "", NOT_FOUND),
    ])
    .await;
    assert!(server.delete().await.unwrap_err().is_not_found());
    assert_eq!(
        server.request_lines(),
        ["DELETE /v2/projects/p/locations/l/jobs/n?etag=%22e%2F1%22"; 4]
    );
}

#[tokio::test]
async fn rate_limited_write_is_resent() {
    let server = Server::new(vec![Respond(429, "", UNAVAILABLE), OPERATION]).await;
    assert_eq!(server.create().await.unwrap().name, "o");
    let server = Server::new(vec![Respond(429, "", UNAVAILABLE), OPERATION]).await;
    assert_eq!(server.replace(&serde_json::json!({})).await.unwrap().name, "o");
}

#[tokio::test]
async fn cancellation_ends_a_read() {
    let server = Server::new(vec![Stall]).await;
    cancel_on_first_request(&server);
    assert!(server.get().await.unwrap_err().is_cancelled());
}

/// Its response shows whether the job exists.
#[tokio::test]
async fn cancellation_lets_a_write_finish() {
    let server = Server::new(vec![RespondLate(200, 100, r#"{"name": "o"}"#.to_owned())]).await;
    cancel_on_first_request(&server);
    assert_eq!(server.create().await.unwrap().name, "o");
}

#[tokio::test]
async fn nothing_starts_after_cancellation() {
    let server = Server::new(vec![]).await;
    server.cancellation.cancel();
    assert!(server.create().await.unwrap_err().is_cancelled());
    assert!(server.delete().await.unwrap_err().is_cancelled());
    assert!(server.get().await.unwrap_err().is_cancelled());
    assert_eq!(server.request_lines(), Vec::<String>::new());
}

/// A request without a permit is not in flight, so a cancellation ends it at once.
#[tokio::test]
async fn excess_requests_wait_for_a_permit() {
    let most = crate::transport::MAX_CONCURRENT_REQUESTS;
    let script = (0..most).map(|_| Stall).collect();
    let server = std::sync::Arc::new(Server::new(script).await);
    let calls: Vec<_> = (0..2 * most)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move { server.get().await })
        })
        .collect();
    while server.request_lines().len() < most {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.request_lines().len(), most);
    server.cancellation.cancel();
    for call in calls {
        assert!(call.await.unwrap().unwrap_err().is_cancelled());
    }
}

#[tokio::test]
async fn requested_pause_is_shown() {
    let server = Server::new(vec![Respond(429, "retry-after: 3600\r\n", UNAVAILABLE)]).await;
    let message = server.get().await.unwrap_err().to_string();
    assert!(message.ends_with("Retry after 3600 seconds."), "{message}");
}

#[tokio::test]
async fn deadline_ends_a_read() {
    let server = Server::new(vec![Stall])
        .await
        .with_timeout(Duration::from_millis(50));
    assert_eq!(
        server.get().await.unwrap_err().to_string(),
        "timed out waiting for the response to GET projects/p/locations/l/jobs/n"
    );
}

#[tokio::test]
async fn unreachable_request_is_not_accepted() {
    let mut server = Server::new(vec![]).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    server.client = client(&address, Credentials::AccessToken(Secret::new("hush")));
    let error = server.create().await.unwrap_err();
    assert!(
        matches!(error, Error::Unreachable(_)) && !error.maybe_accepted(),
        "{error}"
    );
}

fn lost_responses() -> [Reply; 6] {
    [
        CloseConnection,
        Truncate,
        Respond(500, "", UNAVAILABLE),
        Respond(502, "", "<html>"),
        Respond(200, "", "<html>"),
        Respond(200, "", "{}"),
    ]
}
