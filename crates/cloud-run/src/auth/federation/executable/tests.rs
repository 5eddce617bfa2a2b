//! Programs that print subject tokens, or fail.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::{Value as Json, json};
use std::time::Duration;

use super::{Executable, MAX_LIMIT, Response};
use crate::redaction::{Redaction, Secret};

const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const SAML: &str = "urn:ietf:params:oauth:token-type:saml2";

fn executable(executable: Json) -> Executable {
    let document = serde_json::from_value(executable).unwrap();
    Executable::new(document, "//a".to_owned(), JWT.to_owned(), Some("a@b.c")).unwrap()
}

/// The result of a program with this script.
async fn printed(script: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    std::fs::write(&path, script).unwrap();
    // Not the script itself: while another test starts a process, that may hold the file open for writing.
    let command = format!("/bin/sh {} first second", path.display());
    let program = executable(json!({ "command": command, "output_file": "/nonexistent/cache" }));
    let token = program.run(&Redaction::default()).await;
    token.map(|token| token.expose_secret().to_owned())
}

#[tokio::test]
async fn program_receives_arguments_and_environment() {
    let token = json!({
        "success": true, "token_type": JWT,
        "id_token": "$1 $2 $GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE $GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE \
                     $GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE $GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL \
                     $GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE"
    });
    assert_eq!(
        printed(&format!("cat <<END\n{token}\nEND")).await.unwrap(),
        format!("first second //a {JWT} 0 a@b.c /nonexistent/cache")
    );
}

#[tokio::test]
async fn program_failure_is_reported() {
    for (script, expected) in [
        (
            r#"echo '{"success": false, "code": "401", "message": "no session"}'"#,
            r#"reported an error: "401 no session""#,
        ),
        (
            r#"echo '{"success": false, "code": "401", "message": "no session"}'; exit 1"#,
            r#"reported an error: "401 no session""#,
        ),
        (
            r#"echo '{"success": false}'"#,
            "reported an error: without a message",
        ),
        (
            "echo hush; echo no session >&2; exit 1",
            r#"failed: exit status: 1, "no session""#,
        ),
        (
            r#"echo '{"success": true, "id_token": "hush"}'; exit 1"#,
            "failed: exit status: 1, without a message",
        ),
        ("echo hush", "must print a JSON object with success and a token"),
    ] {
        assert_eq!(printed(script).await.unwrap_err(), expected, "{script}");
    }
}

fn token(response: Json) -> Result<Secret, String> {
    serde_json::from_value::<Response>(response)
        .unwrap()
        .token(&Redaction::default())
}

#[test]
fn token_member_follows_token_type() {
    for kind in ["jwt", "id_token", "access_token"] {
        let kind = format!("urn:ietf:params:oauth:token-type:{kind}");
        let given = json!({ "success": true, "token_type": kind, "id_token": "theirs", "version": 1 });
        assert_eq!(token(given).unwrap(), Secret::new("theirs"));
    }
    let later = 32_503_680_000_u64;
    let given =
        json!({ "success": true, "token_type": SAML, "saml_response": "theirs", "expiration_time": later });
    assert_eq!(token(given).unwrap(), Secret::new("theirs"));
    for (given, expected) in [
        (
            json!({ "success": true, "token_type": SAML, "id_token": "hush" }),
            "must print the token as saml_response",
        ),
        (
            json!({ "success": true, "token_type": JWT, "id_token": "" }),
            "must print the token as id_token",
        ),
        (
            json!({ "success": true, "token_type": "t", "id_token": "hush" }),
            "must print a token_type of urn:",
        ),
        (
            json!({ "success": true, "id_token": "hush" }),
            "must print a token_type of urn:",
        ),
        (
            json!({ "success": true, "token_type": JWT, "id_token": "hush", "expiration_time": 1 }),
            "must print a valid token, got one whose expiration_time has passed",
        ),
        (
            json!({ "success": true, "token_type": JWT, "id_token": "hush", "expiration_time": i64::MIN }),
            "must print a valid token, got one whose expiration_time has passed",
        ),
    ] {
        let message = token(given.clone()).unwrap_err();
        assert!(
            message.starts_with(expected) && !message.contains("hush"),
            "{given}: {message}"
        );
    }
}

#[tokio::test]
async fn valid_output_file_skips_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    // The program is never run: it is not allowed in this process, and would fail.
    let program = executable(json!({ "command": "/bin/false", "output_file": path }));
    let cached = json!({ "success": true, "token_type": JWT, "id_token": "theirs" });
    let mut good = cached.clone();
    good["expiration_time"] = json!(32_503_680_000_u64);
    let mut over = cached.clone();
    over["expiration_time"] = json!(1);
    let mut failed = good.clone();
    failed["success"] = json!(false);
    for (content, is_used) in [
        (good, true),
        (over, false),
        (cached, false),
        (failed, false),
        (json!("x"), false),
    ] {
        std::fs::write(&path, content.to_string()).unwrap();
        assert_eq!(
            program.subject_token(&Redaction::default()).await.is_ok(),
            is_used,
            "{content}"
        );
    }
}

#[test]
fn program_timeout_is_bounded() {
    let limit = |millis: Json| executable(json!({ "command": "c", "timeout_millis": millis })).limit;
    assert_eq!(limit(json!(null)), Duration::from_secs(30));
    assert_eq!(limit(json!(5000)), Duration::from_secs(5));
    for long in [json!(120_000), json!(u64::MAX)] {
        assert_eq!(limit(long), MAX_LIMIT);
    }
}
