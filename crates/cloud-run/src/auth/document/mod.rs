//! Credential documents, the JSON files of <https://google.aip.dev/auth>.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::path::Path;

use super::authorized_user::AuthorizedUser;
use super::federation::Federation;
use super::impersonation::{Impersonated, Impersonation};
use super::service_account::ServiceAccount;
use super::token_source::OpenCredentials;
use super::url::MAX_SHOWN;
use super::{file, input};
use crate::credentials_error::{CredentialsError, CredentialsProblem};
use crate::header::invalid_in_header_word;
use crate::redaction::{Redaction, Secret};
use crate::text::truncate;

/// Members of all types of documents.
#[derive(serde::Deserialize)]
struct Common {
    #[serde(rename = "type")]
    kind: String,
    quota_project_id: Option<String>,
    universe_domain: Option<String>,
    service_account_impersonation_url: Option<String>,
    #[serde(default)]
    delegates: Vec<String>,
}

/// The member of `impersonated_service_account`.
#[derive(serde::Deserialize)]
struct SourceCredentials {
    source_credentials: Json,
}

/// Decodes a credential document; sends nothing yet.
///
/// # Errors
/// The member and the rule for it, without its value.
pub(super) fn open(
    text: &Secret,
    origin: &str,
    redaction: &Redaction,
) -> Result<OpenCredentials, CredentialsError> {
    let json = parse(text.expose_secret()).and_then(|json| from_json(&json, origin, redaction));
    json.map_err(|error| error.within(origin))
}

/// Opens the credential document in a file.
pub(super) async fn open_file(
    path: &Path,
    origin: &str,
    redaction: &Redaction,
) -> Result<OpenCredentials, CredentialsError> {
    let json = file::read(path, redaction).await;
    open(&json.map_err(|error| error.within(origin))?, origin, redaction)
}

fn parse(text: &str) -> Result<Json, CredentialsError> {
    serde_json::from_str(text).map_err(|error| {
        let found = if text.trim_start().starts_with('{') {
            error.to_string().into()
        } else {
            input::describe(text)
        };
        found.error("must be a credential document in JSON")
    })
}

fn from_json(json: &Json, origin: &str, redaction: &Redaction) -> Result<OpenCredentials, CredentialsError> {
    let common: Common = read(json)?;
    if let Some(universe) = common.universe_domain.filter(|universe| universe != UNIVERSE) {
        return Err(CredentialsError::new(format!(
            "universe_domain must be {UNIVERSE}, got {:?}",
            truncate(&universe, MAX_SHOWN)
        )));
    }
    if let Some(found) = common
        .quota_project_id
        .as_deref()
        .and_then(invalid_in_header_word)
    {
        return Err(CredentialsError::new(format!(
            "quota_project_id must be a project ID, got {found}"
        )));
    }
    let account = match common.service_account_impersonation_url {
        Some(url) => Some(Impersonation::at(&url, common.delegates).ok_or_else(|| {
            CredentialsError::new(
                "service_account_impersonation_url must be the HTTPS URL of the generateAccessToken method of a service account",
            )
        })?),
        None => None,
    };
    let mut opened = match common.kind.as_str() {
        "service_account" => {
            OpenCredentials::new(Box::new(ServiceAccount::new(read(json)?, redaction)?), origin)
        }
        "authorized_user" => OpenCredentials::new(
            Box::new(AuthorizedUser::with_google(read(json)?, redaction)?),
            origin,
        ),
        "external_account_authorized_user" => OpenCredentials::new(
            Box::new(AuthorizedUser::with_workforce_pool(read(json)?, redaction)?),
            origin,
        ),
        "external_account" => {
            let email = account.as_ref().map(Impersonation::account);
            OpenCredentials::new(Box::new(Federation::new(read(json)?, email, redaction)?), origin)
        }
        "impersonated_service_account" if account.is_some() => {
            let source: SourceCredentials = read(json)?;
            let source = from_json(&source.source_credentials, origin, redaction);
            source.map_err(|error| error.within("source_credentials"))?
        }
        "impersonated_service_account" => {
            return Err(CredentialsError::new(
                "missing field `service_account_impersonation_url`",
            ));
        }
        other => {
            return Err(CredentialsError::new(format!(
                "type must be service_account, authorized_user, external_account, external_account_authorized_user or \
                 impersonated_service_account, got {:?}",
                truncate(other, MAX_SHOWN)
            ))
            .with_problem(CredentialsProblem::UnsupportedType));
        }
    };
    if common.kind != "impersonated_service_account" {
        opened.quota_project = common.quota_project_id.clone();
    }
    Ok(match account {
        Some(account) => Impersonated::open(opened, account, common.quota_project_id),
        None => opened,
    })
}

/// Decodes the members of one type of document.
fn read<T: DeserializeOwned>(json: &Json) -> Result<T, CredentialsError> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.inner().to_string());
        // Only the name of a missing field is shown: other reasons quote values, which may be secret.
        CredentialsError::new(match reason.starts_with("missing field") {
            true if path == "." => reason,
            true => format!("{path}: {reason}"),
            false => format!("{path} has an unexpected type"),
        })
    })
}

/// Google's public cloud; other universes have other APIs.
const UNIVERSE: &str = "googleapis.com";

#[cfg(test)]
mod tests;
