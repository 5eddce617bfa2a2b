//! The attributes of the resource. Descriptions are Markdown and become the documentation.

mod network;
mod task;
mod volumes;

use std::sync::LazyLock;

use crate::gpu::{self, JOB_LIMITS};
use terraform_plugin::diagnostic::alternatives;
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::Value;

/// The schema.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema {
    version: 0,
    description: "A [Cloud Run job](https://cloud.google.com/run/docs/create-jobs) whose tasks run to completion \
        with one GPU each. The provider validates the configuration at plan time. An update changes only what the \
        configuration changes: containers, volumes and settings of the job that this resource has no attributes for \
        are preserved."
        .to_owned(),
    attributes: [placement(), settings(), computed()].concat(),
}
});

/// The default of `timeouts`.
pub const DEFAULT_TIMEOUT: &str = "20m";
/// Values of `egress` and those of the API; the first is the default.
pub const EGRESS: [(&str, &str); 2] = [
    ("private-ranges-only", "PRIVATE_RANGES_ONLY"),
    ("all-traffic", "ALL_TRAFFIC"),
];
/// Values of `medium` and those of the API; the first is the default.
pub const MEDIUMS: [(&str, &str); 2] = [("memory", "MEMORY"), ("disk", "DISK")];
/// The launch stages that the API accepts.
pub const LAUNCH_STAGES: [&str; 3] = ["ALPHA", "BETA", "GA"];

fn placement() -> Vec<Attribute> {
    let gpu = gpu::default();
    let regions = one_of(gpu.regions);
    let invited = one_of(gpu.regions_by_invitation);
    vec![
        Attribute::new(
            "name",
            Type::String,
            "Name of the job: 1 to 63 lowercase letters, digits or hyphens, starting with a letter and not ending \
             with a hyphen. Default: a name derived from `facets`, which is kept until `facets.environment` or \
             `facets.instance_name` changes; an imported job keeps its name. Changing this creates a new job.",
        )
        .optional_computed()
        .requires_replace(),
        Attribute::new(
            "facets",
            Type::SingleNested(facets()),
            "Values of the Facets platform, from which the provider derives labels of the job, and its name if \
             `name` is omitted.",
        ),
        Attribute::new(
            "project",
            Type::String,
            "ID of the Google Cloud project, such as `my-project`. Default: the provider's `project`; while that is \
             unknown, an existing job keeps its project. Changing this creates a new job.",
        )
        .optional_computed()
        .requires_replace(),
        Attribute::new(
            "location",
            Type::String,
            format!(
                "Region of the job. It must offer the GPU: {regions}. Google offers {invited} by invitation only. \
                 Default: the provider's `region`; while that is unknown, an existing job keeps its region. Changing \
                 this creates a new job."
            ),
        )
        .optional_computed()
        .requires_replace(),
    ]
}

fn settings() -> Vec<Attribute> {
    vec![
        Attribute::new("container", Type::SingleNested(task::container()), "The container that each task \
            runs.").required(),
        Attribute::new("gpu", Type::SingleNested(task::gpu()), "The GPU of each task. Default: one GPU of the \
            default type.").default(empty()),
        Attribute::new("resources", Type::SingleNested(task::resources()), "CPU and memory of each \
            task.").default(empty()),
        Attribute::new("job", Type::SingleNested(task::job()), "How an execution runs: number of tasks, \
            parallelism, retries, timeout and delay.").default(empty()),
        Attribute::new(
            "secrets",
            Type::ListNested(task::secrets()),
            "Environment variables whose values Cloud Run reads from Secret Manager when a task starts. The job's \
             service account must have `roles/secretmanager.secretAccessor` on each secret. The state contains \
             references only, never a value.",
        ),
        Attribute::new(
            "env",
            Type::string_map(),
            "Environment variables in plain text, by name. Cloud Run reserves `PORT` and names that start with \
             `CLOUD_RUN_` or `X_GOOGLE_`. Use `secrets` for sensitive values.",
        ),
        Attribute::new(
            "vpc_access",
            Type::SingleNested(network::vpc_access()),
            "VPC access of the tasks: through a `connector`, or through a network interface in a `network` or \
             `subnetwork`. Without any of the three, tasks have no access to a VPC.",
        ),
        Attribute::new(
            "volumes",
            Type::ListNested(volumes::volumes()),
            "Volumes of the tasks. Each has a name and exactly one source, and is mounted by \
             `container.volume_mounts`.",
        ),
        Attribute::new(
            "service_account",
            Type::String,
            "Email address of the service account that tasks run as, such as \
             `runner@my-project.iam.gserviceaccount.com`. The account that runs Terraform must have \
             `roles/iam.serviceAccountUser` on it. Default: the Compute Engine default service account of the \
             project.",
        )
        .optional_computed(),
        Attribute::new(
            "encryption_key",
            Type::String,
            "Cloud KMS key that encrypts the job's image and disk, in the job's region: \
             `projects/P/locations/L/keyRings/R/cryptoKeys/K`. The Cloud Run service agent must have \
             `roles/cloudkms.cryptoKeyEncrypterDecrypter` on it. Default: a Google-managed key.",
        ),
        Attribute::new(
            "binary_authorization",
            Type::SingleNested(binary_authorization()),
            "Binary Authorization policy that decides whether the image may run. Default: no policy.",
        ),
        Attribute::new(
            "launch_stage",
            Type::String,
            format!(
                "Launch stage of the features that the job may use: {}. The API may report a different launch stage \
                 than configured; this is not treated as drift. Default: `{}`.",
                one_of(&LAUNCH_STAGES),
                JOB_LIMITS.launch_stage
            ),
        )
        .default(JOB_LIMITS.launch_stage),
        Attribute::new(
            "labels",
            Type::string_map(),
            "Labels of the job. Keys and values must be at most 63 lowercase letters, digits, `_` and `-`; a key \
             must start with a letter. Labels set outside of Terraform are preserved. See `effective_labels` for \
             all labels that this resource sets.",
        ),
        Attribute::new(
            "annotations",
            Type::string_map(),
            "Annotations of the job, with keys such as `acme.example/runbook`. Annotations set outside of Terraform \
             are preserved.",
        ),
        Attribute::new(
            "deletion_protection",
            Type::Bool,
            "Whether a plan that destroys or replaces the job is an error. Default: `false`.",
        )
        .default(false),
        Attribute::new(
            "timeouts",
            Type::SingleNested(timeouts()),
            "Timeouts of operations, as durations such as `30m`.",
        ),
    ]
}

