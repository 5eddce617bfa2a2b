//! Tokens of Google's own making, by way of gcp_auth.

use async_trait::async_trait;
use gcp_auth::{
    ConfigDefaultCredentials, CustomServiceAccount, GCloudAuthorizedUser, MetadataServiceAccount,
};
use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;

use super::{CredentialsError, TokenSource, key};
use crate::cloudrun::Secret;

/// Tokens of a provider of gcp_auth, which keeps each until shortly before its end.
struct Google {
    provider: Arc<dyn gcp_auth::TokenProvider>,
    origin: String,
}

#[async_trait]
impl TokenSource for Google {
    async fn token(&self) -> Result<Secret, CredentialsError> {
        let token = self.provider.token(&[SCOPE]).await;
        let token = token.map_err(|error| {
            CredentialsError(format!(
                "no access token could be had with {}: {}",
                self.origin,
                why(&error)
            ))
        })?;
        Ok(Secret::new(token.as_str()))
    }

    fn renews(&self) -> bool {
        true
    }
}

/// The service account whose key is in a file.
pub(super) fn key_file(path: &Path, origin: &str) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let json = std::fs::read_to_string(path).map_err(|error| {
        CredentialsError(format!("{origin} with the credentials cannot be read: {error}"))
    })?;
    let json = Secret::new(json);
    key::check(json.reveal(), origin)?;
    service_account(json.reveal(), origin)
}

/// The service account of a key that was checked.
pub(super) fn service_account(json: &str, origin: &str) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let account = CustomServiceAccount::from_json(json)
        .map_err(|error| CredentialsError(format!("{origin} cannot be used: {}", why(&error))))?;
    Ok(source(account, origin))
}

/// The credentials of this machine, in Google's order: <https://cloud.google.com/docs/authentication/application-default-credentials>.
/// Those that are there but do not work are not passed over in silence: what comes next may be somebody else.
pub(super) async fn application_default() -> Result<Arc<dyn TokenSource>, CredentialsError> {
    if let Some(path) = std::env::var_os(KEY_VARIABLE).filter(|path| !path.is_empty()) {
        let path = Path::new(&path);
        return key_file(path, &format!("the file {} ({KEY_VARIABLE})", path.display()));
    }
    let user = match ConfigDefaultCredentials::new().await {
        Ok(user) => return Ok(source(user, "gcloud's application-default credentials")),
        Err(error) => error,
    };
    if !matches!(user, gcp_auth::Error::Io(..)) && std::env::home_dir().is_some() {
        return Err(CredentialsError(format!(
            "gcloud's application-default credentials cannot be used: {}. Run gcloud auth application-default login again",
            why(&user)
        )));
    }
    let machine = match MetadataServiceAccount::new().await {
        Ok(machine) => return Ok(source(machine, "the metadata server")),
        Err(error) => error,
    };
    match GCloudAuthorizedUser::new().await {
        Ok(gcloud) => Ok(source(gcloud, "gcloud")),
        Err(gcloud) => Err(CredentialsError(format!(
            "no credentials were found: the provider has no credentials and no access_token, neither GOOGLE_CREDENTIALS nor \
             {KEY_VARIABLE} is set, and nothing else gives any (gcloud's application-default credentials: {}; metadata \
             server: {}; gcloud auth print-access-token: {}). Run gcloud auth application-default login, or set one of the \
             former",
            why(&user),
            why(&machine),
            why(&gcloud)
        ))),
    }
}

fn source(provider: impl gcp_auth::TokenProvider + 'static, origin: &str) -> Arc<dyn TokenSource> {
    Arc::new(Google {
        provider: Arc::new(provider),
        origin: origin.to_owned(),
    })
}

/// An error with its causes. Google's own words about a refused request are in gcp_auth's log, not in its error.
fn why(error: &gcp_auth::Error) -> String {
    if matches!(error, gcp_auth::Error::Str("token request failed")) {
        return "Google gives none. The account or its key may be disabled or deleted, the sign-in may have run out, or \
                this machine's clock may be wrong"
            .to_owned();
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}

/// <https://developers.google.com/identity/protocols/oauth2/scopes#run>
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const KEY_VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
