//! The connection to the API: sends a request once, and says what came of it.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};
use tracing::debug;

use super::{MOST_REQUESTS, Settings, telling};
use crate::cloudrun::error::Error;
use crate::cloudrun::request::Request;
use crate::cloudrun::retry::retry_after;
use crate::cloudrun::{Endpoint, Secret};

/// Connections, opened at the first request and shared by all.
pub(super) struct Transport {
    endpoint: Endpoint,
    user_agent: String,
    request_timeout: Duration,
    quota_project: Option<String>,
    http: OnceLock<Result<reqwest::Client, String>>,
}

/// An answer of 2xx.
pub(super) struct Reply {
    pub(super) http: u16,
    pub(super) body: Vec<u8>,
}

impl Transport {
    pub(super) fn new(settings: Settings) -> Transport {
        Transport {
            endpoint: settings.endpoint,
            user_agent: settings.user_agent,
            request_timeout: settings.request_timeout,
            quota_project: settings.quota_project,
            http: OnceLock::new(),
        }
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// When there is no answer, or one that is not 2xx.
    pub(super) async fn send(&self, request: &Request, token: &Secret) -> Result<Reply, Error> {
        let start = Instant::now();
        let sending = self.prepare(request, token)?.send();
        let answer = if request.held.is_zero() {
            telling(format!("Google's answer to {request}"), sending).await
        } else {
            sending.await
        };
        let mut response = answer.map_err(|error| undelivered(&error))?;
        let http = response.status();
        let after = response
            .headers()
            .get(reqwest::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| retry_after(value, SystemTime::now()));
        let body = read(&mut response).await?;
        debug!(
            method = %request.method, path = request.path, status = http.as_u16(), bytes = body.len(),
            duration_ms = start.elapsed().as_secs_f64() * 1000.0, "Google answered"
        );
        if http.is_success() {
            Ok(Reply {
                http: http.as_u16(),
                body,
            })
        } else {
            Err(Error::refused(http.as_u16(), &body, after))
        }
    }

    fn prepare(&self, request: &Request, token: &Secret) -> Result<reqwest::RequestBuilder, Error> {
        let http = self.http.get_or_init(|| self.open()).as_ref();
        let http = http.map_err(|reason| Error::Unreachable(reason.clone()))?;
        let mut builder = http
            .request(request.method.clone(), request.url(&self.endpoint))
            .bearer_auth(token.reveal())
            .timeout(self.request_timeout + request.held);
        if let Some(project) = &self.quota_project {
            builder = builder.header("X-Goog-User-Project", project);
        }
        if let Some(body) = &request.body {
            builder = builder
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        Ok(builder)
    }

    /// Reads the machine's root certificates and proxy settings; connects to nothing yet. Redirects are answers
    /// like any other: a token never follows one.
    fn open(&self) -> Result<reqwest::Client, String> {
        // ring for everything in this process; an earlier provider would be ring as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(MOST_REQUESTS)
            // One connection of HTTP/2 carries all requests, and those that time out do not end it. Where a router has
            // forgotten it, over a night's sleep say, only a ping that stays unanswered tells.
            .http2_keep_alive_interval(SILENCE.min(self.request_timeout))
            .http2_keep_alive_timeout(PING_TIMEOUT.min(self.request_timeout));
        if self.endpoint.is_clear_text() {
            // A proxy would be another machine, and would see the token.
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| causes(&error))
    }
}

async fn read(response: &mut reqwest::Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Error::Cut(causes(&error)))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_BODY {
            return Err(Error::garbled(
                response.status().as_u16(),
                b"an answer of more than 32 MiB",
            ));
        }
    }
    Ok(body)
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
    let mut parts: Vec<String> = error
        .is_timeout()
        .then(|| "it took too long".to_owned())
        .into_iter()
        .collect();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        cause = inner.source();
    }
    if parts.is_empty() {
        error.to_string()
    } else {
        parts.join(": ")
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// After this long without a word on a connection with open requests, a ping is sent; Google's own Go client does so
/// after the same time: <https://github.com/googleapis/google-api-go-client/blob/main/transport/http/dial.go>.
const SILENCE: Duration = Duration::from_secs(31);
const PING_TIMEOUT: Duration = Duration::from_secs(15);
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// A page of a thousand jobs is a tenth of this.
const LONGEST_BODY: usize = 32 << 20;
