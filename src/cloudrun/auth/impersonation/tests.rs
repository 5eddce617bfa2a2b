//! Acting as somebody else.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::Impersonation;
use crate::cloudrun::tests::Act::{self, Echo, HangUp, Say};
use crate::cloudrun::tests::{JOB, Server, WHO};
use crate::cloudrun::{Credentials, Endpoint, Secret};

const TOKEN: Act = Say(
    200,
    "",
    r#"{"accessToken": "theirs", "expireTime": "2030-01-01T00:00:00Z"}"#,
);

/// The server, asked by somebody whose own token is `mine` and who acts as `a@b.c`.
async fn acting(acts: Vec<Act>) -> Server {
    let server = Server::new(acts).await;
    let endpoint = Endpoint::of_service(&server.address).unwrap();
    let account = Impersonation::new("a@b.c", vec!["x@b.c".to_owned()], Some(&endpoint)).unwrap();
    let own = Credentials::AccessToken(Secret::new("mine"));
    server.with_credentials(Credentials::Impersonated(Box::new(own), account))
}

#[tokio::test]
async fn the_own_token_buys_that_of_the_account_once() {
    let server = acting(vec![TOKEN, Echo("authorization"), Echo("authorization")]).await;
    for _ in 0..2 {
        assert_eq!(server.get().await.unwrap().name.as_deref(), Some("Bearer theirs"));
    }
    let asked = server.asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    assert!(asked[0].starts_with("POST /projects/-/serviceAccounts/a@b.c:generateAccessToken "));
    assert!(asked[0].contains("authorization: Bearer mine"));
    let body = asked[0].split_once("\r\n\r\n").unwrap().1;
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
async fn a_refused_token_is_bought_once_more() {
    let server = acting(vec![TOKEN, Say(401, "", WHO), TOKEN, Say(200, "", JOB)]).await;
    assert!(server.get().await.is_ok());
}

#[tokio::test]
async fn trouble_that_passes_is_waited_out() {
    let busy = Say(
        503,
        "",
        r#"{"error": {"status": "UNAVAILABLE", "message": "busy"}}"#,
    );
    let server = acting(vec![busy, HangUp, TOKEN, Say(200, "", JOB)]).await;
    assert!(server.get().await.is_ok());
}

#[tokio::test]
async fn a_refusal_is_told_in_googles_words_with_the_role_that_is_missing() {
    let denied = Say(
        403,
        "",
        r#"{"error": {"status": "PERMISSION_DENIED", "message": "Permission 'iam.serviceAccounts.getAccessToken' denied."}}"#,
    );
    let told = acting(vec![denied]).await.get().await.unwrap_err().to_string();
    assert!(
        told.starts_with(
            "the service account a@b.c cannot be impersonated: Google refused the request: HTTP 403"
        ) && told.contains("getAccessToken' denied.")
            && told.contains("roles/iam.serviceAccountTokenCreator"),
        "{told}"
    );
}

#[tokio::test]
async fn no_role_is_asked_for_where_none_helps() {
    for (body, way_out) in [
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "No.", "details": [
                {"reason": "SECURITY_POLICY_VIOLATED", "metadata": {"uid": "abc-1"}}]}}"#,
            "unique identifier abc-1",
        ),
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "No.", "details": [
                {"reason": "SERVICE_DISABLED", "metadata": {"service": "iamcredentials.googleapis.com"}}]}}"#,
            "gcloud services enable iamcredentials.googleapis.com",
        ),
    ] {
        let told = acting(vec![Say(403, "", body)])
            .await
            .get()
            .await
            .unwrap_err()
            .to_string();
        assert!(told.contains(way_out) && !told.contains("roles/"), "{told}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_not_quoted() {
    let strange = Say(200, "", r#"{"access_token": "hush-hush"}"#);
    let told = acting(vec![strange]).await.get().await.unwrap_err().to_string();
    assert!(
        told.contains("cannot be impersonated") && !told.contains("hush"),
        "{told}"
    );
}

#[tokio::test]
async fn a_redirect_takes_no_token_along() {
    let away = Say(307, "location: http://127.0.0.1:1/\r\n", "");
    let server = acting(vec![away]).await;
    assert!(server.get().await.is_err());
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn only_an_account_can_be_acted_as() {
    let of = |account: &str| Impersonation::new(account, Vec::new(), None).is_some();
    assert!(of("a@b.c"));
    for account in ["", "a/b", "a?b", "a:b", "a#b", "a%2Fb", "a b"] {
        assert!(!of(account), "{account}");
    }
}
