//! Everything that can go wrong between here and Google, with Google's own words kept whole.

use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;

use crate::credentials_error::CredentialsError;
use crate::status::{Status, words};
use crate::{body_excerpt, error_details};

/// Why a call has no good answer. Ask it what it is ([`Error::is_not_found`] and the like) rather than taking it
/// apart.
#[derive(Clone, Debug)]
pub enum Error {
    /// Google said no.
    Status(Status),
    /// Google took the request, worked on it, and failed.
    Operation(Status),
    /// No connection came about: the request was surely not received.
    Unreachable(String),
    /// The connection ended before the answer: the request may have been received.
    Cut(String),
    /// The answer is not Google's: a proxy's page, or half a document.
    Garbled {
        /// The HTTP status.
        http: u16,
        /// What it is instead.
        found: String,
    },
    /// The answer is Google's, and this client cannot read it: the request may have been carried out.
    Unreadable(String),
    /// The job of this name is not the one that was meant: somebody has made it anew.
    AnotherJob {
        /// The uid of the one that was meant.
        meant: String,
        /// The uid of the one that is there.
        found: String,
    },
    /// There are no usable credentials.
    Credentials(CredentialsError),
    /// Somebody asked to stop.
    Stopped,
    /// The time was over.
    OutOfTime {
        /// What was waited for.
        waited_for: String,
    },
}

