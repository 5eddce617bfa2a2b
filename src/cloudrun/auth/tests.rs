//! Who gets a token, how often, and what becomes of a refused one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Credentials, CredentialsError, FAILURE_HOLDS, TokenSource, Tokens};
use crate::cloudrun::tests::Act::Say;
use crate::cloudrun::tests::{JOB, Server, WHO, settings};
use crate::cloudrun::transport::Transport;
use crate::cloudrun::{Error, Secret};

const TOKEN: &str = r#"{"access_token": "fresh", "expires_in": 3600, "token_type": "Bearer"}"#;

/// The server as one that gives tokens too, for a person's sign-in.
fn with_sign_in(server: Server) -> Server {
    let document = serde_json::json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "token_uri": format!("{}/token", server.address)
    });
    server.with_credentials(Credentials::from_json_or_path(&document.to_string()).unwrap())
}

/// Tokens of these credentials, with nobody to ask.
fn tokens(credentials: Credentials) -> Tokens {
    let settings = settings("http://127.0.0.1:1", credentials.clone());
    Tokens::new(credentials, Arc::new(Transport::new(&settings)))
}

#[tokio::test]
async fn all_requests_share_one_token() {
    let mut script = vec![Say(200, "", TOKEN)];
    script.extend((0..4).map(|_| Say(200, "", JOB)));
    let server = with_sign_in(Server::new(script).await);
    let reads = tokio::try_join!(server.get(), server.get(), server.get(), server.get());
    assert!(reads.is_ok());
    let tokens = server
        .asked()
        .iter()
        .filter(|line| line.as_str() == "POST /token")
        .count();
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn a_token_that_is_refused_is_asked_for_once_more() {
    let server = with_sign_in(
        Server::new(vec![
            Say(200, "", TOKEN),
            Say(401, "", WHO),
            Say(200, "", TOKEN),
            Say(200, "", JOB),
        ])
        .await,
    );
    assert!(server.get().await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_told() {
    let server = with_sign_in(
        Server::new(vec![
            Say(200, "", TOKEN),
            Say(401, "", WHO),
            Say(200, "", TOKEN),
            Say(401, "", "<html>"),
        ])
        .await,
    );
    assert!(server.get().await.unwrap_err().is_unauthenticated());
}

#[tokio::test]
async fn a_fixed_token_that_is_refused_is_not_tried_again() {
    let server = Server::new(vec![Say(401, "", WHO)]).await;
    assert!(server.get().await.unwrap_err().is_unauthenticated());
}

#[tokio::test]
async fn credentials_that_google_does_not_take_are_told_once() {
    let refused = r#"{"error": "invalid_grant", "error_description": "Bad Request"}"#;
    let server = with_sign_in(Server::new(vec![Say(400, "", refused)]).await);
    let error = server.create().await.unwrap_err();
    assert!(matches!(error, Error::Credentials(_)) && !error.maybe_accepted());
    let told = error.to_string();
    assert!(told.contains("invalid_grant: Bad Request"), "{told}");
    assert_eq!(server.get().await.unwrap_err().to_string(), told);
    assert_eq!(
        server.asked(),
        ["POST /token"],
        "what was just told is not asked again"
    );
}

/// Gives a new token each time it is asked.
struct Counting(AtomicUsize);

#[async_trait]
impl TokenSource for Counting {
    async fn token(&self) -> Result<Secret, CredentialsError> {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Secret::new(format!("token {count}")))
    }
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let credentials = Credentials::from_json_or_path("/nonexistent/key.json").unwrap();
    let told = tokens(credentials).access().await.unwrap_err().to_string();
    assert!(told.starts_with("the file /nonexistent/key.json"), "{told}");
}

#[tokio::test]
async fn a_failure_is_shared_for_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let tokens = tokens(Credentials::File(path.clone()));
    let first = tokens.access().await.unwrap_err();
    std::fs::write(&path, "{}").unwrap();
    assert_eq!(tokens.access().await.unwrap_err(), first);
    if let Some((when, _)) = &mut tokens.state.lock().await.failed {
        *when -= FAILURE_HOLDS;
    }
    assert_ne!(tokens.access().await.unwrap_err(), first, "the file is there now");
}

#[tokio::test]
async fn only_the_token_that_was_refused_is_dropped() {
    let tokens = tokens(Credentials::AccessToken(Secret::new("fixed")));
    tokens.state.lock().await.source = Some(Arc::new(Counting(AtomicUsize::new(0))));
    let old = tokens.access().await.unwrap();
    let new = tokens.access().await.unwrap();
    assert_ne!(old, new);
    assert!(tokens.renew(&old).await);
    assert!(
        tokens.state.lock().await.source.is_some(),
        "another has renewed it"
    );
    assert!(tokens.renew(&new).await);
    assert!(tokens.state.lock().await.source.is_none());
    let fixed = tokens.access().await.unwrap();
    assert!(!tokens.renew(&fixed).await, "a fixed token has no other");
}

#[tokio::test]
async fn an_access_token_may_be_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let of = |text: &str| {
        std::fs::write(&path, text).unwrap();
        tokens(Credentials::from_token_or_path(path.to_str().unwrap()).unwrap())
    };
    for text in ["ya29.t", "ya29.t\n", "ya29.t\r\n", "\u{feff}ya29.t\n"] {
        assert_eq!(of(text).access().await.unwrap().token, Secret::new("ya29.t"));
    }
    for (text, found) in [
        ("hush hush", "got a space (U+0020) at character 5"),
        ("hush\nhush", "got a line break (U+000A) at character 5"),
        ("", "got nothing"),
        ("{\"hush\": 1}", "got JSON. Give JSON in"),
    ] {
        let told = of(text).access().await.unwrap_err().to_string();
        assert!(
            told.contains(path.to_str().unwrap()) && told.contains(found),
            "{told}"
        );
        assert!(!told.contains("hush"), "{told}");
    }
    let missing = Credentials::from_token_or_path("/no/such/file").unwrap();
    let told = tokens(missing).access().await.unwrap_err().to_string();
    assert!(
        told.starts_with("the file /no/such/file with the access token cannot be read: No such"),
        "{told}"
    );
    let folder = Credentials::from_token_or_path(folder.path().to_str().unwrap()).unwrap();
    let told = tokens(folder).access().await.unwrap_err().to_string();
    assert!(
        told.ends_with("it must be a regular file, got a directory"),
        "{told}"
    );
}

