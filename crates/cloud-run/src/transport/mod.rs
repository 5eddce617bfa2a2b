//! HTTP connections: sends a request once.

use backon::ExponentialBackoff;
use reqwest::header::RETRY_AFTER;
use reqwest::{Method, Url};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};
use tracing::debug;

use super::progress_log::with_progress_log;
use super::request::Request;
use super::{Endpoint, Error, QuotaProject, Response, Settings, retry};
use crate::redaction::{Redaction, Secret};

/// Connections, opened at the first request and shared by all.
pub(super) struct Transport {
    endpoint: Endpoint,
    user_agent: String,
    request_timeout: Duration,
    min_backoff: Duration,
    quota_project: QuotaProject,
    pub(super) redaction: Redaction,
    /// For https, through the proxy that the environment names.
    https: OnceLock<Result<reqwest::Client, String>>,
    /// For http, which is used on loopback only.
    http: OnceLock<Result<reqwest::Client, String>>,
}

/// What authorizes a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Authorization {
    pub(crate) token: Secret,
    /// The project whose quota pays for requests, where the credentials name one.
    pub(crate) quota_project: Option<String>,
}

impl Transport {
    pub(super) fn new(settings: &Settings) -> Transport {
        Transport {
            endpoint: settings.endpoint.clone(),
            user_agent: settings.user_agent.clone(),
            request_timeout: settings.request_timeout,
            min_backoff: settings.min_backoff,
            quota_project: settings.quota_project.clone(),
            redaction: settings.redaction.clone(),
            https: OnceLock::new(),
            http: OnceLock::new(),
        }
    }

    /// The pauses between attempts. They never end.
    pub(super) fn backoff(&self) -> ExponentialBackoff {
        retry::backoff(self.min_backoff)
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// If there is no response, or one that is not 2xx.
    pub(super) async fn send(
        &self,
        request: &Request,
        authorization: &Authorization,
    ) -> Result<Response, Error> {
        let sending = execute(self.prepare(request, authorization)?, MAX_BODY);
        let result = if request.server_wait.is_zero() {
            with_progress_log(format!("the response to {request}"), sending).await
        } else {
            sending.await
        };
        let (http, body, retry_after) = result?;
        Response::new(http, body, retry_after)
    }

    /// A request to another address than the endpoint, with its own authorization. It uses the same connections; like all
    /// others it bypasses the proxy if it is plain http.
    pub(super) fn exchange(&self, method: Method, url: Url) -> Result<reqwest::RequestBuilder, Error> {
        let client = self.client(&url)?;
        Ok(client.request(method, url).timeout(self.request_timeout))
    }

    fn client(&self, url: &Url) -> Result<&reqwest::Client, Error> {
        let is_http = url.scheme() == "http";
        let client = if is_http { &self.http } else { &self.https };
        let client = client.get_or_init(|| self.build(is_http)).as_ref();
        client.map_err(|reason| Error::Unreachable(reason.clone()))
    }

    fn prepare(
        &self,
        request: &Request,
        authorization: &Authorization,
    ) -> Result<reqwest::RequestBuilder, Error> {
        let url = request.url(&self.endpoint);
        let mut builder = self
            .client(&url)?
            .request(request.method.clone(), url)
            .bearer_auth(authorization.token.expose_secret())
            .timeout(self.request_timeout + request.server_wait);
        if let Some(project) = self.quota_project(request.project(), authorization.quota_project.as_deref()) {
            builder = builder.header("X-Goog-User-Project", project);
        }
        if let Some(body) = &request.body {
            builder = builder
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        Ok(builder)
    }

    /// The project whose quota is used for a request: the settings take precedence over the credentials.
    pub(super) fn quota_project<'a>(
        &'a self,
        job_project: Option<&'a str>,
        credentials_project: Option<&'a str>,
    ) -> Option<&'a str> {
        match &self.quota_project {
            QuotaProject::Named(project) => Some(project),
            QuotaProject::FromJob => job_project,
            QuotaProject::FromCredentials => credentials_project,
        }
    }

