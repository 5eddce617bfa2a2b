//! The attributes of the data source: those of the resource that the API returns, computed except for the name of the job.

use std::sync::LazyLock;

use crate::job::{TYPE_NAME, schema};
use terraform_plugin::schema::{Attribute, Schema, Type};

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: format!(
        "Reads an existing Cloud Run job, with or without a GPU, created by the resource `{TYPE_NAME}` or \
         otherwise. For a job with several containers, `container` is the one with the GPU, or else the first, and \
         `volumes` are those that it mounts. Labels and annotations with reserved keys are omitted."
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
        "name" => "Name of the job.",
        "project" => "ID of the Google Cloud project. Default: the provider's `project`.",
        "location" => "Region of the job. Default: the provider's `region`.",
        "container" => "The container that each task runs.",
        "container.image" => "Container image.",
        "container.command" => "Entrypoint, if it replaces that of the image.",
        "container.args" => "Arguments, if they replace those of the image.",
        "container.working_dir" => "Working directory of the entrypoint, if it replaces that of the image.",
        "container.volume_mounts" => "Where `volumes` are mounted in the container.",
        "container.volume_mounts.name" => "Name of one of the `volumes`.",
        "container.volume_mounts.mount_path" => "Directory of the container at which the volume is mounted.",
        "container.volume_mounts.sub_path" => {
            "Directory of the volume that is mounted. Null for the whole volume."
        }
        "gpu" => "The GPU of each task. For a job without a GPU, `enabled` is `false` and `type` is null.",
        "gpu.enabled" => "Whether tasks have a GPU.",
        "gpu.type" => "Type of the GPU.",
        "resources" => "CPU and memory of each task.",
        "resources.cpu" => "vCPUs of each task.",
        "resources.memory" => "Memory of each task.",
        "job" => "How an execution runs: number of tasks, parallelism, retries, timeout and delay.",
        "job.task_count" => "Number of tasks of an execution.",
        "job.parallelism" => "Maximum number of tasks that run at the same time.",
        "job.max_retries" => "Maximum number of retries of a failed task.",
        "job.task_timeout" => "Maximum duration of one attempt of a task.",
        "job.delay_execution" => "Whether the start of executions is delayed.",
        "secrets" => {
            "Environment variables whose values Cloud Run reads from Secret Manager when a task starts."
        }
        "secrets.env_var" => "Name of the environment variable.",
        "secrets.secret_name" => "Name of the secret.",
        "secrets.version" => "Version of the secret.",
        "env" => "Environment variables in plain text, by name.",
        "vpc_access" => "VPC access of the tasks.",
        "vpc_access.connector" => "Serverless VPC Access connector.",
        "vpc_access.network" => "VPC network of the tasks' network interface (Direct VPC egress).",
        "vpc_access.subnetwork" => "Subnetwork that the tasks' IP addresses come from.",
        "vpc_access.tags" => "Network tags of the network interface.",
        "vpc_access.egress" => "Traffic that is routed through the VPC.",
        "volumes" => "Volumes that the container mounts.",
        "volumes.name" => "Name of the volume.",
        "volumes.gcs" => "Cloud Storage bucket.",
        "volumes.gcs.bucket" => "Name of the bucket.",
        "volumes.gcs.read_only" => "Whether the volume is read-only.",
        "volumes.gcs.mount_options" => "Flags of Cloud Storage FUSE without their hyphens.",
        "volumes.nfs" => "Directory of an NFS server.",
        "volumes.nfs.server" => "Address of the server.",
        "volumes.nfs.path" => "Directory that the server exports.",
        "volumes.nfs.read_only" => "Whether the volume is read-only.",
        "volumes.secret" => "Versions of a Secret Manager secret, as files.",
        "volumes.secret.secret" => "Name of the secret.",
        "volumes.secret.default_mode" => "Permissions of the files, as octal digits.",
        "volumes.secret.items" => "Versions of the secret, each as a file.",
        "volumes.secret.items.path" => "Path of the file in the volume.",
        "volumes.secret.items.version" => "Version of the secret.",
        "volumes.secret.items.mode" => "Permissions of the file, as octal digits.",
        "volumes.empty_dir" => "Temporary storage of one task, deleted when the task ends.",
        "volumes.empty_dir.medium" => "Storage medium: `memory` or `disk`.",
        "volumes.empty_dir.size_limit" => "Maximum size.",
        "service_account" => "Email address of the service account that tasks run as.",
        "encryption_key" => {
            "Cloud KMS key that encrypts the job's image and disk. Null for a Google-managed key."
        }
        "binary_authorization" => "Binary Authorization policy that decides whether the image may run.",
        "binary_authorization.use_default" => "Whether the default policy of the project is used.",
        "binary_authorization.policy" => "Cloud Run policy.",
        "binary_authorization.breakglass_justification" => {
            "Justification for running an image that the policy rejects."
        }
        "launch_stage" => {
            "Least stable launch stage of the features that the job uses, as the API reports it."
        }
        "labels" => "All labels of the job, also those set outside of Terraform.",
        "annotations" => "All annotations of the job, also those set outside of Terraform.",
        "id" => "Full name of the job: `projects/P/locations/L/jobs/N`.",
        "execution_url" => {
            "URL that starts an execution: send a `POST` with an access token and the body `{}`."
        }
        "max_gpu_hours" => {
            "Maximum GPU time that one execution can use, in hours: `task_count` × (`max_retries` + 1) × \
             `task_timeout`. 0 for a job without a GPU."
        }
        "effective_labels" => "The same as `labels`.",
        "uid" => {
            "Unique ID that Cloud Run assigned to the job. A job created later with the same name has another."
        }
        "generation" => "Number that Cloud Run increments with each change of the job's definition.",
        "etag" => "Fingerprint of this version of the job.",
        "create_time" => "Time of creation (RFC 3339, UTC).",
        "update_time" => "Time of the last change (RFC 3339, UTC).",
        "creator" => "Email address of the account that created the job.",
        "last_modifier" => "Email address of the account that last changed the job.",
        "ready" => "Whether the job's definition is in effect.",
        "condition" => "The job's `terminalCondition`, from which `ready` is derived.",
        "condition.state" => "State, such as `CONDITION_SUCCEEDED` or `CONDITION_FAILED`.",
        "condition.reason" => "Reason of a failure, such as `CONTAINER_MISSING`.",
        "condition.message" => "Message of a failure.",
        "execution_count" => "Number of executions of the job.",
        "latest_execution" => "Name of the most recent execution. Null if the job has never been executed.",
        _ => return None,
    })
}
