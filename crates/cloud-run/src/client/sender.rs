//! Sends requests: bounds their number, adds a token, and retries.

use backon::ExponentialBackoff;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tracing::warn;

use super::write_quota::WriteQuota;
use crate::auth::{Credentials, Tokens};
use crate::call_context::CallContext;
use crate::error::Error;
use crate::progress_log::with_progress_log;
use crate::request::{Kind, Request};
use crate::response::{ApiMessage, Response};
use crate::retry::{Attempts, is_rate_limit};
use crate::settings::Settings;
use crate::transport::{Authorization, MAX_CONCURRENT_REQUESTS, Transport};

/// Sends the requests of a client.
pub(super) struct Sender {
    tokens: Tokens,
    transport: Arc<Transport>,
    write_quota: WriteQuota,
    /// One permit for each concurrent request; only one until the first request has opened a connection.
    permits: Semaphore,
    opened: AtomicBool,
}

impl Sender {
    pub(super) fn new(settings: &Settings, credentials: Credentials) -> Sender {
        let transport = Arc::new(Transport::new(settings));
        Sender {
            tokens: Tokens::new(credentials, transport.clone()),
            transport,
            write_quota: WriteQuota::default(),
            permits: Semaphore::new(1),
            opened: AtomicBool::new(false),
        }
    }

    /// The account that requests are sent as, once the credentials are opened.
    pub(super) async fn account(&self) -> Option<String> {
        self.tokens.account().await
    }

    /// The pauses between attempts. They never end.
    pub(super) fn backoff(&self) -> ExponentialBackoff {
        self.transport.backoff()
    }

    /// Sends a request until it has a response, or must not be sent again.
    pub(super) async fn call<T: ApiMessage>(
        &self,
        request: &Request,
        context: &CallContext,
    ) -> Result<T, Error> {
        let mut attempts = Attempts::new(Some(request.kind), self.transport.backoff());
        let region = request.write_quota_region();
        loop {
            if let Some(region) = region {
                let jitter = self.transport.backoff().next().unwrap_or_default();
                self.write_quota.wait(region, jitter, context).await?;
            }
            let permit = self.permit(context).await?;
            // Another write may have been refused while this one waited for its permit.
            if region.is_some_and(|region| self.write_quota.pause(region).is_some()) {
                continue;
            }
            let result = self.send_in_time(request, permit, context).await;
            if let (Some(region), Ok(_)) = (region, &result) {
                self.write_quota.accept(region);
            }
            let error = match result {
                Ok(response) => match response.read() {
                    Ok(message) => return Ok(message),
                    Err(error) => error,
                },
                Err(error) => error.while_waiting_for(|| format!("the response to {request}")),
            };
            let error = error.without(&request.secrets);
            match region {
                Some(region) if is_rate_limit(&error) => {
                    self.write_quota.refuse(region, self.transport.backoff(), error);
                }
                _ => drop(attempts.pause(request, error, context).await?),
            }
        }
    }

    /// Waits for a permit. After a cancellation no new request starts.
    async fn permit(&self, context: &CallContext) -> Result<SemaphorePermit<'_>, Error> {
        if context.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let permit = with_progress_log("earlier requests", self.permits.acquire());
        // The semaphore is never closed.
        let permit = async { permit.await.map_err(|_| Error::Cancelled) };
        context.run(permit, Duration::ZERO).await
    }

    /// Sends a request once, within the deadline.
    async fn send_in_time(
        &self,
        request: &Request,
        _permit: SemaphorePermit<'_>,
        context: &CallContext,
    ) -> Result<Response, Error> {
        let first = !self.opened.swap(true, Ordering::Relaxed);
        let waiting = first.then(|| WaitingRequests(&self.permits));
        let sending = async {
            match waiting {
                Some(waiting) => self.send_first(request, waiting).await,
                None => self.send(request).await,
            }
        };
        context.run(sending, grace(request.kind)).await
    }

    /// Sends the first request. The others wait briefly for its response: they then share its HTTP/2 connection, where
    /// otherwise each would open one of its own.
    async fn send_first(&self, request: &Request, waiting: WaitingRequests<'_>) -> Result<Response, Error> {
        let mut sending = pin!(self.send(request));
        match timeout(FIRST_REQUEST_LIMIT, &mut sending).await {
            Ok(result) => result,
            Err(_) => {
                drop(waiting);
                sending.await
            }
        }
    }

    /// Sends a request with a token; once more with a new one if the first is refused and can be renewed.
    async fn send(&self, request: &Request) -> Result<Response, Error> {
        let authorization = self.authorization().await?;
        match self.transport.send(request, &authorization).await {
            Err(error) if error.is_unauthenticated() && self.tokens.renew(&authorization).await => {
                warn!(%request, "access token rejected, fetching another");
                let authorization = self.authorization().await?;
                self.transport.send(request, &authorization).await
            }
            result => result,
        }
    }

    async fn authorization(&self) -> Result<Authorization, Error> {
        let authorization = with_progress_log("an access token", self.tokens.authorization()).await;
        authorization.map_err(Error::Credentials)
    }
}

/// The requests that wait for the first one. They start when this is dropped, however the first one ends.
struct WaitingRequests<'a>(&'a Semaphore);

impl Drop for WaitingRequests<'_> {
    fn drop(&mut self) {
        self.0.add_permits(MAX_CONCURRENT_REQUESTS - 1);
    }
}

/// A write in flight continues for a while after a cancellation: its response has the resulting job.
fn grace(kind: Kind) -> Duration {
    match kind {
        Kind::Read => Duration::ZERO,
        // Its response names what was started. The timeout of the request ends it.
        Kind::Run => Duration::MAX,
        Kind::Create | Kind::Replace | Kind::Delete | Kind::Cancel => WRITE_GRACE,
    }
}

const WRITE_GRACE: Duration = Duration::from_secs(10);
/// How long other requests wait for the first one.
const FIRST_REQUEST_LIMIT: Duration = Duration::from_secs(2);
