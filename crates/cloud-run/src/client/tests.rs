//! What is sent, what is sent again, and what is not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::time::Duration;

use crate::redaction::Secret;
use crate::test_server::Act::{self, Echo, HangUp, Late, Say, Stall, Truncate};
use crate::test_server::{BUSY, GONE, JOB, Server, client, stop_when_asked};
use crate::{Credentials, Error, Page, QuotaProject};

const OPERATION: Act = Say(200, "", r#"{"name": "o"}"#);

#[tokio::test]
async fn a_request_says_who_asks() {
    for (header, value) in [
        ("authorization", "Bearer hush"),
        ("user-agent", "test/1"),
        ("x-goog-user-project", "none"),
    ] {
        let server = Server::new(vec![Echo(header)]).await;
        assert_eq!(server.get().await.unwrap().name.as_deref(), Some(value));
    }
}

#[tokio::test]
async fn a_request_says_who_pays() {
    for (payer, value) in [
        (QuotaProject::OfTheCredentials, "none"),
        (QuotaProject::OfTheJob, "p"),
        (QuotaProject::Named("payer".to_owned()), "payer"),
    ] {
        let server = Server::new(vec![Echo("x-goog-user-project")])
            .await
            .paid_by(payer);
        assert_eq!(server.get().await.unwrap().name.as_deref(), Some(value));
    }
}

/// The test above, once more in a process whose environment names a proxy where nobody listens.
#[test]
fn a_proxy_never_sees_a_token_in_clear_text() {
    let test = "client::tests::a_request_says_who_asks";
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again
        .args(["--exact", test])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(name, "http://127.0.0.1:1");
    }
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn a_read_goes_on_through_passing_trouble() {
    let server = Server::new(vec![
        Say(503, "", BUSY),
        Say(500, "", BUSY),
        HangUp,
        Say(502, "", "<html>"),
        Say(429, "", BUSY),
        Truncate,
        Say(200, "", JOB),
    ])
    .await;
    assert_eq!(server.get().await.unwrap().generation, Some(1));
    assert_eq!(server.asked().len(), 7);
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let server = Server::new(vec![Say(503, "retry-after: 1\r\n", BUSY), Say(200, "", JOB)]).await;
    let start = std::time::Instant::now();
    assert!(server.get().await.is_ok());
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_pause_beyond_the_deadline_is_not_begun() {
    let server = Server::new(vec![Say(503, "retry-after: 3600\r\n", BUSY)]).await;
    let error = server.get().await.unwrap_err();
    assert_eq!(
        error.status().and_then(|status| status.http),
        Some(503),
        "{error}"
    );
}

#[tokio::test]
async fn gone_is_told_at_once() {
    let server = Server::new(vec![Say(404, "", GONE)]).await;
    assert!(server.get().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn json_of_somebody_else_is_no_job() {
    for body in [
        "{}",
        r#"{"error": {"code": 500}}"#,
        "[]",
        "null",
        r#"{"name": ""}"#,
    ] {
        let script = (0..6).map(|_| Say(200, "", body)).collect();
        let server = Server::new(script).await;
        assert!(
            matches!(server.get().await.unwrap_err(), Error::Garbled { http: 200, .. }),
            "{body}"
        );
    }
}

async fn list(script: Vec<Act>) -> (Result<Page, Error>, Vec<String>) {
    let server = Server::new(script).await;
    let page = server.client.list_jobs("p", "l", "t", &server.patience).await;
    (page, server.asked())
}

#[tokio::test]
async fn a_page_of_jobs_may_be_of_any_size() {
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
        let (page, asked) = list(vec![Say(503, "", BUSY), Say(200, "", body)]).await;
        let page = page.unwrap();
        assert_eq!((page.jobs.len(), page.next()), (jobs, next), "{body}");
        assert_eq!(
            asked,
            ["GET /v2/projects/p/locations/l/jobs?pageSize=500&pageToken=t"; 2]
        );
    }
}

#[tokio::test]
async fn json_of_somebody_else_is_no_page_of_jobs() {
    for body in [
        r#"{"error": {"code": 500}}"#,
        r#"{"jobs": [{}]}"#,
        r#"{"error": "log in", "detail": {}}"#,
        "[]",
        "null",
    ] {
        let (page, _) = list((0..6).map(|_| Say(200, "", body)).collect()).await;
        assert!(
            matches!(page.unwrap_err(), Error::Garbled { http: 200, .. }),
            "{body}"
        );
    }
}

/// One such answer is as good as ten, and no proxy is to blame.
#[tokio::test]
async fn a_member_of_an_unexpected_type_is_named_at_once() {
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
        let server = Server::new(vec![Act::Made(200, 0, body.clone())]).await;
        let error = server.get().await.unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.contains(&format!("its member {member} has an unexpected type: ")),
            "{body}: {shown}"
        );
        assert!(shown.len() < 600 && error.maybe_accepted(), "{shown}");
        assert!(matches!(error, Error::Unreadable(_)), "{shown}");
    }
    let server = Server::new(vec![Say(200, "", r#"{"name": "o", "done": "yes"}"#)]).await;
    let shown = server.create().await.unwrap_err().to_string();
    assert!(shown.contains("its member done has"), "{shown}");
    for (body, member) in [
        (r#"{"jobs": {}}"#, "jobs"),
        (r#"{"jobs": [], "nextPageToken": 7}"#, "nextPageToken"),
        (
            r#"{"jobs": [{"name": "a"}, {"name": "b", "template": {"taskCount": []}}]}"#,
            "jobs[1].template.taskCount",
        ),
    ] {
        let (page, asked) = list(vec![Say(200, "", body)]).await;
        let shown = page.unwrap_err().to_string();
        assert!(
            shown.contains(&format!("its member {member} has")),
            "{body}: {shown}"
        );
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_not_sent_again() {
    for act in lost_answers() {
        let server = Server::new(vec![act]).await;
        assert!(server.create().await.unwrap_err().maybe_accepted());
        assert_eq!(server.asked(), ["POST /v2/projects/p/locations/l/jobs?jobId=n"]);
    }
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_sent_again() {
    let server = Server::new(vec![HangUp, Truncate, Say(502, "", "<html>"), Say(404, "", GONE)]).await;
    assert!(server.delete().await.unwrap_err().is_not_found());
    assert_eq!(
        server.asked(),
        ["DELETE /v2/projects/p/locations/l/jobs/n?etag=%22e%2F1%22"; 4]
    );
}

#[tokio::test]
async fn a_write_that_was_put_off_is_sent_again() {
    let server = Server::new(vec![Say(429, "", BUSY), OPERATION]).await;
    assert_eq!(server.create().await.unwrap().name, "o");
    let server = Server::new(vec![Say(429, "", BUSY), OPERATION]).await;
    assert_eq!(server.replace(&serde_json::json!({})).await.unwrap().name, "o");
}

#[tokio::test]
async fn a_wish_to_stop_ends_a_read() {
    let server = Server::new(vec![Stall]).await;
    stop_when_asked(&server);
    assert!(server.get().await.unwrap_err().is_stopped());
}

/// Its answer is what tells whether there is a job now.
#[tokio::test]
async fn a_wish_to_stop_lets_a_write_end() {
    let server = Server::new(vec![Late(100, r#"{"name": "o"}"#)]).await;
    stop_when_asked(&server);
    assert_eq!(server.create().await.unwrap().name, "o");
}

#[tokio::test]
async fn after_a_wish_to_stop_nothing_is_begun() {
    let server = Server::new(vec![]).await;
    server.stop.cancel();
    assert!(server.create().await.unwrap_err().is_stopped());
    assert!(server.delete().await.unwrap_err().is_stopped());
    assert!(server.get().await.unwrap_err().is_stopped());
    assert_eq!(server.asked(), Vec::<String>::new());
}

/// Whoever has no place is not on its way, so a wish to stop ends it at once.
#[tokio::test]
async fn requests_beyond_the_most_wait_for_a_place_and_stop_waiting() {
    let most = crate::transport::MOST_REQUESTS;
    let script = (0..most).map(|_| Stall).collect();
    let server = std::sync::Arc::new(Server::new(script).await);
    let calls: Vec<_> = (0..2 * most)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move { server.get().await })
        })
        .collect();
    while server.asked().len() < most {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.asked().len(), most);
    server.stop.cancel();
    for call in calls {
        assert!(call.await.unwrap().unwrap_err().is_stopped());
    }
}

#[tokio::test]
async fn a_pause_that_is_asked_for_is_told() {
    let server = Server::new(vec![Say(429, "retry-after: 3600\r\n", BUSY)]).await;
    let told = server.get().await.unwrap_err().to_string();
    assert!(
        told.ends_with("It asks to wait 3600 seconds before the next try."),
        "{told}"
    );
}

#[tokio::test]
async fn the_deadline_ends_a_read_and_says_what_was_waited_for() {
    let server = Server::new(vec![Stall])
        .await
        .with_patience_for(Duration::from_millis(50));
    assert_eq!(
        server.get().await.unwrap_err().to_string(),
        "the time allowed for it was over while waiting for Google's answer to GET projects/p/locations/l/jobs/n"
    );
}

#[tokio::test]
async fn nobody_there_is_not_an_accepted_request() {
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

fn lost_answers() -> [Act; 6] {
    [
        HangUp,
        Truncate,
        Say(500, "", BUSY),
        Say(502, "", "<html>"),
        Say(200, "", "<html>"),
        Say(200, "", "{}"),
    ]
}
