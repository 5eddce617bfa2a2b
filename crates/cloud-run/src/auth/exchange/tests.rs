//! Responses of token endpoints.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use reqwest::{Method, Url};
use std::time::Duration;

use super::{DEFAULT_LIFETIME, IssuedToken, MAX_LIFETIME, request, send};
use crate::credentials_error::ErrorKind::{Permanent, Transient};
use crate::credentials_error::{CredentialsError, ErrorKind};
use crate::redaction::Redaction;
use crate::test_server::Reply::{self, CloseConnection, Endless, Redirect, Respond, Truncate};
use crate::test_server::{Server, settings};
use crate::transport::Transport;

#[test]
fn lifetimes_are_parsed() {
    for (expires_in, expected) in [
        ("3599", Duration::from_secs(3599)),
        ("\"3599\"", Duration::from_secs(3599)),
        ("-9223372036854775808", Duration::ZERO),
        ("18446744073709551616", MAX_LIFETIME),
        ("\"soon\"", DEFAULT_LIFETIME),
        ("\"NaN\"", DEFAULT_LIFETIME),
        ("null", DEFAULT_LIFETIME),
        ("[3599]", DEFAULT_LIFETIME),
    ] {
        let response = format!(r#"{{"access_token": "t", "expires_in": {expires_in}}}"#);
        assert_eq!(
            IssuedToken::read(&response, &Redaction::default())
                .unwrap()
                .lifetime,
            expected,
            "{expires_in}"
        );
    }
}

#[test]
fn response_without_token_is_not_quoted() {
    for response in [
        "",
        "hush",
        "{}",
        r#"{"access_token": ""}"#,
        r#"{"access_token": 1}"#,
        r#"{"token": "hush"}"#,
    ] {
        let error = IssuedToken::read(response, &Redaction::default())
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert_eq!(
            error, "the response must have an access_token, got none",
            "{response}"
        );
    }
}

async fn sent(reply: Reply) -> CredentialsError {
    let server = Server::new(vec![reply]).await;
    let transport = Transport::new(&settings(&server.address));
    let url = Url::parse(&server.address).unwrap();
    send(request(&transport, Method::POST, &url).unwrap())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn oauth_error_is_shown() {
    let oauth = r#"{"error": "invalid_grant", "error_description": "Expired."}"#;
    let google = r#"{"error": {"code": 403, "message": "Denied."}}"#;
    for (reply, expected, kind) in [
        (
            Respond(400, "", oauth),
            "the server returned HTTP 400: \"invalid_grant: Expired.\"",
            Permanent,
        ),
        (
            Respond(403, "", google),
            "the server returned HTTP 403: \"Denied.\"",
            Permanent,
        ),
        (
            Respond(503, "", "busy\n  now"),
            "the server returned HTTP 503 with a body that begins with \"busy now\"",
            Transient,
        ),
        (
            Respond(429, "", ""),
            "the server returned HTTP 429 with an empty body",
            Transient,
        ),
        (
            Redirect(307, "http://127.0.0.1:1/in?hush".to_owned()),
            "the server returned HTTP 307 with a body that begins with \"location: http://127.0.0.1:1/in\"",
            Permanent,
        ),
    ] {
        let error = sent(reply).await;
        assert_eq!((error.to_string().as_str(), error.kind()), (expected, kind));
    }
    assert!(
        sent(Endless)
            .await
            .to_string()
            .ends_with("it must be at most 1 MiB, got more")
    );
    for reply in [CloseConnection, Truncate] {
        assert_eq!(sent(reply).await.kind(), ErrorKind::Transient);
    }
}
