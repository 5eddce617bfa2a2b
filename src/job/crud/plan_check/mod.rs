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
        debug!("part of the job is not known yet; Google is not asked");
        return passed;
    };
    info!(job = %name, "asking Google about the planned job");
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
            let mut result = classify(&name, &error);
            if let (CheckResult::Done(diagnostics), Some(hint)) =
                (&mut result, private.launch_stage_hint(error.message()))
            {
                for diagnostic in diagnostics {
                    diagnostic.detail.push_str(&format!("\n\n{hint}"));
                }
            }
            result
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

/// Distinguishes a refusal of the job, a refusal of the check and an API that is unavailable.
fn classify(name: &JobName, error: &Error) -> CheckResult {
    let hint = hints::after(error);
    let Some(status) = error.status() else {
        return CheckResult::Unavailable(not_checked(format!("{error}{hint}")));
    };
    // The job was changed or deleted since the refresh: the apply reads it again.
    if error.is_conflict() || error.is_not_found() && is_about(error.message(), name) {
        return CheckResult::Done(Vec::new());
    }
    match status.status.as_str() {
        // A replacement is planned again as a creation, while the job still has the name.
        "ALREADY_EXISTS" => CheckResult::Done(vec![name_taken(name)]),
        "UNAUTHENTICATED" | "UNAVAILABLE" | "INTERNAL" | "DEADLINE_EXCEEDED" | "UNKNOWN" => {
            CheckResult::Unavailable(not_checked(format!("{error}{hint}")))
        }
        "RESOURCE_EXHAUSTED" if !status.is_resource_quota() => {
            CheckResult::Skipped(not_checked(format!("{error}{hint}")))
        }
        _ if status.is_perimeter() => CheckResult::Skipped(not_checked(format!("{error}{hint}"))),
        code => match status.unmet_prerequisite() {
            Some(prerequisite) => CheckResult::Done(vec![unmet(prerequisite, error, &hint)]),
            None if code != "PERMISSION_DENIED" => CheckResult::Done(vec![Diagnostic::attribute_error(
                error_path(error.message()),
                "Google would refuse this job",
                format!(
                    "The plan was shown to Google, since the provider has plan_checks = \"live\". {error}{hint}"
                ),
            )]),
            None => CheckResult::Skipped(not_checked(format!("{error}{PERMISSION_HINT}"))),
        },
    }
}

/// Whether the job itself was not found.
fn is_about(message: &str, name: &JobName) -> bool {
    message.contains("of kind 'JOB'") || message.contains(&name.to_string())
}

/// A warning only, since the same apply may create what is missing: the name of a secret is known before it exists.
fn unmet(prerequisite: Prerequisite, error: &Error, hint: &str) -> Diagnostic {
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
    Diagnostic::attribute_warning(
        path,
        "Unmet prerequisite of the job",
        format!(
            "What a job needs must exist, be enabled and be granted when the job is created or changed. The check of this \
             plan (plan_checks = \"live\") got: {error}{hint}\n\nIgnore this warning if the same apply provides it. \
             Otherwise provide it before the apply, or correct the reference."
        ),
    )
}

fn name_taken(name: &JobName) -> Diagnostic {
    Diagnostic::attribute_warning(
        Path::attribute("name"),
        "A job of this name is there already",
        format!(
            "A new job needs a name that is free. {name} is taken. If this plan replaces that very job, all is well. \
             Otherwise the apply will be refused: choose another name, or import the job."
        ),
    )
}

fn not_checked(reason: String) -> Diagnostic {
    Diagnostic::warning(
        "Google could not be asked about this job",
        format!(
            "With plan_checks = \"live\" in the provider's configuration a plan is shown to Google before it is \
             applied. This one was not: {reason}\n\nThe plan stands all the same. To plan without asking, set \
             plan_checks = \"local\"."
        ),
    )
}

/// A check needs the same permissions as an apply.
const PERMISSION_HINT: &str = "\n\nGive the account that plans run.jobs.create and run.jobs.update on the project, and \
                               iam.serviceAccounts.actAs on the job's service account: the roles roles/run.developer and \
                               roles/iam.serviceAccountUser hold them. A service account that does not exist gets the \
                               same answer, also if the same apply creates it. Nothing is stored by asking.";
/// How long one check may take, retries included.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
