//! Requests by which credentials become access tokens. They carry secrets of their own, and whoever answers may quote
//! them or be somebody else: an answer is read up to a bound, a redirect is not followed, and of an answer that grants
//! something nothing is shown.

use async_trait::async_trait;
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{CredentialsError, Outlook, TokenSource};
use crate::cloudrun::status::words;
use crate::cloudrun::transport::exchanged;
use crate::cloudrun::{Error, Secret, foreign};

/// Exchanges credentials for an access token.
#[async_trait]
pub(super) trait Exchange: Send + Sync {
    /// Gets a new token.
    async fn exchange(&self) -> Result<Grant, CredentialsError>;
}

/// An access token.
pub(super) struct Grant {
    pub(super) token: Secret,
    /// How long it may be used.
    pub(super) lifetime: Duration,
    /// What the next one is to be asked for with, where that changes.
    pub(super) refresh_token: Option<Secret>,
}

/// Keeps each token until shortly before its end.
pub(super) struct Cached<E> {
    exchange: E,
    quota_project: Option<String>,
    /// The token granted last, and when another will be wanted.
    last: Mutex<Option<(Secret, Instant)>>,
}

impl<E: Exchange> Cached<E> {
    pub(super) fn new(exchange: E, quota_project: Option<String>) -> Cached<E> {
        Cached {
            exchange,
            quota_project,
            last: Mutex::default(),
        }
    }
}

#[async_trait]
impl<E: Exchange> TokenSource for Cached<E> {
    async fn token(&self) -> Result<Secret, CredentialsError> {
        let mut last = self.last.lock().await;
        if let Some((token, until)) = &*last
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let asked = Instant::now();
        let grant = self.exchange.exchange().await?;
        *last = Some((grant.token.clone(), asked + kept(grant.lifetime)));
        Ok(grant.token)
    }

    fn quota_project(&self) -> Option<&str> {
        self.quota_project.as_deref()
    }
}

/// How long a token is kept. One that is said to be over at once serves the requests of a moment all the same: otherwise
/// each would ask for another.
fn kept(lifetime: Duration) -> Duration {
    let lifetime = lifetime.min(LONGEST_LIFETIME);
    (lifetime - SLACK.min(lifetime / 4)).max(SHORTEST_KEPT)
}

impl Grant {
    /// Reads the answer of a token endpoint: <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>.
    pub(super) fn read(answer: &str) -> Result<Grant, CredentialsError> {
        #[derive(Deserialize)]
        struct Granted {
            access_token: String,
            expires_in: Option<Box<RawValue>>,
            refresh_token: Option<String>,
            id_token: Option<String>,
        }
        let granted: Option<Granted> = serde_json::from_str(answer).ok();
        let granted = granted.filter(|granted| !granted.access_token.is_empty());
        let granted = granted.ok_or_else(|| CredentialsError::new("the answer has no access_token"))?;
        // It is of no use here, and no less a secret.
        drop(granted.id_token.map(Secret::new));
        Ok(Grant {
            token: Secret::new(granted.access_token),
            lifetime: granted
                .expires_in
                .map_or(USUAL_LIFETIME, |seconds| lifetime(seconds.get())),
            refresh_token: granted
                .refresh_token
                .filter(|token| !token.is_empty())
                .map(Secret::new),
        })
    }
}

/// A number of seconds, whatever it is and whether it is in quotes. What is none counts as not said.
fn lifetime(text: &str) -> Duration {
    let seconds: Option<f64> = text.trim_matches('"').trim().parse().ok();
    let seconds = seconds.filter(|seconds| !seconds.is_nan());
    seconds.map_or(USUAL_LIFETIME, |seconds| {
        Duration::from_secs_f64(seconds.clamp(0.0, LONGEST_LIFETIME.as_secs_f64()))
    })
}

/// Sends a request once; the answer, if it is not a refusal. It may have a token in it, and is not to be shown.
pub(super) async fn send(request: RequestBuilder) -> Result<String, CredentialsError> {
    let (http, body) = exchanged(request).await.map_err(|error| unanswered(&error))?;
    match http {
        200..300 => String::from_utf8(body).map_err(|_| CredentialsError::new("the answer is no text")),
        _ => Err(refused(http, &body)),
    }
}

/// That a request could not be made, or has no answer that can be read.
pub(super) fn unanswered(error: &Error) -> CredentialsError {
    match error {
        Error::Unreachable(reason) => {
            CredentialsError::new(format!("no connection: {reason}")).with(Outlook::Nobody)
        }
        Error::Cut(_) => CredentialsError::new(error.to_string()).with(Outlook::Passing),
        Error::Garbled { http, found } => {
            CredentialsError::new(format!("HTTP {http}: {found}")).with(outlook(*http))
        }
        Error::Unreadable(reason) => CredentialsError::new(format!("the answer cannot be read: {reason}")),
        error => CredentialsError::new(error.to_string()),
    }
}

/// That a request was refused: in the words of OAuth or of Google's APIs, else what the answer is, unless it is of the
/// kind that tokens come in.
fn refused(http: u16, body: &[u8]) -> CredentialsError {
    let json: Option<Json> = serde_json::from_slice(body).ok();
    let said = match &json {
        Some(Json::Object(answer)) => {
            let error = answer.get("error");
            let members = [
                error,
                answer.get("error_description"),
                error.and_then(|error| error.get("message")),
            ];
            let said: Vec<&str> = members.into_iter().flatten().filter_map(Json::as_str).collect();
            if said.is_empty() {
                "JSON that names no error".to_owned()
            } else {
                words(&said.join(": "))
            }
        }
        _ => foreign::describe(body),
    };
    CredentialsError::new(format!("HTTP {http}: {said}")).with(outlook(http))
}

fn outlook(http: u16) -> Outlook {
    match http {
        408 | 429 | 500.. => Outlook::Passing,
        _ => Outlook::Lasting,
    }
}

/// How long before its end another token is got: longer than any request takes.
const SLACK: Duration = Duration::from_secs(5 * 60);
const SHORTEST_KEPT: Duration = Duration::from_secs(10);
/// How long tokens of Google's last that do not say so.
pub(super) const USUAL_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// <https://cloud.google.com/iam/docs/create-short-lived-credentials-direct#create-access>
const LONGEST_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

#[cfg(test)]
mod tests;
