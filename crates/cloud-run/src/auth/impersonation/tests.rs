//! Impersonation of a service account.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::Impersonation;
use crate::test_server::Reply::{self, CloseConnection, EchoHeader, Redirect, Respond};
use crate::test_server::{Server, UNAVAILABLE};
use crate::{Credentials, CredentialsProblem, Endpoint, Error, Secret};

const TOKEN: Reply = Respond(
    200,
    "",
    r#"{"accessToken": "theirs", "expireTime": "2030-01-01T00:00:00Z"}"#,
);

/// A server, and a client with the token `mine` that impersonates `a@b.c`.
async fn impersonating(replies: Vec<Reply>) -> Server {
    let server = Server::new(replies).await;
    let endpoint = Endpoint::for_service(&server.address).unwrap();
    let account = Impersonation::new("a@b.c", vec!["x@b.c".to_owned()], Some(&endpoint)).unwrap();
    let own = Credentials::AccessToken(Secret::new("mine"));
    server.with_credentials(Credentials::Impersonated(Box::new(own), account))
}

#[tokio::test]
async fn own_token_is_exchanged_once() {
    let authorization = EchoHeader("authorization");
    let busy = Respond(503, "", UNAVAILABLE);
    let server = impersonating(vec![
        busy,
        CloseConnection,
        TOKEN,
        authorization.clone(),
        authorization,
    ])
    .await;
    for _ in 0..2 {
        assert_eq!(server.get().await.unwrap().name.as_deref(), Some("Bearer theirs"));
    }
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests.len(), 5);
    assert!(requests[2].starts_with("POST /projects/-/serviceAccounts/a@b.c:generateAccessToken "));
    assert!(requests[2].contains("authorization: Bearer mine"));
    let body = requests[2].split_once("\r\n\r\n").unwrap().1;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(body).unwrap(),
        serde_json::json!({
            "delegates": ["projects/-/serviceAccounts/x@b.c"],
            "scope": ["https://www.googleapis.com/auth/cloud-platform"],
            "lifetime": "3600s"
        })
    );
}

#[tokio::test]
async fn refusal_keeps_the_api_status() {
    let body = r#"{"error": {"status": "PERMISSION_DENIED", "message": "Permission 'iam.serviceAccounts.getAccessToken' denied."}}"#;
    let server = impersonating(vec![Respond(403, "", body)]).await;
    let error = server.get().await.unwrap_err();
    let expected = "could not impersonate the service account a@b.c: the IAM Credentials API returned 403";
    assert!(error.to_string().contains(expected), "{error}");
    let Error::Credentials(error) = error else {
        panic!("{error}");
    };
    assert!(matches!(
        error.problem(),
        Some(CredentialsProblem::ImpersonationRefused(status)) if status.http == Some(403)
    ));
}

#[tokio::test]
async fn response_without_token_is_not_quoted() {
    for reply in [
        Respond(200, "", r#"{"token": "hush"}"#),
        Redirect(307, "http://127.0.0.1:1/".to_owned()),
    ] {
        let server = impersonating(vec![reply]).await;
        let error = server.get().await.unwrap_err().to_string();
        assert!(
            error.contains("could not impersonate") && !error.contains("hush"),
            "{error}"
        );
        assert_eq!(server.request_lines().len(), 1);
    }
}

#[test]
fn only_service_account_emails_are_accepted() {
    let of = |account: &str| Impersonation::new(account, Vec::new(), None).is_some();
    assert!(of("a@b.c"));
    for account in ["", "a/b", "a?b", "a:b", "a#b", "a%2Fb", "a b"] {
        assert!(!of(account), "{account}");
    }
}
