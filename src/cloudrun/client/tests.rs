//! The client against a server that says exactly what the test wants, and remembers what it was asked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::cloudrun::Secret;

/// What the server does with one request.
enum Act {
    /// Answers with a status, further header lines and a body.
    Say(u16, &'static str, &'static str),
    /// Ends the connection without an answer.
    HangUp,
    /// Promises more than it sends.
    Truncate,
    /// Says nothing at all.
    Stall,
}
use Act::{HangUp, Say, Stall, Truncate};

const JOB: &str = r#"{"name": "projects/p/locations/l/jobs/n", "generation": "1"}"#;
const GONE: &str = r#"{"error": {"code": 404, "status": "NOT_FOUND", "message": "gone"}}"#;
const BUSY: &str = r#"{"error": {"code": 503, "status": "UNAVAILABLE", "message": "busy"}}"#;

struct Server {
    client: Client,
    asked: Arc<Mutex<Vec<String>>>,
    stop: CancellationToken,
    patience: Patience,
}

/// A server that goes through `script`, one act a request, and a client of it.
async fn server(script: Vec<Act>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let script = Arc::new(Mutex::new(VecDeque::from(script)));
    let seen = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, script.clone(), seen.clone()));
        }
    });
    let client = Client::new(Settings {
        endpoint,
        credentials: Credentials::AccessToken(Secret::new("hush")),
        user_agent: "test/1".to_owned(),
        request_timeout: Duration::from_secs(5),
        quota_project: Some("payer".to_owned()),
    });
    let stop = CancellationToken::new();
    let patience = Patience::new(
        tokio::time::Instant::now() + Duration::from_secs(60),
        stop.clone(),
    );
    Server {
        client,
        asked,
        stop,
        patience,
    }
}

