//! Access tokens, from whatever credentials there are.
//!
//! Nothing is read or fetched before the first request, and all requests share one token. Each kind of credentials
//! is a [`TokenSource`]; `docs/guides/credentials.md` has the table of kinds.

mod application_default;
mod document;
mod file;
mod gcloud;
mod google;
mod impersonation;

use async_trait::async_trait;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::Secret;
use super::request::Access;
use super::retry::pauses;
use super::transport::Transport;
pub use impersonation::Impersonation;

/// Which credentials to use.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A token as it is, or the path of a file with one; it is not renewed.
    AccessToken(Secret),
    /// A credential document, as JSON.
    Document(Secret),
    /// A credential document in a file.
    File(PathBuf),
    /// What the machine has: `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's own application-default credentials, the
    /// metadata server, the gcloud program.
    ApplicationDefault,
    /// A service account, on the word of other credentials.
    Impersonated(Box<Credentials>, Impersonation),
}

/// Why credentials cannot be used, in one sentence and without a word of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct CredentialsError {
    reason: String,
    outlook: Outlook,
}

/// What is to be expected when the same is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outlook {
    /// The same.
    Lasting,
    /// It may go well in a moment.
    Passing,
    /// Nobody was there to ask, which may be otherwise in a moment.
    Nobody,
}

impl CredentialsError {
    fn new(reason: impl Into<String>) -> CredentialsError {
        CredentialsError {
            reason: reason.into(),
            outlook: Outlook::Lasting,
        }
    }

    fn with(self, outlook: Outlook) -> CredentialsError {
        CredentialsError { outlook, ..self }
    }
}

impl Credentials {
    /// Takes a credential document as JSON, or the path of a file with one. A file is read only when it is
    /// needed.
    ///
    /// # Errors
    /// When the JSON is none, or no credential document that can work.
    pub fn from_json_or_path(text: &str) -> Result<Credentials, CredentialsError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CredentialsError::new(
                "credentials are a credential document or the path of one, and these are empty",
            ));
        }
        if text.starts_with('{') {
            let json = Secret::new(text);
            document::parse(&json, "the JSON")?;
            return Ok(Credentials::Document(json));
        }
        if text.len() > LONGEST_PATH {
            return Err(CredentialsError::new(format!(
                "credentials are a credential document in JSON, which begins with {{, or the path of one. These are {} \
                 bytes that are neither",
                text.len()
            )));
        }
        Ok(Credentials::File(at_home(text)))
    }
}

/// Which credentials they are, without a word of them.
impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::AccessToken(_) => write!(f, "the token that was given"),
            Credentials::Document(_) => write!(f, "the credential document that was given"),
            Credentials::File(path) => write!(f, "the credential document in {}", path.display()),
            Credentials::ApplicationDefault => write!(f, "application-default credentials"),
            Credentials::Impersonated(source, account) => write!(f, "{source}, acting as {account}"),
        }
    }
}

/// A path, with `~/` read as a shell does.
fn at_home(text: &str) -> PathBuf {
    let home = text.strip_prefix("~/").zip(std::env::home_dir());
    home.map_or_else(|| PathBuf::from(text), |(rest, home)| home.join(rest))
}

/// Gives access tokens.
#[async_trait]
pub(super) trait TokenSource: Send + Sync {
    /// A token that is good for now; the same one as long as it is.
    async fn token(&self) -> Result<Secret, CredentialsError>;

    /// Whether asking again may give another token.
    fn renews(&self) -> bool {
        true
    }

    /// The project whose quota pays for requests, where the credentials name one.
    fn quota_project(&self) -> Option<&str> {
        None
    }
}

/// The source of tokens, opened at the first request and shared by all.
pub(super) struct Tokens {
    credentials: Credentials,
    transport: Arc<Transport>,
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
    pub(super) fn new(credentials: Credentials, transport: Arc<Transport>) -> Tokens {
        Tokens {
            credentials,
            transport,
            state: Mutex::default(),
        }
    }

