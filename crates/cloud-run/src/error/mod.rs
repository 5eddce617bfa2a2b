//! The errors of a call. The API's own error document is kept in full.

use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;

use crate::credentials_error::CredentialsError;
use crate::redaction::Secret;
use crate::status::{Status, bounded_message};
use crate::{body_excerpt, error_details};

/// Why a call failed. Prefer the predicates, such as [`Error::is_not_found`], to matching.
#[derive(Clone, Debug)]
pub enum Error {
    /// The API returned an error.
    Status(Status),
    /// The API accepted the request, and its operation failed.
    Operation(Status),
    /// No connection: the request was not received.
    Unreachable(String),
    /// The connection ended before the response: the request may have been received.
    ConnectionClosed(String),
    /// The response is not from the API: a proxy's page, or a truncated document.
    UnexpectedResponse {
        /// The HTTP status.
        http: u16,
        /// A description of the body.
        found: String,
    },
    /// The response is from the API, but cannot be decoded: the request may have been carried out.
    Undecodable(String),
    /// The job was deleted and created again outside of this client: the name has another job.
    UidMismatch {
        /// The UID of the intended job.
        expected: String,
        /// The UID of the job that has the name.
        found: String,
    },
    /// There are no usable credentials.
    Credentials(CredentialsError),
    /// The call was cancelled.
    Cancelled,
    /// The deadline passed.
    DeadlineExceeded {
        /// What was waited for.
        waited_for: String,
    },
}

impl Error {
    /// Decodes an error response. A member of an undocumented type does not affect the others.
    pub(super) fn refused(http: u16, body: &[u8], retry_after: Option<Duration>) -> Error {
        let document: Option<Json> = serde_json::from_slice(body).ok();
        let Some(error) = document
            .as_ref()
            .and_then(|document| document.get("error")?.as_object())
        else {
            return Error::unexpected_response(http, body);
        };
        let text = |member: &str| match error.get(member) {
            Some(Json::String(text)) => bounded_message(text),
            None | Some(Json::Null) => String::new(),
            Some(other) => bounded_message(&other.to_string()),
        };
        let details = match error.get("details") {
            Some(Json::Array(details)) => details.clone(),
            None | Some(Json::Null) => Vec::new(),
            Some(other) => vec![other.clone()],
        };
        Error::Status(Status {
            http: Some(http),
            status: text("status"),
            message: text("message"),
            // The header is set by proxies; the API itself uses the document.
            retry_after: retry_after.or_else(|| details.iter().find_map(error_details::retry_delay)),
            details,
        })
    }

    /// A response that is not from the API.
    pub(super) fn unexpected_response(http: u16, body: &[u8]) -> Error {
        Error::UnexpectedResponse {
            http,
            found: body_excerpt::describe(body),
        }
    }

    /// The HTTP status, if a response was received that is an error or unexpected.
    pub(crate) fn http(&self) -> Option<u16> {
        match self {
            Error::Status(status) => status.http,
            Error::UnexpectedResponse { http, .. } => Some(*http),
            _ => None,
        }
    }

