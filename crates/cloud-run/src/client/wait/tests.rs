//! Waiting for operations: oddities that were seen, and some that a stand-in may have.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use crate::Credentials;
use crate::redaction::Secret;
use crate::test_server::Act::{Say, Stall};
use crate::test_server::{BUSY, GONE, Server, client, stop_when_asked};

use crate::client::wait_method::{MOST_WAITS, REFUSALS, WaitMethod};

const RUNNING: &str = r#"{"name": "projects/p/locations/l/operations/o"}"#;
const DONE: &str = r#"{"name": "projects/p/locations/l/operations/o", "done": true}"#;
const WAIT: &str = "POST /v2/projects/p/locations/l/operations/o:wait";
const GET: &str = "GET /v2/projects/p/locations/l/operations/o";

#[tokio::test]
async fn an_operation_is_awaited_where_it_can_be() {
    let server = Server::new(vec![Say(200, "", RUNNING), Say(200, "", DONE)]).await;
    assert!(
        server.wait().await.unwrap().done,
        "done without a response is well"
    );
    assert_eq!(server.asked(), [WAIT, WAIT]);
    assert!(server.asked.lock().unwrap()[0].ends_with(r#"{"timeout":"30s"}"#));
}

#[tokio::test]
async fn no_more_is_waited_for_than_there_is_patience() {
    let server = Server::new(vec![Say(200, "", DONE)]).await;
    let server = server.with_patience_for(Duration::from_millis(7500));
    assert!(server.wait().await.is_ok());
    let request = server.asked.lock().unwrap()[0].clone();
    let (_, timeout) = request.split_once(r#"{"timeout":""#).unwrap();
    let seconds: u64 = timeout.trim_end_matches("s\"}").parse().unwrap();
    assert!((1..=7).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn without_wait_the_operation_is_asked_for_from_then_on() {
    for (status, body) in [
        (404, "<html>"),
        (404, GONE),
        (405, GONE),
        (501, GONE),
        (403, GONE),
    ] {
        let refused = || Say(status, "", body);
        let running = || Say(200, "", RUNNING);
        let server = Server::new(vec![
            refused(),
            running(),
            refused(),
            running(),
            refused(),
            running(),
            Say(200, "", DONE),
            Say(200, "", DONE),
        ])
        .await;
        assert!(server.wait().await.unwrap().done);
        assert!(server.wait().await.unwrap().done);
        assert_eq!(
            server.asked(),
            [WAIT, GET, WAIT, GET, WAIT, GET, GET, GET],
            "{status} {body}"
        );
    }
}

/// The operation may only have been late to be seen, or the one who refused is gone.
#[tokio::test]
async fn one_refusal_does_not_end_the_waiting_for_all_that_come_after() {
    for (status, body) in [(404, GONE), (404, "<html>"), (501, GONE)] {
        let server = Server::new(vec![
            Say(status, "", body),
            Say(200, "", RUNNING),
            Say(200, "", DONE),
            Say(200, "", DONE),
        ])
        .await;
        assert!(server.wait().await.unwrap().done);
        assert!(server.wait().await.unwrap().done);
        assert_eq!(server.asked(), [WAIT, GET, WAIT, WAIT], "{status} {body}");
    }
}

/// Google took the request, so it is there; the network is not, for longer than a wrong address would be tried.
#[tokio::test]
async fn a_network_that_is_down_for_a_while_is_waited_for() {
    let mut server = Server::new(vec![Say(200, "", DONE)]).await;
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

/// A thousand waits would take all places; those that have none ask now and then.
#[tokio::test]
async fn waits_leave_room_for_other_requests() {
    let mut server = Server::new(
        (0..MOST_WAITS)
            .map(|_| Stall)
            .chain([Say(200, "", DONE)])
            .collect(),
    )
    .await;
    server = server.with_patience_for(Duration::from_secs(30));
    let server = std::sync::Arc::new(server);
    for _ in 0..MOST_WAITS {
        let server = server.clone();
        tokio::spawn(async move { server.wait().await });
    }
    while server.asked().len() < MOST_WAITS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(server.wait().await.unwrap().done);
    assert_eq!(server.asked().last().unwrap(), GET);
}

/// A 404 of both says that the operation is not to be seen yet, and nothing of the method.
#[tokio::test]
async fn an_operation_that_is_not_to_be_seen_yet_is_asked_for_again() {
    let server = Server::new(vec![Say(404, "", GONE), Say(404, "", GONE), Say(200, "", DONE)]).await;
    assert!(server.wait().await.unwrap().done);
    assert_eq!(server.asked(), [WAIT, GET, WAIT]);
}

#[tokio::test]
async fn an_operation_that_vanishes_for_a_while_is_awaited_all_the_same() {
    let server = Server::new(vec![
        Say(200, "", RUNNING),
        Say(404, "", GONE),
        Say(503, "", BUSY),
        Say(200, "", DONE),
    ])
    .await;
    assert!(server.wait().await.unwrap().done);
    assert_eq!(server.asked(), [WAIT; 4]);
}

/// A hundred may wait at once: those that are refused hear so before the others hear that their operation is done.
#[test]
fn an_answer_that_comes_after_the_refusals_counts() {
    let method = WaitMethod::default();
    (0..REFUSALS).for_each(|_| method.is_refused());
    assert!(!method.may_be_there());
    method.is_there();
    assert!(method.may_be_there());
    method.is_refused();
    assert!(method.may_be_there());
}

#[tokio::test]
async fn who_may_neither_wait_nor_look_is_told_so() {
    let denied = r#"{"error": {"status": "PERMISSION_DENIED", "message": "run.operations.get denied"}}"#;
    let server = Server::new(vec![Say(403, "", denied), Say(403, "", denied)]).await;
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
async fn a_failed_operation_keeps_googles_words() {
    let failed = r#"{"name": "o", "done": true, "error": {"code": 9, "message": "The image is not there."}}"#;
    let server = Server::new(vec![Say(200, "", failed)]).await;
    assert_eq!(
        server.wait().await.unwrap_err().to_string(),
        "Google took the request, but could not carry it out: FAILED_PRECONDITION: The image is not there."
    );
}

#[tokio::test]
async fn a_wish_to_stop_ends_the_waiting() {
    let server = Server::new(vec![Stall]).await;
    stop_when_asked(&server);
    assert!(server.wait().await.unwrap_err().is_stopped());
}

#[tokio::test]
async fn the_deadline_ends_the_waiting_and_names_the_operation() {
    let server = Server::new(vec![Stall])
        .await
        .with_patience_for(Duration::from_millis(50));
    assert_eq!(
        server.wait().await.unwrap_err().to_string(),
        "the time allowed for it was over while waiting for the operation projects/p/locations/l/operations/o to end"
    );
}
