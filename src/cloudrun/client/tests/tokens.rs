//! Who gets a token, how often, and what becomes of a refused one.

use super::server::Act::{Echo, Say};
use super::server::{JOB, Server, WHO};
use crate::cloudrun::Credentials;
use crate::cloudrun::error::Error;

const TOKEN: &str = r#"{"access_token": "fresh", "expires_in": 3600, "token_type": "Bearer"}"#;

/// The server as one that gives tokens too. The key was made for this test and opens nothing.
fn with_key(server: Server) -> Server {
    let uri = format!("{}/token", server.address);
    let key = include_str!("../../testdata/service-account.json").replace("TOKEN_URI", &uri);
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