impl Error {
    /// Reads the answer to a request that was refused.
    ///
    /// The document says what it can: a part of another type than documented takes nothing from the others.
    pub(super) fn refused(http: u16, body: &[u8], retry_after: Option<Duration>) -> Error {
        let document: Option<Json> = serde_json::from_slice(body).ok();
        let Some(error) = document
            .as_ref()
            .and_then(|document| document.get("error")?.as_object())
        else {
            return Error::garbled(http, body);
        };
        let text = |member: &str| match error.get(member) {
            Some(Json::String(text)) => words(text),
            None | Some(Json::Null) => String::new(),
            Some(other) => words(&other.to_string()),
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
            // The header is for whatever stands between here and Google; Google says it in the document.
            retry_after: retry_after.or_else(|| details.iter().find_map(error_details::retry_delay)),
            details,
        })
    }

    /// An answer that is not Google's.
    pub(super) fn garbled(http: u16, body: &[u8]) -> Error {
        Error::Garbled {
            http,
            found: body_excerpt::describe(body),
        }
    }

    /// The HTTP status of the response, when there was one and it was refused or unexpected.
    pub(crate) fn http(&self) -> Option<u16> {
        match self {
            Error::Status(status) => status.http,
            Error::Garbled { http, .. } => Some(*http),
            _ => None,
        }
    }

    /// Google's refusal, when it is one.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Error::Status(status) | Error::Operation(status) => Some(status),
            _ => None,
        }
    }

    /// Google's message, word for word; empty when it is not Google who speaks.
    pub fn message(&self) -> &str {
        self.status().map_or("", |status| &status.message)
    }

    /// There is no such thing.
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

    /// Somebody else changed the thing since it was read.
    pub fn is_conflict(&self) -> bool {
        self.status()
            .is_some_and(|status| status.status == "ABORTED" || matches!(status.http, Some(409 | 412)))
            && !self.is_already_exists()
    }

    /// The job of this name is another one.
    pub fn is_another_job(&self) -> bool {
        matches!(self, Error::AnotherJob { .. })
    }

    /// No connection came about.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Error::Unreachable(_))
    }

    /// The time was over.
    pub fn is_out_of_time(&self) -> bool {
        matches!(self, Error::OutOfTime { .. })
    }

    /// Somebody asked to stop.
    pub fn is_stopped(&self) -> bool {
        matches!(self, Error::Stopped)
    }

    /// The token is not, or no longer, good.
    pub(super) fn is_unauthenticated(&self) -> bool {
        match self {
            Error::Status(status) => status.http == Some(401),
            Error::Garbled { http, .. } => *http == 401,
            _ => false,
        }
    }

    /// The same error; when the time was over, with what was waited for.
    #[must_use]
    pub fn while_waiting_for(self, what: impl FnOnce() -> String) -> Error {
        match self {
            Error::OutOfTime { .. } => Error::OutOfTime { waited_for: what() },
            other => other,
        }
    }

    /// Whether a request with this outcome may have been carried out all the same.
    pub fn maybe_accepted(&self) -> bool {
        match self {
            Error::Cut(_)
            | Error::Garbled { .. }
            | Error::Unreadable(_)
            | Error::OutOfTime { .. }
            | Error::Stopped => true,
            Error::Status(status) => status.http.is_some_and(|http| http >= 500),
            Error::Operation(_)
            | Error::Unreachable(_)
            | Error::AnotherJob { .. }
            | Error::Credentials(_) => false,
        }
    }

    /// Whether the same request may go well in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Error::Status(status) => status
                .http
                .is_some_and(|http| http >= 500 || http == 429 && !status.is_resource_quota()),
            Error::Garbled { http, .. } => *http >= 500 || *http == 429,
            Error::Unreachable(_) | Error::Cut(_) => true,
            _ => false,
        }
    }

    /// Whether there was no answer to go by, though there was the time for one.
    pub(super) fn is_lost_answer(&self) -> bool {
        self.maybe_accepted() && !matches!(self, Error::Stopped | Error::OutOfTime { .. })
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
            Error::Cut(reason) => write!(f, "the connection ended before the answer came: {reason}"),
            Error::Garbled { http, found } => {
                write!(
                    f,
                    "the answer (HTTP {http}) is not one of Google's API, but {found}"
                )
            }
            Error::Unreadable(reason) => {
                write!(f, "the answer of Google's API cannot be read: {reason}")
            }
            Error::AnotherJob { meant, found } => write!(
                f,
                "somebody has deleted the job and made another job of the same name. The one that was meant has the uid \
                 {meant}, the one that is there now {found}"
            ),
            Error::Credentials(error) => write!(f, "{error}"),
            Error::Stopped => f.write_str("asked to stop before it was finished"),
            Error::OutOfTime { waited_for } => {
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
    fn googles_words_are_kept_whole() {
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
    fn a_pause_may_be_asked_for_in_the_document() {
        let body = br#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "m",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "90.5s"}]}}"#;
        let error = Error::refused(429, body, None);
        assert_eq!(
            error.to_string(),
            "Google refused the request: HTTP 429 RESOURCE_EXHAUSTED: m\n  It asks to wait 90 seconds before the next try."
        );
        let asked = |error: Error| error.status().and_then(|status| status.retry_after);
        assert_eq!(asked(error), Some(Duration::from_millis(90_500)));
        let header = Some(Duration::from_secs(7));
        assert_eq!(asked(Error::refused(429, body, header)), header);
    }

    #[test]
    fn a_404_of_something_else_does_not_say_that_a_job_is_gone() {
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
    fn a_strange_part_of_a_refusal_takes_nothing_from_the_others() {
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
            assert!(matches!(error, Error::Garbled { http: 403, .. }), "{error}");
        }
    }

    #[test]
    fn a_long_message_is_cut() {
        let message = "No way. ".repeat(2_000_000);
        let body =
            serde_json::json!({"error": {"status": "PERMISSION_DENIED", "message": message}}).to_string();
        let error = Error::refused(403, body.as_bytes(), None);
        let shown = error.to_string();
        assert!(shown.len() < 10_000, "{}", shown.len());
        assert!(shown.ends_with("bytes more)"), "{shown}");
    }

    #[test]
    fn a_lost_answer_may_have_been_a_yes() {
        let of = |http| Error::refused(http, br#"{"error": {"status": "S", "message": "m"}}"#, None);
        for error in [
            of(500),
            of(503),
            Error::Cut(String::new()),
            Error::Stopped,
            Error::garbled(200, b"{}"),
            Error::Unreadable(String::new()),
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
    fn the_end_of_the_time_says_what_was_waited_for() {
        let late = Error::OutOfTime {
            waited_for: "Google".to_owned(),
        };
        assert_eq!(
            late.while_waiting_for(|| "the operation o to end".to_owned())
                .to_string(),
            "the time allowed for it was over while waiting for the operation o to end"
        );
    }

    #[test]
    fn a_taken_name_is_not_a_conflict() {
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
