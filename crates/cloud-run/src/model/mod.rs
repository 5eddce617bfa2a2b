//! Jobs as JSON: `GoogleCloudRunV2Job` and its parts.
//!
//! Members with their default value are omitted in both directions. Members that this client does not manage are not in these
//! types; an update sends them back unchanged ([`overlay`]).

mod execution;
mod overlay;
mod task;
mod volume;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

use crate::decode_error::unexpected_type;
pub use execution::{AttemptStatus, Execution, Task, TaskAttemptResult};
pub use overlay::{overlay, unmanaged};
pub use task::{
    Container, EnvVar, EnvVarSource, GPU_LIMIT, NetworkInterface, NodeSelector, ResourceRequirements,
    SecretKeySelector, TaskTemplate, VpcAccess,
};
pub use volume::{
    EmptyDirVolumeSource, GcsVolumeSource, NfsVolumeSource, SecretVolumeSource, VersionToPath, Volume,
    VolumeMount,
};

/// A job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, remote = "Self")]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct Job {
    #[serde(skip_serializing)]
    pub name: Option<String>,
    #[serde(skip_serializing)]
    pub uid: Option<String>,
    #[serde(skip_serializing, deserialize_with = "int64")]
    pub generation: Option<i64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    #[serde(skip_serializing)]
    pub create_time: Option<String>,
    #[serde(skip_serializing)]
    pub update_time: Option<String>,
    #[serde(skip_serializing)]
    pub delete_time: Option<String>,
    #[serde(skip_serializing)]
    pub creator: Option<String>,
    #[serde(skip_serializing)]
    pub last_modifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binary_authorization: Option<BinaryAuthorization>,
    pub template: ExecutionTemplate,
    #[serde(skip_serializing, deserialize_with = "int64")]
    pub observed_generation: Option<i64>,
    #[serde(skip_serializing)]
    pub terminal_condition: Option<Condition>,
    #[serde(skip_serializing)]
    pub conditions: Vec<Condition>,
    #[serde(skip_serializing)]
    pub execution_count: Option<i32>,
    #[serde(skip_serializing)]
    pub latest_created_execution: Option<ExecutionReference>,
    #[serde(skip_serializing)]
    pub reconciling: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The job as the API returned it, including members that these types do not have.
    #[serde(skip)]
    pub document: Json,
}

impl Serialize for Job {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Job::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Job {
    /// As derived, and the whole document.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Job, D::Error> {
        let document = Json::deserialize(deserializer)?;
        let mut track = serde_path_to_error::Track::new();
        let job = Job::deserialize(serde_path_to_error::Deserializer::new(&document, &mut track));
        let mut job = job.map_err(|fault| serde::de::Error::custom(unexpected_type(&track.path(), fault)))?;
        job.document = document;
        Ok(job)
    }
}

/// The template of executions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct ExecutionTemplate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_count: Option<i32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub delay_execution: bool,
    pub template: TaskTemplate,
}

/// The Binary Authorization policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct BinaryAuthorization {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub use_default: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakglass_justification: Option<String>,
}

/// The state of a resource.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct Condition {
    pub r#type: Option<String>,
    pub state: Option<String>,
    pub message: Option<String>,
    pub reason: Option<String>,
    pub execution_reason: Option<String>,
    pub revision_reason: Option<String>,
}

/// A reference to an execution.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct ExecutionReference {
    pub name: Option<String>,
}

/// Whether the service has reconciled a job's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Reconciled.
    Ready,
    /// Reconciling, or about to.
    Reconciling,
    /// Reconciliation failed.
    Failed {
        /// The reason in the condition.
        reason: String,
        /// The message in the condition.
        message: String,
    },
}

impl Job {
    /// Whether the service has reconciled the definition, as the API documents `reconciling`. A failed execution
    /// (`executionReason`) does not make the job fail.
    pub fn readiness(&self) -> Readiness {
        let condition = self.terminal_condition.clone().unwrap_or_default();
        if condition.state.as_deref() == Some("CONDITION_FAILED") && condition.execution_reason.is_none() {
            return Readiness::Failed {
                reason: condition.reason().unwrap_or("UNKNOWN").to_owned(),
                message: condition.message.unwrap_or_else(|| "no message".to_owned()),
            };
        }
        let observed = self.generation.is_none() || self.observed_generation == self.generation;
        if self.reconciling || !observed {
            Readiness::Reconciling
        } else {
            Readiness::Ready
        }
    }

    /// Whether the job's definition is reconciled.
    pub fn is_ready(&self) -> bool {
        matches!(self.readiness(), Readiness::Ready)
    }

    /// Who changed the job last, and when.
    pub fn last_change(&self) -> (Option<&str>, Option<&str>) {
        let [by, at] = [&self.last_modifier, &self.update_time].map(|text| text.as_deref());
        (by.filter(|by| !by.is_empty()), at.filter(|at| !at.is_empty()))
    }
}

impl Condition {
    /// The reason, in whichever member of the oneof it is.
    pub fn reason(&self) -> Option<&str> {
        [&self.reason, &self.execution_reason, &self.revision_reason]
            .into_iter()
            .find_map(Option::as_deref)
    }
}

/// The JSON form of an int64 is a string; a number is accepted too.
fn int64<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let json = Option::<Json>::deserialize(deserializer)?;
    match json {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
        Some(other) => other
            .to_string()
            .parse()
            .map(Some)
            .map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests;
