//! Which hosts receive a token.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use super::{Authorization, Transport};
use crate::redaction::Secret;
use crate::request::Request;
use crate::test_server::Reply::{self, Redirect};
use crate::test_server::{Server, settings};
use crate::{Error, JobName, Settings};

/// The token of the client of a [`Server`].
const TOKEN: &str = "hush";

#[tokio::test]
async fn redirects_are_not_followed() {
    let listener = Listener::new();
    let address = listener.address();
    for status in [300, 301, 302, 303, 305, 307, 308] {
        for target in [
            format!("http://{address}/v2/"),
            format!("https://{address}/v2/"),
            format!("//{address}/"),
            "/v2/projects/p/locations/l/jobs/other".to_owned(),
        ] {
            for write in [false, true] {
                let server = Server::new(vec![Redirect(status, target.clone())]).await;
                let error = if write {
                    server.create().await.unwrap_err()
                } else {
                    server.get().await.unwrap_err()
                };
                assert!(
                    matches!(error, Error::UnexpectedResponse { http, .. } if http == status),
                    "{status} to {target}: {error}"
                );
                let message = error.to_string();
                assert!(message.contains(&format!("location: {target}")), "{message}");
                assert_eq!(server.request_lines().len(), 1, "{status} to {target}");
            }
        }
    }
    assert!(listener.has_no_connection());
}

#[tokio::test]
async fn redirect_target_is_shown_without_query() {
    let target = "https://login.example.com/in?state=hidden#hidden";
    let server = Server::new(vec![Redirect(302, target.to_owned())]).await;
    let message = server.get().await.unwrap_err().to_string();
    assert!(
        message.contains("location: https://login.example.com/in") && !message.contains("hidden"),
        "{message}"
    );
}

/// Runs the next test again in a process whose environment names a proxy, which must only see the name of the host.
#[test]
fn proxy_tunnel_never_sees_a_token() {
    for response in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 407 Who are you?\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    ] {
        let proxy = Listener::new();
        let address = format!("http://{}", proxy.address());
        let received = proxy.respond_once(response);
        let test = "transport::tests::closed_https_port_is_unreachable";
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .envs(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].map(|name| (name, &address)))
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && output.contains("1 passed"), "{output}");
        let received = received
            .recv_timeout(Duration::from_secs(5))
            .expect("the proxy was asked");
        assert!(
            received.starts_with("CONNECT 127.0.0.1:1 HTTP/1.1\r\n"),
            "{received}"
        );
        let received = received.to_lowercase();
        assert!(
            !received.contains("authorization") && !received.contains(TOKEN),
            "{received}"
        );
    }
}

#[tokio::test]
async fn closed_https_port_is_unreachable() {
    let error = read_from("https://127.0.0.1:1").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
}

/// A resolver may return another address for that name.
#[tokio::test]
async fn localhost_resolves_to_loopback() {
    for here in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(here) else {
            // This machine has no IPv6.
            assert_eq!(here, "[::1]:0");
            continue;
        };
        let here = Listener(listener);
        let port = here.0.local_addr().unwrap().port();
        let received =
            here.respond_once("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
        read_from(&format!("http://localhost:{port}")).await.unwrap();
        let received = received.recv_timeout(Duration::from_secs(5)).unwrap();
        assert!(
            received.contains(&format!("host: localhost:{port}\r\n")),
            "{received}"
        );
    }
}

/// Sends one request, once.
async fn read_from(endpoint: &str) -> Result<(), Error> {
    let transport = Transport::new(&Settings {
        request_timeout: Duration::from_secs(20),
        ..settings(endpoint)
    });
    let request = Request::get(&JobName::new("p", "l", "n"));
    let authorization = Authorization {
        token: Secret::new(TOKEN),
        quota_project: None,
    };
    transport.send(&request, &authorization).await.map(drop)
}

/// A server that must not receive a token.
struct Listener(TcpListener);

impl Listener {
    fn new() -> Listener {
        Listener(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    fn has_no_connection(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        matches!(self.0.accept(), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Sends the first client this response, and returns what it sent before and after.
    fn respond_once(self, response: &'static str) -> mpsc::Receiver<String> {
        let (sender, message) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = self.0.accept().unwrap();
            let mut received = read_some(&mut stream);
            stream.write_all(response.as_bytes()).unwrap();
            received += &read_some(&mut stream);
            drop(stream);
            sender.send(received).unwrap();
        });
        message
    }
}

fn read_some(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 8192];
    let length = stream.read(&mut bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[tokio::test]
async fn oversized_response_is_not_read_fully() {
    let long = "x".repeat(super::MAX_BODY + 1);
    for (status, expected) in [
        (200, "it must be at most 32 MiB, got more"),
        (403, "must be one of Google's API, got HTTP 403 with"),
    ] {
        let server = Server::new(vec![Reply::RespondLate(status, 0, long.clone())]).await;
        let message = server.get().await.unwrap_err().to_string();
        assert!(message.contains(expected) && message.len() < 500, "{message}");
        assert_eq!(server.request_lines().len(), 1);
    }
}
