//! Diagnostics of a creation.

use std::time::Duration;

use crate::run::limits::expiring_token;
use crate::run::{Followed, Outcome, report};
use cloud_run::{Client, ExecutionName};
use terraform_plugin::diagnostic::{Diagnostic, Severity};

/// The error of an execution that failed or was cancelled, or the warning of one that was not followed to its end.
pub(super) fn of_wait(
    client: &Client,
    name: &ExecutionName,
    followed: &Followed,
    timeout: Duration,
) -> Vec<Diagnostic> {
    let Some(mut diagnostic) = report::outcome(name, followed, timeout) else {
        return Vec::new();
    };
    let mut expired = None;
    match &followed.outcome {
        Outcome::Succeeded | Outcome::Failed(_) | Outcome::Cancelled => diagnostic.detail.push_str(TAINTED),
        Outcome::Unreadable(error) if error.is_not_found() => diagnostic.severity = Severity::Warning,
        Outcome::Stopped | Outcome::TimedOut | Outcome::Unreadable(_) => {
            diagnostic.severity = Severity::Warning;
            diagnostic.detail.push_str(INTERRUPTED);
            if matches!(&followed.outcome, Outcome::Unreadable(error) if error.is_unauthenticated()) {
                expired = expiring_token(client, timeout);
            }
        }
    }
    [diagnostic].into_iter().chain(expired).collect()
}

/// The warning of executions that an earlier apply may have started.
pub(super) fn similar_executions(names: &[ExecutionName]) -> Option<Diagnostic> {
    if names.is_empty() {
        return None;
    }
    let shown = report::lines(names.iter().map(ToString::to_string));
    Some(Diagnostic::warning(
        "Similar execution not ended",
        format!(
            "Before this run, these executions of the job with the same definition had not ended:{shown}\n\n\
             An apply that was killed before it stored its execution may have started them. Cancel those that are not needed."
        ),
    ))
}

const TAINTED: &str =
    "\n\nTerraform marks the resource as tainted: the next apply replaces it, which runs the job again.";
const INTERRUPTED: &str = "\n\nThe execution is in the state. A refresh reads its outcome; if it failed or was cancelled, \
                           the plan replaces the resource, which runs the job again.";
