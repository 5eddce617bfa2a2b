//! Each kind of credentials, against a server that is both Cloud Run and the token endpoints.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::{Value as Json, json};

use super::tokens::MIN_CACHE_TIME;
use crate::Credentials;
use crate::redaction::Redaction;
use crate::test_server::Reply::{self, EchoHeader, Endless, Redirect, Respond, RespondLate};
use crate::test_server::Server;

const TOKEN: Reply = Respond(
    200,
    "",
    r#"{"access_token": "fresh", "token_type": "Bearer", "expires_in": 3600}"#,
);
const IMPERSONATED: Reply = Respond(
    200,
    "",
    r#"{"accessToken": "impersonated", "expireTime": "2030-01-01T00:00:00Z"}"#,
);
const AUTHORIZATION: Reply = EchoHeader("authorization");
const ACCOUNT: &str = "/v1/projects/-/serviceAccounts/a@b.c:generateAccessToken";

async fn server(document: &Json, replies: Vec<Reply>) -> Server {
    let server = Server::new(replies).await;
    let text = document.to_string().replace("SERVER", &server.address);
    server.with_credentials(Credentials::from_json_or_path(&text, &Redaction::default()).unwrap())
}

/// A document, the replies, the expected requests for the token, and the token that Cloud Run receives.
async fn check(document: &Json, replies: Vec<Reply>, expected: &[&str], token: &str) -> Server {
    let server = server(document, replies).await;
    let job = server.get().await.unwrap();
    assert_eq!(server.request_lines()[..expected.len()], *expected);
    assert_eq!(server.request_lines().len(), expected.len() + 1);
    assert_eq!(job.name, Some(format!("Bearer {token}")));
    server
}

async fn error(document: &Json, replies: Vec<Reply>) -> String {
    server(document, replies)
        .await
        .get()
        .await
        .unwrap_err()
        .to_string()
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

fn request(server: &Server, index: usize) -> String {
    server.requests.lock().unwrap()[index].clone()
}

#[tokio::test]
async fn refresh_token_is_exchanged() {
    let server = check(&user(), vec![TOKEN, AUTHORIZATION], &["POST /token"], "fresh").await;
    let expected = "grant_type=refresh_token&refresh_token=hush-2&client_id=c&client_secret=hush-1";
    assert!(request(&server, 0).ends_with(expected));

    let server = check(
        &workforce_user(),
        vec![TOKEN, AUTHORIZATION],
        &["POST /oauthtoken"],
        "fresh",
    )
    .await;
    assert!(request(&server, 0).contains("authorization: Basic YzpodXNoLTE=\r\n"));
    assert!(request(&server, 0).ends_with("\r\ngrant_type=refresh_token&refresh_token=hush-2"));
}

#[tokio::test]
async fn rotated_refresh_token_replaces_the_old_one() {
    let another = Respond(
        200,
        "",
        r#"{"access_token": "first", "refresh_token": "hush-3", "expires_in": 0}"#,
    );
    let server = server(
        &workforce_user(),
        vec![another, AUTHORIZATION, TOKEN, AUTHORIZATION],
    )
    .await;
    server.get().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(MIN_CACHE_TIME).await;
    tokio::time::resume();
    server.get().await.unwrap();
    assert!(request(&server, 2).ends_with("refresh_token=hush-3"));
}

#[tokio::test]
async fn subject_token_is_read_from_file_or_url() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, r#"{"id": "theirs"}"#).unwrap();
    let format = json!({ "type": "json", "subject_token_field_name": "id" });
    let file = federated(json!({ "file": path, "format": format }));
    let server = check(&file, vec![TOKEN, AUTHORIZATION], &["POST /sts"], "fresh").await;
    assert!(request(&server, 0).contains("subject_token=theirs"));

    let url = federated(json!({ "url": "SERVER/identity", "headers": { "x-who": "me" } }));
    let replies = vec![Respond(200, "", "theirs\n"), TOKEN, AUTHORIZATION];
    let server = check(&url, replies, &["GET /identity", "POST /sts"], "fresh").await;
    assert!(request(&server, 0).contains("x-who: me"));
    assert!(request(&server, 1).contains("subject_token=theirs"));
}

