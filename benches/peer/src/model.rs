//! The resource's values, as serde reads them from Terraform and writes them back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tf_provider::value::Value;

/// Text that may be null or unknown.
pub type Text = Value<String>;
/// A map of text.
pub type Texts = Value<BTreeMap<String, Text>>;

/// The whole resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub name: Text,
    pub facets: Value<Facets>,
    pub project: Text,
    pub location: Text,
    pub container: Value<Container>,
    pub gpu: Value<Gpu>,
    pub resources: Value<Resources>,
    pub job: Value<Execution>,
    pub secrets: Value<Vec<Value<SecretEnv>>>,
    pub env: Texts,
    pub vpc_access: Value<VpcAccess>,
    pub service_account: Text,
    pub launch_stage: Text,
    pub labels: Texts,
    pub annotations: Texts,
    pub deletion_protection: Value<bool>,
    pub timeouts: Value<Timeouts>,
    pub id: Text,
    pub execution_url: Text,
    pub max_gpu_hours: Value<i64>,
    pub effective_labels: Texts,
    pub uid: Text,
    pub generation: Value<i64>,
    pub etag: Text,
    pub create_time: Text,
    pub update_time: Text,
    pub creator: Text,
    pub execution_count: Value<i64>,
    pub latest_execution: Text,
}

/// What the Facets platform knows about the job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    pub instance_name: Text,
    pub environment: Text,
    pub cloud_tags: Texts,
}

/// What runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Container {
    pub image: Text,
    pub command: Value<Vec<Text>>,
    pub args: Value<Vec<Text>>,
}

/// The accelerator of each task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gpu {
    pub enabled: Value<bool>,
    pub r#type: Text,
}

/// CPU and memory of each task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    pub cpu: Text,
    pub memory: Text,
}

/// How an execution runs its tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    pub task_count: Value<i64>,
    pub parallelism: Value<i64>,
    pub max_retries: Value<i64>,
    pub task_timeout: Text,
}

/// An environment variable out of Secret Manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SecretEnv {
    pub env_var: Text,
    pub secret_name: Text,
    pub version: Text,
}

/// The way into a VPC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VpcAccess {
    pub connector: Text,
    pub egress: Text,
}

/// How long each operation may take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeouts {
    pub create: Text,
    pub update: Text,
    pub delete: Text,
}
