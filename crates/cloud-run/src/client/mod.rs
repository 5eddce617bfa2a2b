//! The client: one method for each call of the API.

mod executions;
mod list_cache;
mod replace;
mod sender;
mod wait;
mod wait_method;
mod write_quota;

use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tracing::warn;

use crate::auth::Credentials;
use crate::call_context::CallContext;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::job_name::JobName;
use crate::model::Job;
use crate::operation::Operation;
use crate::page::{Page, Paginator};
use crate::request::{Kind, Request};
use crate::response::ApiMessage;
use crate::retry::{Attempts, not_before};
use crate::settings::Settings;
use list_cache::{CachedRead, LIFETIME, ListCache};
use sender::Sender;
use wait_method::WaitMethod;

/// A client of the jobs API. Creating one costs nothing: connections, certificates and credentials are opened at the first
/// request, and shared from then on.
pub struct Client {
    sender: Sender,
    endpoint: Endpoint,
    wait_method: WaitMethod,
    lists: ListCache,
    creation_annotation: String,
    static_token: bool,
}

impl Client {
    /// A client; nothing is sent yet.
    pub fn new(settings: Settings, credentials: Credentials) -> Client {
        Client {
            static_token: credentials.is_static_token(),
            sender: Sender::new(&settings, credentials),
            endpoint: settings.endpoint,
            wait_method: WaitMethod::default(),
            lists: ListCache::default(),
            creation_annotation: settings.creation_annotation,
        }
    }

    /// The URL that starts an execution of a job.
    pub fn run_url(&self, name: &JobName) -> String {
        name.run_url(self.endpoint.google_root())
    }

    /// Whether requests end when one access token expires: the credentials cannot renew it.
    pub fn has_static_token(&self) -> bool {
        self.static_token
    }

    /// Reads a job.
    ///
    /// # Errors
    /// If it does not exist ([`Error::is_not_found`]), or cannot be read.
    pub async fn get_job(&self, name: &JobName, context: &CallContext) -> Result<Job, Error> {
        self.call(&Request::get(name), context).await
    }

    /// Reads a job after a write whose response was lost: retries until the deadline and once more after it, since nothing
    /// can be done until the outcome of the write is known.
    ///
    /// # Errors
    /// Those of [`Client::get_job`].
    pub async fn find_job(&self, name: &JobName, context: &CallContext) -> Result<Job, Error> {
        let mut backoff = self.sender.backoff();
        while !context.is_done() {
            let error = match self.get_job(name, context).await {
                Err(error)
                    if error.is_transient() || error.is_cancelled() || error.is_deadline_exceeded() =>
                {
                    error
                }
                found => return found,
            };
            let pause = backoff.next().map(|pause| not_before(&error, pause));
            let Some(pause) = pause.filter(|pause| *pause <= context.remaining()) else {
                break;
            };
            warn!(job = %name, %error, pause_ms = pause.as_millis() as u64, "retrying to read the job");
            // The loop condition sees what ended the pause.
            let _ = context.sleep(pause).await;
        }
        self.get_job(name, &context.for_cleanup()).await
    }

    /// Reads one page of the jobs of a region; the first one if the token is empty.
    ///
    /// # Errors
    /// If the page cannot be read.
    pub async fn list_jobs(
        &self,
        project: &str,
        location: &str,
        token: &str,
        context: &CallContext,
    ) -> Result<Page, Error> {
        let parent = JobName::new(project, location, "").parent();
        self.call(&Request::list(&parent, PAGE_SIZE, token), context)
            .await
    }

    /// The job annotated with the ID of the call that creates it ([`Settings::creation_annotation`]).
    #[must_use]
    pub fn with_creation_id(&self, mut job: Job, id: &str) -> Job {
        job.annotations
            .insert(self.creation_annotation.clone(), id.to_owned());
        job
    }

    /// Whether the call with this ID created the job.
    pub fn has_creation_id(&self, job: &Job, id: &str) -> bool {
        job.annotations
            .get(&self.creation_annotation)
            .is_some_and(|found| found == id)
    }

