//! Who gets a token, how often, and what becomes of a refused one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Credentials, CredentialsError, FAILURE_HOLDS, TokenSource, Tokens};
use crate::cloudrun::tests::Act::{Echo, Say};
use crate::cloudrun::tests::{JOB, Server, WHO};
use crate::cloudrun::{Error, Secret};

const TOKEN: &str = r#"{"access_token": "fresh", "expires_in": 3600, "token_type": "Bearer"}"#;

/// The server as one that gives tokens too. The key was made for this test and opens nothing.
fn with_key(server: Server) -> Server {
    let uri = format!("{}/token", server.address);
    let key = include_str!("../testdata/service-account.json").replace("TOKEN_URI", &uri);
    server.with_credentials(Credentials::from_json_or_path(&key).unwrap())
}

#[tokio::test]
async fn a_service_account_key_gets_its_token_where_the_key_says() {
    let server = with_key(Server::new(vec![Say(200, "", TOKEN), Echo("authorization")]).await);
    assert_eq!(server.get().await.unwrap().name.as_deref(), Some("Bearer fresh"));
    assert_eq!(server.asked()[0], "POST /token");
    let body = server.asked.lock().unwrap()[0].clone();
    assert!(
        body.contains("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="),
        "{body}"
    );
}

#[tokio::test]
async fn all_requests_share_one_token() {
    let mut script = vec![Say(200, "", TOKEN)];
    script.extend((0..4).map(|_| Say(200, "", JOB)));
    let server = with_key(Server::new(script).await);
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
    let server = with_key(
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
    let server = with_key(
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
async fn a_key_that_google_does_not_take_is_told_once() {
    let refused = r#"{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}"#;
    let script = (0..5).map(|_| Say(400, "", refused)).collect();
    let server = with_key(Server::new(script).await);
    let error = server.create().await.unwrap_err();
    assert!(matches!(error, Error::Credentials(_)) && !error.maybe_accepted());
    let told = error.to_string();
    assert!(
        told.starts_with("no access token could be had with the service account key: Google gives none"),
        "{told}"
    );
    let asked = server.asked().len();
    assert_eq!(server.get().await.unwrap_err().to_string(), told);
    assert_eq!(
        server.asked().len(),
        asked,
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

    fn renews(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let credentials = Credentials::from_json_or_path("/nonexistent/key.json").unwrap();
    let told = Tokens::new(credentials).token().await.unwrap_err().to_string();
    assert!(told.starts_with("the file /nonexistent/key.json"), "{told}");
}

#[tokio::test]
async fn a_failure_is_shared_for_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let tokens = Tokens::new(Credentials::KeyFile(path.clone()));
    let first = tokens.token().await.unwrap_err();
    std::fs::write(&path, "{}").unwrap();
    assert_eq!(tokens.token().await.unwrap_err(), first);
    if let Some((when, _)) = &mut tokens.state.lock().await.failed {
        *when -= FAILURE_HOLDS;
    }
    assert_ne!(tokens.token().await.unwrap_err(), first, "the file is there now");
}

#[tokio::test]
async fn only_the_token_that_was_refused_is_dropped() {
    let tokens = Tokens::new(Credentials::AccessToken(Secret::new("fixed")));
    tokens.state.lock().await.source = Some(Arc::new(Counting(AtomicUsize::new(0))));
    let old = tokens.token().await.unwrap();
    let new = tokens.token().await.unwrap();
    assert_ne!(old, new);
    assert!(tokens.renew(&old).await);
    assert!(
        tokens.state.lock().await.source.is_some(),
        "another has renewed it"
    );
    assert!(tokens.renew(&new).await);
    assert!(tokens.state.lock().await.source.is_none());
    let fixed = tokens.token().await.unwrap();
    assert!(!tokens.renew(&fixed).await, "a fixed token has no other");
}
