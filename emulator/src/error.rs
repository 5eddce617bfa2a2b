//! The error document of Google's APIs: a `google.rpc.Status` as the member `error`.

use serde_json::{Value, json};

use crate::resource_name::LocationName;
use crate::route::Call;

/// An error response of the API.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) http_status: u16,
    /// The name of the gRPC code, such as `NOT_FOUND`.
    pub(crate) status: &'static str,
    pub(crate) message: String,
    pub(crate) details: Vec<Value>,
}

impl ApiError {
    pub(crate) fn new(http_status: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self {
            http_status,
            status,
            message: message.into(),
            details: Vec::new(),
        }
    }

    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// A request that does not match the types; Google lists all violations in one error.
    pub(crate) fn bad_request(violations: &[FieldViolation]) -> Self {
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
        Self::invalid_argument(texts.join("\n"))
            .with_detail(json!({ "@type": BAD_REQUEST, "fieldViolations": fields }))
    }

    /// A resource that does not exist. Recorded for jobs; assumed to be the same for executions and tasks.
    pub(crate) fn not_found(kind: &str, id: &str, parent: &LocationName) -> Self {
        let LocationName { project, location } = parent;
        let message = format!(
            "Resource '{id}' of kind '{kind}' in region '{location}' in project '{project}' does not exist."
        );
        Self::new(404, "NOT_FOUND", message)
    }

    pub(crate) fn already_exists(id: &str) -> Self {
        Self::new(409, "ALREADY_EXISTS", format!("Resource '{id}' already exists."))
    }

    /// A request without a token; `rpc` is the name of its method.
    pub(crate) fn missing_credentials(rpc: &str) -> Self {
        Self::new(
            401,
            "UNAUTHENTICATED",
            format!("Request is missing required authentication {AUTH_HELP}"),
        )
        .with_error_info("CREDENTIALS_MISSING", "googleapis.com", authentication(rpc))
    }

    /// A wrong or expired token; `rpc` is the name of the method.
    pub(crate) fn invalid_credentials(rpc: &str) -> Self {
        Self::new(
            401,
            "UNAUTHENTICATED",
            format!("Request had invalid authentication {AUTH_HELP}"),
        )
        .with_error_info("ACCESS_TOKEN_EXPIRED", "googleapis.com", authentication(rpc))
    }

    /// An etag that is not the current one. Status and message are guessed: no recording has them.
    pub(crate) fn etag_mismatch(id: &str) -> Self {
        let message = format!(
            "Conflict for resource '{id}': version of the provided etag does not match the current version."
        );
        Self::new(409, "ABORTED", message)
    }

    /// A request beyond the quota of requests per minute and region.
    pub(crate) fn rate_limited(call: &Call) -> Self {
        let number = call.parent().project_number();
        let kind = if call.is_write() { "Write" } else { "Read" };
        Self::new(
            429,
            "RESOURCE_EXHAUSTED",
            format!(
                "Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per region' \
                 of service 'run.googleapis.com' for consumer 'project_number:{number}'."
            ),
        )
        .with_error_info(
            "RATE_LIMIT_EXCEEDED",
            "googleapis.com",
            json!({ "service": "run.googleapis.com", "consumer": format!("projects/{number}") }),
        )
    }

    /// Adds a `google.rpc.BadRequest` with the field that the message begins with.
    pub(crate) fn with_field_violation(self) -> Self {
        match self.message.split_once(": ") {
            Some((field, text)) if self.http_status == 400 && self.details.is_empty() => {
                let violation = json!({ "field": field, "description": text });
                self.with_detail(json!({ "@type": BAD_REQUEST, "fieldViolations": [violation] }))
            }
            _ => self,
        }
    }

    pub(crate) fn with_detail(mut self, detail: Value) -> Self {
        self.details.push(detail);
        self
    }

    /// Adds a `google.rpc.ErrorInfo`.
    pub(crate) fn with_error_info(self, reason: &str, domain: &str, metadata: Value) -> Self {
        self.with_detail(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason, "domain": domain, "metadata": metadata,
        }))
    }

    /// The error as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.http_status, "message": self.message, "status": self.status });
        if !self.details.is_empty() {
            error["details"] = Value::Array(self.details.clone());
        }
        json!({ "error": error })
    }
}

fn authentication(rpc: &str) -> Value {
    json!({ "service": "run.googleapis.com", "method": rpc })
}

/// A field of a request that does not match its type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldViolation {
    /// The path in proto names, such as `job.template.task_count`.
    pub(crate) field: String,
    pub(crate) description: String,
}

impl FieldViolation {
    pub(crate) fn new(field: &str, description: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            description: description.into(),
        }
    }
}

const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const AUTH_HELP: &str = "credential. Expected OAuth 2 access token, login cookie or other valid authentication \
     credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
