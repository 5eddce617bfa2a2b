//! Access tokens, from every kind of credentials in `docs/guides/credentials.md`.
//!
//! Nothing is read or requested before the first request to Cloud Run, and all requests share one token.

mod application_default;
mod document;

mod authorized_user;
mod exchange;
mod federation;
mod file;
mod impersonation;
mod input;
mod program;
mod service_account;
mod source;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::header::invalid_in_header_word;
use super::request::Access;
use super::transport::Transport;
use crate::credentials_error::ErrorKind;
pub use crate::credentials_error::{CredentialsError, CredentialsProblem, Mistake};
use crate::redaction::{Redaction, Secret};
pub use impersonation::Impersonation;
use input::Found;
use source::Opened;

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
    /// A service account, impersonated with other credentials.
    Impersonated(Box<Credentials>, Impersonation),
}

impl Credentials {
    /// Takes a credential document as JSON, or the path of a file with one. A file is read only when it is
    /// needed.
    ///
    /// # Errors
    /// When the text is neither, or not a credential document that can work.
    pub fn from_json_or_path(text: &str, redaction: &Redaction) -> Result<Credentials, CredentialsError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            let json = redaction.secret(text);
            document::open(&json, "the JSON", redaction)?;
            return Ok(Credentials::Document(json));
        }
        input::path(text, redaction).map(Credentials::File).ok_or_else(|| {
            input::describe(text).error(
                "credentials must be a credential document in JSON, which begins with {, or the path of a file with one",
            )
        })
    }

    /// Takes an access token, or the path of a file with one. A file is read only when it is needed.
    ///
    /// # Errors
    /// When no request can carry the token.
    pub fn from_token_or_path(text: &str, redaction: &Redaction) -> Result<Credentials, CredentialsError> {
        let text = text.trim();
        if let Some(path) = input::path(text, redaction) {
            return Ok(Credentials::AccessTokenFile(path));
        }
        let token = token(text, redaction).map_err(|found| {
            found.error(&format!(
                "access_token must be an OAuth 2.0 token, which is {TOKEN_RULE}, or the path of a file with one"
            ))
        })?;
        Ok(Credentials::AccessToken(token))
    }
}

/// The token that a text is; otherwise a description that does not quote it.
fn token(text: &str, redaction: &Redaction) -> Result<Secret, Found> {
    let token = redaction.secret(text);
    let found = if text.is_empty() || text.starts_with(['{', '"']) || text.starts_with("Bearer ") {
        Some(input::describe(text))
    } else {
        invalid_in_header_word(text).map(Found::from)
    };
    found.map_or(Ok(token), Err)
}

/// Which credentials they are, without any part of them.
impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::AccessToken(_) => write!(f, "the configured access token"),
            Credentials::AccessTokenFile(path) => {
                write!(f, "the file {} with the access token", path.display())
            }
            Credentials::Document(_) => write!(f, "the JSON in credentials"),
            Credentials::File(path) => write!(f, "the file {}", path.display()),
            Credentials::ApplicationDefault => write!(f, "application-default credentials"),
            Credentials::Impersonated(source, account) => write!(f, "{source}, impersonating {account}"),
        }
    }
}

/// The access token of a client: requested at the first request, cached, and shared by all.
pub(super) struct Tokens {
    credentials: Credentials,
    transport: Arc<Transport>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    opened: Option<Opened>,
    /// The result of the last request for a token, and until when it is used.
    cached: Option<(Result<Access, CredentialsError>, Instant)>,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials, transport: Arc<Transport>) -> Tokens {
        Tokens {
            credentials,
            transport,
            state: Mutex::default(),
        }
    }

    /// A token that is valid for now. Callers during a request for one wait for it, and share its failure too: a
    /// thousand reads must not repeat a thousand times a request that has just failed.
    pub(super) async fn access(&self) -> Result<Access, CredentialsError> {
        let mut state = self.state.lock().await;
        let start = Instant::now();
        if let Some((result, until)) = &state.cached
            && start < *until
        {
            return result.clone();
        }
        let fetched = timeout(MAX_TIME, self.fetch(&mut state.opened)).await;
        let fetched = fetched.unwrap_or_else(|_| {
            let limit = MAX_TIME.as_secs();
            Err(CredentialsError::new(format!(
                "could not get an access token with {} within {limit} seconds",
                self.credentials
            )))
        });
        let (result, until) = match fetched {
            Ok((access, lifetime)) => (Ok(access), start + cache_time(lifetime)),
            Err(error) => {
                // What the credentials are read from may be corrected meanwhile.
                state.opened = None;
                (Err(error), Instant::now() + FAILURE_CACHE_TIME)
            }
        };
        state.cached = Some((result.clone(), until));
        result
    }

    /// Drops a token that was refused, if another can be had: it may have been revoked. A token that another caller has
    /// requested meanwhile is kept.
    pub(super) async fn renew(&self, refused: &Access) -> bool {
        let mut state = self.state.lock().await;
        let renews = state.opened.as_ref().is_some_and(|opened| opened.source.renews());
        if renews && matches!(&state.cached, Some((Ok(access), _)) if access == refused) {
            state.cached = None;
        }
        renews
    }

    /// Gets a token and its lifetime; retries what may be transient.
    async fn fetch(&self, opened: &mut Option<Opened>) -> Result<(Access, Duration), CredentialsError> {
        let mut pauses = self.transport.pauses().take(RETRIES);
        loop {
            let error = match self.fetch_once(opened).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            let Some(pause) = pauses.next().filter(|_| error.kind() != ErrorKind::Permanent) else {
                return Err(error);
            };
            warn!(%error, pause_ms = pause.as_millis() as u64, "retrying the request for an access token");
            tokio::time::sleep(pause).await;
        }
    }

    async fn fetch_once(&self, opened: &mut Option<Opened>) -> Result<(Access, Duration), CredentialsError> {
        let opened = match opened {
            Some(opened) => opened,
            none => {
                info!(from = %self.credentials, "getting an access token");
                none.insert(source::open(&self.credentials, &self.transport).await?)
            }
        };
        let grant = opened.grant(&self.transport).await.and_then(|grant| {
            let valid = token(grant.token.expose_secret(), &self.transport.redaction);
            valid.map_err(|found| found.error(&format!("it must be {TOKEN_RULE}")))?;
            Ok(grant)
        });
        let grant = grant.map_err(|error| {
            error.within(&format!("could not get an access token with {}", opened.origin))
        })?;
        let access = Access {
            token: grant.token,
            quota_project: opened.quota_project.clone(),
        };
        Ok((access, grant.lifetime))
    }
}

/// How long a token is cached. One that is said to expire at once is used for a moment all the same: otherwise each
/// request to Cloud Run would need another.
fn cache_time(lifetime: Duration) -> Duration {
    (lifetime - RENEW_BEFORE.min(lifetime / 4)).max(MIN_CACHE_TIME)
}

/// What an HTTP header can carry as a token.
const TOKEN_RULE: &str = "one line of visible ASCII characters without spaces";
/// A metadata server or gcloud that works answers sooner.
const MAX_TIME: Duration = Duration::from_secs(60);
const RETRIES: usize = 4;
/// Long enough for all that asked at the same time, short enough for a process that runs on.
const FAILURE_CACHE_TIME: Duration = Duration::from_secs(5);
/// How long before its end a token is renewed: longer than any request takes.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
const MIN_CACHE_TIME: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
