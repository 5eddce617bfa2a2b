//! Diagnostics of failed calls.

use std::fmt::Display;

use super::report::{list_command, name_and_time};
use crate::hints;
use cloud_run::model::Execution;
use cloud_run::{Error, ExecutionName, JobName};
use terraform_plugin::diagnostic::Diagnostic;

/// A call that a run needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    GetJob,
    ListExecutions,
    Run,
    RunWithOverrides,
    GetExecution,
    ListTasks,
    Cancel,
}

impl Call {
    /// The permission: <https://cloud.google.com/run/docs/reference/iam/permissions>.
    pub(super) fn permission(self) -> &'static str {
        match self {
            Call::GetJob => "run.jobs.get",
            Call::ListExecutions => "run.executions.list",
            Call::Run => "run.jobs.run",
            Call::RunWithOverrides => "run.jobs.runWithOverrides",
            Call::GetExecution => "run.executions.get",
            Call::ListTasks => "run.tasks.list",
            Call::Cancel => "run.executions.cancel",
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Call::GetJob => "Job read failed",
            Call::ListExecutions => "Execution listing failed",
            Call::Run | Call::RunWithOverrides => "Job run failed",
            Call::GetExecution => "Execution read failed",
            Call::ListTasks => "Task listing failed",
            Call::Cancel => "Execution cancellation failed",
        }
    }

    /// The call as the beginning of a sentence, before the name of what it is about.
    fn gerund(self) -> &'static str {
        match self {
            Call::GetJob | Call::GetExecution => "Reading",
            Call::ListExecutions => "Listing the executions of",
            Call::Run | Call::RunWithOverrides => "Running",
            Call::ListTasks => "Listing the tasks of",
            Call::Cancel => "Canceling",
        }
    }
}

/// The error of a call, with a hint.
pub(super) fn call_error(call: Call, name: impl Display, error: &Error) -> Diagnostic {
    let detail = format!("{} {name} failed: {error}{}", call.gerund(), hint(call, error));
    Diagnostic::error(call.summary(), detail)
}

/// The text to append to the error of a call.
pub(super) fn hint(call: Call, error: &Error) -> String {
    match error {
        error if is_denied(error) => format!(
            "\n\nGrant the account that runs Terraform the permission {}, which roles/run.developer has.",
            call.permission()
        ),
        // Their hints are about writes of a resource.
        Error::DeadlineExceeded { .. } | Error::ConnectionClosed(_) | Error::Cancelled => String::new(),
        error => hints::after(error),
    }
}

/// Whether a permission on the job or execution is missing. Other refusals have hints of their own.
fn is_denied(error: &Error) -> bool {
    let Some(status) = error.status().filter(|one| one.status == "PERMISSION_DENIED") else {
        return false;
    };
    let text = format!("{} {:?}", status.message, status.details).to_lowercase();
    !status.is_perimeter()
        && status.disabled_api().is_none()
        && !OTHER_CAUSES.iter().any(|cause| text.contains(cause))
}

/// Parts of refusals that another permission of Cloud Run does not change.
const OTHER_CAUSES: [&str; 4] = ["iam.serviceaccounts.actas", "scope", "billing", "serviceusage."];

/// A run whose response was lost, and whose execution was not found, or not recognized among several.
pub(super) fn unknown_outcome(
    job: &JobName,
    error: Option<&Error>,
    found: &Result<Vec<(ExecutionName, Execution)>, Error>,
) -> Diagnostic {
    let lost = match error {
        Some(error) => error.to_string(),
        None => "Cloud Run accepted the request, and its response does not name an execution".to_owned(),
    };
    let (found, example) = match found {
        Err(error) => (
            format!(
                "The provider could not look for it: {error}{}",
                hint(Call::ListExecutions, error)
            ),
            None,
        ),
        Ok(candidates) if candidates.is_empty() => (
            "The provider looked for a new execution with the definition of this run and found none."
                .to_owned(),
            None,
        ),
        Ok(candidates) => {
            let lines = candidates.iter().take(MAX_CANDIDATES);
            let lines: String = lines
                .map(|(name, one)| format!("\n  {}", name_and_time(name, one)))
                .collect();
            let more = candidates.len().saturating_sub(MAX_CANDIDATES);
            let more = match more {
                0 => String::new(),
                more => format!("\n  … and {more} more"),
            };
            let count = candidates.len();
            (
                format!(
                    "The provider found {count} new executions with the definition of this run:\n{lines}{more}"
                ),
                candidates.first().map(|(name, _)| name.to_string()),
            )
        }
    };
    let example = example.unwrap_or_else(|| format!("{job}/executions/EXECUTION"));
    Diagnostic::error(
        "Unknown whether the job runs",
        format!(
            "{job}: {lost}\n\nCloud Run may have started an execution. The provider does not send the request again, since \
             the job could run twice. {found}\n\nCheck the executions before the job is run again:\n\n  {}\n\nTo manage an \
             execution of this run as a resource, import it:\n\n  terraform import ADDRESS {example}",
            list_command(job)
        ),
    )
}

/// The most executions that a message lists.
const MAX_CANDIDATES: usize = 10;
