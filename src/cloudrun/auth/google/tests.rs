//! Each kind of document against a stand-in for whoever gives tokens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

use super::open;
use crate::cloudrun::tests::Act::{self, Echo, Endless, Made, Redirect, Say};
use crate::cloudrun::tests::{JOB, Server, settings};
use crate::cloudrun::transport::Transport;
use crate::cloudrun::{Credentials, Secret};

const TOKEN: Act = Say(
    200,
    "",
    r#"{"access_token": "fresh", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer", "expires_in": 3600}"#,
);
const IMPERSONATED: Act = Say(
    200,
    "",
    r#"{"accessToken": "somebody else's", "expireTime": "2030-01-01T00:00:00Z"}"#,
);
const AUTHORIZATION: Act = Echo("authorization");

/// The server as one that gives tokens too, for credentials in a document.
fn with_document(server: Server, document: &Json) -> Server {
    let text = document.to_string().replace("SERVER", &server.address);
    server.with_credentials(Credentials::from_json_or_path(&text).unwrap())
}

/// A document, what the server does, the requests it then got, and what it was let in with.
async fn check(document: Json, acts: Vec<Act>, asked: &[&str]) -> Server {
    let server = with_document(Server::new(acts).await, &document);
    let answer = server.get().await.unwrap();
    let asked: Vec<String> = asked
        .iter()
        .map(|line| (*line).to_owned())
        .chain(["GET /v2/projects/p/locations/l/jobs/n".to_owned()])
        .collect();
    assert_eq!(server.asked(), asked);
    let expected = if asked.iter().any(|line| line.contains("generateAccessToken")) {
        "Bearer somebody else's"
    } else {
        "Bearer fresh"
    };
    assert_eq!(answer.name.as_deref(), Some(expected));
    server
}

fn user() -> Json {
    json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "hush-1", "refresh_token": "hush-2",
        "token_uri": "SERVER/token"
    })
}

fn workforce_user() -> Json {
    let mut document = user();
    document["type"] = json!("external_account_authorized_user");
    document["token_url"] = json!("SERVER/oauthtoken");
    document
}

fn federated(source: Json) -> Json {
    json!({
        "type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/w",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": "SERVER/sts", "credential_source": source
    })
}

fn body(server: &Server, request: usize) -> String {
    let asked = server.asked.lock().unwrap();
    asked[request].split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_service_account_key_signs_its_tokens_itself() {
    let key = include_str!("../../testdata/service-account.json").replace("TOKEN_URI", "https://t");
    let server = Server::new(vec![AUTHORIZATION, AUTHORIZATION]).await;
    let server = server.with_credentials(Credentials::from_json_or_path(&key).unwrap());
    let first = server.get().await.unwrap().name.unwrap();
    assert_eq!(server.get().await.unwrap().name.unwrap(), first, "it is kept");
    assert_eq!(server.asked().len(), 2, "nobody is asked for it");

    let token = first.strip_prefix("Bearer ").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
    let claims: Json = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["iss"], "test@test-project.iam.gserviceaccount.com");
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/cloud-platform");
    let key: Json = serde_json::from_str(&key).unwrap();
    let pem: String = key["private_key"]
        .as_str()
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = base64::engine::general_purpose::STANDARD.decode(pem).unwrap();
    let pair = ring::rsa::KeyPair::from_pkcs8(&der).unwrap();
    ring::signature::UnparsedPublicKey::new(
        &ring::signature::RSA_PKCS1_2048_8192_SHA256,
        pair.public().as_ref(),
    )
    .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
    .expect("it is signed with the key");
}

#[tokio::test]
async fn a_persons_sign_in_is_refreshed() {
    let server = check(user(), vec![TOKEN, AUTHORIZATION], &["POST /token"]).await;
    assert!(body(&server, 0).contains("hush-2"));
}

#[tokio::test]
async fn a_workforce_persons_sign_in_is_refreshed() {
    let server = check(
        workforce_user(),
        vec![TOKEN, AUTHORIZATION],
        &["POST /oauthtoken"],
    )
    .await;
    assert!(server.asked.lock().unwrap()[0].contains("authorization: Basic YzpodXNoLTE=\r\n"));
    assert_eq!(body(&server, 0), "grant_type=refresh_token&refresh_token=hush-2");
}

