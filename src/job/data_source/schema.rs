//! The attributes of the data source: those of the resource that the API returns, computed except for the name of the job.

use std::sync::LazyLock;

use crate::job::{TYPE_NAME, schema};
use terraform_plugin::schema::{Attribute, Schema, Type};

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: format!(
        "A Cloud Run job that exists, with or without a GPU, whether it was made by the resource `{TYPE_NAME}` or \
         otherwise. Reading it changes nothing. Of a job with several containers it has the one with the GPU, or else the \
         first, and the volumes that this container mounts. Labels and annotations with keys that the resource refuses are \
         left out."
    ),
    attributes: read(&schema::SCHEMA.attributes, ""),
});

/// The computed form of attributes of the resource, which are in the object at a path.
fn read(attributes: &[Attribute], at: &str) -> Vec<Attribute> {
    let returned = attributes
        .iter()
        .filter(|attribute| !ONLY_IN_RESOURCE.contains(&attribute.name));
    returned
        .map(|attribute| {
            let path = format!("{at}{}", attribute.name);
            let inside = |nested| read(nested, &format!("{path}."));
            let ty = match &attribute.ty {
                Type::SingleNested(nested) => Type::SingleNested(inside(nested)),
                Type::ListNested(nested) => Type::ListNested(inside(nested)),
                simple => simple.clone(),
            };
            let description = description(&path).unwrap_or(&attribute.description);
            let attribute = Attribute::new(attribute.name, ty, description);
            match path.as_str() {
                "name" => attribute.required(),
                "project" | "location" => attribute.optional_computed(),
                _ => attribute.computed(),
            }
        })
        .collect()
}

/// Attributes that the API does not return.
const ONLY_IN_RESOURCE: [&str; 3] = ["facets", "deletion_protection", "timeouts"];
/// The description of a computed attribute; `None` for that of the resource.
fn description(path: &str) -> Option<&'static str> {
    Some(match path {
        "name" => "Id of the job.",
        "project" => "Id of the Google Cloud project. Default: the provider's.",
        "location" => "Region of the job. Default: the provider's `region`.",
        "container" => "The container of each task.",
        "container.image" => "Address of the container image.",
        "container.command" => "Replaces the entrypoint of the image.",
        "container.args" => "Arguments of the entrypoint.",
        "container.working_dir" => "Directory that the entrypoint starts in.",
        "container.volume_mounts" => "Where the `volumes` are mounted.",
        "container.volume_mounts.name" => "Name of one of the `volumes`.",
        "container.volume_mounts.mount_path" => "Directory of the container that the volume is mounted at.",
        "container.volume_mounts.sub_path" => {
            "Directory of the volume that is mounted; null for the whole volume."
        }
        "gpu" => "The GPU of each task; `enabled` is `false` and `type` null when there is none.",
        "gpu.enabled" => "Whether tasks get a GPU.",
        "gpu.type" => "Kind of GPU.",
        "resources" => "CPU and memory of each task.",
        "resources.cpu" => "vCPUs of each task.",
        "resources.memory" => "Memory of each task.",
        "job" => "How an execution runs: number of tasks, parallelism, retries and timeout.",
        "job.task_count" => "Tasks of one execution, all of which must succeed.",
        "job.parallelism" => "Tasks that may run at the same time.",
        "job.max_retries" => "Further attempts of a task that failed.",
        "job.task_timeout" => "How long one attempt of a task may take.",
        "secrets" => "Environment variables whose values come from Secret Manager when a task starts.",
        "secrets.env_var" => "Name of the environment variable.",
        "secrets.secret_name" => "The secret.",
        "secrets.version" => "Version of the secret.",
        "env" => "Environment variables in clear text, by name.",
        "vpc_access" => "How tasks reach a VPC.",
        "vpc_access.connector" => "Serverless VPC Access connector.",
        "vpc_access.network" => "VPC network that tasks have an interface in (Direct VPC egress).",
        "vpc_access.subnetwork" => "Subnetwork that tasks get their addresses from.",
        "vpc_access.tags" => "Network tags of the interface.",
        "vpc_access.egress" => "Traffic that goes into the VPC.",
        "volumes" => "Volumes that the container mounts.",
        "volumes.name" => "Name of the volume.",
        "volumes.gcs" => "A bucket of Cloud Storage.",
        "volumes.gcs.bucket" => "Name of the bucket.",
        "volumes.gcs.read_only" => "Whether tasks can only read it.",
        "volumes.gcs.mount_options" => "Flags of Cloud Storage FUSE without their hyphens.",
        "volumes.nfs" => "A directory of an NFS server.",
        "volumes.nfs.server" => "Address of the server.",
        "volumes.nfs.path" => "Directory that the server exports.",
        "volumes.nfs.read_only" => "Whether tasks can only read it.",
        "volumes.secret" => "Versions of a secret of Secret Manager, as files.",
        "volumes.secret.secret" => "The secret.",
        "volumes.secret.default_mode" => "Permissions of the files, as octal digits.",
        "volumes.secret.items" => "The versions, each as a file.",
        "volumes.secret.items.path" => "Name of the file.",
        "volumes.secret.items.version" => "Version of the secret.",
        "volumes.secret.items.mode" => "Permissions of the file, as octal digits.",
        "volumes.empty_dir" => "Space for one task, empty when it starts and deleted when it ends.",
        "volumes.empty_dir.medium" => "Where it is: in memory or on disk.",
        "volumes.empty_dir.size_limit" => "Its maximum size.",
        "service_account" => "E-mail address of the service account that tasks run as.",
        "encryption_key" => "Key of Cloud KMS that the job is encrypted with; null for Google's own keys.",
        "binary_authorization" => "Which policy of Binary Authorization decides whether the image may run.",
        "binary_authorization.use_default" => "Whether the policy of the project decides.",
        "binary_authorization.policy" => "A policy for Cloud Run that decides instead.",
        "binary_authorization.breakglass_justification" => {
            "Why an image that the policy refuses runs all the same."
        }
        "launch_stage" => "The least stable launch stage that the job uses, as the API reports it.",
        "labels" => "All labels of the job, also those set outside of Terraform.",
        "annotations" => "All annotations of the job, also those set outside of Terraform.",
        "id" => "Full name of the job: `projects/P/locations/L/jobs/N`.",
        "execution_url" => {
            "URL that starts an execution: send a `POST` with an access token and the body `{}`."
        }
        "max_gpu_hours" => {
            "The most GPU time that one execution can use, in hours: `task_count` × (`max_retries` + 1) × `task_timeout`; 0 when the job has no GPU."
        }
        "effective_labels" => "The same as `labels`.",
        "uid" => "Identifier that Google gave the job; a job of the same name created later has another.",
        "generation" => "How often the job's definition has changed, the creation included.",
        "etag" => "Google's fingerprint of this version of the job.",
        "create_time" => "When the job was created (RFC 3339, UTC).",
        "update_time" => "When the job was last changed (RFC 3339, UTC).",
        "creator" => "E-mail address of the account that created the job.",
        "last_modifier" => "E-mail address of the account that last changed the job.",
        "ready" => "Whether the definition of the job is in effect.",
        "condition" => "The job's `terminalCondition`, which `ready` follows from.",
        "condition.state" => "State, such as `CONDITION_SUCCEEDED` or `CONDITION_FAILED`.",
        "condition.reason" => "Reason of a failure, such as `CONTAINER_MISSING`.",
        "condition.message" => "Message of a failure.",
        "execution_count" => "How many executions the job has had.",
        "latest_execution" => "Name of the execution started last; null when there was none.",
        _ => return None,
    })
}