#[tokio::test]
async fn missing_subject_token_is_named_without_quoting() {
    let response = || vec![Respond(200, "", r#"{"access_token": "hush-hush"}"#)];
    let format = json!({ "type": "json", "subject_token_field_name": "value" });
    for (source, replies, expected) in [
        (
            json!({ "file": "/nonexistent/token" }),
            vec![],
            "the subject token: the file /nonexistent/token: No such file or directory (os error 2)",
        ),
        (
            json!({ "url": "SERVER/identity", "format": format }),
            response(),
            "the subject token: must be JSON with the token in the field `value`",
        ),
        (
            json!({ "url": "SERVER/identity" }),
            vec![Respond(200, "", "")],
            "the subject token: must not be empty",
        ),
        (
            json!({ "executable": { "command": "/bin/false" } }),
            vec![],
            "the subject token: the program /bin/false must be allowed to run: set GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES to 1",
        ),
    ] {
        let error = error(&federated(source), replies).await;
        assert_eq!(
            error,
            format!("could not get an access token with the JSON in credentials: {expected}")
        );
    }
}

#[tokio::test]
async fn document_requests_impersonation() {
    let mut document = federated(json!({ "url": "SERVER/identity" }));
    document["service_account_impersonation_url"] = json!(format!("SERVER{ACCOUNT}"));
    let replies = vec![Respond(200, "", "theirs"), TOKEN, IMPERSONATED, AUTHORIZATION];
    let requests = ["GET /identity", "POST /sts", &format!("POST {ACCOUNT}")];
    let server = check(&document, replies, &requests, "impersonated").await;
    assert!(request(&server, 2).contains("authorization: Bearer fresh"));

    let mut source = user();
    source["quota_project_id"] = json!("payer-of-the-source");
    let document = json!({
        "type": "impersonated_service_account", "source_credentials": source, "delegates": ["x@b.c"],
        "quota_project_id": "payer-of-the-document", "service_account_impersonation_url": format!("SERVER{ACCOUNT}")
    });
    let replies = vec![TOKEN, IMPERSONATED, AUTHORIZATION];
    let requests = ["POST /token", &format!("POST {ACCOUNT}")];
    let server = check(&document, replies, &requests, "impersonated").await;
    assert!(request(&server, 1).contains("projects/-/serviceAccounts/x@b.c"));
    assert!(request(&server, 1).contains("x-goog-user-project: payer-of-the-source"));
    assert!(request(&server, 2).contains("x-goog-user-project: payer-of-the-document"));
}

/// A redirect or an endless body, at each step of each exchange.
#[tokio::test]
async fn token_endpoints_ignore_redirects_and_bound_bodies() {
    let theirs = || Respond(200, "", "theirs");
    let url = json!({ "url": "SERVER/identity" });
    for (document, before) in [
        (user(), vec![]),
        (workforce_user(), vec![]),
        (federated(url.clone()), vec![]),
        (federated(url), vec![theirs]),
    ] {
        for reply in [Redirect(307, "http://127.0.0.1:1/".to_owned()), Endless] {
            let mut replies: Vec<Reply> = before.iter().map(|reply| reply()).collect();
            replies.push(reply);
            let server = server(&document, replies).await;
            let error = server.get().await.unwrap_err().to_string();
            let ends = [
                "location: http://127.0.0.1:1/\"",
                "it must be at most 1 MiB, got more",
            ];
            assert!(ends.iter().any(|end| error.ends_with(end)), "{error}");
            assert_eq!(server.request_lines().len(), before.len() + 1, "{error}");
        }
    }
}

#[tokio::test]
async fn extreme_lifetimes_work() {
    for expires_in in ["9223372036854775808", "-1", "0.5", "\"soon\"", "null"] {
        let response = format!(r#"{{"access_token": "fresh", "expires_in": {expires_in}}}"#);
        let replies = vec![RespondLate(200, 0, response), AUTHORIZATION, AUTHORIZATION];
        let server = server(&user(), replies).await;
        for _ in 0..2 {
            server.get().await.unwrap();
        }
        assert_eq!(server.request_lines().len(), 3, "{expires_in}");
    }
}

/// Runs these tests again in a process whose environment names a proxy that does not exist: all their URLs are loopback.
#[test]
fn loopback_requests_bypass_the_proxy() {
    if std::env::var_os("ALL_PROXY").is_some() {
        return;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.arg("auth").env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let ran = printed.contains("subject_token_is_read_from_file_or_url");
    assert!(output.status.success() && ran, "{printed}");
}