#[test]
fn a_token_that_no_request_can_carry_is_refused_at_once() {
    for (text, found) in [
        ("", "got nothing"),
        ("hush\nhush", "got a line break (U+000A) at character 5"),
        ("hush\u{7}", "got a control character (U+0007) at character 5"),
        (
            "hush\u{200b}",
            "got a character that is not ASCII (U+200B) at character 5",
        ),
        ("Bearer hush", "got an access token. Give it without Bearer"),
        ("\"hush\"", "got a text in quotes. Give it without them"),
        ("{\"access_token\": \"hush\"}", "got JSON."),
        (
            "-----BEGIN PRIVATE KEY-----\nhush",
            "got a key or certificate in PEM",
        ),
    ] {
        let told = Credentials::from_token_or_path(text).unwrap_err().to_string();
        assert!(told.contains(found) && !told.contains("hush"), "{text:?}: {told}");
    }
    for text in ["ya29.t", " ya29.t\n", "a"] {
        let Credentials::AccessToken(token) = Credentials::from_token_or_path(text).unwrap() else {
            panic!("{text} is no path")
        };
        assert_eq!(token, Secret::new(text.trim()));
    }
}

#[tokio::test]
async fn a_token_that_was_fetched_and_that_no_request_can_carry_is_told_and_not_sent() {
    for (answer, found) in [
        (
            r#"{"access_token": "hu\nsh", "expires_in": 3600, "token_type": "Bearer"}"#,
            "a line break",
        ),
        (
            r#"{"access_token": "hush\u00e4", "expires_in": 3600, "token_type": "Bearer"}"#,
            "not ASCII",
        ),
    ] {
        let server = with_sign_in(Server::new(vec![Say(200, "", answer)]).await);
        let told = server.get().await.unwrap_err().to_string();
        assert!(told.contains(found) && !told.contains("hu"), "{told}");
        assert_eq!(server.asked(), ["POST /token"]);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_in_place_of_a_file_holds_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.json");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let text = pipe.to_str().unwrap();
    for credentials in [
        Credentials::from_json_or_path(text),
        Credentials::from_token_or_path(text),
    ] {
        let told = tokens(credentials.unwrap())
            .access()
            .await
            .unwrap_err()
            .to_string();
        assert!(
            told.contains(text) && told.ends_with("it must be a regular file, got a named pipe"),
            "{told}"
        );
    }
}
