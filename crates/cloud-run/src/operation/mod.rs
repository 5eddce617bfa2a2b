//! Long-running operations: <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.operations>.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::error::Error;
use crate::model::{Execution, Job, Readiness};
use crate::response::ApiMessage;
use crate::status::{Status, bounded_message};

/// A long-running operation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Operation {
    /// `projects/P/locations/L/operations/ID`; empty if it is not known, in which case it is done.
    pub name: String,
    /// Whether it has ended, successfully or not.
    pub done: bool,
    /// Why it failed. If it is done without an error, it succeeded.
    pub error: Option<OperationError>,
    /// The job or execution at the time of the response, decoded on demand.
    pub(super) metadata: Json,
    /// The result, decoded on demand: an operation is done whatever it holds.
    pub(super) response: Option<Json>,
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
    /// An operation that is known to have succeeded, but not by name.
    pub(super) fn completed() -> Operation {
        Operation {
            done: true,
            ..Operation::default()
        }
    }

    /// The UID of its job, if the response has it.
    pub fn uid(&self) -> Option<&str> {
        self.metadata.get("uid")?.as_str()
    }

    /// The execution of an operation that starts or cancels one, if the response has it.
    pub fn execution(&self) -> Option<Execution> {
        let execution: Execution = serde_json::from_value(self.metadata.clone()).ok()?;
        (self.metadata.get("@type")? == EXECUTION && execution.is_recognized()).then_some(execution)
    }

    /// The job after a successful write, equal to what reading it returns (`emulator/tests/recordings/` has both). `None` if
    /// the job must be read, because it is incomplete or not reconciled.
    pub fn job(self) -> Option<Job> {
        let mut response = self.response.filter(|_| self.done && self.error.is_none())?;
        let kind = response.as_object_mut()?.remove("@type")?;
        let job: Job = serde_json::from_value(response).ok()?;
        let whole =
            job.is_recognized() && job.uid.is_some() && job.etag.is_some() && job.generation.is_some();
        let condition = job
            .terminal_condition
            .as_ref()
            .and_then(|condition| condition.state.as_deref());
        let succeeded =
            condition == Some("CONDITION_SUCCEEDED") && matches!(job.readiness(), Readiness::Ready);
        (kind == JOB && whole && succeeded && job.delete_time.is_none()).then_some(job)
    }

    /// The operation, unless it failed.
    ///
    /// # Errors
    /// The status of a failed operation.
    pub fn ok(self) -> Result<Operation, Error> {
        match self.error {
            None => Ok(self),
            Some(error) => Err(Error::Operation(Status {
                http: None,
                status: code_name(error.code).to_owned(),
                message: bounded_message(&error.message),
                details: error.details,
                retry_after: None,
            })),
        }
    }
}

impl ApiMessage for Operation {
    fn is_recognized(&self) -> bool {
        !self.name.is_empty()
    }
}

/// The `@type` of a job.
const JOB: &str = "type.googleapis.com/google.cloud.run.v2.Job";

/// The `@type` of an execution.
const EXECUTION: &str = "type.googleapis.com/google.cloud.run.v2.Execution";

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

#[cfg(test)]
mod tests;
