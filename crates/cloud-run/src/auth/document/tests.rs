//! Errors of invalid documents.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::{Value as Json, json};

use super::open;
use crate::Credentials;
use crate::redaction::{Redaction, Secret};

/// A valid document of each type. Its secrets contain "hush".
fn valid() -> Vec<Json> {
    let key: Json = serde_json::from_str(include_str!("../../testdata/service-account.json")).unwrap();
    let user = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "hush-1", "refresh_token": "hush-2"
    });
    vec![
        json!({
            "type": "service_account", "client_email": "e", "private_key_id": "k", "private_key": key["private_key"]
        }),
        user.clone(),
        json!({
            "type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "https://sts",
            "credential_source": { "file": "/f" }
        }),
        json!({
            "type": "external_account_authorized_user", "client_id": "c", "client_secret": "hush-1",
            "refresh_token": "hush-2", "token_url": "https://sts"
        }),
        json!({
            "type": "impersonated_service_account", "source_credentials": user,
            "service_account_impersonation_url": "https://i/v1/projects/-/serviceAccounts/a@b.c:generateAccessToken"
        }),
    ]
}

fn error(document: &Json) -> Option<String> {
    let error = open(
        &Secret::new(document.to_string()),
        "the file f",
        &Redaction::default(),
    )
    .err()?
    .to_string();
    assert!(!error.contains("hush"), "it quotes a secret: {error}");
    Some(
        error
            .strip_prefix("the file f: ")
            .expect("it names the file")
            .to_owned(),
    )
}

#[test]
fn missing_or_mistyped_member_is_named() {
    for document in valid() {
        assert_eq!(error(&document), None, "{document}");
        for member in document.as_object().unwrap().keys() {
            let mut other = document.clone();
            other.as_object_mut().unwrap().remove(member);
            let found = error(&other).unwrap();
            assert!(found.contains(member), "{other}: {found}");
            other[member] = json!(["hush"]);
            let found = error(&other).unwrap();
            assert!(found.contains(member), "{other}: {found}");
        }
    }
}

#[test]
fn invalid_member_is_named_without_quoting() {
    let mut messages = Vec::new();
    for (index, pointer, value) in [
        (0, "/private_key", json!("-----BEGIN RSA PRIVATE KEY-----\nhush")),
        (0, "/universe_domain", json!("example.cloud")),
        (1, "/type", json!("gdch_service_account")),
        (1, "/quota_project_id", json!("project\n")),
        (
            2,
            "/credential_source",
            json!({ "url": "https://idp", "headers": { "X-Key": "hush\nhush" } }),
        ),
        (
            2,
            "/credential_source",
            json!({ "url": "https://idp", "headers": { "X Key": "hush" } }),
        ),
        (1, "/token_uri", json!("http://oauth2.googleapis.com/token")),
        (2, "/token_url", json!("ftp://127.0.0.1/")),
        (3, "/token_url", json!("hush")),
        (2, "/service_account_impersonation_url", json!("http://i")),
        (2, "/credential_source", json!({})),
        (2, "/credential_source", json!({ "url": "http://10.0.0.1/hush" })),
        (
            2,
            "/credential_source",
            json!({ "executable": { "command": "c", "timeout_millis": "hush" } }),
        ),
        (
            4,
            "/source_credentials",
            json!({ "type": "authorized_user", "client_id": "c" }),
        ),
    ] {
        let mut document = valid()[index].clone();
        document[&pointer[1..]] = value;
        let found = error(&document).unwrap_or_default();
        assert!(!found.contains("hush"), "{found}");
        messages.push(found);
    }
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn link_local_metadata_server_is_allowed() {
    for url in [
        "http://169.254.169.254/identity",
        "http://[fd00:ec2::254]/x",
        "http://127.0.0.1:1/",
    ] {
        let mut document = valid()[2].clone();
        document["credential_source"] = json!({ "url": url });
        assert_eq!(error(&document), None, "{url}");
    }
}

#[test]
fn non_document_is_described() {
    let document = valid()[0].to_string();
    for (text, expected) in [
        (
            "{",
            "credentials: must be a credential document in JSON, got EOF while parsing an object at line 1 column 1",
        ),
        (
            &document[..200],
            "got EOF while parsing a string at line 1 column 200",
        ),
        (
            &document.replace('"', "'"),
            "got key must be a string at line 1 column 2",
        ),
        (&document.replace("\\n", "\n"), "got control character"),
        ("{}", "credentials: missing field `type`"),
        ("ya29.hush", "got an access token"),
    ] {
        let error = Credentials::from_json_or_path(text, &Redaction::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(expected) && !error.contains("hush") && !error.contains("MII"),
            "{text}: {error}"
        );
    }
    let error = open(&Secret::new("ya29.hush"), "the file f", &Redaction::default())
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.starts_with("the file f: must be a credential document in JSON, got an access token"),
        "{error}"
    );
}

#[test]
fn path_is_opened_on_first_use() {
    let credentials = Credentials::from_json_or_path("~/nonexistent.json", &Redaction::default()).unwrap();
    let home = std::env::home_dir().unwrap();
    assert!(matches!(credentials, Credentials::File(path) if path == home.join("nonexistent.json")));
}
