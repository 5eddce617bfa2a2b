//! Jobs as JSON: `GoogleCloudRunV2Job` and its parts.
//!
//! Members with their default value are omitted in both directions. Members that this client does not manage are not in these
//! types; an update sends them back unchanged ([`overlay`]).

mod overlay;
mod volume;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

use crate::decode_error::unexpected_type;
pub use overlay::{overlay, unmanaged};
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
    pub template: TaskTemplate,
}

/// The template of tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct TaskTemplate {
    pub containers: Vec<Container>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_environment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_access: Option<VpcAccess>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_selector: Option<NodeSelector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_zonal_redundancy_disabled: Option<bool>,
}

/// A container of a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct Container {
    pub image: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvVar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_mounts: Vec<VolumeMount>,
}

/// CPU, memory and GPUs of a container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct ResourceRequirements {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, String>,
}

/// An environment variable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct EnvVar {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_source: Option<EnvVarSource>,
    /// Members that this type does not have, such as a source added to the API later.
    #[serde(flatten, skip_serializing)]
    pub rest: BTreeMap<String, Json>,
}

/// The source of a variable's value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct EnvVarSource {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<SecretKeySelector>,
}

/// A version of a secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct SecretKeySelector {
    pub secret: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Access to a VPC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct VpcAccess {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network_interfaces: Vec<NetworkInterface>,
}

/// A network interface (Direct VPC).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct NetworkInterface {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnetwork: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
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

/// The accelerator of a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct NodeSelector {
    pub accelerator: String,
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
                message: condition
                    .message
                    .unwrap_or_else(|| "Google gives no message".to_owned()),
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

impl TaskTemplate {
    /// The index of the container that this client manages: the one whose limits hold a GPU; with none or several, the
    /// first.
    pub fn managed_index(&self) -> usize {
        let mut with_gpu = self
            .containers
            .iter()
            .enumerate()
            .filter(|(_, one)| one.has_gpu());
        match (with_gpu.next(), with_gpu.next()) {
            (Some((index, _)), None) => index,
            _ => 0,
        }
    }

    /// The container that this client manages.
    pub fn managed_container(&self) -> Option<&Container> {
        self.containers.get(self.managed_index())
    }

    /// Whether this client manages a volume: it is one of `known`, or the managed container mounts it and its source is
    /// of a kind that these types have.
    pub fn manages(&self, volume: &Volume, known: &BTreeSet<String>) -> bool {
        let mounted = || {
            let mounts = self.managed_container().map_or(&[][..], |one| &one.volume_mounts);
            mounts.iter().any(|mount| mount.name == volume.name)
        };
        known.contains(&volume.name) || volume.has_source() && mounted()
    }

    /// The mounts of the managed container, without those of volumes that this client does not manage.
    pub fn managed_mounts(&self, known: &BTreeSet<String>) -> impl Iterator<Item = &VolumeMount> {
        let mounts = self.managed_container().map_or(&[][..], |one| &one.volume_mounts);
        let unmanaged: BTreeSet<&str> = self
            .volumes
            .iter()
            .filter(|volume| !self.manages(volume, known))
            .map(|volume| volume.name.as_str())
            .collect();
        mounts
            .iter()
            .filter(move |mount| !unmanaged.contains(mount.name.as_str()))
    }
}

impl Container {
    fn has_gpu(&self) -> bool {
        let limits = self.resources.as_ref().map(|resources| &resources.limits);
        limits.is_some_and(|limits| limits.contains_key(GPU_LIMIT))
    }
}

impl EnvVar {
    /// Whether the variable has a value, or a source in these types.
    pub fn has_known_source(&self) -> bool {
        match &self.value_source {
            Some(source) => source.secret_key_ref.is_some(),
            None => self.value.is_some() || self.rest.is_empty(),
        }
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

/// The resource limit for GPUs.
pub const GPU_LIMIT: &str = "nvidia.com/gpu";

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