    /// Creates a job.
    ///
    /// # Errors
    /// If the request is refused, or if it is not known whether it was accepted ([`Error::maybe_accepted`]).
    pub async fn create_job(
        &self,
        name: &JobName,
        job: &Job,
        context: &CallContext,
    ) -> Result<Operation, Error> {
        self.call(&Request::create(name, job), context).await
    }

    /// Validates a creation (`validateOnly`); nothing is stored.
    ///
    /// # Errors
    /// If the creation would be refused, or the request fails.
    pub async fn check_creation(
        &self,
        name: &JobName,
        job: &Job,
        context: &CallContext,
    ) -> Result<(), Error> {
        self.validate(Request::create(name, job), context).await
    }

    /// Validates a replacement (`validateOnly`); nothing is stored.
    ///
    /// # Errors
    /// If the replacement would be refused, or the request fails.
    pub async fn check_replacement(
        &self,
        name: &JobName,
        document: &Json,
        context: &CallContext,
    ) -> Result<(), Error> {
        self.validate(Request::replace(name, document), context).await
    }

    /// The operation of such a request is not stored, but it may have failed.
    async fn validate(&self, request: Request, context: &CallContext) -> Result<(), Error> {
        let operation: Operation = self.call(&request.validate_only(), context).await?;
        operation.ok().map(|_| ())
    }

    /// Deletes a job if it still has this etag.
    ///
    /// A deletion whose response was lost is sent again. If the first one was accepted, the second one is refused
    /// because the job is gone ([`Error::is_not_found`]) or because it has a new etag ([`Error::is_conflict`]).
    ///
    /// # Errors
    /// If the request is refused.
    pub async fn delete_job(
        &self,
        name: &JobName,
        etag: Option<&str>,
        context: &CallContext,
    ) -> Result<Operation, Error> {
        self.call(&Request::delete(name, etag), context).await
    }

    /// The job from the list of its region; `None` if it must be read by name. After a few reads of a region, the next one
    /// requests the list in the background.
    pub fn listed_job(self: &Arc<Client>, name: &JobName, context: &CallContext) -> Option<Job> {
        match self.lists.read(name) {
            CachedRead::Job(job) => Some(*job),
            CachedRead::Miss => None,
            CachedRead::ListNow(parent) => {
                let (client, context) = (self.clone(), context.clone());
                tokio::spawn(async move {
                    if let Ok(Err(error)) = timeout(LIFETIME, client.fill_list(&parent, &context)).await {
                        warn!(parent, %error, "failed to list the jobs, reading them by name");
                    }
                });
                None
            }
        }
    }

    async fn fill_list(&self, parent: &str, context: &CallContext) -> Result<(), Error> {
        let mut pages = Paginator::default();
        loop {
            let request = Request::list(parent, list_cache::PAGE_SIZE, pages.token());
            let page: Page<Box<RawValue>> = self.call(&request, context).await?;
            let more = pages.advance(page.jobs.len(), page.next());
            self.lists.add(parent, page.jobs);
            if !more? {
                return Ok(());
            }
        }
    }

    /// Sends a request. The first write discards the lists.
    async fn call<T: ApiMessage>(&self, request: &Request, context: &CallContext) -> Result<T, Error> {
        if request.kind != Kind::Read {
            self.lists.close();
        }
        self.sender.call(request, context).await
    }

    /// Attempts at a write that is sent again only after a read has shown that it was not accepted.
    pub fn attempts_after_reads(&self) -> Attempts {
        Attempts::new(None, self.sender.backoff())
    }

    /// The pauses between polls of something that will change. They never end.
    pub fn backoff(&self) -> impl Iterator<Item = Duration> + use<> {
        self.sender.backoff()
    }
}

/// Items per page: more than most lists have, and few enough to hold in memory.
const PAGE_SIZE: u32 = 500;

#[cfg(test)]
mod tests;
