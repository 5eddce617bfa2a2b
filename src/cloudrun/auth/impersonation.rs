//! Acting as a service account on the word of other credentials: `generateAccessToken` of the IAM Credentials API,
//! <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken>.

use async_trait::async_trait;
use reqwest::Url;
use serde::Deserialize;
use std::sync::Arc;

use super::exchange::{Cached, Exchange, Grant, USUAL_LIFETIME};
use super::google::SCOPE;
use super::{CredentialsError, Outlook, TokenSource};
use crate::cloudrun::request::{Access, Request};
use crate::cloudrun::transport::Transport;
use crate::cloudrun::{Answer, Endpoint, Error, Secret};

/// Whom to act as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impersonation {
    /// The address of the method for this account.
    url: Url,
    /// The service account's address.
    account: String,
    /// The accounts in between, each of which may act as the next; the last as the account itself.
    delegates: Vec<String>,
}

/// The account's address.
impl std::fmt::Display for Impersonation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.account)
    }
}

impl Impersonation {
    /// The service account's address.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// The service account of this address, asked for at Google's API, or at another endpoint in its place; `None`
    /// when this is no address of an account.
    pub fn new(account: &str, delegates: Vec<String>, endpoint: Option<&Endpoint>) -> Option<Impersonation> {
        let method = format!("projects/-/serviceAccounts/{account}:generateAccessToken");
        let url = endpoint.map_or_else(
            || format!("{GOOGLE}{method}"),
            |endpoint| endpoint.join(&method).into(),
        );
        Impersonation::at(&url, delegates)
    }

    /// The account of a full address, as it stands in credential documents.
    pub(super) fn at(url: &str, delegates: Vec<String>) -> Option<Impersonation> {
        let url = Url::parse(url).ok()?;
        let (_, rest) = url.path().split_once("/serviceAccounts/")?;
        let account = rest.strip_suffix(":generateAccessToken")?.to_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.-_".contains(c);
        (!account.is_empty() && account.chars().all(is_plain)).then(|| Impersonation {
            url,
            account,
            delegates: delegates.iter().map(|delegate| full_name(delegate)).collect(),
        })
    }
}

/// `projects/-/serviceAccounts/ADDRESS`, which the API wants.
fn full_name(account: &str) -> String {
    if account.starts_with("projects/") {
        account.to_owned()
    } else {
        format!("projects/-/serviceAccounts/{account}")
    }
}

/// Acts as an account, with tokens of another source.
pub(super) fn open(
    source: Arc<dyn TokenSource>,
    account: Impersonation,
    quota_project: Option<String>,
    transport: &Arc<Transport>,
) -> Arc<dyn TokenSource> {
    let impersonated = Impersonated {
        source,
        account,
        transport: transport.clone(),
    };
    Arc::new(Cached::new(impersonated, quota_project))
}

struct Impersonated {
    source: Arc<dyn TokenSource>,
    account: Impersonation,
    transport: Arc<Transport>,
}

#[async_trait]
impl Exchange for Impersonated {
    async fn exchange(&self) -> Result<Grant, CredentialsError> {
        Ok(Grant {
            token: self.ask().await?,
            lifetime: USUAL_LIFETIME,
            refresh_token: None,
        })
    }
}

impl Impersonated {
    async fn ask(&self) -> Result<Secret, CredentialsError> {
        let access = Access {
            token: self.source.token().await?,
            quota_project: self.source.quota_project().map(str::to_owned),
        };
        let body = serde_json::json!({
            "delegates": self.account.delegates,
            "scope": [SCOPE],
            // What every project allows.
            "lifetime": format!("{}s", USUAL_LIFETIME.as_secs()),
        });
        let request = Request::generate_access_token(self.account.url.clone(), &body);
        let reply = self
            .transport
            .send(&request, &access)
            .await
            .map_err(|error| self.refused(&error))?;
        // Whatever else it is, it may hold a token: it is not quoted.
        reply
            .read::<Borrowed>()
            .map(|borrowed| Secret::new(borrowed.access_token))
            .map_err(|_| self.cannot("the answer has no access token"))
    }

    fn refused(&self, error: &Error) -> CredentialsError {
        let hint = match error.status() {
            // No role is what is missing.
            Some(status) if status.is_perimeter() || status.disabled_api().is_some() => {
                error.hint().map(|hint| format!("\n\n{hint}")).unwrap_or_default()
            }
            Some(status) if matches!(status.status.as_str(), "PERMISSION_DENIED" | "NOT_FOUND") => {
                ". Give the credentials' own account roles/iam.serviceAccountTokenCreator on the account, and each \
                 delegate on the next; check the accounts' spelling"
                    .to_owned()
            }
            _ => String::new(),
        };
        let outlook = if error.is_passing() {
            Outlook::Passing
        } else {
            Outlook::Lasting
        };
        self.cannot(&format!("{error}{hint}")).with(outlook)
    }

    fn cannot(&self, why: &str) -> CredentialsError {
        let account = &self.account.account;
        CredentialsError::new(format!(
            "the service account {account} cannot be impersonated: {why}"
        ))
    }
}

/// What the method answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Borrowed {
    access_token: String,
}

impl Answer for Borrowed {
    fn has_name(&self) -> bool {
        !self.access_token.is_empty()
    }
}

/// <https://cloud.google.com/iam/docs/reference/credentials/rest>
const GOOGLE: &str = "https://iamcredentials.googleapis.com/v1/";

#[cfg(test)]
mod tests;
