//! The client: the one loop that sends requests, and the calls of it.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};
use tracing::{debug, info, warn};

use super::auth::{Credentials, Tokens};
use super::error::Error;
use super::model::Job;
use super::request::{Kind, Request};
use super::retry::{Pauses, retry_after};
use super::{Endpoint, JobName, Operation, Patience};

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
    /// The project whose quota pays for the requests, when it is not the resource's.
    pub quota_project: Option<String>,
}

/// A client of the jobs API. Making one costs nothing: connections, certificates and credentials are looked up
/// at the first request, and shared from then on.
pub struct Client {
    settings: Settings,
    http: OnceLock<Result<reqwest::Client, String>>,
    tokens: Tokens,
    /// Whether the endpoint has `operations.wait`; found out once.
    can_wait: OnceLock<bool>,
}

impl Client {
    /// A client that has not been anywhere yet.
    pub fn new(settings: Settings) -> Client {
        let tokens = Tokens::new(settings.credentials.clone());
        Client {
            settings,
            http: OnceLock::new(),
            tokens,
            can_wait: OnceLock::new(),
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

    /// Asks to replace a job's definition; the etag in `job` guards it.
    ///
    /// # Errors
    /// When it is refused, above all because the job has changed ([`Error::is_conflict`]).
    pub async fn replace_job(
        &self,
        name: &JobName,
        job: &Job,
        patience: &Patience,
    ) -> Result<Operation, Error> {
        self.call(&Request::replace(name, job), patience).await
    }

    /// Asks to delete a job, if it still has this etag.
    ///
    /// # Errors
    /// When it is refused, above all because the job has changed ([`Error::is_conflict`]).
    pub async fn delete_job(
        &self,
        name: &JobName,
        etag: Option<&str>,
        patience: &Patience,
    ) -> Result<Operation, Error> {
        self.call(&Request::delete(name, etag), patience).await
    }

    /// Waits until an operation is done: by `operations.wait`, which answers when it is, and by asking now and
    /// then where there is no such method.
    ///
    /// # Errors
    /// When it failed, or was not done in time.
    pub async fn wait(&self, mut operation: Operation, patience: &Patience) -> Result<Operation, Error> {
        let start = Instant::now();
        let mut pause = SHORTEST_POLL;
        while !operation.done {
            let asked = Instant::now();
            if self.can_wait.get() != Some(&false) {
                match self
                    .call(
                        &Request::wait(&operation.name, WAIT.min(patience.left())),
                        patience,
                    )
                    .await
                {
                    Ok(now) => operation = now,
                    Err(error) => self.bear(error)?,
                }
            } else {
                match self.call(&Request::operation(&operation.name), patience).await {
                    Ok(now) => operation = now,
                    Err(error) => self.bear(error)?,
                }
            }
            // An early answer proves nothing, and an endpoint that always gives one must not be stormed.
            if !operation.done && asked.elapsed() < LONG_POLL {
                patience.sleep(pause).await?;
                pause = (pause * 3 / 2).min(LONGEST_POLL);
            }
            if !operation.done && start.elapsed() > Duration::from_secs(10) {
                info!(
                    operation = operation.name,
                    waited_s = start.elapsed().as_secs(),
                    "Google is still at work"
                );
            }
        }
        operation.ok()
    }

    /// While waiting, what may be a passing state of the operations service is borne: an operation that is not
    /// to be seen yet, and an endpoint without `wait`, which is asked by `get` from then on.
    fn bear(&self, error: Error) -> Result<(), Error> {
        let http = match &error {
            Error::Status(status) => status.http,
            Error::Garbled { http, .. } => Some(*http),
            _ => None,
        };
        match http {
            Some(403 | 404 | 405 | 501) if self.can_wait.get().is_none() => {
                debug!(%error, "operations.wait does not answer here; asking now and then instead");
                let _ = self.can_wait.set(false);
                Ok(())
            }
            Some(404 | 429 | 500..=599) => {
                debug!(%error, "asking for the operation again");
                Ok(())
            }
            _ => Err(error),
        }
    }

    /// Sends a request until it has an answer, or may not be sent again.
    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        request: &Request,
        patience: &Patience,
    ) -> Result<T, Error> {
        let mut pauses = Pauses::new();
        let mut renewed = false;
        loop {
            let error = match patience
                .during(self.send(request, patience), grace(request.kind))
                .await
            {
                Ok((http, body)) => match serde_json::from_slice(&body) {
                    Ok(answer) => return Ok(answer),
                    Err(_) => Error::garbled(http, &body),
                },
                Err(error) => error,
            };
            if error.is_unauthenticated() && !renewed && self.tokens.renew().await {
                renewed = true;
                continue;
            }
            let Some(pause) = pauses.next_after(&error, request.kind) else {
                return Err(error);
            };
            if pause > patience.left() {
                return Err(error);
            }
            warn!(method = %request.method, path = request.path, %error, pause_ms = pause.as_millis() as u64, "trying again");
            patience.sleep(pause).await?;
        }
    }

    /// Sends a request once; an answer of 2xx is good.
    async fn send(&self, request: &Request, patience: &Patience) -> Result<(u16, Vec<u8>), Error> {
        let token = self.tokens.token().await.map_err(Error::Credentials)?;
        let http = self.http.get_or_init(|| open(&self.settings.user_agent)).as_ref();
        let http = http.map_err(|reason| Error::Unreachable(reason.clone()))?;
        let mut builder = http
            .request(request.method.clone(), request.url(&self.settings.endpoint))
            .bearer_auth(token.reveal())
            .timeout(self.settings.request_timeout.min(patience.left()));
        if let Some(project) = &self.settings.quota_project {
            builder = builder.header("X-Goog-User-Project", project);
        }
        if let Some(body) = &request.body {
            builder = builder
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        let start = Instant::now();
        let mut response = builder.send().await.map_err(|error| undelivered(&error))?;
        let status = response.status();
        let after = response
            .headers()
            .get(reqwest::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| retry_after(value, SystemTime::now()));
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| Error::Cut(causes(&error)))?
        {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_BODY {
                return Err(Error::garbled(status.as_u16(), b"an answer of more than 32 MiB"));
            }
        }
        debug!(
            method = %request.method, path = request.path, status = status.as_u16(), bytes = body.len(),
            duration_ms = start.elapsed().as_secs_f64() * 1000.0, "Google answered"
        );
        if status.is_success() {
            Ok((status.as_u16(), body))
        } else {
            Err(Error::refused(status.as_u16(), &body, after))
        }
    }
}

/// Opens nothing yet, but reads the machine's root certificates and proxy settings. Redirects are answers like
/// any other: a token never follows one.
fn open(user_agent: &str) -> Result<reqwest::Client, String> {
    // ring for everything in this process; an earlier provider would be ring as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .user_agent(user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(Duration::from_secs(90))
        .build()
        .map_err(|error| causes(&error))
}

/// A write that is on its way is not cut off at once by a wish to stop: its answer tells what there is now.
fn grace(kind: Kind) -> Duration {
    if kind == Kind::Read {
        Duration::ZERO
    } else {
        Duration::from_secs(10)
    }
}

fn undelivered(error: &reqwest::Error) -> Error {
    if error.is_connect() || error.is_builder() {
        Error::Unreachable(causes(error))
    } else {
        Error::Cut(causes(error))
    }
}

/// The causes of an error, outermost first, without the address, which the log has.
fn causes(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "it took too long".to_owned()
    } else {
        String::new()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = if text.is_empty() {
                inner_text
            } else {
                format!("{text}: {inner_text}")
            };
        }
        cause = inner.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const LONGEST_BODY: usize = 32 << 20;
/// How long one `operations.wait` may take; below the usual time-outs of proxies.
const WAIT: Duration = Duration::from_secs(30);
/// An answer that took so long was waited for on the other side.
const LONG_POLL: Duration = Duration::from_secs(1);
const SHORTEST_POLL: Duration = Duration::from_millis(100);
const LONGEST_POLL: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