#[tokio::test]
async fn a_refresh_token_that_was_replaced_is_not_used_again() {
    let another = Say(
        200,
        "",
        r#"{"access_token": "fresh", "refresh_token": "hush-3", "expires_in": 0}"#,
    );
    let document = workforce_user().to_string();
    let server = Server::new(vec![another, TOKEN]).await;
    let document = document.replace("SERVER", &server.address);
    let transport = Arc::new(Transport::new(&settings(
        &server.address,
        Credentials::ApplicationDefault,
    )));
    let source = open(&Secret::new(document), "the JSON", &transport).unwrap();
    source.token().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
    source.token().await.unwrap();
    assert!(
        body(&server, 1).ends_with("refresh_token=hush-3"),
        "{}",
        body(&server, 1)
    );
}

#[tokio::test]
async fn a_federated_token_comes_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, r#"{"id": "theirs"}"#).unwrap();
    let source = json!({ "file": path, "format": { "type": "json", "subject_token_field_name": "id" } });
    let server = check(federated(source), vec![TOKEN, AUTHORIZATION], &["POST /sts"]).await;
    assert!(
        body(&server, 0).contains("subject_token=theirs"),
        "{}",
        body(&server, 0)
    );
}

#[tokio::test]
async fn a_federated_token_comes_from_an_address() {
    let theirs = Say(200, "", r#"{"value": "theirs"}"#);
    let source = json!({
        "url": "SERVER/identity", "headers": { "x-who": "me" },
        "format": { "type": "json", "subject_token_field_name": "value" }
    });
    let acts = vec![theirs, TOKEN, AUTHORIZATION];
    let server = check(federated(source), acts, &["GET /identity", "POST /sts"]).await;
    assert!(server.asked.lock().unwrap()[0].contains("x-who: me"));
    assert!(body(&server, 1).contains("subject_token=theirs"));
}

#[tokio::test]
async fn a_program_is_run_for_a_federated_token_only_when_that_is_allowed() {
    let source = json!({ "executable": { "command": "/bin/false" } });
    let server = with_document(Server::new(vec![]).await, &federated(source));
    let told = server.get().await.unwrap_err().to_string();
    assert!(
        told.contains("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"),
        "{told}"
    );
}

#[tokio::test]
async fn federation_and_impersonation_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "theirs").unwrap();
    let mut document = federated(json!({ "file": path }));
    document["service_account_impersonation_url"] =
        json!("SERVER/v1/projects/-/serviceAccounts/a@b.c:generateAccessToken");
    let server = check(
        document,
        vec![TOKEN, IMPERSONATED, AUTHORIZATION],
        &[
            "POST /sts",
            "POST /v1/projects/-/serviceAccounts/a@b.c:generateAccessToken",
        ],
    )
    .await;
    assert!(server.asked.lock().unwrap()[1].contains("authorization: Bearer fresh"));
}

#[tokio::test]
async fn an_impersonated_document_names_its_source_its_delegates_and_who_pays() {
    let mut source = user();
    source["quota_project_id"] = json!("source-payer");
    let document = json!({
        "type": "impersonated_service_account", "source_credentials": source, "delegates": ["x@b.c"],
        "quota_project_id": "payer-of-the-document",
        "service_account_impersonation_url": "SERVER/v1/projects/-/serviceAccounts/a@b.c:generateAccessToken"
    });
    let server = check(
        document,
        vec![TOKEN, IMPERSONATED, AUTHORIZATION],
        &[
            "POST /token",
            "POST /v1/projects/-/serviceAccounts/a@b.c:generateAccessToken",
        ],
    )
    .await;
    let asked = server.asked.lock().unwrap();
    assert!(
        asked[1].contains("projects/-/serviceAccounts/x@b.c"),
        "{}",
        asked[1]
    );
    assert!(
        asked[1].contains("x-goog-user-project: source-payer"),
        "{}",
        asked[1]
    );
    assert!(
        asked[2].contains("x-goog-user-project: payer-of-the-document"),
        "{}",
        asked[2]
    );
}

