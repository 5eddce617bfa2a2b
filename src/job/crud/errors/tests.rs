//! Each message once.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use cloud_run::Status;
use std::fmt::Write as _;

pub(in crate::job::crud) fn name() -> JobName {
    JobName::new("acme", "us-central1", "render")
}

pub(in crate::job::crud) fn api_error(http: u16, status: &str, message: &str) -> Error {
    Error::Status(Status {
        http: Some(http),
        status: status.to_owned(),
        message: message.to_owned(),
        ..Status::default()
    })
}

#[test]
fn failed_calls_have_cause_and_hint() {
    let denied = |permission: &str| {
        let message = format!(
            "Permission 'run.jobs.{permission}' denied on resource '{}'",
            name()
        );
        api_error(403, "PERMISSION_DENIED", &message)
    };
    let mismatch = Error::UidMismatch {
        expected: "u".to_owned(),
        found: "v".to_owned(),
    };
    let late = Error::DeadlineExceeded {
        waited_for: "operation o".to_owned(),
    };
    let reset = || Error::ConnectionClosed("connection reset".to_owned());
    let mut shown = String::new();
    for (action, error) in [
        (Action::Create, denied("create")),
        (
            Action::Create,
            api_error(
                400,
                "INVALID_ARGUMENT",
                "template.template.max_retries: must be a number between 0 and 10.",
            ),
        ),
        (Action::Read, reset()),
        (Action::Update, mismatch),
        (Action::Update, api_error(409, "ABORTED", "Conflict.")),
        (Action::Delete, late),
        (Action::Delete, Error::Cancelled),
        (Action::Import, api_error(404, "NOT_FOUND", "Resource not found.")),
    ] {
        writeln!(shown, "{}", call_error(action, &name(), &error)).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn creation_and_update_errors_are_at_attributes() {
    let invalid = |status: &str| api_error(400, status, "template.task_count: must be a number");
    let at = |action, error: &Error| call_error(action, &name(), error).path.to_string();
    for action in [Action::Create, Action::Update] {
        assert_eq!(at(action, &invalid("INVALID_ARGUMENT")), "job.task_count");
        assert_eq!(at(action, &invalid("INTERNAL")), "");
        let quota = "MemAllocPerProjectRegion requested: 2 allowed: 1";
        assert_eq!(
            at(action, &api_error(429, "RESOURCE_EXHAUSTED", quota)),
            "resources.memory"
        );
    }
    assert_eq!(at(Action::Delete, &invalid("INVALID_ARGUMENT")), "");
}

#[test]
fn unready_job_has_reason_and_hint() {
    let reasons = HINTS.iter().map(|(reason, _)| *reason);
    let mut shown = String::new();
    for reason in reasons.chain(["WAITING_FOR_OPERATION"]) {
        let error = not_ready(Action::Update, &name(), reason, "Not available.\u{1b}");
        writeln!(shown, "{error}").unwrap();
    }
    let quota = "Quota exceeded for total allowable count of GPUs.";
    writeln!(shown, "{}", not_ready(Action::Create, &name(), "INTERNAL", quota)).unwrap();
    insta::assert_snapshot!(shown);
}

#[test]
fn changes_outside_of_terraform_are_named() {
    let changed: Remote =
        serde_json::from_str(r#"{"lastModifier": "ann@example.com", "updateTime": "2026-01-03T00:00:00Z"}"#)
            .unwrap();
    let paths = ["job.task_count".to_owned(), "env.MODE".to_owned()];
    let many: Vec<String> = (0..30).map(|index| format!("env.E{index}")).collect();
    let shown = [
        changed_outside_terraform(&name(), &changed, &paths),
        changed_outside_terraform(&name(), &Remote::default(), &many),
        recreated_outside_terraform(&name(), "u", "v"),
        being_deleted(&name(), "2026-01-03T00:00:00Z"),
        missing_identity(),
    ];
    insta::assert_snapshot!(shown.map(|diagnostic| diagnostic.to_string()).join("\n"));
}
