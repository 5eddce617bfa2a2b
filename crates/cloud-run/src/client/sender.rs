//! Sending requests: the one loop that retries them, in bounded number, with a token.

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
use crate::call_context::Patience;
use crate::error::Error;
use crate::progress_log::telling;
use crate::request::{Kind, Request};
use crate::response::{Answer, Reply};
use crate::retry::{Attempts, is_rate_limit};
use crate::settings::Settings;
use crate::transport::{Authorization, MOST_REQUESTS, Transport};

/// Sends the requests of a client.
pub(super) struct Sender {
    tokens: Tokens,
    transport: Arc<Transport>,
    write_quota: WriteQuota,
    /// One place for each request that may be on its way; one alone, until that has opened a connection.
    places: Semaphore,
    opened: AtomicBool,
}

impl Sender {
    pub(super) fn new(settings: &Settings, credentials: Credentials) -> Sender {
        let transport = Arc::new(Transport::new(settings));
        Sender {
            tokens: Tokens::new(credentials, transport.clone()),
            transport,
            write_quota: WriteQuota::default(),
            places: Semaphore::new(1),
            opened: AtomicBool::new(false),
        }
    }

    /// The pauses between attempts, without an end.
    pub(super) fn pauses(&self) -> ExponentialBackoff {
        self.transport.pauses()
    }

    /// Sends a request until it has an answer, or may not be sent again.
    pub(super) async fn call<T: Answer>(&self, request: &Request, patience: &Patience) -> Result<T, Error> {
        let mut attempts = Attempts::new(Some(request.kind), self.transport.pauses());
        let region = request.written_region();
        loop {
            if let Some(region) = region {
                let jitter = self.transport.pauses().next().unwrap_or_default();
                self.write_quota.wait(region, jitter, patience).await?;
            }
            let place = self.place(patience).await?;
            // Another write may have been refused while this one waited for its place.
            if region.is_some_and(|region| self.write_quota.pause(region).is_some()) {
                continue;
            }
            let answer = self.send_in_time(request, place, patience).await;
            if let (Some(region), Ok(_)) = (region, &answer) {
                self.write_quota.accept(region);
            }
            let error = match answer {
                Ok(reply) => match reply.read() {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                },
                Err(error) => error.while_waiting_for(|| format!("Google's answer to {request}")),
            };
            match region {
                Some(region) if is_rate_limit(&error) => {
                    self.write_quota.refuse(region, self.transport.pauses(), error);
                }
                _ => drop(attempts.pause(request, error, patience).await?),
            }
        }
    }

    /// Waits for one of the places of requests that are on their way. After a wish to stop there is none: nothing is sent
    /// that was not on its way.
    async fn place(&self, patience: &Patience) -> Result<SemaphorePermit<'_>, Error> {
        if patience.is_stopped() {
            return Err(Error::Stopped);
        }
        let place = telling("earlier requests to be answered", self.places.acquire());
        // The places are never closed.
        let place = async { place.await.map_err(|_| Error::Stopped) };
        patience.during(place, Duration::ZERO).await
    }

    /// Sends a request once, if there is patience for it.
    async fn send_in_time(
        &self,
        request: &Request,
        _place: SemaphorePermit<'_>,
        patience: &Patience,
    ) -> Result<Reply, Error> {
        let first = !self.opened.swap(true, Ordering::Relaxed);
        let others = first.then(|| Others(&self.places));
        let sending = async {
            match others {
                Some(others) => self.open(request, others).await,
                None => self.send(request).await,
            }
        };
        patience.during(sending, grace(request.kind)).await
    }

    /// Sends the first request of all. The others wait for its answer, though not for long: then they find a connection
    /// of HTTP/2 that carries them all, where each would have made one of its own.
    async fn open(&self, request: &Request, others: Others<'_>) -> Result<Reply, Error> {
        let mut sending = pin!(self.send(request));
        match timeout(OPENING, &mut sending).await {
            Ok(answer) => answer,
            Err(_) => {
                drop(others);
                sending.await
            }
        }
    }

    /// Sends a request with a token; once more with another one, when the first is refused and can be renewed.
    async fn send(&self, request: &Request) -> Result<Reply, Error> {
        let access = self.access().await?;
        match self.transport.send(request, &access).await {
            Err(error) if error.is_unauthenticated() && self.tokens.renew(&access).await => {
                warn!(%request, "the access token was refused; getting another");
                let access = self.access().await?;
                self.transport.send(request, &access).await
            }
            answer => answer,
        }
    }

    async fn access(&self) -> Result<Authorization, Error> {
        let access = telling("an access token", self.tokens.access()).await;
        access.map_err(Error::Credentials)
    }
}

/// The requests that wait for the first one; they go when this goes, however the first one ends.
struct Others<'a>(&'a Semaphore);

impl Drop for Others<'_> {
    fn drop(&mut self) {
        self.0.add_permits(MOST_REQUESTS - 1);
    }
}

/// A write that is on its way is not cut off at once by a wish to stop: its answer tells what there is now.
fn grace(kind: Kind) -> Duration {
    if kind == Kind::Read {
        Duration::ZERO
    } else {
        WRITE_GRACE
    }
}

const WRITE_GRACE: Duration = Duration::from_secs(10);
/// How long other requests wait for the first one.
const OPENING: Duration = Duration::from_secs(2);
