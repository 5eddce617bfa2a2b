//! Access tokens, from whatever credentials there are.
//!
//! Nothing is read or fetched before the first request, and all requests share one token. Each kind of credentials
//! is a [`TokenSource`]; `docs/guides/credentials.md` has the table of kinds.

mod application_default;
mod document;
mod exchange;
mod federation;
mod file;
mod gcloud;
mod google;
mod impersonation;
mod input;
mod metadata_server;
mod private_key;
mod program;
mod service_account;
mod sign_in;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde_json::Value as Json;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::Secret;
use super::header::{invalid_in_header, invalid_in_header_word};
use super::request::Access;
use super::retry::pauses;
use super::transport::Transport;
pub use impersonation::Impersonation;

/// Which credentials to use.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A token as it is; it is not renewed.
    AccessToken(Secret),
    /// A token in a file; it is not renewed.
    AccessTokenFile(PathBuf),
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

    /// The same, with what it is about.
    fn within(self, context: &str) -> CredentialsError {
        let reason = format!("{context}: {}", self.reason);
        CredentialsError { reason, ..self }
    }
}

impl Credentials {
    /// Takes a credential document as JSON, or the path of a file with one. A file is read only when it is
    /// needed.
    ///
    /// # Errors
    /// When the JSON is none, or no credential document that can work.
    pub fn from_json_or_path(text: &str) -> Result<Credentials, CredentialsError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            let json = Secret::new(text);
            document::parse(&json, "the JSON")?;
            return Ok(Credentials::Document(json));
        }
        let rule = "credentials must be a credential document in JSON, which begins with {, or the path of a file with one";
        if text.is_empty() {
            return Err(CredentialsError::new(format!("{rule}, got nothing")));
        }
        input::path(text)
            .map(Credentials::File)
            .ok_or_else(|| CredentialsError::new(format!("{rule}, got {}", input::describe(text))))
    }

    /// Takes an access token, or the path of a file with one. A file is read only when it is needed.
    ///
    /// # Errors
    /// When no request can carry the token.
    pub fn from_token_or_path(text: &str) -> Result<Credentials, CredentialsError> {
        let text = text.trim();
        // Nothing is no path, and no secret to look for.
        if let Some(path) = (!text.is_empty()).then(|| input::path(text)).flatten() {
            return Ok(Credentials::AccessTokenFile(path));
        }
        let token = token(text).map_err(|found| {
            CredentialsError::new(format!(
                "access_token must be an OAuth 2.0 token, which is {TOKEN_RULE}, or the path of a file with one, got \
                 {found}"
            ))
        })?;
        Ok(Credentials::AccessToken(token))
    }
}

/// The token that a text is; what it is otherwise, without a word of it.
fn token(text: &str) -> Result<Secret, String> {
    let token = Secret::new(text);
    let found = if text.is_empty() {
        Some("nothing".to_owned())
    } else if text.starts_with(['{', '"', '\'']) || text.starts_with("Bearer ") || text.contains("-----BEGIN")
    {
        Some(input::describe(text))
    } else {
        invalid_in_header_word(text)
    };
    found.map_or(Ok(token), Err)
}

/// Which credentials they are, without a word of them.
impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::AccessToken(_) => write!(f, "the token that was given"),
            Credentials::AccessTokenFile(path) => write!(f, "the token in {}", path.display()),
            Credentials::Document(_) => write!(f, "the credential document that was given"),
            Credentials::File(path) => write!(f, "the credential document in {}", path.display()),
            Credentials::ApplicationDefault => write!(f, "application-default credentials"),
            Credentials::Impersonated(source, account) => write!(f, "{source}, acting as {account}"),
        }
    }
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
        let token = source.token().await?;
        if let Some(found) = invalid_in_header(token.reveal()) {
            return Err(CredentialsError::new(format!(
                "an access token must be {TOKEN_RULE}, got one with {found} from {}",
                self.credentials
            )));
        }
        Ok(Access {
            token,
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
        Credentials::AccessToken(given) => Ok(Arc::new(Fixed(given.clone()))),
        Credentials::AccessTokenFile(path) => Ok(Arc::new(Fixed(token_in(path).await?))),
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

/// That there is no token, from what has come between.
fn failed(origin: &str, error: CredentialsError) -> CredentialsError {
    error.within(&format!("no access token could be had with {origin}"))
}

/// A member of a credential document that is a text, and there, or it would not have been taken.
fn text<'a>(json: &'a Json, member: &str) -> &'a str {
    json[member].as_str().unwrap_or_default()
}

fn address(text: &str, origin: &str) -> Result<Url, CredentialsError> {
    let url = Url::parse(text)
        .map_err(|_| CredentialsError::new(format!("an address in {origin} cannot be read as one")))?;
    // It is sent as a header, and so may be quoted.
    drop(url.password().map(Secret::new));
    Ok(url)
}

/// How a client names itself in a header: <https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1>.
fn basic(id: &str, secret: &Secret) -> Secret {
    let pair = STANDARD.encode(format!("{id}:{}", secret.reveal()));
    // What follows the first word is no less secret than the whole.
    drop(Secret::new(pair.as_str()));
    Secret::new(format!("Basic {pair}"))
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

/// The token in a file, whose last line may end.
async fn token_in(path: &Path) -> Result<Secret, CredentialsError> {
    let unusable = |why: String| {
        CredentialsError::new(format!("the file {} with the access token {why}", path.display()))
    };
    let text = file::read(path).await;
    let text = text.map_err(|error| unusable(format!("cannot be read: {error}")))?;
    token(text.reveal().trim())
        .map_err(|found| unusable(format!("must hold {TOKEN_RULE} and nothing else, got {found}")))
}

/// What an HTTP header can carry as a token.
const TOKEN_RULE: &str = "one line of visible ASCII characters without spaces";
/// A metadata server or gcloud that is there at all answers sooner.
const LONGEST_FETCH: Duration = Duration::from_secs(60);
/// How often a token is asked for again, when there is hope.
const RETRIES: usize = 4;
/// Long enough for all that asked at the same time, short enough that the next run of a provider that lives on
/// asks anew.
const FAILURE_HOLDS: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
