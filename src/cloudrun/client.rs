//! The client: the calls, and the one loop that sends them.

mod replacing;
mod waiting;

use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

use super::auth::{Credentials, Tokens};
use super::error::Error;
use super::model::Job;
use super::reference::Standings;
use super::request::{Kind, Request};
use super::retry::Attempts;
use super::transport::Transport;
use super::{Answer, Endpoint, JobName, Operation, Patience, ReferenceEndpoints, Reply};
use waiting::WaitMethod;

/// How to reach the API.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is.
    pub endpoint: Endpoint,
    /// Who is asking.
    pub credentials: Credentials,
    /// The `User-Agent`.
    pub user_agent: String,
    /// How long one request may take.
    pub request_timeout: Duration,
    /// The project whose quota pays for the requests.
    pub quota_project: QuotaProject,
    /// Where the services are that know what jobs refer to.
    pub references: ReferenceEndpoints,
}

/// Whose quota pays for requests: <https://cloud.google.com/docs/quotas/set-quota-project>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QuotaProject {
    /// Google decides, or the credentials name one.
    #[default]
    OfTheCredentials,
    /// That of the job which the request is about.
    OfTheJob,
    /// This one.
    Named(String),
}

/// A client of the jobs API. Making one costs nothing: connections, certificates and credentials are looked up
/// at the first request, and shared from then on.
pub struct Client {
    tokens: Tokens,
    transport: Arc<Transport>,
    wait_method: WaitMethod,
    pub(super) references: ReferenceEndpoints,
    pub(super) standings: Standings,
}

impl Client {
    /// A client that has not been anywhere yet.
    pub fn new(settings: Settings) -> Client {
        let transport = Arc::new(Transport::new(&settings));
        Client {
            tokens: Tokens::new(settings.credentials, transport.clone()),
            transport,
            wait_method: WaitMethod::default(),
            references: settings.references,
            standings: Standings::default(),
        }
    }

    /// Reads a job.
    ///
    /// # Errors
    /// When there is none ([`Error::is_not_found`]), or it cannot be read.
    pub async fn get_job(&self, name: &JobName, patience: &Patience) -> Result<Job, Error> {
        self.call(&Request::get(name), patience).await
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
        job: &Job,
        patience: &Patience,
    ) -> Result<(), Error> {
        self.check(Request::replace(name, job), patience).await
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
    pub(super) async fn call<T: Answer>(&self, request: &Request, patience: &Patience) -> Result<T, Error> {
        let mut attempts = Attempts::new(request.kind);
        loop {
            let error = match patience.during(self.send(request), grace(request.kind)).await {
                Ok(reply) => match reply.read() {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                },
                Err(error) => error.while_waiting_for(|| format!("Google's answer to {request}")),
            };
            let Some(pause) = attempts.pause_after(&error) else {
                return Err(error);
            };
            if pause > patience.left() {
                return Err(error);
            }
            warn!(%request, %error, pause_ms = pause.as_millis() as u64, "trying again");
            patience.sleep(pause).await?;
        }
    }

    /// Sends a request with a token; once more with another one, when the first is refused and can be renewed.
    async fn send(&self, request: &Request) -> Result<Reply, Error> {
        let access = self.tokens.access().await.map_err(Error::Credentials)?;
        let answer = self.transport.send(request, &access).await;
        match answer {
            Err(error) if error.is_unauthenticated() && self.tokens.renew(&access).await => {
                warn!(%request, "the access token was refused; getting another");
                let access = self.tokens.access().await.map_err(Error::Credentials)?;
                self.transport.send(request, &access).await
            }
            answer => answer,
        }
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

#[cfg(test)]
mod tests;
