//! The attributes of the data source: those of the resource that the API returns, all computed but what names the job.

use std::sync::LazyLock;

use super::super::TYPE_NAME;
use crate::schema::{Attribute, Schema, Type};

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: format!(
        "A Cloud Run job that exists, with or without a GPU, whether it was made by the resource `{TYPE_NAME}` or \
         otherwise. Reading it changes nothing. Of a job with several containers it has the one with the GPU, or else the \
         first, and the volumes that this container mounts. Labels and annotations with keys that the resource refuses are \
         left out."
    ),
    attributes: [which(), settings(), reported()].concat(),
});

fn which() -> Vec<Attribute> {
    vec![
        Attribute::new("name", Type::String, "Id of the job.").required(),
        Attribute::new(
            "project",
            Type::String,
            "Id of the Google Cloud project. Default: the provider's.",
        )
        .or_computed(),
        Attribute::new(
            "location",
            Type::String,
            "Region of the job. Default: the provider's `region`.",
        )
        .or_computed(),
    ]
}

fn settings() -> Vec<Attribute> {
    vec![
        object("container", container(), "The container of each task."),
        object(
            "gpu",
            vec![
                boolean("enabled", "Whether tasks get a GPU."),
                text("type", "Kind of GPU."),
            ],
            "The GPU of each task; `enabled` is `false` and `type` null when there is none.",
        ),
        object(
            "resources",
            vec![
                text("cpu", "vCPUs of each task."),
                text("memory", "Memory of each task."),
            ],
            "CPU and memory of each task.",
        ),
        object(
            "job",
            job(),
            "How an execution runs: number of tasks, parallelism, retries and timeout.",
        ),
        list(
            "secrets",
            vec![
                text("env_var", "Name of the environment variable."),
                text("secret_name", "The secret."),
                text("version", "Version of the secret."),
            ],
            "Environment variables whose values come from Secret Manager when a task starts.",
        ),
        computed(
            "env",
            Type::string_map(),
            "Environment variables in clear text, by name.",
        ),
        object("vpc_access", vpc_access(), "How tasks reach a VPC."),
        list("volumes", volumes(), "Volumes that the container mounts."),
        text(
            "service_account",
            "E-mail address of the service account that tasks run as.",
        ),
        text(
            "encryption_key",
            "Key of Cloud KMS that the job is encrypted with; null for Google's own keys.",
        ),
        object(
            "binary_authorization",
            vec![
                boolean("use_default", "Whether the policy of the project decides."),
                text("policy", "A policy for Cloud Run that decides instead."),
                text(
                    "breakglass_justification",
                    "Why an image that the policy refuses runs all the same.",
                ),
            ],
            "Which policy of Binary Authorization decides whether the image may run.",
        ),
        text(
            "launch_stage",
            "The least stable launch stage that the job uses, as the API reports it.",
        ),
        computed(
            "labels",
            Type::string_map(),
            "All labels of the job, whoever set them.",
        ),
        computed(
            "annotations",
            Type::string_map(),
            "All annotations of the job, whoever set them.",
        ),
    ]
}

fn reported() -> Vec<Attribute> {
    vec![
        text("id", "Full name of the job: `projects/P/locations/L/jobs/N`."),
        text(
            "execution_url",
            "URL that starts an execution: send a `POST` with an access token and the body `{}`.",
        ),
        number(
            "max_gpu_hours",
            "The most GPU time that one execution can use, in hours: `task_count` × (`max_retries` + 1) × \
             `task_timeout`; 0 when the job has no GPU.",
        ),
        computed("effective_labels", Type::string_map(), "The same as `labels`."),
        text(
            "uid",
            "Identifier that Google gave the job; a job of the same name created later has another.",
        ),
        number(
            "generation",
            "How often the job's definition has changed, the creation included.",
        ),
        text("etag", "Google's fingerprint of this version of the job."),
        text("create_time", "When the job was created (RFC 3339, UTC)."),
        text("update_time", "When the job was last changed (RFC 3339, UTC)."),
        text("creator", "E-mail address of the account that created the job."),
        text(
            "last_modifier",
            "E-mail address of the account that last changed the job.",
        ),
        boolean("ready", "Whether the definition of the job is in effect."),
        object(
            "condition",
            vec![
                text(
                    "state",
                    "State, such as `CONDITION_SUCCEEDED` or `CONDITION_FAILED`.",
                ),
                text("reason", "Reason of a failure, such as `CONTAINER_MISSING`."),
                text("message", "Message of a failure."),
            ],
            "The job's `terminalCondition`, which `ready` follows from.",
        ),
        number("execution_count", "How many executions the job has had."),
        text(
            "latest_execution",
            "Name of the execution started last; null when there was none.",
        ),
    ]
}

