//! Diagnostics of failed calls.

use super::error_path::error_path;
use crate::hints;
use cloud_run::model::Job as Remote;
use cloud_run::{Error, JobName};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::text::quotable;
use terraform_plugin::value::Path;

/// What the provider does with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Read,
    Update,
    Delete,
    Import,
}

impl Action {
    fn summary(self) -> &'static str {
        match self {
            Action::Create => "Job creation failed",
            Action::Read => "Job read failed",
            Action::Update => "Job update failed",
            Action::Delete => "Job deletion failed",
            Action::Import => "Job import failed",
        }
    }

    fn gerund(self) -> &'static str {
        match self {
            Action::Create => "Creating",
            Action::Read => "Reading",
            Action::Update => "Updating",
            Action::Delete => "Deleting",
            Action::Import => "Importing",
        }
    }

    /// The attribute that the API rejects, if it names one.
    fn attribute(self, error: &Error) -> Path {
        let is_rejected = error.status().is_some_and(|status| {
            CAUSED_BY_ATTRIBUTES.contains(&status.status.as_str()) || status.is_resource_quota()
        });
        match self {
            Action::Create | Action::Update if is_rejected => error_path(error.message()),
            _ => Path::default(),
        }
    }
}

/// A failed call, with a hint on what to do.
pub(crate) fn call_error(action: Action, name: &JobName, error: &Error) -> Diagnostic {
    call_error_with(action, name, error, &hint_after(error))
}

/// The paragraph on what to do after an error; empty without a hint.
pub(super) fn hint_after(error: &Error) -> String {
    match error {
        error if error.is_uid_mismatch() => format!("\n\n{UID_MISMATCH_HINT}"),
        error if error.is_conflict() => format!("\n\n{CONFLICT_HINT}"),
        error if error.is_cancelled() => format!("\n\n{CANCELLED_HINT}"),
        error => hints::after(error),
    }
}

/// A failed call, with this hint as its last paragraphs.
pub(super) fn call_error_with(action: Action, name: &JobName, error: &Error, hint: &str) -> Diagnostic {
    let detail = format!("{} {name} failed: {error}{hint}", action.gerund());
    Diagnostic::attribute_error(action.attribute(error), action.summary(), detail)
}

/// An import of a job whose deletion has begun.
pub(crate) fn being_deleted(name: &JobName, time: &str) -> Diagnostic {
    Diagnostic::error(
        "Job is being deleted",
        format!(
            "A job to import must not be in deletion, got {name}, whose deletion began at {}. Remove the import and apply: the \
             apply creates the job when the deletion has ended.",
            quotable(time, MAX_REASON_LENGTH)
        ),
    )
}

/// A refresh that finds another job of the same name.
pub(super) fn recreated_outside_terraform(name: &JobName, prior_uid: &str, uid: &str) -> Diagnostic {
    Diagnostic::attribute_warning(
        Path::attribute("name"),
        "Job recreated outside of Terraform",
        format!(
            "{name} was deleted and created again outside of Terraform: its uid was {} in the state and is now {}. The next \
             apply manages the new job. To leave the new job alone, run terraform state rm on this resource.",
            quoted(prior_uid),
            quoted(uid)
        ),
    )
}

/// An update that would overwrite a change outside of Terraform since the state was read.
pub(super) fn changed_outside_terraform(name: &JobName, current: &Remote, changes: &[String]) -> Diagnostic {
    let (by, at) = current.last_change();
    let more = changes.len().saturating_sub(MAX_CHANGES);
    let mut shown: Vec<String> = changes
        .iter()
        .take(MAX_CHANGES)
        .map(|path| quotable(path, MAX_REASON_LENGTH))
        .collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    Diagnostic::error(
        "Job changed outside of Terraform",
        format!(
            "An update must not overwrite changes that its plan does not show. After the plan was made, {name} was \
             changed{}{}: {}. The provider sent no update. Run terraform plan again, with refresh, and apply the new plan.",
            by.map(|by| format!(" by {}", quoted(by))).unwrap_or_default(),
            at.map(|at| format!(" at {at}")).unwrap_or_default(),
            shown.join(", ")
        ),
    )
}

