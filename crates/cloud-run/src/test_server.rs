//! A server that responds from a script and records its requests, and a client of it, for tests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::Value as Json;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::Job;
use crate::redaction::{Redaction, Secret};
use crate::{CallContext, Client, Credentials, Endpoint, Error, JobName, Operation, QuotaProject, Settings};

/// What the server does with one request.
#[derive(Clone)]
pub enum Reply {
    /// A status, further header lines and a body.
    Respond(u16, &'static str, &'static str),
    /// A status and a location.
    Redirect(u16, String),
    /// 200, and a job whose name is the value of this header of the request.
    EchoHeader(&'static str),
    /// Closes the connection without a response.
    CloseConnection,
    /// Sends less than the content length.
    Truncate,
    /// Never responds.
    Stall,
    /// 200 and an endless body.
    Endless,
    /// A status and a body, after so many milliseconds.
    RespondLate(u16, u64, String),
}

pub const CREATION_ANNOTATION: &str = "example.com/creation-id";
pub const JOB: &str = r#"{"name": "projects/p/locations/l/jobs/n", "generation": "1"}"#;
pub const NOT_FOUND: &str = r#"{"error": {"code": 404, "status": "NOT_FOUND", "message": "gone"}}"#;
pub const UNAVAILABLE: &str = r#"{"error": {"code": 503, "status": "UNAVAILABLE", "message": "busy"}}"#;
pub const UNAUTHENTICATED: &str =
    r#"{"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "Who are you?"}}"#;

/// The server, and a client of it.
pub struct Server {
    pub client: Arc<Client>,
    pub address: String,
    pub requests: Arc<Mutex<Vec<String>>>,
    pub cancellation: CancellationToken,
    pub context: CallContext,
}

impl Server {
    /// A server with one reply per request, in this order.
    pub async fn new(script: Vec<Reply>) -> Server {
        let mut script = VecDeque::from(script);
        Server::with_handler(move |_| script.pop_front().expect("no more requests than replies")).await
    }

    /// A server that chooses the reply by the request line.
    pub async fn with_handler(reply: impl FnMut(&str) -> Reply + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let reply: Arc<Mutex<Box<Handler>>> = Arc::new(Mutex::new(Box::new(reply)));
        let recorded = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, reply.clone(), recorded.clone()));
            }
        });
        let cancellation = CancellationToken::new();
        Server {
            client: client(&address, Credentials::AccessToken(Secret::new("hush"))),
            address,
            requests,
            context: CallContext::new(Instant::now() + Duration::from_secs(60), cancellation.clone()),
            cancellation,
        }
    }

    /// The same server, with a client that has other credentials.
    pub fn with_credentials(mut self, credentials: Credentials) -> Server {
        self.client = client(&self.address, credentials);
        self
    }

    /// The same server, with a client that has another quota project.
    pub fn with_quota_project(mut self, quota_project: QuotaProject) -> Server {
        let settings = settings(&self.address);
        let settings = Settings {
            quota_project,
            ..settings
        };
        let token = Credentials::AccessToken(Secret::new("hush"));
        self.client = Arc::new(Client::new(settings, token));
        self
    }

    /// The same server, with an earlier deadline.
    pub fn with_timeout(mut self, time: Duration) -> Server {
        self.context = CallContext::new(Instant::now() + time, self.cancellation.clone());
        self
    }

    pub async fn get(&self) -> Result<Job, Error> {
        self.client.get_job(&name(), &self.context).await
    }

    pub async fn create(&self) -> Result<Operation, Error> {
        self.client
            .create_job(&name(), &Job::default(), &self.context)
            .await
    }

    pub async fn replace(&self, document: &Json) -> Result<Operation, Error> {
        self.client.replace_job(&name(), document, &self.context).await
    }

    pub async fn delete(&self) -> Result<Operation, Error> {
        self.client
            .delete_job(&name(), Some("\"e/1\""), &self.context)
            .await
    }

    pub async fn wait(&self) -> Result<Operation, Error> {
        let operation = Operation {
            name: "projects/p/locations/l/operations/o".to_owned(),
            ..Operation::default()
        };
        self.client.wait(operation, &self.context).await
    }

    /// The request lines, in order.
    pub fn request_lines(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .map(|request| request.lines().next().unwrap().replace(" HTTP/1.1", ""))
            .collect()
    }
}

/// A client of this address.
pub fn client(address: &str, credentials: Credentials) -> Arc<Client> {
    Arc::new(Client::new(settings(address), credentials))
}

/// Settings for this address.
pub fn settings(address: &str) -> Settings {
    Settings {
        redaction: Redaction::default(),
        endpoint: Endpoint::parse(address).unwrap(),
        user_agent: "test/1".to_owned(),
        creation_annotation: CREATION_ANNOTATION.to_owned(),
        request_timeout: Duration::from_secs(5),
        min_backoff: Duration::from_millis(5),
        quota_project: QuotaProject::default(),
    }
}

pub fn name() -> JobName {
    JobName::new("p", "l", "n")
}

/// Chooses the reply by the request line.
type Handler = dyn FnMut(&str) -> Reply + Send;

async fn serve(stream: TcpStream, handler: Arc<Mutex<Box<Handler>>>, requests: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while stream.read_line(&mut head).await.is_ok_and(|read| read > 2) {
        let line = head.lines().last().unwrap_or_default().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    // The client has closed the connection.
    if head.is_empty() {
        return;
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    requests
        .lock()
        .unwrap()
        .push(format!("{head}{}", String::from_utf8(body).unwrap()));
    let reply = (handler.lock().unwrap())(head.lines().next().unwrap());
    let response = match reply {
        Reply::CloseConnection => return,
        Reply::Stall => std::future::pending().await,
        Reply::Endless => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n{\"access_token\": \"";
            let mut more = stream.write_all(head).await;
            while more.is_ok() {
                more = stream.write_all(&[b'x'; 1 << 16]).await;
            }
            return;
        }
        Reply::Truncate => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"name\"".to_owned(),
        Reply::Respond(status, headers, body) => response_text(status, headers, body),
        Reply::Redirect(status, address) => response_text(status, &format!("location: {address}\r\n"), ""),
        Reply::RespondLate(status, pause, body) => {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            response_text(status, "", &body)
        }
        Reply::EchoHeader(header) => {
            let prefix = format!("{header}: ");
            let value = head.lines().find_map(|line| line.strip_prefix(&prefix));
            response_text(200, "", &format!(r#"{{"name": {:?}}}"#, value.unwrap_or("none")))
        }
    };
    stream.write_all(response.as_bytes()).await.unwrap();
}

fn response_text(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// Cancels the context when the server has a request.
pub fn cancel_on_first_request(server: &Server) {
    let (cancellation, requests) = (server.cancellation.clone(), server.requests.clone());
    tokio::spawn(async move {
        while requests.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        cancellation.cancel();
    });
}
