//! The cached access token of a client.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::credentials::Credentials;
use super::input::{self, TOKEN_RULE};
use super::open::open;
use super::token_source::OpenCredentials;
use crate::credentials_error::{CredentialsError, ErrorKind};
use crate::transport::{Authorization, Transport};

/// The access token of a client: fetched at the first request, cached, and shared by all requests.
pub(crate) struct Tokens {
    credentials: Credentials,
    transport: Arc<Transport>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    opened: Option<OpenCredentials>,
    /// The last result, and until when it is used.
    cached: Option<(Result<Authorization, CredentialsError>, Instant)>,
}

impl Tokens {
    pub(crate) fn new(credentials: Credentials, transport: Arc<Transport>) -> Tokens {
        Tokens {
            credentials,
            transport,
            state: Mutex::default(),
        }
    }

    /// A valid token. Concurrent callers wait for one fetch and share its result, even a failure: a thousand reads must not
    /// repeat it a thousand times.
    pub(crate) async fn authorization(&self) -> Result<Authorization, CredentialsError> {
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
                "timed out getting an access token with {} after {limit} seconds",
                self.credentials
            )))
        });
        let (result, until) = match fetched {
            Ok((authorization, lifetime)) => (Ok(authorization), start + cache_time(lifetime)),
            Err(error) => {
                // The file may be corrected in the meantime.
                state.opened = None;
                (Err(error), Instant::now() + FAILURE_CACHE_TIME)
            }
        };
        state.cached = Some((result.clone(), until));
        result
    }

    /// The email address of the account that the tokens are for, where the credentials have it; `None` until they are opened.
    pub(crate) async fn account(&self) -> Option<String> {
        let state = self.state.lock().await;
        let opened = state.opened.as_ref()?;
        opened.source.account().map(str::to_owned)
    }

    /// Discards a rejected token if another can be fetched; it may have been revoked. A newer token is kept.
    pub(crate) async fn renew(&self, refused: &Authorization) -> bool {
        let mut state = self.state.lock().await;
        let renews = state.opened.as_ref().is_some_and(|opened| opened.source.renews());
        if renews && matches!(&state.cached, Some((Ok(authorization), _)) if authorization == refused) {
            state.cached = None;
        }
        renews
    }

    /// Fetches a token and its lifetime; retries transient errors.
    async fn fetch(
        &self,
        opened: &mut Option<OpenCredentials>,
    ) -> Result<(Authorization, Duration), CredentialsError> {
        let mut backoff = self.transport.backoff().take(RETRIES);
        loop {
            let error = match self.fetch_once(opened).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            let Some(pause) = backoff.next().filter(|_| error.kind() != ErrorKind::Permanent) else {
                return Err(error);
            };
            warn!(%error, pause_ms = pause.as_millis() as u64, "retrying access token request");
            tokio::time::sleep(pause).await;
        }
    }

    async fn fetch_once(
        &self,
        opened: &mut Option<OpenCredentials>,
    ) -> Result<(Authorization, Duration), CredentialsError> {
        let opened = match opened {
            Some(opened) => opened,
            none => {
                info!(from = %self.credentials, "fetching an access token");
                none.insert(open(&self.credentials, &self.transport).await?)
            }
        };
        let issued = opened.fetch_token(&self.transport).await.and_then(|issued| {
            let valid = input::token(issued.token.expose_secret(), &self.transport.redaction);
            valid.map_err(|found| found.error(&format!("the token must be {TOKEN_RULE}")))?;
            Ok(issued)
        });
        let issued = issued.map_err(|error| {
            error.within(&format!("could not get an access token with {}", opened.origin))
        })?;
        let authorization = Authorization {
            token: issued.token,
            quota_project: opened.quota_project.clone(),
        };
        Ok((authorization, issued.lifetime))
    }
}

/// How long a token is cached. One that expires at once is cached briefly too: otherwise each request would need another.
fn cache_time(lifetime: Duration) -> Duration {
    (lifetime - RENEW_BEFORE.min(lifetime / 4)).max(MIN_CACHE_TIME)
}

/// A working metadata server or gcloud responds sooner.
const MAX_TIME: Duration = Duration::from_secs(60);
const RETRIES: usize = 4;
/// Long enough for concurrent requests, short enough for a long-running process.
const FAILURE_CACHE_TIME: Duration = Duration::from_secs(5);
/// How long before its expiry a token is renewed: longer than any request takes.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
pub(super) const MIN_CACHE_TIME: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
