//! Messages about a name that is taken.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use cloud_run::{Credentials, Redaction, Status};

fn name() -> JobName {
    JobName::new("acme", "us-central1", "render")
}

fn api_error(http: u16, status: &str, message: &str) -> Error {
    Error::Status(Status {
        http: Some(http),
        status: status.to_owned(),
        message: message.to_owned(),
        ..Status::default()
    })
}

fn already_exists() -> Error {
    api_error(409, "ALREADY_EXISTS", "Resource 'render' already exists.")
}

fn detail(error: Error, found: Option<Result<Remote, Error>>) -> String {
    let found = found.map(|found| found.map(Box::new));
    let diagnostic = CreateError { error, found }.diagnostic(&name());
    assert_eq!(diagnostic.summary, "Could not create the job");
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
    insta::assert_snapshot!(detail(already_exists(), Some(Ok(by_provider))), @r#"
    projects/acme/locations/us-central1/jobs/render: Google refused the request: HTTP 409 ALREADY_EXISTS: Resource 'render' already exists.

    A job of this name already exists and was not changed. It was created by this provider:

      creator: "ci@acme.iam.gserviceaccount.com"
      create time: "2026-11-28T10:00:00.123456Z"
      generation: 3
      executions so far: 12

    Possible causes: an earlier apply was killed or interrupted before Terraform stored the job; the resource is being replaced with lifecycle.create_before_destroy, which creates the new job while the old one still has the name; or another resource, workspace or configuration manages the job.

    To manage that job with this resource, add an import block (Terraform 1.5 or later) with the address of this resource in place of facets_gpu_cloudrun_job.NAME, and apply:

      import {
        to = facets_gpu_cloudrun_job.NAME
        id = "projects/acme/locations/us-central1/jobs/render"
      }

    The command terraform import does the same. If create_before_destroy is the cause, do not import: remove it, or give the new job another name. To keep that job as it is, choose another name.
    "#);
}

#[test]
fn unknown_values_are_named_and_control_characters_quoted() {
    let bare: Remote = serde_json::from_str(r#"{"name": "n", "creator": "a\u001b[2J"}"#).unwrap();
    let detail = detail(already_exists(), Some(Ok(bare)));
    for line in [
        r#"  creator: "a\u{1b}[2J""#,
        "  create time: unknown",
        "  generation: unknown",
        "  executions so far: 0",
    ] {
        assert!(detail.lines().any(|shown| shown == line), "{line}\n{detail}");
    }
}

#[test]
fn held_name_without_job_has_no_import_hint() {
    let missing = api_error(404, "NOT_FOUND", "gone");
    let detail = detail(already_exists(), Some(Err(missing)));
    assert!(
        detail.contains("deletion is not complete") && !detail.contains("import"),
        "{detail}"
    );
}

#[test]
fn failed_read_is_reported() {
    for error in [Error::ConnectionClosed("reset".to_owned()), already_exists()] {
        let denied = api_error(403, "PERMISSION_DENIED", "No.");
        let detail = detail(error, Some(Err(denied)));
        assert!(detail.contains("PERMISSION_DENIED: No."), "{detail}");
    }
    let unusable = Credentials::from_token_or_path("Bearer t", &Redaction::default()).unwrap_err();
    let lost = Error::ConnectionClosed("reset".to_owned());
    let detail = detail(lost, Some(Err(Error::Credentials(unusable))));
    assert!(
        detail.ends_with("in access_token or GOOGLE_OAUTH_ACCESS_TOKEN"),
        "{detail}"
    );
}

#[test]
fn error_without_read_is_unchanged() {
    let denied = || api_error(403, "PERMISSION_DENIED", "Permission 'run.jobs.create' denied.");
    let expected = call_error("create", &name(), &denied()).detail;
    assert_eq!(detail(denied(), None), expected);
    let missing = api_error(404, "NOT_FOUND", "gone");
    assert_eq!(detail(denied(), Some(Err(missing))), expected);
}
