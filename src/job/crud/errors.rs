//! Diagnostics of failed calls.

use crate::hints;
use cloud_run::model::Job as Remote;
use cloud_run::{Error, JobName};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::text::quotable;
use terraform_plugin::value::Path;

/// A failed call, with a hint on what to do.
pub(crate) fn call_error(verb: &str, name: &JobName, error: &Error) -> Diagnostic {
    let mut detail = format!("{name}: {error}");
    if error.is_uid_mismatch() {
        detail.push_str(
            ". It was not touched. Plan again to see it beside the configuration: an apply of that plan makes it this \
             resource's job.",
        );
    } else if error.is_conflict() {
        detail.push_str(
            "\n\nSomebody else changed the job at the same time. Plan again to see what it is now.",
        );
    } else if error.is_cancelled() {
        detail.push_str(
            "\n\nTerraform was asked to stop. What is known so far is in the state; apply again to go on.",
        );
    } else {
        detail.push_str(&hints::after(error));
    }
    Diagnostic::error(format!("Could not {verb} the job"), detail)
}

/// An import of a job whose deletion has begun.
pub(crate) fn being_deleted(name: &JobName, time: &str) -> Diagnostic {
    Diagnostic::error(
        "Job to import is being deleted",
        format!(
            "A job must exist to be imported, got {name}, whose deletion began at {}. Remove the import and apply: when the \
             deletion has ended, the apply creates the job.",
            quotable(time, MAX_REASON_LENGTH)
        ),
    )
}

/// A refresh that finds another job of the same name.
pub(super) fn recreated_outside_terraform(name: &JobName, prior_uid: &str, uid: &str) -> Diagnostic {
    Diagnostic::attribute_warning(
        Path::attribute("name"),
        "Another job of the same name",
        format!(
            "The state knew {name} with the uid {prior_uid}. Somebody has deleted that job and made another one of its name, \
             with the uid {uid}. An apply makes that one this resource's job. To leave it alone, choose another name, or \
             take the job out of the state: terraform state rm."
        ),
    )
}

/// An update that would overwrite a change outside of Terraform since the state was read.
pub(super) fn changed_outside_terraform(name: &JobName, current: &Remote, changes: &[String]) -> Diagnostic {
    let (by, at) = current.last_change();
    Diagnostic::error(
        "Job changed outside of Terraform",
        format!(
            "An update must not overwrite a change that its plan does not show. {name} was changed{}{} after the plan was \
             made: {}. Nothing was sent. Run terraform plan again, with refresh, and apply the new plan.",
            by.map(|by| format!(" by {}", quoted(by))).unwrap_or_default(),
            at.map(|at| format!(" at {at}")).unwrap_or_default(),
            changes.join(", ")
        ),
    )
}

/// A job that was saved and cannot run.
pub(super) fn not_ready(name: &JobName, reason: &str, message: &str) -> Diagnostic {
    let (reason, message) = (
        quotable(reason, MAX_REASON_LENGTH),
        quotable(message, MAX_MESSAGE_LENGTH),
    );
    let known = HINTS.iter().find(|(known, _)| *known == reason);
    let hint = match known {
        // The API reports quota errors as INTERNAL.
        _ if message.to_lowercase().contains("quota") => QUOTA_HINT,
        Some((_, hint)) => hint,
        None => "Remove the cause that the message names.",
    };
    Diagnostic::error(
        "The job is not ready",
        format!(
            "{name} was saved, but Google reports that it cannot run: {reason}: {message}\n\n{hint} The job stays in the \
             state with ready = false, and the next apply sends the definition again. Terraform marks a job that was just \
             created as tainted and replaces it; to keep it instead, run terraform untaint first."
        ),
    )
}

/// A state without project, location or name.
pub(super) fn missing_identity() -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute("id"),
        "Job without a name in the state",
        "A job in the state has project, location and name. This one lacks one of them. Remove it from the state with \
         terraform state rm, and import it again.",
    )
}

/// Hints for reasons of a condition: `Condition.reason` in
/// <https://cloud.google.com/run/docs/reference/rest/v2/Condition>.
const HINTS: [(&str, &str); 7] = [
    (
        "CONTAINER_MISSING",
        "Check container.image: there is no such image, or no such tag.",
    ),
    (
        "CONTAINER_PERMISSION_DENIED",
        "Give the Cloud Run service agent of the project roles/artifactregistry.reader on the image's repository.",
    ),
    (
        "CONTAINER_IMAGE_UNAUTHORIZED",
        "Have the image attested, or change the Binary Authorization policy that refuses it.",
    ),
    (
        "ENCRYPTION_KEY_PERMISSION_DENIED",
        "Give the Cloud Run service agent the use of the encryption key.",
    ),
    (
        "SECRETS_ACCESS_CHECK_FAILED",
        "Check that each secret and its version exist, and give the job's service account \
         roles/secretmanager.secretAccessor on them.",
    ),
    (
        "VPC_NETWORK_NOT_FOUND",
        "Check vpc_access.connector: its network is not there.",
    ),
    ("INTERNAL", "This is Google's fault; apply again."),
];
/// The most bytes of an API message that are shown.
const MAX_REASON_LENGTH: usize = 200;
const MAX_MESSAGE_LENGTH: usize = 4 << 10;
/// For a message about quota with any reason.
const QUOTA_HINT: &str =
    "Ask for more of that quota in the job's region: https://console.cloud.google.com/iam-admin/quotas";
