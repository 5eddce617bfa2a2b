//! Access tokens, from whatever credentials there are.
//!
//! Nothing is read or fetched before the first request, and all requests share one token. Other kinds of
//! credentials (federation, impersonation) are further [`TokenSource`]s.

use async_trait::async_trait;
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;

use super::Secret;

/// Which credentials to use.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A token as it is; it is not renewed.
    AccessToken(Secret),
    /// A service account's key, as JSON.
    ServiceAccountKey(Secret),
    /// A service account's key, in a file.
    KeyFile(PathBuf),
    /// What the machine has: `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's own application-default credentials, the
    /// metadata server, the gcloud program.
    ApplicationDefault,
}

/// Why credentials cannot be used, in one sentence and without a word of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CredentialsError(String);

impl Credentials {
    /// Takes a service account's key as JSON, or the path of a file with one. A file is read only when it is
    /// needed.
    ///
    /// # Errors
    /// When the JSON is none, or of another kind of credentials.
    pub fn from_json_or_path(text: &str) -> Result<Credentials, CredentialsError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CredentialsError(
                "credentials are a service account key or the path of one, and these are empty".to_owned(),
            ));
        }
        if text.starts_with('{') {
            check_key(text, "the JSON")?;
            return Ok(Credentials::ServiceAccountKey(Secret::new(text)));
        }
        let home = text.strip_prefix("~/").zip(std::env::home_dir());
        Ok(Credentials::KeyFile(home.map_or_else(
            || PathBuf::from(text),
            |(rest, home)| home.join(rest),
        )))
    }
}

/// Gives access tokens.
#[async_trait]
pub(super) trait TokenSource: Send + Sync {
    /// A token that is good for now.
    async fn token(&self) -> Result<Secret, CredentialsError>;

    /// Whether asking again may give another token.
    fn renews(&self) -> bool;
}

/// The source of tokens, opened at the first request and shared by all.
pub(super) struct Tokens {
    credentials: Credentials,
    source: Mutex<Option<Arc<dyn TokenSource>>>,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials) -> Tokens {
        Tokens {
            credentials,
            source: Mutex::new(None),
        }
    }

    /// A token that is good for now.
    pub(super) async fn token(&self) -> Result<Secret, CredentialsError> {
        let mut source = self.source.lock().await;
        let source = match &mut *source {
            Some(source) => source.clone(),
            none => none.insert(open(&self.credentials).await?).clone(),
        };
        source.token().await
    }

    /// Forgets the token, if another can be had; a refused one may have been revoked before its time.
    pub(super) async fn renew(&self) -> bool {
        let mut source = self.source.lock().await;
        let renews = source.as_ref().is_some_and(|source| source.renews());
        if renews {
            *source = None;
        }
        renews
    }
}

async fn open(credentials: &Credentials) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    Ok(match credentials {
        Credentials::AccessToken(token) => Arc::new(Fixed(token.clone())),
        Credentials::ServiceAccountKey(key) => service_account(key.reveal(), "the service account key")?,
        Credentials::KeyFile(path) => {
            let origin = format!("the file {}", path.display());
            let key = std::fs::read_to_string(path).map_err(|error| {
                CredentialsError(format!("{origin} with the credentials cannot be read: {error}"))
            })?;
            check_key(&key, &origin)?;
            service_account(&key, &origin)?
        }
        Credentials::ApplicationDefault => {
            let provider = gcp_auth::provider().await.map_err(|error| {
                CredentialsError(format!(
                    "no credentials were found: neither the provider's configuration, nor GOOGLE_CREDENTIALS, nor \
                     GOOGLE_APPLICATION_CREDENTIALS, nor gcloud, nor a metadata server has any ({error}). Run gcloud auth \
                     application-default login, or set credentials or access_token of the provider"
                ))
            })?;
            Arc::new(Google {
                provider,
                origin: "the application-default credentials".to_owned(),
            })
        }
    })
}

fn service_account(key: &str, origin: &str) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let account = gcp_auth::CustomServiceAccount::from_json(key)
        .map_err(|error| CredentialsError(format!("{origin} cannot be used: {}", chain(&error))))?;
    Ok(Arc::new(Google {
        provider: Arc::new(account),
        origin: origin.to_owned(),
    }))
}

/// A token as it was given.
struct Fixed(Secret);

#[async_trait]
impl TokenSource for Fixed {
    async fn token(&self) -> Result<Secret, CredentialsError> {
        Ok(self.0.clone())
    }

    fn renews(&self) -> bool {
        false
    }
}

/// Tokens of gcp_auth, which keeps each as long as it is good, and fetches one at a time.
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
                chain(&error)
            ))
        })?;
        Ok(Secret::new(token.as_str()))
    }

    fn renews(&self) -> bool {
        true
    }
}

/// Finds what is wrong with a key before anything is done with it; never quotes it.
fn check_key(json: &str, origin: &str) -> Result<(), CredentialsError> {
    #[derive(Deserialize)]
    struct Key {
        #[serde(rename = "type", default)]
        kind: String,
        #[serde(default)]
        client_email: String,
        #[serde(default)]
        private_key: String,
        #[serde(default)]
        token_uri: String,
    }
    let key: Key = serde_json::from_str(json).map_err(|error| {
        CredentialsError(format!(
            "{origin} is not a service account key: line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    if key.kind != "service_account" {
        return Err(CredentialsError(format!(
            "{origin} holds credentials of the type {:?}; this provider takes keys of the type \"service_account\" there. \
             For others run gcloud auth application-default login, or give an access token",
            key.kind.chars().take(60).collect::<String>()
        )));
    }
    let members = [
        ("client_email", key.client_email),
        ("private_key", key.private_key),
        ("token_uri", key.token_uri),
    ];
    match members.iter().find(|(_, value)| value.is_empty()) {
        Some((name, _)) => Err(CredentialsError(format!(
            "{origin} is a service account key without {name}"
        ))),
        None => Ok(()),
    }
}

/// An error with its causes; gcp_auth tells them apart.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

/// <https://developers.google.com/identity/protocols/oauth2/scopes#run>
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_key_that_cannot_work_says_why_without_quoting_it() {
        for (text, expected) in [
            ("", "these are empty"),
            ("{", "not a service account key: line 1"),
            (
                r#"{"type": "authorized_user", "refresh_token": "hush"}"#,
                "authorized_user",
            ),
            (
                r#"{"type": "service_account", "private_key": "hush", "token_uri": "u"}"#,
                "without client_email",
            ),
            (
                r#"{"type": "service_account", "client_email": "e", "token_uri": "u"}"#,
                "without private_key",
            ),
        ] {
            let told = Credentials::from_json_or_path(text).unwrap_err().to_string();
            assert!(
                told.contains(expected) && !told.contains("hush"),
                "{text}: {told}"
            );
        }
    }

    #[tokio::test]
    async fn a_missing_file_is_named() {
        let credentials = Credentials::from_json_or_path("/nonexistent/key.json").unwrap();
        let told = Tokens::new(credentials).token().await.unwrap_err().to_string();
        assert!(told.starts_with("the file /nonexistent/key.json"), "{told}");
    }
}