    /// A token that is good for now. Whoever asks while one is fetched waits for that one, and shares its failure
    /// too: a plan of a thousand jobs must not ask a thousand times what it was just told.
    pub(super) async fn access(&self) -> Result<Access, CredentialsError> {
        let mut state = self.state.lock().await;
        if let Some((when, error)) = &state.failed
            && when.elapsed() < FAILURE_HOLDS
        {
            return Err(error.clone());
        }
        let access = timeout(LONGEST_FETCH, self.fetch(&mut state.source)).await;
        let access = access.unwrap_or_else(|_| {
            state.source = None;
            Err(CredentialsError::new(format!(
                "no access token could be had within {} seconds: whoever gives them does not answer",
                LONGEST_FETCH.as_secs()
            )))
        });
        state.last = access.as_ref().ok().map(|access| access.token.clone());
        state.failed = access.as_ref().err().map(|error| (Instant::now(), error.clone()));
        access
    }

    /// Forgets a token that was refused, if another can be had: it may have been revoked before its time. When
    /// somebody else has renewed it meanwhile, that one stays.
    pub(super) async fn renew(&self, refused: &Access) -> bool {
        let mut state = self.state.lock().await;
        let renews = state.source.as_ref().is_some_and(|source| source.renews());
        if renews && state.last.as_ref() == Some(&refused.token) {
            state.source = None;
        }
        renews
    }

    /// Gets a token, and tries again what may pass. A source that has failed is opened anew: what it was made of may
    /// have been mended meanwhile.
    async fn fetch(&self, source: &mut Option<Arc<dyn TokenSource>>) -> Result<Access, CredentialsError> {
        let mut pauses = pauses().take(RETRIES);
        loop {
            let error = match self.fetch_once(source).await {
                Ok(access) => return Ok(access),
                Err(error) => error,
            };
            *source = None;
            let Some(pause) = pauses.next().filter(|_| error.outlook != Outlook::Lasting) else {
                return Err(error);
            };
            warn!(%error, pause_ms = pause.as_millis() as u64, "asking for an access token again");
            tokio::time::sleep(pause).await;
        }
    }

    async fn fetch_once(
        &self,
        source: &mut Option<Arc<dyn TokenSource>>,
    ) -> Result<Access, CredentialsError> {
        let source = match source {
            Some(source) => source,
            none => none.insert(open(&self.credentials, &self.transport).await?),
        };
        Ok(Access {
            token: source.token().await?,
            quota_project: source.quota_project().map(str::to_owned),
        })
    }
}

/// Opens credentials: reads files, and looks at what the machine has.
async fn open(
    credentials: &Credentials,
    transport: &Arc<Transport>,
) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    info!(from = %credentials, "getting an access token");
    match credentials {
        Credentials::AccessToken(given) => Ok(Arc::new(Fixed(token_or_file(given).await?))),
        Credentials::Document(json) => google::open(json, "the JSON in credentials", transport),
        Credentials::File(path) => open_file(path, &format!("the file {}", path.display()), transport).await,
        Credentials::ApplicationDefault => application_default::open(transport).await,
        Credentials::Impersonated(source, account) => {
            let source = Box::pin(open(source, transport)).await?;
            Ok(impersonation::open(source, account.clone(), None, transport))
        }
    }
}

/// Opens the credential document in a file.
async fn open_file(
    path: &Path,
    origin: &str,
    transport: &Arc<Transport>,
) -> Result<Arc<dyn TokenSource>, CredentialsError> {
    let json = file::read(path).await.map_err(|error| {
        CredentialsError::new(format!("{origin} with the credentials cannot be read: {error}"))
    })?;
    google::open(&json, origin, transport)
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

/// The token, or what is in the file of that name, as the google provider takes it. A token of Google's is no path
/// of a file that is there.
async fn token_or_file(given: &Secret) -> Result<Secret, CredentialsError> {
    let path = at_home(given.reveal());
    let unusable = |why: String| {
        CredentialsError::new(format!("the file {} with the access token {why}", path.display()))
    };
    let cannot = |error| unusable(format!("cannot be read: {error}"));
    if !file::exists(&path).await.map_err(cannot)? {
        return Ok(given.clone());
    }
    let text = file::read(&path).await.map_err(cannot)?;
    let text = text.reveal().trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(unusable("holds something else".to_owned()));
    }
    Ok(Secret::new(text))
}

/// No system takes a longer one.
const LONGEST_PATH: usize = 4096;
/// A metadata server or gcloud that is there at all answers sooner.
const LONGEST_FETCH: Duration = Duration::from_secs(60);
/// How often a token is asked for again, when there is hope.
const RETRIES: usize = 4;
/// Long enough for all that asked at the same time, short enough that the next run of a provider that lives on
/// asks anew.
const FAILURE_HOLDS: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
