//! What a user is told when Google said no, or nothing.

use crate::hints;
use cloud_run::model::Job as Remote;
use cloud_run::{Error, JobName};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::text::quotable;
use terraform_plugin::value::Path;

/// An operation that did not come to its end, with Google's words and what to do next.
pub(super) fn failure(verb: &str, name: &JobName, error: &Error) -> Diagnostic {
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

/// A region whose jobs a query could not read, or not all of them.
pub(super) fn unlisted(project: &str, location: &str, error: &Error, some: bool) -> Diagnostic {
    let hint = hints::after(error);
    let mut detail = format!("projects/{project}/locations/{location}: {error}{hint}");
    detail.push_str(match (some, error) {
        (true, Error::Undecodable(_)) => "\n\nSome of its jobs are listed, and more may be there.",
        (true, _) => {
            "\n\nSome of its jobs are listed, and more may be there. Run the query again to see all."
        }
        (false, _) => "\n\nTo ask other regions only, name them in locations.",
    });
    Diagnostic::error("Could not list the jobs of a region", detail)
}

/// An import of a job that will be gone in a moment.
pub(super) fn being_deleted(name: &JobName, time: &str) -> Diagnostic {
    Diagnostic::error(
        "Job to import is being deleted",
        format!(
            "A job must exist to be imported, got {name}, whose deletion began at {}. Remove the import and apply: when the \
             deletion has ended, the apply creates the job.",
            quotable(time, LONGEST_REASON)
        ),
    )
}

/// A refresh that meets another job than the one that the state knows.
pub(super) fn made_anew(name: &JobName, was: &str, is: &str) -> Diagnostic {
    Diagnostic::attribute_warning(
        Path::attribute("name"),
        "Another job of the same name",
        format!(
            "The state knew {name} with the uid {was}. Somebody has deleted that job and made another one of its name, \
             with the uid {is}. An apply makes that one this resource's job. To leave it alone, choose another name, or \
             take the job out of the state: terraform state rm."
        ),
    )
}

/// An update that would overwrite what was changed outside of Terraform after the state was read.
pub(super) fn changed_outside(name: &JobName, seen: &Remote, changed: &[String]) -> Diagnostic {
    let (by, at) = seen.last_change();
    Diagnostic::error(
        "Job changed outside of Terraform",
        format!(
            "An update must not overwrite a change that its plan does not show. {name} was changed{}{} after the plan was \
             made: {}. Nothing was sent. Run terraform plan again, with refresh, and apply the new plan.",
            by.map(|by| format!(" by {}", quoted(by))).unwrap_or_default(),
            at.map(|at| format!(" at {at}")).unwrap_or_default(),
            changed.join(", ")
        ),
    )
}

/// A job that Google has saved and cannot run.
pub(super) fn not_ready(name: &JobName, reason: &str, message: &str) -> Diagnostic {
    let (reason, message) = (
        quotable(reason, LONGEST_REASON),
        quotable(message, LONGEST_MESSAGE),
    );
    let known = HINTS.iter().find(|(known, _)| *known == reason);
    let hint = match known {
        // Google files quota under INTERNAL.
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

/// A state that does not say which job it is of.
pub(super) fn nameless() -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute("id"),
        "Job without a name in the state",
        "A job in the state has project, location and name. This one lacks one of them. Remove it from the state with \
         terraform state rm, and import it again.",
    )
}

/// The reasons of a condition that a user can do something about: `Condition.reason` in
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
/// The most bytes that are shown of what Google says.
const LONGEST_REASON: usize = 200;
const LONGEST_MESSAGE: usize = 4 << 10;
/// For a message about quota, under whatever reason.
const QUOTA_HINT: &str =
    "Ask for more of that quota in the job's region: https://console.cloud.google.com/iam-admin/quotas";
