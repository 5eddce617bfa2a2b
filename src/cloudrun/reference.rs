//! What a job refers to: secrets, a VPC connector, a service account. They belong to other services of Google's, each
//! of which is asked at its own endpoint.

use reqwest::Url;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

use super::client::Client;
use super::request::Request;
use super::{Answer, Endpoint, Error, Patience};

/// Something that a job cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `projects/P/secrets/S/versions/V`:
    /// <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/get>.
    SecretVersion(String),
    /// `projects/P/locations/L/connectors/C`:
    /// <https://cloud.google.com/vpc/docs/reference/vpcaccess/rest/v1/projects.locations.connectors/get>.
    Connector(String),
    /// The address of an account:
    /// <https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/get>.
    ServiceAccount(String),
}

/// How it stands with a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is there and can be used.
    Good,
    /// It is not there.
    Missing,
    /// It is there and cannot be used; in Google's word for its state.
    Unusable(String),
    /// Whoever asks may not see it, or nobody answers.
    NotToBeSeen {
        /// What was said, with what to do where that is known.
        why: String,
        /// Whether it is the permission that is missing.
        denied: bool,
    },
    /// Nobody was asked: Cloud Run is stood in for, and nobody for this service.
    NotAsked,
}

/// Where the services are that references belong to; `None`: nobody is to be asked.
#[derive(Clone, Debug, Default)]
pub struct ReferenceEndpoints {
    /// Secret Manager.
    pub secret_manager: Option<Endpoint>,
    /// Serverless VPC Access.
    pub vpc_access: Option<Endpoint>,
    /// Identity and Access Management.
    pub iam: Option<Endpoint>,
}

impl ReferenceEndpoints {
    /// Google's own.
    pub fn googles() -> ReferenceEndpoints {
        let of = |address: &str| Endpoint::of_service(address).ok();
        ReferenceEndpoints {
            secret_manager: of(SECRET_MANAGER),
            vpc_access: of(VPC_ACCESS),
            iam: of(IAM),
        }
    }

    fn address(&self, reference: &Reference) -> Option<Url> {
        Some(match reference {
            Reference::SecretVersion(name) => self.secret_manager.as_ref()?.join(name),
            Reference::Connector(name) => self.vpc_access.as_ref()?.join(name),
            Reference::ServiceAccount(address) => self
                .iam
                .as_ref()?
                .join(&format!("projects/-/serviceAccounts/{address}")),
        })
    }
}

/// What was found out, once for each reference however many jobs share it.
#[derive(Default)]
pub(super) struct Standings(Mutex<HashMap<Reference, Arc<OnceCell<Standing>>>>);

impl Client {
    /// Finds out how it stands with a reference. Whoever asks for the same one meanwhile waits for the answer, and
    /// whoever asks later gets it again: a plan takes seconds.
    pub async fn standing(&self, reference: &Reference, patience: &Patience) -> Standing {
        let known = {
            let mut standings = self.standings.0.lock().unwrap_or_else(PoisonError::into_inner);
            standings.entry(reference.clone()).or_default().clone()
        };
        known
            .get_or_init(|| self.look_up(reference, patience))
            .await
            .clone()
    }

    async fn look_up(&self, reference: &Reference, patience: &Patience) -> Standing {
        let Some(address) = self.references.address(reference) else {
            return Standing::NotAsked;
        };
        match self.call(&Request::look_up(address), patience).await {
            Ok(Found { disabled: true, .. }) => Standing::Unusable("disabled".to_owned()),
            Ok(Found { state, .. }) => match state.as_deref() {
                None => Standing::Good,
                Some(state) if GOOD_STATES.contains(&state) => Standing::Good,
                Some(state) => Standing::Unusable(state.to_owned()),
            },
            Err(error) if error.is_not_found() => Standing::Missing,
            Err(error) => Standing::NotToBeSeen {
                denied: is_denied(&error),
                why: match error.hint() {
                    Some(hint) if !is_denied(&error) => format!("{error}\n\n{hint}"),
                    _ => error.to_string(),
                },
            },
        }
    }
}

/// Whether a role is what is missing.
fn is_denied(error: &Error) -> bool {
    error.status().is_some_and(|status| {
        status.status == "PERMISSION_DENIED" && !status.is_perimeter() && status.disabled_api().is_none()
    })
}

/// What all three services say of what they know.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Found {
    name: String,
    /// Of secret versions and connectors.
    state: Option<String>,
    /// Of service accounts.
    disabled: bool,
}

impl Answer for Found {
    fn has_name(&self) -> bool {
        !self.name.is_empty()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::SecretVersion(name) => write!(f, "secret version {name}"),
            Reference::Connector(name) => write!(f, "VPC connector {name}"),
            Reference::ServiceAccount(address) => write!(f, "service account {address}"),
        }
    }
}

const SECRET_MANAGER: &str = "https://secretmanager.googleapis.com/v1/";
const VPC_ACCESS: &str = "https://vpcaccess.googleapis.com/v1/";
const IAM: &str = "https://iam.googleapis.com/v1/";
/// A connector that is made or changed will be ready when the job runs.
const GOOD_STATES: [&str; 4] = ["ENABLED", "READY", "CREATING", "UPDATING"];

#[cfg(test)]
mod tests;
