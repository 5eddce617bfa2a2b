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
            key::check(text, "the JSON")?;
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
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Gives a new token each time it is asked.
    struct Counting(AtomicUsize);

    #[async_trait]
    impl TokenSource for Counting {
        async fn token(&self) -> Result<Secret, CredentialsError> {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            Ok(Secret::new(format!("token {count}")))
        }

        fn renews(&self) -> bool {
            true
        }
    }

    #[tokio::test]
    async fn a_missing_file_is_named() {
        let credentials = Credentials::from_json_or_path("/nonexistent/key.json").unwrap();
        let told = Tokens::new(credentials).token().await.unwrap_err().to_string();
        assert!(told.starts_with("the file /nonexistent/key.json"), "{told}");
    }

    #[tokio::test]
    async fn a_failure_is_shared_for_a_moment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        let tokens = Tokens::new(Credentials::KeyFile(path.clone()));
        let first = tokens.token().await.unwrap_err();
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(tokens.token().await.unwrap_err(), first);
        if let Some((when, _)) = &mut tokens.state.lock().await.failed {
            *when -= FAILURE_HOLDS;
        }
        assert_ne!(tokens.token().await.unwrap_err(), first, "the file is there now");
    }

    #[tokio::test]
    async fn only_the_token_that_was_refused_is_dropped() {
        let tokens = Tokens::new(Credentials::AccessToken(Secret::new("fixed")));
        tokens.state.lock().await.source = Some(Arc::new(Counting(AtomicUsize::new(0))));
        let old = tokens.token().await.unwrap();
        let new = tokens.token().await.unwrap();
        assert_ne!(old, new);
        assert!(tokens.renew(&old).await);
        assert!(
            tokens.state.lock().await.source.is_some(),
            "another has renewed it"
        );
        assert!(tokens.renew(&new).await);
        assert!(tokens.state.lock().await.source.is_none());
        let fixed = tokens.token().await.unwrap();
        assert!(!tokens.renew(&fixed).await, "a fixed token has no other");
    }
}
