//! Each kind of document against a stand-in for whoever gives tokens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use super::tidy;
use crate::cloudrun::Credentials;
use crate::cloudrun::tests::Act::{self, Echo, Say};
use crate::cloudrun::tests::{JOB, Server};

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
    let mut document = user();
    document["type"] = json!("external_account_authorized_user");
    document["token_url"] = json!("SERVER/oauthtoken");
    check(document, vec![TOKEN, AUTHORIZATION], &["POST /oauthtoken"]).await;
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

/// The library quotes what it got where it did not find the token under the name that it looked for.
#[tokio::test]
async fn a_token_under_another_name_is_not_quoted() {
    let theirs = Say(200, "", r#"{"access_token": "hush-hush"}"#);
    let source = json!({ "url": "SERVER/identity", "format": { "type": "json", "subject_token_field_name": "value" } });
    let server = with_document(Server::new(vec![theirs]).await, &federated(source));
    let told = server.get().await.unwrap_err().to_string();
    assert!(told.contains("field `value`") && !told.contains("hush"), "{told}");
}

#[test]
fn the_librarys_words_become_a_sentence() {
    for (text, expected) in [
        ("m and future attempts will not succeed", "m"),
        (
            r#"m, body=<{"error":"e","error_description":"d"}> but future attempts may succeed"#,
            "m: e: d",
        ),
        (
            r#"m, body=<{"error": {"code": 403, "message": "Denied."}}>"#,
            "m: Denied.",
        ),
        ("m, body=<<html>>", "m: <html>"),
        (
            "the transport reports an error: error sending request for url (http://h/p?q=1): refused",
            "error sending request: refused",
        ),
        ("cannot create auth headers but future attempts may succeed", ""),
    ] {
        assert_eq!(tidy(text), expected);
    }
}
