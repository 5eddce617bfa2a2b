//! The cached token: how often it is fetched, its renewal, and which texts are tokens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::advance;

use super::*;
use crate::Error;
use crate::redaction::{Redaction, Secret};
use crate::test_server::Reply::{self, Respond, RespondLate};
use crate::test_server::{JOB, Server, UNAUTHENTICATED, settings};
use crate::transport::Transport;

const TOKEN: Reply = Respond(
    200,
    "",
    r#"{"access_token": "fresh", "expires_in": 3600, "token_type": "Bearer"}"#,
);
const UNAVAILABLE: Reply = Respond(503, "", "busy");

/// User credentials whose token endpoint is the server.
fn user_credentials(server: &Server) -> Credentials {
    let document = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "token_uri": format!("{}/token", server.address)
    });
    Credentials::from_json_or_path(&document.to_string(), &Redaction::default()).unwrap()
}

/// A server that is both Cloud Run and the token endpoint of user credentials.
async fn with_user_credentials(replies: Vec<Reply>) -> Server {
    let server = Server::new(replies).await;
    let credentials = user_credentials(&server);
    server.with_credentials(credentials)
}

fn tokens(credentials: Credentials) -> Tokens {
    let settings = settings("http://127.0.0.1:1");
    Tokens::new(credentials, Arc::new(Transport::new(&settings)))
}

#[tokio::test]
async fn requests_share_one_token() {
    let mut script = vec![TOKEN];
    script.extend((0..4).map(|_| Respond(200, "", JOB)));
    let server = with_user_credentials(script).await;
    let reads = tokio::try_join!(server.get(), server.get(), server.get(), server.get());
    assert!(reads.is_ok());
    assert_eq!(
        server
            .request_lines()
            .iter()
            .filter(|line| *line == "POST /token")
            .count(),
        1
    );
}

#[tokio::test]
async fn refused_token_is_renewed_once() {
    for (last, works) in [(Respond(200, "", JOB), true), (Respond(401, "", "<html>"), false)] {
        let server = with_user_credentials(vec![TOKEN, Respond(401, "", UNAUTHENTICATED), TOKEN, last]).await;
        let response = server.get().await;
        assert!(if works {
            response.is_ok()
        } else {
            response.unwrap_err().is_unauthenticated()
        });
    }
    let server = Server::new(vec![Respond(401, "", UNAUTHENTICATED)]).await;
    assert!(
        server.get().await.unwrap_err().is_unauthenticated(),
        "a fixed token is not renewed"
    );
}

#[tokio::test]
async fn only_the_refused_token_is_dropped() {
    let issued = |token: &str| RespondLate(200, 0, json!({ "access_token": token }).to_string());
    let server = Server::new(vec![issued("first"), issued("second")]).await;
    let tokens = tokens(user_credentials(&server));
    let old = tokens.authorization().await.unwrap();
    assert!(tokens.renew(&old).await);
    let new = tokens.authorization().await.unwrap();
    assert!(tokens.renew(&old).await, "another caller has renewed it");
    assert_eq!(tokens.authorization().await.unwrap(), new);
}

#[tokio::test]
async fn only_transient_failures_are_retried() {
    let server = with_user_credentials(vec![UNAVAILABLE, UNAVAILABLE, TOKEN, Respond(200, "", JOB)]).await;
    assert!(server.get().await.is_ok());
    let refused = r#"{"error": "invalid_grant", "error_description": "Bad Request"}"#;
    let server = with_user_credentials(vec![Respond(400, "", refused)]).await;
    let error = server.create().await.unwrap_err();
    assert!(matches!(error, Error::Credentials(_)) && !error.maybe_accepted());
    assert_eq!(
        error.to_string(),
        "could not get an access token with the JSON in credentials: the server returned HTTP 400: \"invalid_grant: Bad Request\""
    );
    assert_eq!(server.get().await.unwrap_err().to_string(), error.to_string());
    assert_eq!(server.request_lines(), ["POST /token"], "the failure is cached");
}

#[tokio::test(start_paused = true)]
async fn failure_is_cached_briefly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let tokens = tokens(Credentials::AccessTokenFile(path.clone()));
    let first = tokens.authorization().await.unwrap_err();
    assert!(first.to_string().contains("No such file"), "{first}");
    std::fs::write(&path, "ya29.t").unwrap();
    assert_eq!(tokens.authorization().await.unwrap_err(), first);
    advance(FAILURE_CACHE_TIME).await;
    assert!(tokens.authorization().await.is_ok());
}

#[test]
fn token_is_renewed_before_expiry() {
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
async fn access_token_is_one_ascii_line() {
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
        ("\"hush\"", Some("got text in quotation marks")),
        ("{\"access_token\": \"hush\"}", Some("got JSON")),
    ] {
        let given = Credentials::from_token_or_path(text, &Redaction::default());
        std::fs::write(&path, text).unwrap();
        let file = Credentials::from_token_or_path(path.to_str().unwrap(), &Redaction::default()).unwrap();
        let read = tokens(file).authorization().await;
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
    // The same holds for a fetched token.
    let response = Respond(200, "", r#"{"access_token": "hu\nsh"}"#);
    let server = with_user_credentials(vec![response]).await;
    let error = server.get().await.unwrap_err().to_string();
    assert!(error.contains("a line break") && !error.contains("hu"), "{error}");
}