async fn serve(stream: TcpStream, script: Arc<Mutex<VecDeque<Act>>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while stream.read_line(&mut head).await.is_ok_and(|read| read > 2) {
        let line = head.lines().last().unwrap_or_default().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    asked
        .lock()
        .unwrap()
        .push(format!("{head}{}", String::from_utf8(body).unwrap()));
    let act = script
        .lock()
        .unwrap()
        .pop_front()
        .expect("one request more than the script has acts");
    let answer = match act {
        HangUp => return,
        Stall => std::future::pending().await,
        Truncate => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"name\"".to_owned(),
        Say(status, headers, body) => {
            let length = body.len();
            format!(
                "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
        }
    };
    stream.write_all(answer.as_bytes()).await.unwrap();
}

impl Server {
    async fn get(&self) -> Result<Job, Error> {
        self.client.get_job(&name(), &self.patience).await
    }

    async fn create(&self) -> Result<Operation, Error> {
        self.client
            .create_job(&name(), &Job::default(), &self.patience)
            .await
    }

    async fn wait(&self) -> Result<Operation, Error> {
        let operation = Operation {
            name: "projects/p/locations/l/operations/o".to_owned(),
            ..Operation::default()
        };
        self.client.wait(operation, &self.patience).await
    }

    /// The request lines, in order.
    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .map(|request| request.lines().next().unwrap().replace(" HTTP/1.1", ""))
            .collect()
    }
}

fn name() -> JobName {
    JobName::new("p", "l", "n")
}

#[tokio::test]
async fn a_request_says_who_asks_and_who_pays() {
    let server = server(vec![Say(200, "", JOB)]).await;
    assert_eq!(server.get().await.unwrap().generation, Some(1));
    let request = server.asked.lock().unwrap()[0].to_ascii_lowercase();
    for line in [
        "authorization: bearer hush",
        "user-agent: test/1",
        "x-goog-user-project: payer",
    ] {
        assert!(request.contains(line), "{line} is missing in {request}");
    }
}

#[tokio::test]
async fn a_read_goes_on_through_passing_trouble() {
    let server = server(vec![
        Say(503, "retry-after: 1\r\n", BUSY),
        HangUp,
        Say(502, "", "<html>"),
        Truncate,
        Say(200, "", JOB),
    ])
    .await;
    assert!(server.get().await.is_ok());
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn gone_is_told_at_once() {
    let server = server(vec![Say(404, "", GONE)]).await;
    assert!(server.get().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_not_sent_again() {
    for act in [
        HangUp,
        Truncate,
        Say(500, "", BUSY),
        Say(502, "", "<html>"),
        Say(200, "", "<html>"),
    ] {
        let server = server(vec![act]).await;
        assert!(server.create().await.unwrap_err().maybe_accepted());
        assert_eq!(server.asked(), ["POST /v2/projects/p/locations/l/jobs?jobId=n"]);
    }
}

#[tokio::test]
async fn a_creation_that_was_put_off_is_sent_again() {
    let server = server(vec![Say(429, "", BUSY), Say(200, "", r#"{"name": "o"}"#)]).await;
    assert_eq!(server.create().await.unwrap().name, "o");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = server(vec![Say(307, "location: http://127.0.0.1:1/\r\n", "")]).await;
    assert!(matches!(
        server.get().await.unwrap_err(),
        Error::Garbled { http: 307, .. }
    ));
}

#[tokio::test]
async fn a_fixed_token_that_is_refused_is_not_tried_again() {
    let server = server(vec![Say(
        401,
        "",
        r#"{"error": {"status": "UNAUTHENTICATED", "message": "m"}}"#,
    )])
    .await;
    assert!(server.get().await.unwrap_err().is_unauthenticated());
}

/// The key was made for this test and opens nothing.
#[tokio::test]
async fn a_service_account_key_gets_its_token_where_the_key_says() {
    let token = r#"{"access_token": "fresh", "expires_in": 3600, "token_type": "Bearer"}"#;
    let unauthenticated = r#"{"error": {"status": "UNAUTHENTICATED", "message": "m"}}"#;
    let mut server = server(vec![
        Say(200, "content-type: application/json\r\n", token),
        Say(200, "", JOB),
        Say(401, "", unauthenticated),
        Say(200, "content-type: application/json\r\n", token),
        Say(200, "", JOB),
    ])
    .await;
    let key = include_str!("../testdata/service-account.json").replace(
        "TOKEN_URI",
        server.client.settings.endpoint.join("token").as_str(),
    );
    server.client.tokens = Tokens::new(Credentials::from_json_or_path(&key).unwrap());
    assert!(server.get().await.is_ok());
    assert!(
        server.get().await.is_ok(),
        "a token that was refused is asked for once more"
    );
    assert_eq!(server.asked()[0], "POST /v2/token");
    assert!(
        server.asked.lock().unwrap()[1]
            .to_ascii_lowercase()
            .contains("authorization: bearer fresh")
    );
    assert_eq!(
        server.asked().len(),
        5,
        "one token for all requests, until it is refused"
    );
}

#[tokio::test]
async fn an_operation_is_awaited_where_it_can_be() {
    let server = server(vec![
        Say(200, "", r#"{"name": "o"}"#),
        Say(200, "", r#"{"name": "o", "done": true}"#),
    ])
    .await;
    assert!(
        server.wait().await.unwrap().done,
        "done without a response is well"
    );
    assert_eq!(
        server.asked()[0],
        "POST /v2/projects/p/locations/l/operations/o:wait"
    );
}

#[tokio::test]
async fn without_wait_the_operation_is_asked_for() {
    let server = server(vec![
        Say(404, "", "<html>"),
        Say(404, "", GONE),
        Say(200, "", r#"{"name": "o", "done": true}"#),
    ])
    .await;
    assert!(server.wait().await.unwrap().done);
    assert_eq!(
        server.asked()[1..],
        ["GET /v2/projects/p/locations/l/operations/o"; 2]
    );
}

#[tokio::test]
async fn a_failed_operation_keeps_googles_words() {
    let failed = r#"{"name": "o", "done": true, "error": {"code": 9, "message": "The image is not there."}}"#;
    let error = server(vec![Say(200, "", failed)]).await.wait().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Google took the request, but could not carry it out: FAILED_PRECONDITION: The image is not there."
    );
}

#[tokio::test]
async fn a_wish_to_stop_ends_the_waiting() {
    let server = server(vec![Stall]).await;
    let (stop, asked) = (server.stop.clone(), server.asked.clone());
    tokio::spawn(async move {
        while asked.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    assert!(server.get().await.unwrap_err().is_stopped());
}

#[tokio::test]
async fn the_deadline_ends_the_waiting() {
    let mut server = server(vec![Stall]).await;
    server.patience = Patience::new(
        tokio::time::Instant::now() + Duration::from_millis(50),
        server.stop.clone(),
    );
    let error = server.get().await.unwrap_err();
    assert!(matches!(error, Error::OutOfTime | Error::Cut(_)), "{error}");
}

#[tokio::test]
async fn nobody_there_is_not_an_accepted_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut server = server(vec![]).await;
    server.client.settings.endpoint = Endpoint::parse(&format!("http://{address}/")).unwrap();
    server.patience = Patience::new(
        tokio::time::Instant::now() + Duration::from_millis(300),
        server.stop.clone(),
    );
    let error = server.create().await.unwrap_err();
    assert!(
        matches!(error, Error::Unreachable(_)) && !error.maybe_accepted(),
        "{error}"
    );
}