    /// Reads the machine's root certificates and proxy settings; does not connect yet. Redirects are not followed, so that a
    /// token never follows one.
    fn build(&self, is_http: bool) -> Result<reqwest::Client, String> {
        use_ring();
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_CONCURRENT_REQUESTS)
            // One HTTP/2 connection carries all requests, and a timeout does not close it. Only an unanswered ping shows
            // that a router has dropped it.
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL.min(self.request_timeout))
            .http2_keep_alive_timeout(PING_TIMEOUT.min(self.request_timeout));
        if is_http {
            // A proxy would see the token, and so would another machine that a resolver returns for localhost, which must
            // be loopback: https://www.rfc-editor.org/rfc/rfc6761#section-6.3
            builder = builder.no_proxy().resolve_to_addrs("localhost", &LOCALHOST);
        }
        builder.build().map_err(|error| causes(&error))
    }
}

/// Installs ring as the crypto provider of this process, unless one is installed.
pub(super) fn use_ring() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// Sends a request of [`Transport::exchange`] once: the status, and a body of at most a megabyte.
///
/// # Errors
/// If there is no response, or a longer one.
pub(super) async fn send_exchange(request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), Error> {
    let (http, body, _) = execute(request, MAX_SMALL_BODY).await?;
    Ok((http, body))
}

/// Sends a request once: the status, the body and `Retry-After`. For a redirect, the location stands for the body.
async fn execute(
    request: reqwest::RequestBuilder,
    max_body: usize,
) -> Result<(u16, Vec<u8>, Option<Duration>), Error> {
    let start = Instant::now();
    let (client, request) = request.build_split();
    let request = request.map_err(|error| Error::Unreachable(causes(&error)))?;
    let (method, url) = (request.method().clone(), request.url().clone());
    let address = url.origin().ascii_serialization();
    let result = client.execute(request).await;
    let mut response = result.map_err(|error| send_error(&error, &address))?;
    let http = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|value| retry::retry_after(value, SystemTime::now()));
    let location = http.is_redirection().then(|| redirect(&response)).flatten();
    let body = match location {
        Some(location) => location.into_bytes(),
        None => read(&mut response, &address, max_body).await?,
    };
    debug!(
        %method, host = url.host_str(), path = url.path(), status = http.as_u16(), bytes = body.len(),
        duration_ms = start.elapsed().as_secs_f64() * 1000.0, "received response"
    );
    Ok((http.as_u16(), body, retry_after))
}

/// The location of a redirect, which shows who responded. Its query may be secret.
fn redirect(response: &reqwest::Response) -> Option<String> {
    let location = response.headers().get(reqwest::header::LOCATION)?;
    let location = location.to_str().ok()?.split(['?', '#']).next()?;
    Some(format!("location: {location}"))
}

async fn read(response: &mut reqwest::Response, address: &str, max_size: usize) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Error::ConnectionClosed(with_address(&error, address)))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > max_size {
            return Err(match response.status() {
                good if good.is_success() => {
                    Error::Undecodable(format!("it must be at most {} MiB, got more", max_size >> 20))
                }
                refused => Error::unexpected_response(refused.as_u16(), &body),
            });
        }
    }
    Ok(body)
}

fn send_error(error: &reqwest::Error, address: &str) -> Error {
    let reason = with_address(error, address);
    if error.is_connect() || error.is_builder() {
        Error::Unreachable(reason)
    } else {
        Error::ConnectionClosed(reason)
    }
}

/// The causes of an error, and the address of the request, which may not be the one that the user expects.
fn with_address(error: &reqwest::Error, address: &str) -> String {
    format!("{} (at {address})", causes(error))
}

/// The causes of an error, outermost first, without the whole URL, which the log has.
fn causes(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = error
        .is_timeout()
        .then(|| "timed out".to_owned())
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

/// The port of the URL is used, not this one.
const LOCALHOST: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];
/// How many requests may be in flight: the recommended minimum for one HTTP/2 connection (RFC 9113, section 6.5.2), and fewer
/// than the files that a process may open if each request needs a connection.
pub(super) const MAX_CONCURRENT_REQUESTS: usize = 100;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// A ping is sent after this time without data on a connection with open requests, as in Google's Go client: <https://github.com/googleapis/google-api-go-client/blob/main/transport/http/dial.go>.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(31);
const PING_TIMEOUT: Duration = Duration::from_secs(15);
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(90);
/// A page of a thousand jobs is a tenth of this.
const MAX_BODY: usize = 32 << 20;
/// Responses with a token have a few kilobytes.
const MAX_SMALL_BODY: usize = 1 << 20;

#[cfg(test)]
mod tests;
