//! Messages about a name that is taken.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::job::crud::errors::tests::{api_error, name};
use cloud_run::{Credentials, Redaction};

fn already_exists() -> Error {
    api_error(409, "ALREADY_EXISTS", "Resource 'render' already exists.")
}

fn detail(error: Error, found: Option<Result<Remote, Error>>) -> String {
    let found = found.map(|found| found.map(Box::new));
    let diagnostic = CreateError { error, found }.diagnostic(&name());
    assert_eq!(diagnostic.summary, "Job creation failed");
    diagnostic.detail
}

fn job(annotations: &str) -> Remote {
    let json = format!(
        r#"{{"name": "n", "creator": "ci@acme.iam.gserviceaccount.com", "createTime": "2026-11-28T10:00:00.123456Z",
        "generation": "3", "executionCount": 12, "annotations": {annotations}}}"#
    );
    serde_json::from_str(&json).unwrap()
}

#[test]
fn job_of_this_provider_has_possible_causes() {
    let by_provider = job(r#"{"terraform-provider-facets-gpu/creation-id": "another"}"#);
    insta::assert_snapshot!(detail(already_exists(), Some(Ok(by_provider))));
}

#[test]
fn unknown_values_are_named_and_control_characters_quoted() {
    let bare: Remote = serde_json::from_str(r#"{"name": "n", "creator": "a\u001b[2J"}"#).unwrap();
    let detail = detail(already_exists(), Some(Ok(bare)));
    for line in [
        r#"  creator: "a\u{1b}[2J""#,
        "  create time: unknown",
        "  generation: unknown",
        "  executions: 0",
    ] {
        assert!(detail.lines().any(|shown| shown == line), "{line}\n{detail}");
    }
}

#[test]
fn failed_or_empty_read_is_reported() {
    let denied = api_error(403, "PERMISSION_DENIED", "No.");
    let unusable = Credentials::from_token_or_path("Bearer t", &Redaction::default()).unwrap_err();
    let lost = || Error::ConnectionClosed("reset".to_owned());
    let shown = [
        (already_exists(), api_error(404, "NOT_FOUND", "gone")),
        (already_exists(), denied.clone()),
        (lost(), denied),
        (lost(), Error::Credentials(unusable)),
    ];
    let shown = shown.map(|(error, read_error)| detail(error, Some(Err(read_error))));
    insta::assert_snapshot!(shown.join("\n---\n"));
}

#[test]
fn error_without_read_is_unchanged() {
    let denied = || api_error(403, "PERMISSION_DENIED", "Permission 'run.jobs.create' denied.");
    let expected = call_error(Action::Create, &name(), &denied()).detail;
    assert_eq!(detail(denied(), None), expected);
    let missing = api_error(404, "NOT_FOUND", "gone");
    assert_eq!(detail(denied(), Some(Err(missing))), expected);
}
