//! Where a token goes, and where it never does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use super::{Authorization, Transport};
use crate::redaction::Secret;
use crate::request::Request;
use crate::test_server::Act::{self, Redirect};
use crate::test_server::{Server, settings};
use crate::{Error, JobName, Settings};

/// The token of the client of a [`Server`].
const TOKEN: &str = "hush";

#[tokio::test]
async fn a_redirect_is_not_followed_wherever_it_leads() {
    let elsewhere = Elsewhere::new();
    let address = elsewhere.address();
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
                    matches!(error, Error::Garbled { http, .. } if http == status),
                    "{status} to {target}: {error}"
                );
                let told = error.to_string();
                assert!(told.contains(&format!("location: {target}")), "{told}");
                assert_eq!(server.asked().len(), 1, "{status} to {target}");
            }
        }
    }
    assert!(elsewhere.nobody_came());
}

#[tokio::test]
async fn where_a_redirect_leads_is_told_without_what_may_be_a_secret() {
    let target = "https://login.example.com/in?state=hidden#hidden";
    let server = Server::new(vec![Redirect(302, target.to_owned())]).await;
    let told = server.get().await.unwrap_err().to_string();
    assert!(
        told.contains("location: https://login.example.com/in") && !told.contains("hidden"),
        "{told}"
    );
}

/// The test after this one, once more in a process whose environment names a proxy. What the proxy hears of a request
/// is the name of its host; the rest is between the client and that host.
#[test]
fn a_proxy_is_asked_for_a_tunnel_and_never_sees_a_token() {
    for answer in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 407 Who are you?\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    ] {
        let proxy = Elsewhere::new();
        let address = format!("http://{}", proxy.address());
        let heard = proxy.answer_once(answer);
        let test = "transport::tests::over_https_somebody_who_is_not_there_is_unreachable";
        let again = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .envs(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].map(|name| (name, &address)))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && said.contains("1 passed"), "{said}");
        let heard = heard
            .recv_timeout(Duration::from_secs(5))
            .expect("the proxy was asked");
        assert!(heard.starts_with("CONNECT 127.0.0.1:1 HTTP/1.1\r\n"), "{heard}");
        let heard = heard.to_lowercase();
        assert!(
            !heard.contains("authorization") && !heard.contains(TOKEN),
            "{heard}"
        );
    }
}

#[tokio::test]
async fn over_https_somebody_who_is_not_there_is_unreachable() {
    let error = read_from("https://127.0.0.1:1").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
}

/// Whatever a resolver may say of that name, which is asked for in clear text.
#[tokio::test]
async fn localhost_is_this_machine_by_either_protocol() {
    for here in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(listener) = TcpListener::bind(here) else {
            // A machine without the newer protocol has nobody to reach there.
            assert_eq!(here, "[::1]:0");
            continue;
        };
        let here = Elsewhere(listener);
        let port = here.0.local_addr().unwrap().port();
        let heard = here.answer_once("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
        read_from(&format!("http://localhost:{port}")).await.unwrap();
        let heard = heard.recv_timeout(Duration::from_secs(5)).unwrap();
        assert!(heard.contains(&format!("host: localhost:{port}\r\n")), "{heard}");
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

/// A place where no token should go.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn new() -> Elsewhere {
        Elsewhere(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    fn nobody_came(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        matches!(self.0.accept(), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Gives the first client this answer, and tells what it said before and after it.
    fn answer_once(self, answer: &'static str) -> mpsc::Receiver<String> {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = self.0.accept().unwrap();
            let mut heard = read_some(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            heard += &read_some(&mut stream);
            drop(stream);
            tell.send(heard).unwrap();
        });
        told
    }
}

fn read_some(stream: &mut TcpStream) -> String {
    let mut bytes = [0; 8192];
    let length = stream.read(&mut bytes).unwrap_or_default();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

/// What is read is bounded, and what is said of it is short.
#[tokio::test]
async fn an_answer_without_an_end_is_not_read_to_its_end() {
    let long = "x".repeat(super::MAX_BODY + 1);
    for (status, expected) in [
        (200, "it is longer than 32 MiB"),
        (403, "the answer (HTTP 403) is not one of Google's API"),
    ] {
        let server = Server::new(vec![Act::Made(status, 0, long.clone())]).await;
        let told = server.get().await.unwrap_err().to_string();
        assert!(told.contains(expected) && told.len() < 500, "{told}");
        assert_eq!(server.asked().len(), 1);
    }
}