    /// The API's status, if it returned an error or its operation failed.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Error::Status(status) | Error::Operation(status) => Some(status),
            _ => None,
        }
    }

    /// The message of that status; empty if there is none.
    pub fn message(&self) -> &str {
        self.status().map_or("", |status| &status.message)
    }

    /// The resource does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Status(status) if status.http == Some(404) && status.status == "NOT_FOUND")
    }

    /// The name is taken.
    pub fn is_already_exists(&self) -> bool {
        self.status().is_some_and(|status| {
            status.status == "ALREADY_EXISTS"
                || status.http == Some(409) && status.message.contains("already exists")
        })
    }

    /// The resource has changed since it was read.
    pub fn is_conflict(&self) -> bool {
        self.status()
            .is_some_and(|status| status.status == "ABORTED" || matches!(status.http, Some(409 | 412)))
            && !self.is_already_exists()
    }

    /// The name has another job than the intended one.
    pub fn is_uid_mismatch(&self) -> bool {
        matches!(self, Error::UidMismatch { .. })
    }

    /// There was no connection.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Error::Unreachable(_))
    }

    /// The deadline passed.
    pub fn is_deadline_exceeded(&self) -> bool {
        matches!(self, Error::DeadlineExceeded { .. })
    }

    /// The call was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Error::Cancelled)
    }

    /// The token is invalid or has expired.
    pub fn is_unauthenticated(&self) -> bool {
        match self {
            Error::Status(status) => status.http == Some(401),
            Error::UnexpectedResponse { http, .. } => *http == 401,
            _ => false,
        }
    }

    /// The same error; if the deadline passed, with what was waited for.
    #[must_use]
    pub fn while_waiting_for(self, what: impl FnOnce() -> String) -> Error {
        match self {
            Error::DeadlineExceeded { .. } => Error::DeadlineExceeded { waited_for: what() },
            other => other,
        }
    }

    /// The same error without these values, which the API may quote. Values as short as ordinary words stay.
    pub(super) fn without(mut self, secrets: &[Secret]) -> Error {
        let secrets = secrets.iter().map(Secret::expose_secret);
        for secret in secrets.filter(|secret| secret.len() >= MIN_SECRET_LENGTH) {
            let escaped = Json::from(secret).to_string();
            let escaped = escaped.trim_matches('"');
            let redact = |text: &mut String| *text = text.replace(secret, "***").replace(escaped, "***");
            match &mut self {
                Error::Status(status) | Error::Operation(status) => {
                    redact(&mut status.message);
                    for detail in &mut status.details {
                        let mut text = detail.to_string();
                        redact(&mut text);
                        *detail = serde_json::from_str(&text).unwrap_or_default();
                    }
                }
                Error::UnexpectedResponse { found: text, .. }
                | Error::Undecodable(text)
                | Error::Unreachable(text)
                | Error::ConnectionClosed(text) => redact(text),
                Error::UidMismatch { .. }
                | Error::Credentials(_)
                | Error::Cancelled
                | Error::DeadlineExceeded { .. } => {}
            }
        }
        self
    }

    /// Whether the request may have been carried out despite this error.
    pub fn maybe_accepted(&self) -> bool {
        match self {
            Error::ConnectionClosed(_)
            | Error::UnexpectedResponse { .. }
            | Error::Undecodable(_)
            | Error::DeadlineExceeded { .. }
            | Error::Cancelled => true,
            // 408 and 499 end a request that may have reached the service: Request Timeout, CANCELLED.
            Error::Status(status) => status
                .http
                .is_some_and(|http| http >= 500 || matches!(http, 408 | 499)),
            Error::Operation(_)
            | Error::Unreachable(_)
            | Error::UidMismatch { .. }
            | Error::Credentials(_) => false,
        }
    }

    /// Whether the same request may succeed in a moment.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Status(status) => status
                .http
                .is_some_and(|http| http >= 500 || http == 429 && !status.is_resource_quota()),
            Error::UnexpectedResponse { http, .. } => *http >= 500 || *http == 429,
            Error::Unreachable(_) | Error::ConnectionClosed(_) => true,
            _ => false,
        }
    }

    /// Whether no usable response was received, for another reason than the end of the call.
    pub(super) fn is_response_lost(&self) -> bool {
        self.maybe_accepted() && !matches!(self, Error::Cancelled | Error::DeadlineExceeded { .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Status(status) => write!(f, "Cloud Run returned {status}"),
            Error::Operation(status) => {
                write!(
                    f,
                    "Cloud Run accepted the request, but the operation failed with {status}"
                )
            }
            Error::Unreachable(reason) => write!(f, "could not connect to Cloud Run: {reason}"),
            Error::ConnectionClosed(reason) => {
                write!(
                    f,
                    "the connection was closed before the response was received: {reason}"
                )
            }
            Error::UnexpectedResponse { http, found } => {
                write!(
                    f,
                    "the response must be one of Google's API, got HTTP {http} with {found}"
                )
            }
            Error::Undecodable(reason) => {
                write!(f, "could not decode the response: {reason}")
            }
            Error::UidMismatch { expected, found } => write!(
                f,
                "the job was deleted, and another job of the same name was created: the uid must be {expected}, got {found}"
            ),
            Error::Credentials(error) => write!(f, "{error}"),
            Error::Cancelled => f.write_str("the call was cancelled"),
            Error::DeadlineExceeded { waited_for } => {
                write!(f, "timed out waiting for {waited_for}")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Shorter values are found in any message.
const MIN_SECRET_LENGTH: usize = 4;

#[cfg(test)]
mod tests;
