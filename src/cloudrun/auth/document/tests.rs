//! Documents that cannot work, and what is said about them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value as Json, json};

use super::parse;
use crate::cloudrun::{Credentials, Secret};

/// A key that the library can read.
fn key() -> String {
    let document: Json = serde_json::from_str(include_str!("../../testdata/service-account.json")).unwrap();
    document["private_key"].as_str().unwrap().to_owned()
}

/// A good document of each kind. Whatever is secret in it is called hush.
fn good() -> Vec<Json> {
    let user = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "hush-1", "refresh_token": "hush-2"
    });
    vec![
        json!({
            "type": "service_account", "client_email": "e", "private_key_id": "k", "project_id": "p",
            "private_key": key()
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

fn told(document: &Json) -> Option<String> {
    let text = Secret::new(document.to_string());
    let told = parse(&text, "the file f").err().map(|error| error.to_string());
    if let Some(told) = &told {
        assert!(!told.contains("hush"), "it quotes a secret: {told}");
        assert!(told.contains("the file f"), "it does not say which file: {told}");
    }
    told
}

/// A document with some members in place of its own.
fn check(index: usize, members: Json, expected: &str) {
    let mut document = good()[index].clone();
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    let told = told(&document).unwrap_or_default();
    assert!(told.contains(expected), "{members}: {told:?}");
}

#[test]
fn a_good_document_of_each_kind_is_taken() {
    for document in good() {
        assert_eq!(told(&document), None, "{document}");
    }
}

#[test]
fn each_member_that_is_needed_is_missed_by_name() {
    for document in good() {
        for member in document.as_object().unwrap().keys() {
            for nothing in [Json::Null, json!(""), json!(7)] {
                let mut without = document.clone();
                without[member] = nothing;
                let told = told(&without).unwrap_or_default();
                let expected = match member.as_str() {
                    "type" => "JSON without a type",
                    other => &format!("{other} is missing"),
                };
                assert!(told.contains(expected), "{without}: {told:?}");
            }
        }
    }
}

#[test]
fn nothing_secret_is_sent_in_clear_text() {
    for address in [
        "t",
        "http://oauth2.googleapis.com/token",
        "ftp://127.0.0.1/",
        "http://",
    ] {
        check(
            1,
            json!({ "token_uri": address }),
            "its token_uri is no https address",
        );
        check(
            2,
            json!({ "token_url": address }),
            "its token_url is no https address",
        );
        check(
            2,
            json!({ "service_account_impersonation_url": address }),
            "its service_account_impersonation_url is no https",
        );
        check(
            2,
            json!({ "credential_source": { "url": address } }),
            "neither an https address",
        );
        check(
            4,
            json!({ "source_credentials": { "type": "authorized_user", "client_id": "c", "client_secret": "hush",
                "refresh_token": "hush", "token_uri": address } }),
            "source_credentials in the file f holds credentials of the type \"authorized_user\", and its token_uri",
        );
    }
}

#[test]
fn a_metadata_server_beside_the_machine_may_be_asked_for_the_other_sides_token() {
    for url in [
        "http://169.254.169.254/identity",
        "http://[fd00:ec2::254]/x",
        "http://127.0.0.1:1/",
    ] {
        let mut document = good()[2].clone();
        document["credential_source"] = json!({ "url": url });
        assert_eq!(told(&document), None, "{url}");
    }
}

#[test]
fn what_cannot_work_says_why() {
    check(
        0,
        json!({ "private_key": "-----BEGIN RSA PRIVATE KEY-----\nhush" }),
        "openssl pkcs8 -topk8",
    );
    check(
        0,
        json!({ "private_key": key().replace('\n', " ") }),
        "of the type \"service_account\", and its private_key must have line breaks, written as \\n in JSON, got spaces",
    );
    let mut inner = good()[0].clone();
    inner["private_key"] = json!(key().replace('\n', ""));
    check(
        4,
        json!({ "source_credentials": inner }),
        "source_credentials in the file f holds credentials of the type \"service_account\", and its private_key must",
    );
    check(
        1,
        json!({ "quota_project_id": "p\n" }),
        "its quota_project_id must be the id of a project, got a line break",
    );
    check(
        2,
        json!({ "credential_source": { "url": "https://u", "headers": { "Authorization": "hush\nhush" } } }),
        "the header \"Authorization\" of its credential_source must have a value of visible ASCII characters, got a line",
    );
    check(
        0,
        json!({ "universe_domain": "example.cloud" }),
        "universe_domain is \"example.cloud\"",
    );
    check(
        2,
        json!({ "credential_source": {} }),
        "names no file, url or executable",
    );
    check(
        4,
        json!({ "source_credentials": good()[4] }),
        "of that type too. Name the accounts",
    );
    check(
        4,
        json!({ "source_credentials": { "type": "authorized_user" } }),
        "client_id is missing",
    );
    check(
        1,
        json!({ "type": "gdch_service_account" }),
        "of the type \"gdch_service_account\"",
    );
    check(1, json!({ "type": "x".repeat(1000) }), "give an access token");
}

#[test]
fn a_key_that_was_escaped_twice_is_mended() {
    let mut document = good()[0].clone();
    document["private_key"] = json!(key().replace('\n', "\\n"));
    let (_, mended) = parse(&Secret::new(document.to_string()), "f").unwrap();
    assert_eq!(
        mended["private_key"].as_str().unwrap().lines().next(),
        Some("-----BEGIN PRIVATE KEY-----")
    );
    let nested = json!({ "type": "impersonated_service_account", "source_credentials": document,
        "service_account_impersonation_url": good()[4]["service_account_impersonation_url"] });
    let (_, mended) = parse(&Secret::new(nested.to_string()), "f").unwrap();
    assert!(
        !mended["source_credentials"]["private_key"]
            .to_string()
            .contains(r"\\n")
    );
}

#[test]
fn what_is_no_document_says_what_it_is() {
    let document = good()[0].to_string();
    for (text, expected) in [
        ("", "got nothing"),
        ("{", "JSON that is cut at line 1, column 1"),
        (&document[..200], "JSON that is cut at line 1, column 200"),
        ("{\"a\":\n\"b\" \"c\"}", "cannot be read as JSON, from line 2"),
        ("{type: service_account}", "without double quotes"),
        (&document.replace('"', "'"), "without double quotes"),
        (&document.replace('"', "\\\""), "escaped once more"),
        (&document.replace("\\n", "\n"), "with line breaks in private_key"),
        (
            &document.replace("\\n", "\r\n"),
            "with line breaks in private_key",
        ),
        ("{}", "JSON without a type"),
        (r#"{"type": 1}"#, "JSON without a type"),
    ] {
        let told = Credentials::from_json_or_path(text).unwrap_err().to_string();
        assert!(told.contains(expected), "{text}: {told}");
        let lines = key();
        let quoted = lines
            .lines()
            .filter(|line| line.len() > 20)
            .find(|line| told.contains(&line[..20]));
        assert!(quoted.is_none_or(|line| line.starts_with('-')), "{text}: {told}");
    }
}

/// The same accidents in a file.
#[test]
fn a_file_that_holds_something_else_says_what_it_is() {
    let key = key();
    for (text, expected) in [
        (
            "",
            "the file f must be a credential document in JSON, got a text of 0 characters",
        ),
        (
            key.as_str(),
            "the file f must be a credential document in JSON, got a key or certificate in PEM",
        ),
        (
            "ya29.hush",
            "the file f must be a credential document in JSON, got an access token.",
        ),
    ] {
        let told = parse(&Secret::new(text), "the file f").unwrap_err().to_string();
        assert!(told.starts_with(expected) && !told.contains("hush"), "{told}");
    }
}

#[test]
fn a_path_is_not_opened_before_it_is_needed() {
    let credentials = Credentials::from_json_or_path("/nonexistent/key.json").unwrap();
    assert!(matches!(credentials, Credentials::File(path) if path.starts_with("/nonexistent")));
    if let Some(home) = std::env::home_dir() {
        let credentials = Credentials::from_json_or_path("~/key.json").unwrap();
        assert!(matches!(credentials, Credentials::File(path) if path == home.join("key.json")));
    }
}
