//! Waiting for operations: recorded behavior, and that of endpoints without `operations.wait`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use crate::Credentials;
use crate::redaction::Secret;
use crate::test_server::Reply::{Respond, Stall};
use crate::test_server::{NOT_FOUND, Server, UNAVAILABLE, cancel_on_first_request, client};

use crate::client::wait_method::{MAX_CONCURRENT_WAITS, MAX_REFUSALS, WaitMethod};

const RUNNING: &str = r#"{"name": "projects/p/locations/l/operations/o"}"#;
const DONE: &str = r#"{"name": "projects/p/locations/l/operations/o", "done": true}"#;
const WAIT: &str = "POST /v2/projects/p/locations/l/operations/o:wait";
const GET: &str = "GET /v2/projects/p/locations/l/operations/o";

#[tokio::test]
async fn wait_method_is_used() {
    let server = Server::new(vec![Respond(200, "", RUNNING), Respond(200, "", DONE)]).await;
    assert!(
        server.wait().await.unwrap().done,
        "done without a response is well"
    );
    assert_eq!(server.request_lines(), [WAIT, WAIT]);
    assert!(server.requests.lock().unwrap()[0].ends_with(r#"{"timeout":"30s"}"#));
}

#[tokio::test]
async fn wait_ends_at_the_deadline() {
    let server = Server::new(vec![Respond(200, "", DONE)]).await;
    let server = server.with_timeout(Duration::from_millis(7500));
    assert!(server.wait().await.is_ok());
    let request = server.requests.lock().unwrap()[0].clone();
    let (_, timeout) = request.split_once(r#"{"timeout":""#).unwrap();
    let seconds: u64 = timeout.trim_end_matches("s\"}").parse().unwrap();
    assert!((1..=7).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn missing_wait_method_falls_back_to_polling() {
    for (status, body) in [
        (404, "<html>"),
        (404, NOT_FOUND),
        (405, NOT_FOUND),
        (501, NOT_FOUND),
        (403, NOT_FOUND),
    ] {
        let refused = || Respond(status, "", body);
        let running = || Respond(200, "", RUNNING);
        let server = Server::new(vec![
            refused(),
            running(),
            refused(),
            running(),
            refused(),
            running(),
            Respond(200, "", DONE),
            Respond(200, "", DONE),
        ])
        .await;
        assert!(server.wait().await.unwrap().done);
        assert!(server.wait().await.unwrap().done);
        assert_eq!(
            server.request_lines(),
            [WAIT, GET, WAIT, GET, WAIT, GET, GET, GET],
            "{status} {body}"
        );
    }
}

/// The operation may not have been visible yet.
#[tokio::test]
async fn one_refusal_keeps_the_wait_method() {
    for (status, body) in [(404, NOT_FOUND), (404, "<html>"), (501, NOT_FOUND)] {
        let server = Server::new(vec![
            Respond(status, "", body),
            Respond(200, "", RUNNING),
            Respond(200, "", DONE),
            Respond(200, "", DONE),
        ])
        .await;
        assert!(server.wait().await.unwrap().done);
        assert!(server.wait().await.unwrap().done);
        assert_eq!(server.request_lines(), [WAIT, GET, WAIT, WAIT], "{status} {body}");
    }
}

/// The endpoint accepted the request, so it exists: the outage may last longer than the retries for a wrong address.
#[tokio::test]
async fn wait_survives_a_network_outage() {
    let mut server = Server::new(vec![Respond(200, "", DONE)]).await;
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = away.local_addr().unwrap();
    drop(away);
    let there = server.address.trim_start_matches("http://").to_owned();
    server.client = client(
        &format!("http://{address}"),
        Credentials::AccessToken(Secret::new("hush")),
    );
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let back = tokio::net::TcpListener::bind(address).await.unwrap();
        while let Ok((mut near, _)) = back.accept().await {
            let mut far = tokio::net::TcpStream::connect(&there).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
    });
    assert!(server.wait().await.unwrap().done);
}

/// Waits beyond the limit poll instead.
#[tokio::test]
async fn waits_leave_permits_for_other_requests() {
    let mut server = Server::new(
        (0..MAX_CONCURRENT_WAITS)
            .map(|_| Stall)
            .chain([Respond(200, "", DONE)])
            .collect(),
    )
    .await;
    server = server.with_timeout(Duration::from_secs(30));
    let server = std::sync::Arc::new(server);
    for _ in 0..MAX_CONCURRENT_WAITS {
        let server = server.clone();
        tokio::spawn(async move { server.wait().await });
    }
    while server.request_lines().len() < MAX_CONCURRENT_WAITS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(server.wait().await.unwrap().done);
    assert_eq!(server.request_lines().last().unwrap(), GET);
}

/// A 404 of both means that the operation is not visible yet.
#[tokio::test]
async fn invisible_operation_is_polled_again() {
    let server = Server::new(vec![
        Respond(404, "", NOT_FOUND),
        Respond(404, "", NOT_FOUND),
        Respond(200, "", DONE),
    ])
    .await;
    assert!(server.wait().await.unwrap().done);
    assert_eq!(server.request_lines(), [WAIT, GET, WAIT]);
}

#[tokio::test]
async fn vanished_operation_is_polled_again() {
    let server = Server::new(vec![
        Respond(200, "", RUNNING),
        Respond(404, "", NOT_FOUND),
        Respond(503, "", UNAVAILABLE),
        Respond(200, "", DONE),
    ])
    .await;
    assert!(server.wait().await.unwrap().done);
    assert_eq!(server.request_lines(), [WAIT; 4]);
}

/// Of concurrent waits, refusals arrive before the responses of finished operations.
#[test]
fn late_response_confirms_the_wait_method() {
    let method = WaitMethod::default();
    (0..MAX_REFUSALS).for_each(|_| method.record_refusal());
    assert!(!method.may_exist());
    method.confirm();
    assert!(method.may_exist());
    method.record_refusal();
    assert!(method.may_exist());
}

#[tokio::test]
async fn denied_wait_and_poll_is_an_error() {
    let denied = r#"{"error": {"status": "PERMISSION_DENIED", "message": "run.operations.get denied"}}"#;
    let server = Server::new(vec![Respond(403, "", denied), Respond(403, "", denied)]).await;
    assert!(
        server
            .wait()
            .await
            .unwrap_err()
            .to_string()
            .contains("run.operations.get")
    );
}

#[tokio::test]
async fn failed_operation_keeps_the_status() {
    let failed = r#"{"name": "o", "done": true, "error": {"code": 9, "message": "The image is not there."}}"#;
    let server = Server::new(vec![Respond(200, "", failed)]).await;
    assert_eq!(
        server.wait().await.unwrap_err().to_string(),
        "Cloud Run accepted the request, but the operation failed with FAILED_PRECONDITION: \"The image is not there.\""
    );
}

#[tokio::test]
async fn cancellation_ends_the_wait() {
    let server = Server::new(vec![Stall]).await;
    cancel_on_first_request(&server);
    assert!(server.wait().await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn deadline_error_names_the_operation() {
    let server = Server::new(vec![Stall])
        .await
        .with_timeout(Duration::from_millis(50));
    assert_eq!(
        server.wait().await.unwrap_err().to_string(),
        "timed out waiting for operation projects/p/locations/l/operations/o"
    );
}
