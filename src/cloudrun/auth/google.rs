//! Tokens for credential documents: which exchange a document asks for.
//!
//! Of a document that asks for impersonation the other part is opened first: acting as somebody else is done in one
//! place, whoever asks for it (`impersonation`).

use serde_json::Value as Json;
use std::sync::Arc;

use super::document::{self, IMPERSONATION_URL, Kind, SOURCE_CREDENTIALS};
use super::exchange::Cached;
use super::federation::Federation;
use super::impersonation::{self, Impersonation};
use super::service_account::ServiceAccount;
use super::sign_in::SignIn;
use super::{CredentialsError, TokenSource};
use crate::cloudrun::Secret;
use crate::cloudrun::transport::Transport;

/// Opens a credential document; connects to nothing yet.
pub(super) fn open(
    text: &Secret,
    origin: &str,
    transport: &Arc<Transport>,
) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let (kind, json) = document::parse(text, origin)?;
    let quota_project = json["quota_project_id"].as_str().map(str::to_owned);
    let account = match json[IMPERSONATION_URL].as_str() {
        Some(url) => Some(Impersonation::at(url, texts(&json["delegates"])).ok_or_else(|| {
            CredentialsError::new(format!(
                "{IMPERSONATION_URL} in {origin} names no service account"
            ))
        })?),
        None => None,
    };
    let source: Arc<dyn TokenSource> = match kind {
        Kind::ImpersonatedServiceAccount => {
            let inner = Secret::new(json[SOURCE_CREDENTIALS].to_string());
            open(&inner, &format!("{SOURCE_CREDENTIALS} in {origin}"), transport)?
        }
        // Nobody is asked for its tokens.
        Kind::ServiceAccount => {
            let key = ServiceAccount::new(&json, origin)?;
            Arc::new(Cached::new(key, quota_project.clone()))
        }
        // A person's sign-in has its scopes already.
        Kind::AuthorizedUser | Kind::ExternalAccountAuthorizedUser => {
            let sign_in = SignIn::new(kind, &json, origin, transport)?;
            Arc::new(Cached::new(sign_in, quota_project.clone()))
        }
        Kind::ExternalAccount => {
            let federation = Federation::new(&json, account.as_ref(), origin, transport)?;
            Arc::new(Cached::new(federation, quota_project.clone()))
        }
    };
    match account {
        Some(account) => Ok(impersonation::open(source, account, quota_project, transport)),
        None => Ok(source),
    }
}

fn texts(list: &Json) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Json::as_str).map(str::to_owned).collect()
}

/// <https://developers.google.com/identity/protocols/oauth2/scopes#run>
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

#[cfg(test)]
mod tests;
