//! Long-running operations.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::resource_name::LocationName;

/// One operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Operation {
    /// `projects/P/locations/L/operations/UUID`
    pub(crate) name: String,
    #[serde(rename = "place")]
    pub(crate) parent: LocationName,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) begun: Moment,
    /// The resource as it was when it was last looked at, with its `@type`.
    pub(crate) metadata: Value,
    pub(crate) outcome: Option<Outcome>,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Response(Value),
    /// A `google.rpc.Status`.
    Error(Value),
    /// Done with neither, which the service did for a time in December 2024.
    Nothing,
}

/// How an operation is going to end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
    Fine,
    Failed {
        code: i32,
        message: String,
    },
    Empty,
    Never,
    /// Well for the operation, but not for the job.
    NotReady {
        reason: String,
        message: String,
    },
}

impl Operation {
    pub(crate) fn begin(parent: &LocationName, document: Value, now: Moment) -> Self {
        Self {
            name: format!("{parent}/operations/{}", uuid::Uuid::new_v4()),
            parent: parent.clone(),
            begun: now,
            metadata: document,
            outcome: None,
        }
    }

    pub(crate) fn end(&mut self, document: Value, ending: &Ending) {
        self.metadata = document;
        self.outcome = Some(match ending {
            Ending::Failed { code, message } => Outcome::Error(json!({ "code": code, "message": message })),
            Ending::Empty => Outcome::Nothing,
            Ending::Fine | Ending::Never | Ending::NotReady { .. } => {
                Outcome::Response(self.metadata.clone())
            }
        });
    }

    /// The document on the wire; the kind of resource is told by `@type`.
    pub(crate) fn to_json(&self) -> Value {
        let mut document = json!({ "name": self.name, "metadata": self.metadata });
        match &self.outcome {
            None => {}
            Some(Outcome::Nothing) => document["done"] = json!(true),
            Some(Outcome::Response(response)) => {
                document["done"] = json!(true);
                document["response"] = response.clone();
            }
            Some(Outcome::Error(error)) => {
                document["done"] = json!(true);
                document["error"] = error.clone();
            }
        }
        document
    }
}