fn computed() -> Vec<Attribute> {
    let text = |name, description: &str| Attribute::new(name, Type::String, description).computed();
    let number = |name, description: &str| Attribute::new(name, Type::Number, description).computed();
    vec![
        text("id", "Full name of the job: `projects/P/locations/L/jobs/N`."),
        text(
            "execution_url",
            "URL that starts an execution: send a `POST` with an access token and the body `{}`. The account of the \
             token must have the permission `run.jobs.run`, which `roles/run.invoker` contains. The URL uses the \
             provider's `cloud_run_endpoint` if that is an endpoint of Google, such as a regional one, and \
             `https://run.googleapis.com` otherwise.",
        ),
        number(
            "max_gpu_hours",
            "Maximum GPU time that one execution can use, in hours: `task_count` × (`max_retries` + 1) × \
             `task_timeout`. Known at plan time.",
        ),
        Attribute::new(
            "effective_labels",
            Type::string_map(),
            "All labels that this resource sets: the provider's `default_labels`, labels derived from `facets`, and \
             `labels`. Later sources override earlier ones.",
        )
        .computed(),
        text(
            "uid",
            "Unique ID that Cloud Run assigned to the job. A job created later with the same name has another.",
        ),
        number(
            "generation",
            "Number that Cloud Run increments with each change of the job's definition.",
        ),
        text(
            "etag",
            "Fingerprint of this version of the job, which Cloud Run uses to detect concurrent updates.",
        ),
        text("create_time", "Time of creation (RFC 3339, UTC)."),
        text("update_time", "Time of the last change (RFC 3339, UTC)."),
        text("creator", "Email address of the account that created the job."),
        text("last_modifier", "Email address of the account that last changed the job."),
        Attribute::new(
            "ready",
            Type::Bool,
            "Whether the job's definition is in effect. It is `false` while Cloud Run reconciles the job and after \
             a failed reconciliation; the next apply then sends the definition again. A failed execution does not \
             change it.",
        )
        .computed(),
        Attribute::new(
            "condition",
            Type::SingleNested(condition()),
            "The job's `terminalCondition`, from which `ready` is derived.",
        )
        .computed(),
        number("execution_count", "Number of executions of the job."),
        text(
            "latest_execution",
            "Name of the most recent execution. Null if the job has never been executed.",
        ),
    ]
}

fn condition() -> Vec<Attribute> {
    [
        (
            "state",
            "State, such as `CONDITION_SUCCEEDED` or `CONDITION_FAILED`.",
        ),
        ("reason", "Reason of a failure, such as `CONTAINER_MISSING`."),
        ("message", "Message of a failure."),
    ]
    .map(|(name, description)| Attribute::new(name, Type::String, description).computed())
    .into()
}

fn binary_authorization() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "use_default",
            Type::Bool,
            "Whether to use the default policy of the project. Conflicts with `policy`.",
        ),
        Attribute::new(
            "policy",
            Type::String,
            "Cloud Run policy: `projects/P/platforms/cloudRun/policies/N`. Conflicts with `use_default`.",
        ),
        Attribute::new(
            "breakglass_justification",
            Type::String,
            "Justification for running an image that the policy rejects. Google Cloud records it in the audit log.",
        ),
    ]
}

fn facets() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "instance_name",
            Type::String,
            "Name of the resource in the blueprint, a part of the derived name.",
        )
        .required(),
        Attribute::new(
            "environment",
            Type::String,
            "Unique name of the environment, a part of the derived name.",
        )
        .required(),
        Attribute::new(
            "cloud_tags",
            Type::string_map(),
            "Tags of the environment. Each becomes a label of the job, with characters that labels must not contain \
             replaced.",
        ),
    ]
}

fn timeouts() -> Vec<Attribute> {
    ["create", "update", "delete"]
        .map(|name| {
            Attribute::new(
                name,
                Type::String,
                format!("Time to {name} the job. Default: `{DEFAULT_TIMEOUT}`."),
            )
        })
        .into()
}

fn empty() -> Value {
    Value::Map(std::collections::BTreeMap::new())
}

fn one_of<T: AsRef<str>>(choices: &[T]) -> String {
    let quoted: Vec<String> = choices
        .iter()
        .map(|choice| format!("`{}`", choice.as_ref()))
        .collect();
    alternatives(&quoted)
}