/// A job that was saved and cannot run.
pub(super) fn not_ready(action: Action, name: &JobName, reason: &str, message: &str) -> Diagnostic {
    let (reason, message) = (
        quotable(reason, MAX_REASON_LENGTH),
        quotable(message, MAX_MESSAGE_LENGTH),
    );
    let known = HINTS.iter().find(|(known, _)| *known == reason);
    let hint = match known {
        // The API reports quota errors as INTERNAL.
        _ if message.to_lowercase().contains("quota") => QUOTA_HINT,
        Some((_, hint)) => hint,
        None => "Correct what the message names.",
    };
    let next = match action {
        Action::Create => CREATED_NOT_READY,
        _ => UPDATED_NOT_READY,
    };
    Diagnostic::error(
        "Job not ready",
        format!(
            "{name} was saved, but cannot run. Cloud Run reported {reason}: \"{message}\"\n\n{hint}\n\n{next}"
        ),
    )
}

/// A state without project, location or name.
pub(super) fn missing_identity() -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute("id"),
        "Missing job name in the state",
        "The state of a job must have project, location and name, got a state that lacks one of them. Run terraform state rm \
         on this resource, and import the job.",
    )
}

/// Statuses that an attribute can be the cause of.
const CAUSED_BY_ATTRIBUTES: [&str; 6] = [
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
];
const UID_MISMATCH_HINT: &str =
    "The new job was not changed. Run terraform plan again: an apply of that plan manages the new job.";
const CONFLICT_HINT: &str =
    "The job was changed at the same time. Run terraform plan again, and apply the new plan.";
const CANCELLED_HINT: &str = "Terraform was interrupted. Apply again: the state has what is known so far.";
const UPDATED_NOT_READY: &str =
    "The state of the job has ready = false. The next apply sends the definition again.";
const CREATED_NOT_READY: &str = "Terraform marks the job as tainted and replaces it in the next apply. To update it instead, run terraform untaint first.";

/// Hints for reasons of a condition: `Condition.reason` in
/// <https://cloud.google.com/run/docs/reference/rest/v2/Condition>.
const HINTS: [(&str, &str); 7] = [
    (
        "CONTAINER_MISSING",
        "Correct container.image: the image or its tag does not exist.",
    ),
    (
        "CONTAINER_PERMISSION_DENIED",
        "Grant the Cloud Run service agent of the project roles/artifactregistry.reader on the image's repository.",
    ),
    (
        "CONTAINER_IMAGE_UNAUTHORIZED",
        "Create the attestation of the image that the Binary Authorization policy requires.",
    ),
    (
        "ENCRYPTION_KEY_PERMISSION_DENIED",
        "Grant the Cloud Run service agent of the project roles/cloudkms.cryptoKeyEncrypterDecrypter on encryption_key.",
    ),
    (
        "SECRETS_ACCESS_CHECK_FAILED",
        "Grant the job's service account roles/secretmanager.secretAccessor on each secret, and check that the versions exist.",
    ),
    (
        "VPC_NETWORK_NOT_FOUND",
        "Correct vpc_access.connector: its network does not exist.",
    ),
    ("INTERNAL", "Apply again: the error is internal to Cloud Run."),
];
/// The most bytes of an API message that are shown.
const MAX_REASON_LENGTH: usize = 200;
const MAX_MESSAGE_LENGTH: usize = 4 << 10;
/// The most changed attributes that are shown.
const MAX_CHANGES: usize = 20;
/// For a message about quota with any reason.
const QUOTA_HINT: &str = "Request an increase of that quota in the job's region: https://console.cloud.google.com/iam-admin/quotas";

#[cfg(test)]
pub(super) mod tests;
