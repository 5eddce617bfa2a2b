//! What a planned job refers to, looked up: with `plan_checks = "full"` a plan tells what is not there.
//!
//! Only ever a warning. The same apply may make what is missing, and nothing in a plan shows that: the name of a
//! secret is known before there is the secret.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::convert;
use crate::cloudrun::{Client, Patience, Reference, Standing};
use crate::diagnostic::Diagnostic;
use crate::job::model::Job;
use crate::value::{Path, Value};

/// Looks up all that a planned job refers to, at the same time, and tells what is amiss with it.
pub async fn look_up(client: &Client, planned: &Value, stop: &CancellationToken) -> Vec<Diagnostic> {
    let patience = Patience::new(Instant::now() + LOOKING_TIMEOUT, stop.clone());
    let references = convert::references(&Job::read(planned));
    let standings = join_all(
        references
            .iter()
            .map(|(_, reference)| client.standing(reference, &patience)),
    )
    .await;
    let told = references.into_iter().zip(standings);
    told.filter_map(|((path, reference), standing)| tell(path, &reference, &standing))
        .collect()
}

fn tell(path: Path, reference: &Reference, standing: &Standing) -> Option<Diagnostic> {
    match standing {
        Standing::Good => None,
        Standing::NotAsked => {
            debug!(%reference, "not looked up: Cloud Run is stood in for, and nobody for this service");
            None
        }
        Standing::Missing => Some(Diagnostic::warning(
            path,
            "Not there yet",
            format!(
                "A job can run only when all is there that it refers to. There is no {reference}. If this apply makes it, \
                 all is well. Otherwise check the name{}",
                listing(reference)
            ),
        )),
        Standing::Unusable(state) => Some(Diagnostic::warning(
            path,
            "There, but not usable",
            format!(
                "A job can run only when all can be used that it refers to. The {reference} is {state}. If this apply \
                 mends it, all is well. Otherwise mend it, or refer to another one{}",
                listing(reference)
            ),
        )),
        Standing::NotToBeSeen { why, denied } => {
            let way_out = if *denied {
                format!("Give the account that plans {}", permission(reference))
            } else {
                "Plan again when it answers".to_owned()
            };
            Some(Diagnostic::warning(
                path,
                "Not looked up",
                format!(
                    "With plan_checks = \"full\" a plan looks up what a job refers to. The {reference} could not be: \
                     {why}\n\nThe plan stands all the same. {way_out}, or set plan_checks = \"live\"."
                ),
            ))
        }
    }
}

fn listing(reference: &Reference) -> &'static str {
    match reference {
        Reference::SecretVersion(_) => ": gcloud secrets versions list SECRET --project PROJECT.",
        Reference::Connector(_) => ": gcloud compute networks vpc-access connectors list --region REGION.",
        Reference::ServiceAccount(_) => ": gcloud iam service-accounts list.",
    }
}

/// <https://cloud.google.com/iam/docs/understanding-roles>
fn permission(reference: &Reference) -> &'static str {
    match reference {
        Reference::SecretVersion(_) => "secretmanager.versions.get: roles/secretmanager.viewer has it",
        Reference::Connector(_) => "vpcaccess.connectors.get: roles/vpcaccess.viewer has it",
        Reference::ServiceAccount(_) => "iam.serviceAccounts.get: roles/iam.serviceAccountViewer has it",
    }
}

/// How long a plan may look for what one job refers to, retries included.
const LOOKING_TIMEOUT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
