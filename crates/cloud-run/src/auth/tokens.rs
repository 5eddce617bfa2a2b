//! The access token of a client, cached.

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

/// The access token of a client: requested at the first request, cached, and shared by all.
pub(crate) struct Tokens {
    credentials: Credentials,
    transport: Arc<Transport>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    opened: Option<OpenCredentials>,
    /// The result of the last request for a token, and until when it is used.
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

    /// A token that is valid for now. Callers during a request for one wait for it, and share its failure too: a
    /// thousand reads must not repeat a thousand times a request that has just failed.
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
                "could not get an access token with {} within {limit} seconds",
                self.credentials
            )))
        });
        let (result, until) = match fetched {
            Ok((authorization, lifetime)) => (Ok(authorization), start + cache_time(lifetime)),
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
    pub(crate) async fn renew(&self, refused: &Authorization) -> bool {
        let mut state = self.state.lock().await;
        let renews = state.opened.as_ref().is_some_and(|opened| opened.source.renews());
        if renews && matches!(&state.cached, Some((Ok(authorization), _)) if authorization == refused) {
            state.cached = None;
        }
        renews
    }

    /// Gets a token and its lifetime; retries what may be transient.
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
            warn!(%error, pause_ms = pause.as_millis() as u64, "retrying the request for an access token");
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
                info!(from = %self.credentials, "getting an access token");
                none.insert(open(&self.credentials, &self.transport).await?)
            }
        };
        let fetch_token = opened.fetch_token(&self.transport).await.and_then(|fetch_token| {
            let valid = input::token(fetch_token.token.expose_secret(), &self.transport.redaction);
            valid.map_err(|found| found.error(&format!("it must be {TOKEN_RULE}")))?;
            Ok(fetch_token)
        });
        let fetch_token = fetch_token.map_err(|error| {
            error.within(&format!("could not get an access token with {}", opened.origin))
        })?;
        let authorization = Authorization {
            token: fetch_token.token,
            quota_project: opened.quota_project.clone(),
        };
        Ok((authorization, fetch_token.lifetime))
    }
}

/// How long a token is cached. One that is said to expire at once is used for a moment all the same: otherwise each
/// request to Cloud Run would need another.
fn cache_time(lifetime: Duration) -> Duration {
    (lifetime - RENEW_BEFORE.min(lifetime / 4)).max(MIN_CACHE_TIME)
}

/// A metadata server or gcloud that works answers sooner.
const MAX_TIME: Duration = Duration::from_secs(60);
const RETRIES: usize = 4;
/// Long enough for all that asked at the same time, short enough for a process that runs on.
const FAILURE_CACHE_TIME: Duration = Duration::from_secs(5);
/// How long before its end a token is renewed: longer than any request takes.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
pub(super) const MIN_CACHE_TIME: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
