//! Requests that exchange credentials for access tokens. They carry secrets, and responses may quote them: a response is
//! bounded, a redirect is not followed, and a response with a token is never shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder, Url};
use serde::Deserialize;
use serde_json::Value as Json;
use std::time::Duration;

use crate::body_excerpt;
use crate::credentials_error::{CredentialsError, ErrorKind};
use crate::error::Error;
use crate::redaction::{Redaction, Secret};
use crate::status::bounded_message;
use crate::transport::{Transport, send_exchange};

/// An access token as issued.
pub(super) struct IssuedToken {
    pub(super) token: Secret,
    /// How long it is valid.
    pub(super) lifetime: Duration,
    /// The rotated refresh token.
    pub(super) refresh_token: Option<Secret>,
}

impl IssuedToken {
    pub(super) fn new(token: Secret, lifetime: Duration) -> IssuedToken {
        IssuedToken {
            token,
            lifetime,
            refresh_token: None,
        }
    }

    /// Decodes the response of a token endpoint (<https://www.rfc-editor.org/rfc/rfc6749#section-5.1>) or of
    /// `generateAccessToken`.
    pub(super) fn read(response: &str, redaction: &Redaction) -> Result<IssuedToken, CredentialsError> {
        #[derive(Deserialize)]
        struct Granted {
            #[serde(alias = "accessToken")]
            access_token: String,
            #[serde(default)]
            expires_in: Json,
            refresh_token: Option<String>,
        }
        let prefetched: Option<Granted> = serde_json::from_str(response).ok();
        let prefetched = prefetched.filter(|prefetched| !prefetched.access_token.is_empty());
        let prefetched = prefetched
            .ok_or_else(|| CredentialsError::new("the response must have an access_token, got none"))?;
        Ok(IssuedToken {
            token: redaction.secret(prefetched.access_token),
            lifetime: lifetime(&prefetched.expires_in),
            refresh_token: prefetched.refresh_token.map(|token| redaction.secret(token)),
        })
    }
}

/// A number of seconds, also as a string; anything else counts as absent.
fn lifetime(expires_in: &Json) -> Duration {
    let text = || expires_in.as_str()?.parse().ok();
    let seconds = expires_in
        .as_f64()
        .or_else(text)
        .filter(|seconds: &f64| !seconds.is_nan());
    seconds.map_or(DEFAULT_LIFETIME, |seconds| {
        Duration::from_secs_f64(seconds.clamp(0.0, MAX_LIFETIME.as_secs_f64()))
    })
}

/// The `Authorization` header of a client: <https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1>.
pub(super) fn basic(id: &str, secret: &str, redaction: &Redaction) -> Secret {
    let pair = redaction.secret(STANDARD.encode(format!("{id}:{secret}")));
    redaction.secret(format!("Basic {}", pair.expose_secret()))
}

/// A request to an address of the credentials.
pub(super) fn request(
    transport: &Transport,
    method: Method,
    url: &Url,
) -> Result<RequestBuilder, CredentialsError> {
    transport
        .exchange(method, url.clone())
        .map_err(|error| request_error(&error))
}

/// Sends a request once. The response may have a token and must not be shown.
///
/// # Errors
/// If there is no response, or it is not 2xx.
pub(super) async fn send(request: RequestBuilder) -> Result<String, CredentialsError> {
    let (http, body) = send_exchange(request)
        .await
        .map_err(|error| request_error(&error))?;
    match http {
        200..300 => String::from_utf8(body)
            .map_err(|_| CredentialsError::new("the response must be UTF-8 text, got other bytes")),
        _ => Err(error_response(http, &body)),
    }
}

/// The error of a request that could not be sent, or whose response could not be read.
pub(super) fn request_error(error: &Error) -> CredentialsError {
    match error {
        Error::Unreachable(reason) => {
            CredentialsError::new(format!("could not connect: {reason}")).with(ErrorKind::Unreachable)
        }
        Error::UnexpectedResponse { http, found } => {
            CredentialsError::new(format!("the server returned HTTP {http} with {found}")).with(kind(*http))
        }
        Error::ConnectionClosed(_) => CredentialsError::new(error.to_string()).with(ErrorKind::Transient),
        error => CredentialsError::new(error.to_string()),
    }
}

/// The error in a response: that of OAuth or of Google's APIs, otherwise a description of the body.
fn error_response(http: u16, body: &[u8]) -> CredentialsError {
    let json: Json = serde_json::from_slice(body).unwrap_or_default();
    let error = &json["error"];
    let reasons = [error, &json["error_description"], &error["message"]];
    let reasons: Vec<&str> = reasons.into_iter().filter_map(Json::as_str).collect();
    let found = match &json {
        Json::Object(_) if reasons.is_empty() => " with JSON without an error".to_owned(),
        Json::Object(_) => format!(": \"{}\"", bounded_message(&reasons.join(": "))),
        _ => format!(" with {}", body_excerpt::describe(body)),
    };
    CredentialsError::new(format!("the server returned HTTP {http}{found}")).with(kind(http))
}

fn kind(http: u16) -> ErrorKind {
    match http {
        408 | 429 | 500.. => ErrorKind::Transient,
        _ => ErrorKind::Permanent,
    }
}

/// <https://developers.google.com/identity/protocols/oauth2/scopes#run>
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The default lifetime of Google's tokens.
pub(super) const DEFAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// <https://cloud.google.com/iam/docs/create-short-lived-credentials-direct#create-access>
pub(super) const MAX_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

#[cfg(test)]
mod tests;
