//! The errors of a call. The API's own error document is kept in full.

use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;

use crate::credentials_error::CredentialsError;
use crate::status::{Status, bounded_message};
use crate::{body_excerpt, error_details};

/// Why a call failed. Prefer the predicates, such as [`Error::is_not_found`], to matching.
#[derive(Clone, Debug)]
pub enum Error {
    /// The API refused the request.
    Status(Status),
    /// The API accepted the request, and its operation failed.
    Operation(Status),
    /// No connection: the request was not received.
    Unreachable(String),
    /// The connection ended before the response: the request may have been received.
    ConnectionClosed(String),
    /// The response is not from the API: a proxy's page, or half a document.
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
    /// Decodes the response to a request that was refused. A member of an undocumented type does not affect the others.
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

    /// The API's status, if it refused the request or its operation failed.
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
    pub(super) fn is_unauthenticated(&self) -> bool {
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

    /// Whether the request may have been carried out despite this error.
    pub fn maybe_accepted(&self) -> bool {
        match self {
            Error::ConnectionClosed(_)
            | Error::UnexpectedResponse { .. }
            | Error::Undecodable(_)
            | Error::DeadlineExceeded { .. }
            | Error::Cancelled => true,
            Error::Status(status) => status.http.is_some_and(|http| http >= 500),
            Error::Operation(_)
            | Error::Unreachable(_)
            | Error::UidMismatch { .. }
            | Error::Credentials(_) => false,
        }
    }

    /// Whether the same request may succeed in a moment.
    pub(super) fn is_transient(&self) -> bool {
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
            Error::Status(status) => write!(f, "Google refused the request: {status}"),
            Error::Operation(status) => {
                write!(f, "Google took the request, but could not carry it out: {status}")
            }
            Error::Unreachable(reason) => write!(f, "Google could not be reached: {reason}"),
            Error::ConnectionClosed(reason) => {
                write!(f, "the connection ended before the answer came: {reason}")
            }
            Error::UnexpectedResponse { http, found } => {
                write!(
                    f,
                    "the answer (HTTP {http}) is not one of Google's API, but {found}"
                )
            }
            Error::Undecodable(reason) => {
                write!(f, "the answer of Google's API cannot be read: {reason}")
            }
            Error::UidMismatch { expected, found } => write!(
                f,
                "somebody has deleted the job and made another job of the same name. The one that was meant has the uid \
                 {expected}, the one that is there now {found}"
            ),
            Error::Credentials(error) => write!(f, "{error}"),
            Error::Cancelled => f.write_str("asked to stop before it was finished"),
            Error::DeadlineExceeded { waited_for } => {
                write!(
                    f,
                    "the time allowed for it was over while waiting for {waited_for}"
                )
            }
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_and_details_are_kept() {
        let body =
            br#"{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "Permission 'x' denied.",
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM"}]}}"#;
        let error = Error::refused(403, body, None);
        assert_eq!(
            error.to_string(),
            "Google refused the request: HTTP 403 PERMISSION_DENIED: Permission 'x' denied.\n  reason: IAM"
        );
        assert!(!error.maybe_accepted() && !error.is_not_found() && !error.is_conflict());
    }

    #[test]
    fn retry_info_sets_retry_after() {
        let body = br#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "m",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "90.5s"}]}}"#;
        let error = Error::refused(429, body, None);
        assert_eq!(
            error.to_string(),
            "Google refused the request: HTTP 429 RESOURCE_EXHAUSTED: m\n  It asks to wait 90 seconds before the next try."
        );
        let requests = |error: Error| error.status().and_then(|status| status.retry_after);
        assert_eq!(requests(error), Some(Duration::from_millis(90_500)));
        let header = Some(Duration::from_secs(7));
        assert_eq!(requests(Error::refused(429, body, header)), header);
    }

    #[test]
    fn only_an_api_404_is_not_found() {
        assert!(
            Error::refused(
                404,
                br#"{"error": {"status": "NOT_FOUND", "message": "m"}}"#,
                None
            )
            .is_not_found()
        );
        let page = Error::refused(404, b"<html>\n  <title>Not here</title>", None);
        assert!(!page.is_not_found());
        assert_eq!(
            page.to_string(),
            "the answer (HTTP 404) is not one of Google's API, but an HTML page with the title \"Not here\""
        );
    }

    #[test]
    fn malformed_error_member_keeps_the_others() {
        for (body, expected) in [
            (
                r#"{"error": {"code": "403", "status": "PERMISSION_DENIED", "message": "m", "details": {"a": 1}}}"#,
                "HTTP 403 PERMISSION_DENIED: m\n  {\"a\":1}",
            ),
            (
                r#"{"error": {"status": 7, "message": {"text": "m"}, "details": null}}"#,
                "HTTP 403 7: {\"text\":\"m\"}",
            ),
            (r#"{"error": {}}"#, "HTTP 403 UNKNOWN: "),
        ] {
            assert_eq!(
                Error::refused(403, body.as_bytes(), None).to_string(),
                format!("Google refused the request: {expected}")
            );
        }
        for other in [r#"{"error": "invalid_grant"}"#, "[]", r#"{"error": ["no"]}"#] {
            let error = Error::refused(403, other.as_bytes(), None);
            assert!(
                matches!(error, Error::UnexpectedResponse { http: 403, .. }),
                "{error}"
            );
        }
    }

    #[test]
    fn long_message_is_cut() {
        let message = "No way. ".repeat(2_000_000);
        let body =
            serde_json::json!({"error": {"status": "PERMISSION_DENIED", "message": message}}).to_string();
        let error = Error::refused(403, body.as_bytes(), None);
        let shown = error.to_string();
        assert!(shown.len() < 10_000, "{}", shown.len());
        assert!(shown.ends_with("bytes more)"), "{shown}");
    }

    #[test]
    fn lost_response_may_have_been_accepted() {
        let of = |http| Error::refused(http, br#"{"error": {"status": "S", "message": "m"}}"#, None);
        for error in [
            of(500),
            of(503),
            Error::ConnectionClosed(String::new()),
            Error::Cancelled,
            Error::unexpected_response(200, b"{}"),
            Error::Undecodable(String::new()),
        ] {
            assert!(error.maybe_accepted(), "{error}");
        }
        for error in [
            of(400),
            of(401),
            of(403),
            of(409),
            of(429),
            Error::Unreachable(String::new()),
        ] {
            assert!(!error.maybe_accepted(), "{error}");
        }
    }

    #[test]
    fn deadline_error_names_the_wait() {
        let late = Error::DeadlineExceeded {
            waited_for: "Google".to_owned(),
        };
        assert_eq!(
            late.while_waiting_for(|| "the operation o to end".to_owned())
                .to_string(),
            "the time allowed for it was over while waiting for the operation o to end"
        );
    }

    #[test]
    fn already_exists_is_no_conflict() {
        let taken = Error::refused(
            409,
            br#"{"error": {"status": "ALREADY_EXISTS", "message": "m"}}"#,
            None,
        );
        assert!(taken.is_already_exists() && !taken.is_conflict());
        let changed = Error::refused(409, br#"{"error": {"status": "ABORTED", "message": "m"}}"#, None);
        assert!(!changed.is_already_exists() && changed.is_conflict());
        let failed = Error::refused(
            412,
            br#"{"error": {"status": "FAILED_PRECONDITION", "message": "m"}}"#,
            None,
        );
        assert!(failed.is_conflict());
        let old = br#"{"error": {"message": "Resource 'n' already exists."}}"#;
        assert!(Error::refused(409, old, None).is_already_exists());
    }
}
