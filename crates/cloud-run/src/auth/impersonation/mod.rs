//! Impersonates a service account with other credentials: `generateAccessToken` of the IAM Credentials API,
//! <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken>.

use reqwest::{Method, Url};

use super::exchange::{DEFAULT_LIFETIME, IssuedToken, SCOPE, request, request_error};
use super::token_source::{OpenCredentials, TokenFuture, TokenSource};
use super::url::private_url;
use crate::credentials_error::{CredentialsError, CredentialsProblem, ErrorKind};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::transport::{Transport, send_exchange};

/// A service account to impersonate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impersonation {
    /// The address of the method for this account.
    url: Url,
    /// The service account's email address.
    account: String,
    /// The chain of accounts, each of which may impersonate the next, the last one the account itself.
    delegates: Vec<String>,
}

/// The account's email address.
impl std::fmt::Display for Impersonation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.account)
    }
}

impl Impersonation {
    /// The service account's email address.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// A service account by its email address, at Google's endpoint or another one; `None` if the address is invalid.
    pub fn new(account: &str, delegates: Vec<String>, endpoint: Option<&Endpoint>) -> Option<Impersonation> {
        let method = format!("projects/-/serviceAccounts/{account}:generateAccessToken");
        let url = endpoint.map_or_else(
            || format!("{GOOGLE}{method}"),
            |endpoint| endpoint.join(&method).into(),
        );
        Impersonation::at(&url, delegates)
    }

    /// A service account by the URL in a credential document.
    pub(super) fn at(url: &str, delegates: Vec<String>) -> Option<Impersonation> {
        let url = private_url("", url).ok()?;
        let (_, rest) = url.path().split_once("/serviceAccounts/")?;
        let account = rest.strip_suffix(":generateAccessToken")?.to_owned();
        let is_path_segment = |c: char| c.is_ascii_alphanumeric() || "@.-_".contains(c);
        (!account.is_empty() && account.chars().all(is_path_segment)).then(|| Impersonation {
            url,
            account,
            delegates: delegates.iter().map(|delegate| full_name(delegate)).collect(),
        })
    }
}

/// `projects/-/serviceAccounts/EMAIL`
fn full_name(account: &str) -> String {
    if account.starts_with("projects/") {
        account.to_owned()
    } else {
        format!("projects/-/serviceAccounts/{account}")
    }
}

/// A service account that is impersonated.
pub(super) struct Impersonated {
    source: OpenCredentials,
    account: Impersonation,
}

impl Impersonated {
    /// Impersonates an account with the tokens of `source`.
    pub(super) fn open(
        source: OpenCredentials,
        account: Impersonation,
        quota_project: Option<String>,
    ) -> OpenCredentials {
        let origin = source.origin.clone();
        OpenCredentials {
            quota_project,
            ..OpenCredentials::new(Box::new(Impersonated { source, account }), origin)
        }
    }

    async fn exchange(&mut self, transport: &Transport) -> Result<IssuedToken, CredentialsError> {
        let own = self.source.fetch_token(transport).await?;
        let body = serde_json::json!({
            "delegates": self.account.delegates,
            "scope": [SCOPE],
            // The maximum that every project allows.
            "lifetime": format!("{}s", DEFAULT_LIFETIME.as_secs()),
        });
        let mut request = request(transport, Method::POST, &self.account.url)?
            .bearer_auth(own.token.expose_secret())
            .json(&body);
        if let Some(project) = transport.quota_project(None, self.source.quota_project.as_deref()) {
            request = request.header("X-Goog-User-Project", project);
        }
        match send_exchange(request).await {
            Ok((200..300, body)) => {
                let issued = IssuedToken::read(&String::from_utf8_lossy(&body), &transport.redaction);
                issued.map_err(|error| self.failed(&error.to_string()))
            }
            Ok((http, body)) => Err(self.refused(&Error::refused(http, &body, None))),
            Err(error) => Err(self.refused(&error)),
        }
    }

    fn refused(&self, error: &Error) -> CredentialsError {
        let kind = if error.is_transient() {
            ErrorKind::Transient
        } else {
            ErrorKind::Permanent
        };
        match error.status() {
            Some(status) => self
                .failed(&format!("the IAM Credentials API returned {status}"))
                .with_problem(CredentialsProblem::ImpersonationRefused(status.clone())),
            None => self.failed(&request_error(error).to_string()),
        }
        .with(kind)
    }

    fn failed(&self, reason: &str) -> CredentialsError {
        let account = &self.account.account;
        CredentialsError::new(format!(
            "could not impersonate the service account {account}: {reason}"
        ))
    }
}

impl TokenSource for Impersonated {
    fn fetch_token<'a>(&'a mut self, transport: &'a Transport) -> TokenFuture<'a> {
        Box::pin(self.exchange(transport))
    }

    fn account(&self) -> Option<&str> {
        Some(self.account.account())
    }
}

/// <https://cloud.google.com/iam/docs/reference/credentials/rest>
const GOOGLE: &str = "https://iamcredentials.googleapis.com/v1/";

#[cfg(test)]
mod tests;