#[tokio::test]
async fn what_google_says_of_a_sign_in_is_told() {
    let refused = Say(
        400,
        "",
        r#"{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}"#,
    );
    let server = with_document(Server::new(vec![refused]).await, &user());
    let told = server.get().await.unwrap_err().to_string();
    assert!(
        told.starts_with("no access token could be had with the JSON in credentials:")
            && told.contains("invalid_grant: Token has been expired or revoked."),
        "{told}"
    );
}

#[tokio::test]
async fn trouble_that_passes_is_waited_out() {
    let busy = || Say(503, "", "busy");
    let server = with_document(
        Server::new(vec![busy(), busy(), TOKEN, Say(200, "", JOB)]).await,
        &user(),
    );
    assert!(server.get().await.is_ok());
}

#[tokio::test]
async fn a_federated_file_that_is_missing_is_named() {
    let server = with_document(
        Server::new(vec![]).await,
        &federated(json!({ "file": "/nonexistent/token" })),
    );
    let told = server.get().await.unwrap_err().to_string();
    assert!(
        told.starts_with("the file /nonexistent/token, which credential_source in the JSON"),
        "{told}"
    );
}

#[tokio::test]
async fn a_token_under_another_name_is_not_quoted() {
    let theirs = Say(200, "", r#"{"access_token": "hush-hush"}"#);
    let source = json!({ "url": "SERVER/identity", "format": { "type": "json", "subject_token_field_name": "value" } });
    let server = with_document(Server::new(vec![theirs]).await, &federated(source));
    let told = server.get().await.unwrap_err().to_string();
    assert!(told.contains("field `value`") && !told.contains("hush"), "{told}");
}

/// Each kind that asks somebody, and an answer that leads elsewhere or does not come to an end in each place of it.
#[tokio::test]
async fn no_secret_follows_a_redirect_and_no_answer_fills_the_memory() {
    let theirs = || Say(200, "", "theirs");
    let url = json!({ "url": "SERVER/identity" });
    for (document, before) in [
        (user(), vec![]),
        (workforce_user(), vec![]),
        (federated(url.clone()), vec![]),
        (federated(url), vec![theirs]),
    ] {
        for act in [Redirect(307, "http://127.0.0.1:1/".to_owned()), Endless] {
            let mut acts: Vec<Act> = before.iter().map(|act| act()).collect();
            acts.push(act);
            let server = with_document(Server::new(acts).await, &document);
            let told = server.get().await.unwrap_err().to_string();
            assert!(
                told.starts_with("no access token could be had with the JSON in credentials: "),
                "{told}"
            );
            assert!(
                told.ends_with("location: http://127.0.0.1:1/\"")
                    || told.ends_with("it is longer than 1 MiB"),
                "{told}"
            );
            assert_eq!(server.asked().len(), before.len() + 1, "{told}");
        }
    }
}

#[tokio::test]
async fn whatever_is_said_of_a_lifetime_a_job_is_read() {
    for expires_in in [
        "9223372036854775808",
        "-1",
        "0",
        "0.5",
        "\"soon\"",
        "null",
        "1e999",
    ] {
        let answer = format!(r#"{{"access_token": "fresh", "expires_in": {expires_in}}}"#);
        let acts = vec![Made(200, 0, answer), AUTHORIZATION, AUTHORIZATION];
        let server = with_document(Server::new(acts).await, &user());
        for _ in 0..2 {
            assert_eq!(server.get().await.unwrap().name.as_deref(), Some("Bearer fresh"));
        }
    }
}

/// The tests of this file once more in a process whose environment names a proxy where nobody listens: every address in
/// them is one of this machine.
#[test]
fn no_proxy_is_asked_for_an_address_of_this_machine() {
    if std::env::var_os("ALL_PROXY").is_some() {
        return;
    }
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again
        .arg("cloudrun::auth")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        again.env(name, "http://127.0.0.1:1");
    }
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("a_federated_token_comes_from_an_address"),
        "{said}"
    );
}
