//! What is made of the answers of whoever gives tokens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use async_trait::async_trait;
use reqwest::{Method, Url};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::advance;

use super::{Cached, Exchange, Grant, LONGEST_LIFETIME, SHORTEST_KEPT, SLACK, USUAL_LIFETIME, kept, send};
use crate::cloudrun::auth::{CredentialsError, Outlook, TokenSource as _};
use crate::cloudrun::tests::Act::{self, Endless, HangUp, Redirect, Say, Truncate};
use crate::cloudrun::tests::{Server, settings};
use crate::cloudrun::transport::Transport;
use crate::cloudrun::{Credentials, Secret};

#[test]
fn whatever_is_said_of_a_lifetime_gives_one() {
    for (expires_in, expected) in [
        ("3599", Duration::from_secs(3599)),
        ("3599.5", Duration::from_millis(3_599_500)),
        ("\"3599\"", Duration::from_secs(3599)),
        ("0", Duration::ZERO),
        ("-1", Duration::ZERO),
        ("-9223372036854775808", Duration::ZERO),
        ("9223372036854775808", LONGEST_LIFETIME),
        ("18446744073709551616", LONGEST_LIFETIME),
        ("1e999", LONGEST_LIFETIME),
        ("-1e999", Duration::ZERO),
        ("\"soon\"", USUAL_LIFETIME),
        ("\"NaN\"", USUAL_LIFETIME),
        ("null", USUAL_LIFETIME),
        ("true", USUAL_LIFETIME),
        ("[3599]", USUAL_LIFETIME),
        ("{}", USUAL_LIFETIME),
    ] {
        let answer = format!(r#"{{"access_token": "t", "expires_in": {expires_in}}}"#);
        assert_eq!(Grant::read(&answer).unwrap().lifetime, expected, "{expires_in}");
    }
    assert_eq!(
        Grant::read(r#"{"access_token": "t"}"#).unwrap().lifetime,
        USUAL_LIFETIME
    );
}

#[test]
fn an_answer_without_a_token_is_not_quoted() {
    for answer in [
        "",
        "hush",
        "{}",
        "[]",
        "null",
        r#"{"access_token": ""}"#,
        r#"{"access_token": 1}"#,
        r#"{"accessToken": "hush"}"#,
    ] {
        let told = Grant::read(answer).map(|_| ()).unwrap_err().to_string();
        assert_eq!(told, "the answer has no access_token", "{answer}");
    }
}

#[test]
fn a_token_is_renewed_before_its_end() {
    for (lifetime, expected) in [
        (USUAL_LIFETIME, USUAL_LIFETIME - SLACK),
        (SLACK, SLACK * 3 / 4),
        (Duration::from_secs(12), SHORTEST_KEPT),
        (Duration::ZERO, SHORTEST_KEPT),
        (Duration::MAX, LONGEST_LIFETIME - SLACK),
    ] {
        assert_eq!(kept(lifetime), expected, "{lifetime:?}");
    }
}

/// Grants tokens of this lifetime, and counts them.
struct Counting(AtomicUsize, Duration);

#[async_trait]
impl Exchange for Counting {
    async fn exchange(&self) -> Result<Grant, CredentialsError> {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Grant {
            token: Secret::new(format!("token {count}")),
            lifetime: self.1,
            refresh_token: None,
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_over_at_once_serves_the_requests_of_a_moment() {
    for lifetime in [Duration::ZERO, USUAL_LIFETIME] {
        let source = Cached::new(Counting(AtomicUsize::new(0), lifetime), None);
        let first = source.token().await.unwrap();
        for _ in 0..100 {
            assert_eq!(source.token().await.unwrap(), first);
        }
        advance(kept(lifetime)).await;
        assert_ne!(source.token().await.unwrap(), first);
    }
}

async fn sent(act: Act) -> CredentialsError {
    let server = Server::new(vec![act]).await;
    let transport = Transport::new(&settings(
        &server.address,
        Credentials::AccessToken(Secret::new("hush")),
    ));
    let url = Url::parse(&server.address).unwrap();
    let request = transport.exchange(Method::POST, url).unwrap();
    send(request).await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_is_told_in_the_words_of_whoever_refuses() {
    for (act, expected, outlook) in [
        (
            Say(
                400,
                "",
                r#"{"error": "invalid_grant", "error_description": "Expired."}"#,
            ),
            "HTTP 400: invalid_grant: Expired.",
            Outlook::Lasting,
        ),
        (
            Say(403, "", r#"{"error": {"code": 403, "message": "Denied."}}"#),
            "HTTP 403: Denied.",
            Outlook::Lasting,
        ),
        (
            Say(503, "", "busy\n  now"),
            "HTTP 503: something that begins: \"busy now\"",
            Outlook::Passing,
        ),
        (Say(429, "", ""), "HTTP 429: empty", Outlook::Passing),
        (
            Redirect(307, "http://127.0.0.1:1/in?hush".to_owned()),
            "HTTP 307: something that begins: \"location: http://127.0.0.1:1/in\"",
            Outlook::Lasting,
        ),
        (
            Endless,
            "the answer cannot be read: it is longer than 1 MiB",
            Outlook::Lasting,
        ),
    ] {
        let error = sent(act).await;
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.outlook, outlook, "{expected}");
    }
    for act in [HangUp, Truncate] {
        let error = sent(act).await;
        assert_eq!(error.outlook, Outlook::Passing, "{error}");
    }
    let told = sent(Say(502, "", "<html><title>\u{1b}[31mRed</title>hush")).await;
    assert_eq!(
        told.to_string(),
        "HTTP 502: an HTML page with the title \"\\u{1b}[31mRed\""
    );
}
