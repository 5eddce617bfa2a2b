//! What Google says to a plan: the job as it would be sent, with the wish that nothing be stored.
//!
//! The answer becomes diagnostics and nothing else: what is planned does not depend on it.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::convert;
use crate::hints;
use crate::job::model::Job;
use crate::job::private_state::{Imported, Private};
use cloud_run::{CallContext, Client, Error, JobName, Prerequisite};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::{Path, Value};

/// What came of asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Google has looked at the job, and this is to be told.
    Checked(Vec<Diagnostic>),
    /// Google did not say, for a reason that holds for this job.
    NotChecked(Diagnostic),
    /// Google cannot be asked at all.
    NobodyThere(Diagnostic),
}

/// Asks Google about a job that an apply would create (`prior` is null) or change.
///
/// A job of which something is not known yet cannot be asked about.
pub async fn ask(
    client: &Client,
    prior: &Value,
    config: &Value,
    planned: &Value,
    private: &Private,
    stop: &CancellationToken,
) -> Answer {
    let nothing = Answer::Checked(Vec::new());
    let (Some(name), true) = (convert::name_of(planned), config.is_wholly_known()) else {
        debug!("part of the job is not known yet; Google is not asked");
        return nothing;
    };
    info!(job = %name, "asking Google about the planned job");
    let patience = CallContext::new(Instant::now() + ASKING_TIMEOUT, stop.clone());
    let answer = if prior.is_null() {
        client
            .check_creation(&name, &convert::desired(&Job::read(planned)), &patience)
            .await
    } else {
        change(client, &name, prior, planned, &private.imported, &patience).await
    };
    match answer {
        Ok(()) => nothing,
        Err(error) => {
            let mut answer = judge(&name, &error);
            if let (Answer::Checked(told), Some(hint)) =
                (&mut answer, private.launch_stage_hint(error.message()))
            {
                told.iter_mut()
                    .for_each(|refusal| refusal.detail.push_str(&format!("\n\n{hint}")));
            }
            answer
        }
    }
}

async fn change(
    client: &Client,
    name: &JobName,
    prior: &Value,
    planned: &Value,
    imported: &Imported,
    patience: &CallContext,
) -> Result<(), Error> {
    let seen = match client.get_job(name, patience).await {
        // Somebody has deleted it since it was read: that is for the next refresh to tell.
        Err(gone) if gone.is_not_found() => return Ok(()),
        seen => seen?,
    };
    let document = convert::replacement(planned, prior, imported, &seen);
    client.check_replacement(name, &document, patience).await
}

/// Tells a refusal of the job from one of the question, and both from silence.
fn judge(name: &JobName, error: &Error) -> Answer {
    let hint = hints::after(error);
    let Some(status) = error.status() else {
        return Answer::NobodyThere(not_asked(format!("{error}{hint}")));
    };
    // The change meets a job that has moved on or is gone: the apply looks again.
    if error.is_conflict() || error.is_not_found() && is_about(error.message(), name) {
        return Answer::Checked(Vec::new());
    }
    match status.status.as_str() {
        // A job that is to be replaced has its name until it is deleted, and Terraform plans its successor as if
        // there were none.
        "ALREADY_EXISTS" => Answer::Checked(vec![taken(name)]),
        "UNAUTHENTICATED" | "UNAVAILABLE" | "INTERNAL" | "DEADLINE_EXCEEDED" | "UNKNOWN" => {
            Answer::NobodyThere(not_asked(format!("{error}{hint}")))
        }
        "RESOURCE_EXHAUSTED" if !status.is_resource_quota() => {
            Answer::NotChecked(not_asked(format!("{error}{hint}")))
        }
        _ if status.is_perimeter() => Answer::NotChecked(not_asked(format!("{error}{hint}"))),
        kind => match status.unmet_prerequisite() {
            Some(missing) => Answer::Checked(vec![unmet(missing, error, &hint)]),
            None if kind != "PERMISSION_DENIED" => Answer::Checked(vec![Diagnostic::attribute_error(
                convert::blamed(error.message()),
                "Google would refuse this job",
                format!(
                    "The plan was shown to Google, since the provider has plan_checks = \"live\". {error}{hint}"
                ),
            )]),
            None => Answer::NotChecked(not_asked(format!("{error}{PERMISSION_HINT}"))),
        },
    }
}

/// Whether the job itself is what Google does not find.
fn is_about(message: &str, name: &JobName) -> bool {
    message.contains("of kind 'JOB'") || message.contains(&name.to_string())
}

/// What is missing may be made by the apply of this very plan, which does not say so: the name of a secret is known before
/// there is the secret.
fn unmet(missing: Prerequisite, error: &Error, hint: &str) -> Diagnostic {
    let member = error.message().split_once(": ").map(|(member, _)| member);
    let named = member.filter(|member| !member.contains(' ')).map(convert::blamed);
    let path = named.filter(|path| !path.is_empty()).unwrap_or_else(|| {
        let attribute = match missing {
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
        convert::attribute_path(attribute)
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

fn taken(name: &JobName) -> Diagnostic {
    Diagnostic::attribute_warning(
        Path::attribute("name"),
        "A job of this name is there already",
        format!(
            "A new job needs a name that is free. {name} is taken. If this plan replaces that very job, all is well. \
             Otherwise the apply will be refused: choose another name, or import the job."
        ),
    )
}

fn not_asked(reason: String) -> Diagnostic {
    Diagnostic::warning(
        "Google could not be asked about this job",
        format!(
            "With plan_checks = \"live\" in the provider's configuration a plan is shown to Google before it is \
             applied. This one was not: {reason}\n\nThe plan stands all the same. To plan without asking, set \
             plan_checks = \"local\"."
        ),
    )
}

/// Asking needs the same permissions as doing.
const PERMISSION_HINT: &str = "\n\nGive the account that plans run.jobs.create and run.jobs.update on the project, and \
                               iam.serviceAccounts.actAs on the job's service account: the roles roles/run.developer and \
                               roles/iam.serviceAccountUser hold them. A service account that does not exist gets the \
                               same answer, also if the same apply creates it. Nothing is stored by asking.";
/// How long a plan may wait for Google's word on one job, retries included.
const ASKING_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
