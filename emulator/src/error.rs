//! Refusals: the error document that Google's APIs share (`google.rpc.Status` in an envelope).

use serde_json::{Value, json};

use crate::defaults::project_number;
use crate::route::Call;
use crate::types::Method;

/// A refusal, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    /// The HTTP status.
    pub(crate) http: u16,
    /// The name of the gRPC code, such as `NOT_FOUND`.
    pub(crate) status: &'static str,
    pub(crate) message: String,
    pub(crate) details: Vec<Value>,
}

impl Problem {
    pub(crate) fn new(http: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self {
            http,
            status,
            message: message.into(),
            details: Vec::new(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// A request whose document does not fit the types; one violation for each place, as Google lists them.
    pub(crate) fn bad_request(violations: &[Violation]) -> Self {
        let texts: Vec<&str> = violations
            .iter()
            .map(|violation| violation.description.as_str())
            .collect();
        let fields: Vec<Value> = violations
            .iter()
            .map(|violation| match violation.field.as_str() {
                "" => json!({ "description": violation.description }),
                field => json!({ "field": field, "description": violation.description }),
            })
            .collect();
        Self::invalid(texts.join("\n")).with(json!({ "@type": BAD_REQUEST, "fieldViolations": fields }))
    }

    /// A resource that is not there. Recorded for jobs; taken over for executions and tasks.
    pub(crate) fn absent(kind: &str, id: &str, location: &str, project: &str) -> Self {
        let message = format!(
            "Resource '{id}' of kind '{kind}' in region '{location}' in project '{project}' does not exist."
        );
        Self::new(404, "NOT_FOUND", message)
    }

    pub(crate) fn exists(id: &str) -> Self {
        Self::new(409, "ALREADY_EXISTS", format!("Resource '{id}' already exists."))
    }

    /// A request without a token.
    pub(crate) fn no_token(call: &Call) -> Self {
        Self::new(
            401,
            "UNAUTHENTICATED",
            format!("Request is missing required authentication {AUTH_HELP}"),
        )
        .because("CREDENTIALS_MISSING", "googleapis.com", authentication(call))
    }

    /// A token that is not taken, or not any more.
    pub(crate) fn invalid_token(call: &Call) -> Self {
        Self::new(
            401,
            "UNAUTHENTICATED",
            format!("Request had invalid authentication {AUTH_HELP}"),
        )
        .because("ACCESS_TOKEN_EXPIRED", "googleapis.com", authentication(call))
    }

    /// An etag that is not the current one. Status and text are a guess: no recording has them.
    pub(crate) fn conflict(id: &str) -> Self {
        let message = format!(
            "Conflict for resource '{id}': version of the provided etag does not match the current version."
        );
        Self::new(409, "ABORTED", message)
    }

    /// More requests than a project may send to a region within a minute.
    pub(crate) fn rate_limited(call: &Call) -> Self {
        let number = project_number(&call.place().project);
        let kind = if call.is_write() { "Write" } else { "Read" };
        Self::new(
            429,
            "RESOURCE_EXHAUSTED",
            format!(
                "Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per region' \
                 of service 'run.googleapis.com' for consumer 'project_number:{number}'."
            ),
        )
        .because(
            "RATE_LIMIT_EXCEEDED",
            "googleapis.com",
            json!({ "service": "run.googleapis.com", "consumer": format!("projects/{number}") }),
        )
    }

    /// Names the field before the message's colon in a `google.rpc.BadRequest` too.
    pub(crate) fn detailed(self) -> Self {
        match self.message.split_once(": ") {
            Some((field, text)) if self.http == 400 && self.details.is_empty() => {
                let violation = json!({ "field": field, "description": text });
                self.with(json!({ "@type": BAD_REQUEST, "fieldViolations": [violation] }))
            }
            _ => self,
        }
    }

    /// Adds one entry to `details`.
    pub(crate) fn with(mut self, detail: Value) -> Self {
        self.details.push(detail);
        self
    }

    /// Adds a `google.rpc.ErrorInfo`.
    pub(crate) fn because(self, reason: &str, domain: &str, metadata: Value) -> Self {
        self.with(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason, "domain": domain, "metadata": metadata,
        }))
    }

    /// The document on the wire.
    pub(crate) fn document(&self) -> Value {
        let mut error = json!({ "code": self.http, "message": self.message, "status": self.status });
        if !self.details.is_empty() {
            error["details"] = Value::Array(self.details.clone());
        }
        json!({ "error": error })
    }
}

fn authentication(call: &Call) -> Value {
    json!({ "service": "run.googleapis.com", "method": Method::of(call).rpc })
}

/// One place of a request that does not fit the types.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// Where, in proto names below the name of the body, such as `job.template.task_count`.
    pub(crate) field: String,
    pub(crate) description: String,
}

const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const AUTH_HELP: &str = "credential. Expected OAuth 2 access token, login cookie or other valid authentication \
     credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";

impl Violation {
    pub(crate) fn new(field: &str, description: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            description: description.into(),
        }
    }
}
