//! What is made of the answers of token endpoints.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use reqwest::{Method, Url};
use std::time::Duration;

use super::{Grant, MAX_LIFETIME, USUAL_LIFETIME, request, send};
use crate::credentials_error::ErrorKind::{Permanent, Transient};
use crate::credentials_error::{CredentialsError, ErrorKind};
use crate::redaction::Redaction;
use crate::test_server::Act::{self, Endless, HangUp, Redirect, Say, Truncate};
use crate::test_server::{Server, settings};
use crate::transport::Transport;

#[test]
fn any_lifetime_is_read() {
    for (expires_in, expected) in [
        ("3599", Duration::from_secs(3599)),
        ("\"3599\"", Duration::from_secs(3599)),
        ("-9223372036854775808", Duration::ZERO),
        ("18446744073709551616", MAX_LIFETIME),
        ("\"soon\"", USUAL_LIFETIME),
        ("\"NaN\"", USUAL_LIFETIME),
        ("null", USUAL_LIFETIME),
        ("[3599]", USUAL_LIFETIME),
    ] {
        let answer = format!(r#"{{"access_token": "t", "expires_in": {expires_in}}}"#);
        assert_eq!(
            Grant::read(&answer, &Redaction::default()).unwrap().lifetime,
            expected,
            "{expires_in}"
        );
    }
}

#[test]
fn an_answer_without_a_token_is_not_quoted() {
    for answer in [
        "",
        "hush",
        "{}",
        r#"{"access_token": ""}"#,
        r#"{"access_token": 1}"#,
        r#"{"token": "hush"}"#,
    ] {
        let error = Grant::read(answer, &Redaction::default())
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert_eq!(error, "the answer has no access_token", "{answer}");
    }
}

async fn sent(act: Act) -> CredentialsError {
    let server = Server::new(vec![act]).await;
    let transport = Transport::new(&settings(&server.address));
    let url = Url::parse(&server.address).unwrap();
    send(request(&transport, Method::POST, &url).unwrap())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_refusal_is_shown_in_the_servers_words() {
    let oauth = r#"{"error": "invalid_grant", "error_description": "Expired."}"#;
    let google = r#"{"error": {"code": 403, "message": "Denied."}}"#;
    for (act, expected, kind) in [
        (
            Say(400, "", oauth),
            "HTTP 400: invalid_grant: Expired.",
            Permanent,
        ),
        (Say(403, "", google), "HTTP 403: Denied.", Permanent),
        (
            Say(503, "", "busy\n  now"),
            "HTTP 503: something that begins: \"busy now\"",
            Transient,
        ),
        (Say(429, "", ""), "HTTP 429: empty", Transient),
        (
            Redirect(307, "http://127.0.0.1:1/in?hush".to_owned()),
            "HTTP 307: something that begins: \"location: http://127.0.0.1:1/in\"",
            Permanent,
        ),
    ] {
        let error = sent(act).await;
        assert_eq!((error.to_string().as_str(), error.kind()), (expected, kind));
    }
    assert!(
        sent(Endless)
            .await
            .to_string()
            .ends_with("it is longer than 1 MiB")
    );
    for act in [HangUp, Truncate] {
        assert_eq!(sent(act).await.kind(), ErrorKind::Transient);
    }
}
