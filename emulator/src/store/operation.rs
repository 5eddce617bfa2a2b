//! Long-running operations.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::resource_name::LocationName;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Operation {
    /// `projects/P/locations/L/operations/UUID`
    pub(crate) name: String,
    #[serde(rename = "place")]
    pub(crate) parent: LocationName,
    #[serde(rename = "begun", with = "time::serde::rfc3339")]
    pub(crate) created: Timestamp,
    /// The resource, with its `@type`.
    pub(crate) metadata: Value,
    /// `None` until the operation is done.
    #[serde(rename = "outcome")]
    pub(crate) result: Option<OperationResult>,
}

/// The member of a done operation beside its metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum OperationResult {
    Response(Value),
    /// A `google.rpc.Status`.
    Error(Value),
    /// Neither, as the service did for some time in December 2024.
    #[serde(rename = "Nothing")]
    Empty,
}

/// How the reconciliation of a job will end, for its operation and for the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ReconcileOutcome {
    #[serde(rename = "Fine")]
    Success,
    #[serde(rename = "Failed")]
    OperationError { code: i32, message: String },
    #[serde(rename = "Empty")]
    EmptyOperation,
    #[serde(rename = "Never")]
    NeverDone,
    /// The operation succeeds, the job is not ready.
    #[serde(rename = "NotReady")]
    JobNotReady { reason: String, message: String },
}

impl Operation {
    pub(crate) fn new(parent: &LocationName, metadata: Value, now: Timestamp) -> Self {
        Self {
            name: format!("{parent}/operations/{}", uuid::Uuid::new_v4()),
            parent: parent.clone(),
            created: now,
            metadata,
            result: None,
        }
    }

    /// An operation that has succeeded.
    pub(crate) fn done(parent: &LocationName, response: Value, now: Timestamp) -> Self {
        let mut operation = Self::new(parent, response.clone(), now);
        operation.result = Some(OperationResult::Response(response));
        operation
    }

    /// Ends the operation with the resource as it is now.
    pub(crate) fn finish(&mut self, resource: Value, outcome: &ReconcileOutcome) {
        self.metadata = resource;
        self.result = Some(match outcome {
            ReconcileOutcome::OperationError { code, message } => {
                OperationResult::Error(json!({ "code": code, "message": message }))
            }
            ReconcileOutcome::EmptyOperation => OperationResult::Empty,
            ReconcileOutcome::Success
            | ReconcileOutcome::NeverDone
            | ReconcileOutcome::JobNotReady { .. } => OperationResult::Response(self.metadata.clone()),
        });
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut operation = json!({ "name": self.name, "metadata": self.metadata });
        match &self.result {
            None => {}
            Some(OperationResult::Empty) => operation["done"] = json!(true),
            Some(OperationResult::Response(response)) => {
                operation["done"] = json!(true);
                operation["response"] = response.clone();
            }
            Some(OperationResult::Error(error)) => {
                operation["done"] = json!(true);
                operation["error"] = error.clone();
            }
        }
        operation
    }
}
