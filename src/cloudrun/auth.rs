//! Access tokens, from whatever credentials there are.
//!
//! Nothing is read or fetched before the first request, and all requests share one token. Other kinds of
//! credentials (federation, impersonation) are further [`TokenSource`]s.

mod google;
mod key;

use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

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
            let key = Secret::new(text);
            key::check(key.reveal(), "the JSON")?;
            return Ok(Credentials::ServiceAccountKey(key));
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
    /// A token that is good for now; the same one as long as it is.
    async fn token(&self) -> Result<Secret, CredentialsError>;

    /// Whether asking again may give another token.
    fn renews(&self) -> bool;
}

/// The source of tokens, opened at the first request and shared by all.
pub(super) struct Tokens {
    credentials: Credentials,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    source: Option<Arc<dyn TokenSource>>,
    /// The token given last.
    last: Option<Secret>,
    /// Why there was none, and when that was found out.
    failed: Option<(Instant, CredentialsError)>,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials) -> Tokens {
        Tokens {
            credentials,
            state: Mutex::default(),
        }
    }

    /// A token that is good for now. Whoever asks while one is fetched waits for that one, and shares its failure
    /// too: a plan of a thousand jobs must not ask a thousand times what it was just told.
    pub(super) async fn token(&self) -> Result<Secret, CredentialsError> {
        let mut state = self.state.lock().await;
        if let Some((when, error)) = &state.failed
            && when.elapsed() < FAILURE_HOLDS
        {
            return Err(error.clone());
        }
        let token = timeout(LONGEST_FETCH, fetch(&mut state.source, &self.credentials)).await;
        let token = token.unwrap_or_else(|_| {
            Err(CredentialsError(format!(
                "no access token could be had within {} seconds: whoever gives them does not answer",
                LONGEST_FETCH.as_secs()
            )))
        });
        state.last = token.as_ref().ok().cloned();
        state.failed = token.as_ref().err().map(|error| (Instant::now(), error.clone()));
        token
    }

    /// Forgets a token that was refused, if another can be had: it may have been revoked before its time. When
    /// somebody else has renewed it meanwhile, that one stays.
    pub(super) async fn renew(&self, refused: &Secret) -> bool {
        let mut state = self.state.lock().await;
        let renews = state.source.as_ref().is_some_and(|source| source.renews());
        if renews && state.last.as_ref() == Some(refused) {
            state.source = None;
        }
        renews
    }
}

async fn fetch(
    source: &mut Option<Arc<dyn TokenSource>>,
    credentials: &Credentials,
) -> Result<Secret, CredentialsError> {
    let source = match source {
        Some(source) => source,
        none => none.insert(open(credentials).await?),
    };
    source.token().await
}

async fn open(credentials: &Credentials) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    match credentials {
        Credentials::AccessToken(token) => Ok(Arc::new(Fixed(token.clone()))),
        Credentials::ServiceAccountKey(key) => {
            google::service_account(key.reveal(), "the service account key")
        }
        Credentials::KeyFile(path) => google::key_file(path, &format!("the file {}", path.display())),
        Credentials::ApplicationDefault => google::application_default().await,
    }
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

/// A metadata server or gcloud that is there at all answers sooner.
const LONGEST_FETCH: Duration = Duration::from_secs(60);
/// Long enough for all that asked at the same time, short enough that the next run of a provider that lives on
/// asks anew.
const FAILURE_HOLDS: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
