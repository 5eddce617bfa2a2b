//! The client: the calls, and the one loop that sends them.

mod list_cache;
mod replace;
mod wait;
mod write_quota;

use serde_json::Value as Json;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tracing::warn;

use super::auth::Tokens;
use super::error::Error;
use super::model::Job;
use super::progress_log::telling;
use super::request::{Access, Kind, Request};
use super::retry::{Attempts, is_rate_limit, not_before};
use super::transport::{MOST_REQUESTS, Transport};
use super::{Answer, Endpoint, JobName, Operation, Page, Patience, Reply, Settings};
use list_cache::ListCache;
use wait::WaitMethod;
use write_quota::WriteQuota;

/// A client of the jobs API. Making one costs nothing: connections, certificates and credentials are looked up
/// at the first request, and shared from then on.
pub struct Client {
    tokens: Tokens,
    transport: Arc<Transport>,
    endpoint: Endpoint,
    wait_method: WaitMethod,
    lists: ListCache,
    write_quota: WriteQuota,
    creation_annotation: String,
    /// One place for each request that may be on its way; one alone, until that has opened a connection.
    places: Semaphore,
    opened: AtomicBool,
}

impl Client {
    /// A client that has not been anywhere yet.
    pub fn new(settings: Settings) -> Client {
        let transport = Arc::new(Transport::new(&settings));
        Client {
            tokens: Tokens::new(settings.credentials, transport.clone()),
            transport,
            endpoint: settings.endpoint,
            wait_method: WaitMethod::default(),
            lists: ListCache::default(),
            write_quota: WriteQuota::default(),
            creation_annotation: settings.creation_annotation,
            places: Semaphore::new(1),
            opened: AtomicBool::new(false),
        }
    }

    /// The address that starts an execution of a job.
    pub fn run_url(&self, name: &JobName) -> String {
        name.run_url(self.endpoint.google_root())
    }

    /// Reads a job.
    ///
    /// # Errors
    /// When there is none ([`Error::is_not_found`]), or it cannot be read.
    pub async fn get_job(&self, name: &JobName, patience: &Patience) -> Result<Job, Error> {
        self.call(&Request::get(name), patience).await
    }

    /// Reads a job to find out what became of a write whose answer was lost: for as long as there is patience, and a little
    /// longer, since until it is known what is there nothing can be done.
    ///
    /// # Errors
    /// As of [`Client::get_job`].
    pub async fn find_job(&self, name: &JobName, patience: &Patience) -> Result<Job, Error> {
        let mut pauses = self.transport.pauses();
        while !patience.is_over() {
            let error = match self.get_job(name, patience).await {
                Err(error) if error.is_passing() || error.is_stopped() || error.is_out_of_time() => error,
                found => return found,
            };
            let pause = pauses.next().map(|pause| not_before(&error, pause));
            let Some(pause) = pause.filter(|pause| *pause <= patience.left()) else {
                break;
            };
            warn!(job = %name, %error, pause_ms = pause.as_millis() as u64, "looking for the job again");
            // What ends the pause ends the loop.
            let _ = patience.sleep(pause).await;
        }
        self.get_job(name, &patience.afterwards()).await
    }

    /// Reads one page of the jobs of a region: the first one for an empty token.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_jobs(
        &self,
        project: &str,
        location: &str,
        token: &str,
        patience: &Patience,
    ) -> Result<Page, Error> {
        let parent = JobName::new(project, location, "").parent();
        self.call(&Request::list(&parent, PAGE_SIZE, token), patience)
            .await
    }

    /// The job annotated with the id of the create call that makes it (`Settings::creation_annotation`).
    #[must_use]
    pub fn with_creation_id(&self, mut job: Job, id: &str) -> Job {
        job.annotations
            .insert(self.creation_annotation.clone(), id.to_owned());
        job
    }

    /// Whether the create call with this id made the job.
    pub fn has_creation_id(&self, job: &Job, id: &str) -> bool {
        job.annotations
            .get(&self.creation_annotation)
            .is_some_and(|found| found == id)
    }

    /// Asks for a new job.
    ///
    /// # Errors
    /// When it is refused, or when it is not known whether it was accepted ([`Error::maybe_accepted`]).
    pub async fn create_job(
        &self,
        name: &JobName,
        job: &Job,
        patience: &Patience,
    ) -> Result<Operation, Error> {
        self.call(&Request::create(name, job), patience).await
    }

    /// Asks whether a creation would be accepted; nothing is stored.
    ///
    /// # Errors
    /// When it would be refused, or Google does not say.
    pub async fn check_creation(&self, name: &JobName, job: &Job, patience: &Patience) -> Result<(), Error> {
        self.check(Request::create(name, job), patience).await
    }

    /// Asks whether a replacement would be accepted; nothing is stored.
    ///
    /// # Errors
    /// When it would be refused, or Google does not say.
    pub async fn check_replacement(
        &self,
        name: &JobName,
        document: &Json,
        patience: &Patience,
    ) -> Result<(), Error> {
        self.check(Request::replace(name, document), patience).await
    }

    /// The operation of a request that is only checked is kept nowhere, but it may have failed.
    async fn check(&self, request: Request, patience: &Patience) -> Result<(), Error> {
        let operation: Operation = self.call(&request.only_checked(), patience).await?;
        operation.ok().map(|_| ())
    }

    /// Asks to delete a job, if it still has this etag.
    ///
    /// A deletion whose answer was lost is sent again. If Google had accepted it, the second one is refused
    /// because the job is gone ([`Error::is_not_found`]) or because it has a new etag ([`Error::is_conflict`]).
    ///
    /// # Errors
    /// When it is refused.
    pub async fn delete_job(
        &self,
        name: &JobName,
        etag: Option<&str>,
        patience: &Patience,
    ) -> Result<Operation, Error> {
        self.call(&Request::delete(name, etag), patience).await
    }

    /// Sends a request until it has an answer, or may not be sent again.
    async fn call<T: Answer>(&self, request: &Request, patience: &Patience) -> Result<T, Error> {
        if request.kind != Kind::Read {
            self.lists.close();
        }
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

    /// Attempts at a write that is sent again only once a look has shown that it was not accepted.
    pub fn attempts_after_looks(&self) -> Attempts {
        Attempts::new(None, self.transport.pauses())
    }

    /// The pauses between looks at something that is to change, without an end.
    pub fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        self.transport.pauses()
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

    async fn access(&self) -> Result<Access, Error> {
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

/// Jobs on a page of a query: more than most regions have, and not too many to hold.
const PAGE_SIZE: u32 = 500;
const WRITE_GRACE: Duration = Duration::from_secs(10);
/// How long other requests wait for the first one.
const OPENING: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
