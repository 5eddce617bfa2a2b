//! The task template: containers, resources, environment and network.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

use super::volume::{Volume, VolumeMount};

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

/// The resource limit for GPUs.
pub const GPU_LIMIT: &str = "nvidia.com/gpu";
