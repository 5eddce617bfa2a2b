//! The check of a plan with `plan_checks = "live"`: the request that an apply would send, with `validateOnly`.
//!
//! Its result is diagnostics only: what is planned does not depend on it.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::error_path::{attribute_path, error_path};
use crate::hints;
use crate::job::expand::{expand, update_body};
use crate::job::identity::job_name;
use crate::job::model::Job;
use crate::job::private_state::{ImportedKeys, PrivateState};
use cloud_run::{CallContext, Client, Error, JobName, Prerequisite};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::PlanRequest;
use terraform_plugin::value::{Path, Value};

/// The result of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckResult {
    /// The API has checked the job.
    Done(Vec<Diagnostic>),
    /// The API did not check this job.
    Skipped(Diagnostic),
    /// The API cannot check any job.
    Unavailable(Diagnostic),
}

/// Checks a job that an apply would create (the prior state is null) or update. A job with unknown values is not checked.
pub async fn validate_only(
    client: &Client,
    request: &PlanRequest<'_>,
    planned: &Value,
    cancellation: &CancellationToken,
) -> CheckResult {
    let PlanRequest {
        prior,
        config,
        private,
    } = *request;
    let passed = CheckResult::Done(Vec::new());
    let (Some(name), true) = (job_name(planned), config.is_wholly_known()) else {
        debug!("the plan check is skipped: values of the job are unknown");
        return passed;
    };
    info!(job = %name, "validating the planned job with Cloud Run");
    let private = PrivateState::read(private);
    let context = CallContext::new(Instant::now() + CHECK_TIMEOUT, cancellation.clone());
    let result = if prior.is_null() {
        client
            .check_creation(&name, &expand(&Job::read(planned)), &context)
            .await
    } else {
        check_update(client, &name, prior, planned, &private.imported, &context).await
    };
    match result {
        Ok(()) => passed,
        Err(error) => {
            let hint = private.launch_stage_hint(error.message());
            let hint = hint.map_or_else(|| hints::after(&error), |hint| format!("\n\n{hint}"));
            classify(&name, &error, &hint)
        }
    }
}

async fn check_update(
    client: &Client,
    name: &JobName,
    prior: &Value,
    planned: &Value,
    imported: &ImportedKeys,
    context: &CallContext,
) -> Result<(), Error> {
    let current = match client.get_job(name, context).await {
        // Deleted since the refresh: the next one shows it.
        Err(missing) if missing.is_not_found() => return Ok(()),
        current => current?,
    };
    let body = update_body(planned, prior, imported, &current);
    client.check_replacement(name, &body, context).await
}

/// Distinguishes a rejected job, a rejected check and an API that is unavailable.
fn classify(name: &JobName, error: &Error, hint: &str) -> CheckResult {
    let skipped = |hint: &str| not_checked(name, error, hint);
    let Some(status) = error.status() else {
        return CheckResult::Unavailable(skipped(hint));
    };
    // The job was changed or deleted since the refresh: the apply reads it again.
    if error.is_conflict() || error.is_not_found() && is_about(error.message(), name) {
        return CheckResult::Done(Vec::new());
    }
    match status.status.as_str() {
        // A replacement is planned again as a creation, while the job still has the name.
        "ALREADY_EXISTS" => CheckResult::Done(vec![name_taken(name)]),
        "UNAUTHENTICATED" | "UNAVAILABLE" | "INTERNAL" | "DEADLINE_EXCEEDED" | "UNKNOWN" => {
            CheckResult::Unavailable(skipped(hint))
        }
        "RESOURCE_EXHAUSTED" if !status.is_resource_quota() => CheckResult::Skipped(skipped(hint)),
        _ if status.is_perimeter() => CheckResult::Skipped(skipped(hint)),
        code => match status.unmet_prerequisite() {
            Some(prerequisite) => CheckResult::Done(vec![unmet(prerequisite, name, error, hint)]),
            None if code != "PERMISSION_DENIED" => CheckResult::Done(vec![rejected(name, error, hint)]),
            None => CheckResult::Skipped(skipped(&format!("\n\n{PERMISSION_HINT}"))),
        },
    }
}

/// Whether the job itself was not found.
fn is_about(message: &str, name: &JobName) -> bool {
    message.contains("of kind 'JOB'") || message.contains(&name.to_string())
}

fn rejected(name: &JobName, error: &Error, hint: &str) -> Diagnostic {
    Diagnostic::attribute_error(
        error_path(error.message()),
        "Cloud Run rejected the planned job",
        format!("{}{hint}", failure(name, error)),
    )
}

/// A warning only, since the same apply may create what is missing: the name of a secret is known before it exists.
fn unmet(prerequisite: Prerequisite, name: &JobName, error: &Error, hint: &str) -> Diagnostic {
    let member = error.message().split_once(": ").map(|(member, _)| member);
    let path = member.filter(|member| !member.contains(' ')).map(error_path);
    let path = path.filter(|path| !path.is_empty()).unwrap_or_else(|| {
        let attribute = match prerequisite {
            Prerequisite::Secret => "secrets",
            Prerequisite::Connector => "vpc_access.connector",
            Prerequisite::Subnetwork => "vpc_access.subnetwork",
            Prerequisite::Network => "vpc_access.network",
            Prerequisite::ServiceAccount => "service_account",
            Prerequisite::Key => "encryption_key",
            Prerequisite::Image => "container.image",
            Prerequisite::Volume => "volumes",
            Prerequisite::Policy => "binary_authorization",
            Prerequisite::Project => "project",
            Prerequisite::Other => return Path::default(),
        };
        attribute_path(attribute)
    });
    let is_denied = error
        .status()
        .is_some_and(|status| status.status == "PERMISSION_DENIED");
    let (summary, provides) = if is_denied {
        (
            "Missing permission or API",
            "grants the permission or enables the API",
        )
    } else {
        ("Referenced resource not found", "creates the resource")
    };
    let hint = match hint {
        "" => " Correct the reference.",
        hint => hint,
    };
    let failed = failure(name, error);
    Diagnostic::attribute_warning(
        path,
        summary,
        format!(
            "{failed}\n\nIgnore this warning if the same apply {provides}. Otherwise the apply fails.{hint}"
        ),
    )
}

fn name_taken(name: &JobName) -> Diagnostic {
    Diagnostic::attribute_warning(
        Path::attribute("name"),
        "Job name is taken",
        format!(
            "The name of a new job must be free, but {name} exists. Ignore this warning if this plan replaces that job. \
             Otherwise the apply fails: import the job, or choose another name."
        ),
    )
}

fn not_checked(name: &JobName, error: &Error, hint: &str) -> Diagnostic {
    let failed = failure(name, error);
    Diagnostic::warning(
        "Skipped plan check",
        format!(
            "{failed}{hint}\n\nThe plan is complete without this check. To plan without it, set plan_checks = \"local\"."
        ),
    )
}

/// The sentence of a failed check, without a hint.
fn failure(name: &JobName, error: &Error) -> String {
    format!("The validateOnly request for {name} failed: {error}")
}

/// A check needs the same permissions as an apply.
const PERMISSION_HINT: &str = "Grant the account that plans roles/run.developer on the project and \
    roles/iam.serviceAccountUser on the job's service account: a validateOnly request requires run.jobs.create, \
    run.jobs.update and iam.serviceAccounts.actAs. Cloud Run returns the same error for a service account that does not \
    exist yet.";
/// How long one check may take, retries included.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
