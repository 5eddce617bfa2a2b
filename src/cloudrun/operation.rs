//! Long-running operations: <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.operations>.

use serde::Deserialize;

use super::{Error, Status};

/// Something that Google is doing. While it lasts, `done` is left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Operation {
    /// `projects/P/locations/L/operations/ID`; empty when it is not known, and then it is done.
    pub name: String,
    /// Whether it has come to an end, good or bad.
    pub done: bool,
    /// Why it failed. Done without this it is well, with or without a response.
    pub error: Option<OperationError>,
    /// The job that it is about, as it was when the operation was looked at.
    pub(super) metadata: Subject,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Subject {
    uid: Option<String>,
}

/// Why an operation failed: a `google.rpc.Status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct OperationError {
    code: i32,
    message: String,
    details: Vec<serde_json::Value>,
}

impl Operation {
    /// Something that is known to have been done, though not by which operation.
    pub(super) fn finished() -> Operation {
        Operation {
            done: true,
            ..Operation::default()
        }
    }

    /// The uid of the job that it is about, where that is told.
    pub fn uid(&self) -> Option<&str> {
        self.metadata.uid.as_deref()
    }

    /// The operation, when it went well as far as it went.
    ///
    /// # Errors
    /// When it failed.
    pub fn ok(self) -> Result<Operation, Error> {
        match self.error {
            None => Ok(self),
            Some(error) => Err(Error::Operation(Status {
                http: None,
                status: code_name(error.code).to_owned(),
                message: error.message,
                details: error.details,
                retry_after: None,
            })),
        }
    }
}

/// The name of a code: <https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto>.
fn code_name(code: i32) -> &'static str {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    usize::try_from(code)
        .ok()
        .and_then(|code| NAMES.get(code))
        .unwrap_or(&"UNKNOWN")
}
