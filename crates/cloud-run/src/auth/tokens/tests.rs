//! The cached token: how often one is requested, what happens to a refused one, and which texts are tokens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::advance;

use super::*;
use crate::Error;
use crate::redaction::{Redaction, Secret};
use crate::test_server::Act::{self, Made, Say};
use crate::test_server::{JOB, Server, WHO, settings};
use crate::transport::Transport;

const TOKEN: Act = Say(
    200,
    "",
    r#"{"access_token": "fresh", "expires_in": 3600, "token_type": "Bearer"}"#,
);
const BUSY: Act = Say(503, "", "busy");

/// A sign-in whose token endpoint is the server.
fn sign_in(server: &Server) -> Credentials {
    let document = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "token_uri": format!("{}/token", server.address)
    });
    Credentials::from_json_or_path(&document.to_string(), &Redaction::default()).unwrap()
}

/// A server of Cloud Run that also is the token endpoint of a sign-in.
async fn with_sign_in(acts: Vec<Act>) -> Server {
    let server = Server::new(acts).await;
    let credentials = sign_in(&server);
    server.with_credentials(credentials)
}

fn tokens(credentials: Credentials) -> Tokens {
    let settings = settings("http://127.0.0.1:1");
    Tokens::new(credentials, Arc::new(Transport::new(&settings)))
}

#[tokio::test]
async fn all_requests_share_one_token() {
    let mut script = vec![TOKEN];
    script.extend((0..4).map(|_| Say(200, "", JOB)));
    let server = with_sign_in(script).await;
    let reads = tokio::try_join!(server.get(), server.get(), server.get(), server.get());
    assert!(reads.is_ok());
    assert_eq!(
        server
            .asked()
            .iter()
            .filter(|line| *line == "POST /token")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    for (last, works) in [(Say(200, "", JOB), true), (Say(401, "", "<html>"), false)] {
        let server = with_sign_in(vec![TOKEN, Say(401, "", WHO), TOKEN, last]).await;
        let answer = server.get().await;
        assert!(if works {
            answer.is_ok()
        } else {
            answer.unwrap_err().is_unauthenticated()
        });
    }
    let server = Server::new(vec![Say(401, "", WHO)]).await;
    assert!(
        server.get().await.unwrap_err().is_unauthenticated(),
        "a fixed token is not renewed"
    );
}

#[tokio::test]
async fn only_the_refused_token_is_dropped() {
    let granted = |token: &str| Made(200, 0, json!({ "access_token": token }).to_string());
    let server = Server::new(vec![granted("first"), granted("second")]).await;
    let tokens = tokens(sign_in(&server));
    let old = tokens.access().await.unwrap();
    assert!(tokens.renew(&old).await);
    let new = tokens.access().await.unwrap();
    assert!(tokens.renew(&old).await, "another caller has renewed it");
    assert_eq!(tokens.access().await.unwrap(), new);
}

#[tokio::test]
async fn a_transient_failure_is_retried_and_a_permanent_one_is_not() {
    let server = with_sign_in(vec![BUSY, BUSY, TOKEN, Say(200, "", JOB)]).await;
    assert!(server.get().await.is_ok());
    let refused = r#"{"error": "invalid_grant", "error_description": "Bad Request"}"#;
    let server = with_sign_in(vec![Say(400, "", refused)]).await;
    let error = server.create().await.unwrap_err();
    assert!(matches!(error, Error::Credentials(_)) && !error.maybe_accepted());
    assert_eq!(
        error.to_string(),
        "could not get an access token with the JSON in credentials: HTTP 400: invalid_grant: Bad Request"
    );
    assert_eq!(server.get().await.unwrap_err().to_string(), error.to_string());
    assert_eq!(server.asked(), ["POST /token"], "the failure is cached");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_cached_for_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let tokens = tokens(Credentials::AccessTokenFile(path.clone()));
    let first = tokens.access().await.unwrap_err();
    assert!(first.to_string().contains("No such file"), "{first}");
    std::fs::write(&path, "ya29.t").unwrap();
    assert_eq!(tokens.access().await.unwrap_err(), first);
    advance(FAILURE_CACHE_TIME).await;
    assert!(tokens.access().await.is_ok());
}

#[test]
fn a_token_is_renewed_before_its_end() {
    let hour = Duration::from_secs(3600);
    for (lifetime, expected) in [
        (hour, hour - RENEW_BEFORE),
        (RENEW_BEFORE, RENEW_BEFORE * 3 / 4),
        (Duration::ZERO, MIN_CACHE_TIME),
    ] {
        assert_eq!(cache_time(lifetime), expected, "{lifetime:?}");
    }
}

#[tokio::test]
async fn an_access_token_is_one_line_of_visible_ascii() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let quote = |error: &CredentialsError| error.to_string().contains("hush");
    for (text, found) in [
        ("ya29.t", None),
        (" ya29.t\r\n", None),
        ("", Some("got nothing")),
        ("hush\nhush", Some("got a line break (U+000A) at character 5")),
        ("hush hush", Some("got a space (U+0020) at character 5")),
        (
            "hush\u{200b}",
            Some("got a character that is not ASCII (U+200B) at character 5"),
        ),
        ("Bearer hush", Some("got an access token")),
        ("\"hush\"", Some("got a text in quotes")),
        ("{\"access_token\": \"hush\"}", Some("got JSON")),
    ] {
        let given = Credentials::from_token_or_path(text, &Redaction::default());
        std::fs::write(&path, text).unwrap();
        let file = Credentials::from_token_or_path(path.to_str().unwrap(), &Redaction::default()).unwrap();
        let read = tokens(file).access().await;
        match found {
            None => {
                assert!(
                    matches!(given, Ok(Credentials::AccessToken(token)) if token == Secret::new("ya29.t"))
                );
                assert_eq!(read.unwrap().token, Secret::new("ya29.t"));
            }
            Some(found) => {
                let (given, read) = (given.unwrap_err(), read.unwrap_err());
                assert!(given.to_string().contains(found) && !quote(&given), "{given}");
                assert!(read.to_string().contains(found) && !quote(&read), "{read}");
                assert!(read.to_string().contains(path.to_str().unwrap()), "{read}");
            }
        }
    }
    // The same holds for a token that was requested.
    let answer = Say(200, "", r#"{"access_token": "hu\nsh"}"#);
    let server = with_sign_in(vec![answer]).await;
    let error = server.get().await.unwrap_err().to_string();
    assert!(error.contains("a line break") && !error.contains("hu"), "{error}");
}