fn container() -> Vec<Attribute> {
    vec![
        text("image", "Address of the container image."),
        computed(
            "command",
            Type::strings(),
            "Replaces the entrypoint of the image.",
        ),
        computed("args", Type::strings(), "Arguments of the entrypoint."),
        text("working_dir", "Directory that the entrypoint starts in."),
        list(
            "volume_mounts",
            vec![
                text("name", "Name of one of the `volumes`."),
                text(
                    "mount_path",
                    "Directory of the container that the volume is mounted at.",
                ),
                text(
                    "sub_path",
                    "Directory of the volume that is mounted; null for the whole volume.",
                ),
            ],
            "Where the `volumes` are mounted.",
        ),
    ]
}

fn job() -> Vec<Attribute> {
    vec![
        number("task_count", "Tasks of one execution, all of which must succeed."),
        number("parallelism", "Tasks that may run at the same time."),
        number("max_retries", "Further attempts of a task that failed."),
        text("task_timeout", "How long one attempt of a task may take."),
    ]
}

fn vpc_access() -> Vec<Attribute> {
    vec![
        text("connector", "Serverless VPC Access connector."),
        text(
            "network",
            "VPC network that tasks have an interface in (Direct VPC egress).",
        ),
        text("subnetwork", "Subnetwork that tasks get their addresses from."),
        computed("tags", Type::string_set(), "Network tags of the interface."),
        text("egress", "Traffic that goes into the VPC."),
    ]
}

fn volumes() -> Vec<Attribute> {
    let read_only = || boolean("read_only", "Whether tasks can only read it.");
    vec![
        text("name", "Name of the volume."),
        object(
            "gcs",
            vec![
                text("bucket", "Name of the bucket."),
                read_only(),
                computed(
                    "mount_options",
                    Type::strings(),
                    "Flags of Cloud Storage FUSE without their hyphens.",
                ),
            ],
            "A bucket of Cloud Storage.",
        ),
        object(
            "nfs",
            vec![
                text("server", "Address of the server."),
                text("path", "Directory that the server exports."),
                read_only(),
            ],
            "A directory of an NFS server.",
        ),
        object(
            "secret",
            vec![
                text("secret", "The secret."),
                text("default_mode", "Permissions of the files, as octal digits."),
                list(
                    "items",
                    vec![
                        text("path", "Name of the file."),
                        text("version", "Version of the secret."),
                        text("mode", "Permissions of the file, as octal digits."),
                    ],
                    "The versions, each as a file.",
                ),
            ],
            "Versions of a secret of Secret Manager, as files.",
        ),
        object(
            "empty_dir",
            vec![
                text("medium", "Where it is: in memory or on disk."),
                text("size_limit", "Its maximum size."),
            ],
            "Space for one task, empty when it starts and deleted when it ends.",
        ),
    ]
}

fn computed(name: &'static str, ty: Type, description: &str) -> Attribute {
    Attribute::new(name, ty, description).computed()
}

fn text(name: &'static str, description: &str) -> Attribute {
    computed(name, Type::String, description)
}

fn number(name: &'static str, description: &str) -> Attribute {
    computed(name, Type::Number, description)
}

fn boolean(name: &'static str, description: &str) -> Attribute {
    computed(name, Type::Bool, description)
}

fn object(name: &'static str, attributes: Vec<Attribute>, description: &str) -> Attribute {
    computed(name, Type::Object(attributes), description)
}

fn list(name: &'static str, attributes: Vec<Attribute>, description: &str) -> Attribute {
    computed(name, Type::Objects(attributes), description)
}
