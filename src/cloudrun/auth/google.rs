//! Tokens for credential documents and of the metadata server, by way of Google's own library.
//!
//! Of a document that asks for impersonation the library gets the other part only: acting as somebody else is done
//! in one place, whoever asks for it (`impersonation`).

use async_trait::async_trait;
use google_cloud_auth::credentials::service_account::AccessSpecifier;
use google_cloud_auth::credentials::{
    AccessTokenCredentials, external_account, external_account_authorized_user, mds, service_account,
    user_account,
};
use serde_json::Value as Json;
use std::error::Error as StdError;
use std::sync::Arc;

use super::document::{self, IMPERSONATION_URL, Kind, SOURCE_CREDENTIALS};
use super::impersonation::{self, Impersonation};
use super::{CredentialsError, Outlook, TokenSource};
use crate::cloudrun::Secret;
use crate::cloudrun::transport::{Transport, use_ring};

/// Tokens of the library, which keeps each until shortly before its end.
struct Library {
    credentials: AccessTokenCredentials,
    origin: String,
    quota_project: Option<String>,
}

#[async_trait]
impl TokenSource for Library {
    async fn token(&self) -> Result<Secret, CredentialsError> {
        let token = self.credentials.access_token().await.map_err(|error| {
            CredentialsError::new(format!(
                "no access token could be had with {}: {}",
                self.origin,
                words(&error)
            ))
            .with(outlook(&error, error.is_transient()))
        })?;
        Ok(Secret::new(token.token))
    }

    fn quota_project(&self) -> Option<&str> {
        self.quota_project.as_deref()
    }
}

/// Opens a credential document; connects to nothing yet.
pub(super) fn open(
    text: &Secret,
    origin: &str,
    transport: &Arc<Transport>,
) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let (kind, mut json) = document::parse(text, origin)?;
    let quota_project = json["quota_project_id"].as_str().map(str::to_owned);
    let delegates = texts(&json["delegates"]);
    let url = json
        .as_object_mut()
        .and_then(|members| members.remove(IMPERSONATION_URL));
    let source = if kind == Kind::ImpersonatedServiceAccount {
        let inner = Secret::new(json[SOURCE_CREDENTIALS].to_string());
        open(&inner, &format!("{SOURCE_CREDENTIALS} in {origin}"), transport)?
    } else {
        source_file_is_readable(&json, origin)?;
        library(kind, json, origin, quota_project.clone())?
    };
    match url.as_ref().and_then(Json::as_str) {
        Some(url) => {
            let account = Impersonation::at(url, delegates).ok_or_else(|| {
                CredentialsError::new(format!(
                    "{IMPERSONATION_URL} in {origin} names no service account"
                ))
            })?;
            Ok(impersonation::open(source, account, quota_project, transport))
        }
        None => Ok(source),
    }
}

/// The metadata server of Compute Engine, GKE and Cloud Run, or the one that `GCE_METADATA_HOST` names.
pub(super) fn metadata_server() -> Result<Arc<dyn TokenSource>, CredentialsError> {
    use_ring();
    let built = mds::Builder::default()
        .with_scopes([SCOPE])
        .build_access_token_credentials();
    source(built, "the metadata server", None)
}

/// What makes the tokens of a document. A service account's key signs them itself, so that nobody is asked for them; a
/// person's sign-in has its scopes already.
fn library(
    kind: Kind,
    json: Json,
    origin: &str,
    quota_project: Option<String>,
) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    use_ring();
    let built = match kind {
        Kind::AuthorizedUser => user_account::Builder::new(json).build_access_token_credentials(),
        Kind::ExternalAccount => external_account::Builder::new(json)
            .with_scopes([SCOPE])
            .build_access_token_credentials(),
        Kind::ExternalAccountAuthorizedUser => {
            external_account_authorized_user::Builder::new(json).build_access_token_credentials()
        }
        Kind::ServiceAccount | Kind::ImpersonatedServiceAccount => service_account::Builder::new(json)
            .with_access_specifier(AccessSpecifier::from_scopes([SCOPE]))
            .build_access_token_credentials(),
    };
    source(built, origin, quota_project)
}

fn source(
    built: Result<AccessTokenCredentials, google_cloud_auth::build_errors::Error>,
    origin: &str,
    quota_project: Option<String>,
) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let credentials = built
        .map_err(|error| CredentialsError::new(format!("{origin} cannot be used: {}", words(&error))))?;
    Ok(Arc::new(Library {
        credentials,
        origin: origin.to_owned(),
        quota_project,
    }))
}

/// Whether the file with the token of the other side can be read. The library would not say which one it is.
fn source_file_is_readable(json: &Json, origin: &str) -> Result<(), CredentialsError> {
    let Some(path) = json["credential_source"]["file"].as_str() else {
        return Ok(());
    };
    match std::fs::File::open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(CredentialsError::new(format!(
            "the file {path}, which credential_source in {origin} names, cannot be read: {error}"
        ))),
    }
}

fn texts(list: &Json) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Json::as_str).map(str::to_owned).collect()
}

fn outlook(error: &(dyn StdError + 'static), transient: bool) -> Outlook {
    let mut next = Some(error);
    while let Some(cause) = next {
        let request = cause.downcast_ref::<reqwest::Error>();
        if request.is_some_and(|error| error.is_connect() || error.is_timeout()) {
            return Outlook::Nobody;
        }
        next = cause.source();
    }
    if transient {
        Outlook::Passing
    } else {
        Outlook::Lasting
    }
}

/// An error with its causes, each once, without what the library adds for programmers and without what may be a token.
fn words(error: &dyn StdError) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = tidy(&cause.to_string());
        if !text.is_empty() && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    parts.join(": ")
}

/// The library says `MESSAGE, body=<BODY>`. The body of a refused request is Google's word on it. That of one that was
/// granted, without the member that was looked for, may hold a token under another name.
fn tidy(text: &str) -> String {
    let text = LIBRARY_PHRASES
        .iter()
        .fold(text.to_owned(), |text, phrase| text.replace(phrase, ""));
    let Some((message, body)) = text.split_once(", body=<") else {
        return without_address(text.trim());
    };
    if message.contains("failed to read subject token field") {
        return message.to_owned();
    }
    let body = body.strip_suffix('>').unwrap_or(body);
    let json: Json = serde_json::from_str(body).unwrap_or_default();
    let members = [
        &json["error"],
        &json["error_description"],
        &json["error"]["message"],
    ];
    let said: Vec<&str> = members.iter().filter_map(|member| member.as_str()).collect();
    if said.is_empty() {
        format!("{message}: {body}")
    } else {
        format!("{message}: {}", said.join(": "))
    }
}

/// The log has the addresses of requests; for people they are long, and say nothing that the rest does not.
fn without_address(text: &str) -> String {
    match text.split_once(" for url (") {
        Some((before, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{before}{after}")
        }
        None => text.to_owned(),
    }
}

/// What the library says to those who call it.
const LIBRARY_PHRASES: [&str; 8] = [
    " but future attempts may succeed",
    " and future attempts will not succeed",
    "cannot create the authentication headers ",
    "cannot create auth headers",
    "the transport reports an error: ",
    "failed to fetch token",
    "Request to fetch the token failed. Subsequent calls with this credential will also fail.",
    "Fetching the token resulted in transient errors. Subsequent calls with this credential might succeed.",
];
/// <https://developers.google.com/identity/protocols/oauth2/scopes#run>
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

#[cfg(test)]
mod tests;
