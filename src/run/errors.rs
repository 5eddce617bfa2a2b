//! Diagnostics of failed calls.

use std::fmt::Display;

use crate::hints;
use cloud_run::Error;
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
            Call::Cancel => "Cancelling",
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
        error if call == Call::GetJob && error.is_not_found() => {
            "\n\nCorrect job, or create the job first.".to_owned()
        }
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
