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
    description: "A [Cloud Run job](https://cloud.google.com/run/docs/create-jobs) whose tasks each get a \
        GPU and run to completion. Mistakes are reported at plan time as far as they can be known. An update changes what \
        the configuration changes: other containers, volumes and settings that this resource does not have stay on the job."
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
    let regions = one_of(gpu::default().regions);
    vec![
        Attribute::new(
            "name",
            Type::String,
            "Id of the job: 1 to 63 lower-case letters, digits and hyphens, a letter first, no hyphen last. \
             Left out, it is made from `facets`, and stays until `environment` or `instance_name` there change; \
             an imported job keeps its own. Another name means another job.",
        )
        .optional_computed()
        .requires_replace(),
        Attribute::new(
            "facets",
            Type::SingleNested(facets()),
            "What the Facets platform knows; gives the job its name, when `name` is left out, and its labels.",
        ),
        Attribute::new(
            "project",
            Type::String,
            "Id of the Google Cloud project, such as `my-project`. Default: the provider's `project`; while that is not \
             known, a job keeps its own. Another project means another job.",
        )
        .optional_computed()
        .requires_replace(),
        Attribute::new(
            "location",
            Type::String,
            format!(
                "Region of the job, one that offers the GPU: {regions}. Default: the provider's `region`; while \
                 that is not known, a job keeps its own. Another region means another job."
            ),
        )
        .optional_computed()
        .requires_replace(),
    ]
}

fn settings() -> Vec<Attribute> {
    vec![
        Attribute::new("container", Type::SingleNested(task::container()), "What runs in each task.").required(),
        Attribute::new("gpu", Type::SingleNested(task::gpu()), "The GPU of each task: one, of the default type when this is left out.").default(empty()),
        Attribute::new("resources", Type::SingleNested(task::resources()), "CPU and memory of each task; what is left out has its default.").default(empty()),
        Attribute::new("job", Type::SingleNested(task::job()), "How an execution runs its tasks: how many, how many at a time, how often again, how long.").default(empty()),
        Attribute::new(
            "secrets",
            Type::ListNested(task::secrets()),
            "Environment variables whose values come from Secret Manager when a task starts. The job's service account \
             needs `roles/secretmanager.secretAccessor` on each. The state holds references only, never a value.",
        ),
        Attribute::new(
            "env",
            Type::string_map(),
            "Environment variables in clear text, by name. `PORT`, and names that begin with `CLOUD_RUN_` or `X_GOOGLE_`, \
             are Cloud Run's own. Use `secrets` for confidential values.",
        ),
        Attribute::new(
            "vpc_access",
            Type::SingleNested(network::vpc_access()),
            "How tasks reach a VPC: by a `connector`, or by an interface of their own in a `network`. Left out, or without \
             any of them, they do not.",
        ),
        Attribute::new(
            "volumes",
            Type::ListNested(volumes::volumes()),
            "Where tasks have data from, and put it: each volume has a name and one source. \
             `container.volume_mounts` says where it is seen.",
        ),
        Attribute::new(
            "service_account",
            Type::String,
            "E-mail address of the service account that tasks run as, such as \
             `runner@my-project.iam.gserviceaccount.com`. Whoever applies needs `roles/iam.serviceAccountUser` on it. \
             Default: the compute default account of the project.",
        )
        .optional_computed(),
        Attribute::new(
            "encryption_key",
            Type::String,
            "Key of Cloud KMS that the job's image and what it keeps on disk are encrypted with, one of the job's region: \
             `projects/P/locations/L/keyRings/R/cryptoKeys/K`. The service agent of Cloud Run needs \
             `roles/cloudkms.cryptoKeyEncrypterDecrypter` on it. Left out, Google's own keys are used.",
        ),
        Attribute::new(
            "binary_authorization",
            Type::SingleNested(binary_authorization()),
            "Which policy of Binary Authorization decides whether the image may run. Left out, none does.",
        ),
        Attribute::new(
            "launch_stage",
            Type::String,
            format!(
                "Launch stage that the job is sent with: {}. Google answers with the least stable stage \
                 really in use, so a lower answer is no drift. Default: `{}`.",
                one_of(&LAUNCH_STAGES),
                JOB_LIMITS.launch_stage
            ),
        )
        .default(JOB_LIMITS.launch_stage),
        Attribute::new(
            "labels",
            Type::string_map(),
            "Labels of the job: keys and values of at most 63 lower-case letters, digits, `_` and `-`, a key with a letter \
             first. Labels that others put on it stay. See `effective_labels` for all that this resource sets.",
        ),
        Attribute::new(
            "annotations",
            Type::string_map(),
            "Annotations of the job, under keys of your own such as `acme.example/runbook`. Annotations that others put on \
             it stay.",
        ),
        Attribute::new(
            "deletion_protection",
            Type::Bool,
            "Whether destroying or replacing the job is refused at plan time. Default: `false`.",
        )
        .default(false),
        Attribute::new(
            "timeouts",
            Type::SingleNested(timeouts()),
            "How long each operation may take, as durations such as `30m`.",
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
            "Address that starts an execution: send a `POST` with an access token and the body `{}`. The account of the \
             token needs `run.jobs.run`, which `roles/run.invoker` holds. It is at the provider's `cloud_run_endpoint` where \
             that is an endpoint of Google's, such as a regional one, and at `https://run.googleapis.com` otherwise.",
        ),
        number(
            "max_gpu_hours",
            "The most GPU time that one execution can use, in hours and known at plan: `task_count` × (`max_retries` + 1) × \
             `task_timeout`.",
        ),
        Attribute::new(
            "effective_labels",
            Type::string_map(),
            "All labels that this resource sets: the provider's `default_labels`, those from `facets`, and \
             `labels`, later ones winning.",
        )
        .computed(),
        text(
            "uid",
            "Identifier that Google gave the job; a job of the same name made later has another.",
        ),
        number(
            "generation",
            "How often the job's definition has changed, the creation included.",
        ),
        text(
            "etag",
            "Google's fingerprint of this version of the job; guards updates against each other.",
        ),
        text("create_time", "When the job was made (RFC 3339, UTC)."),
        text("update_time", "When the job was last changed (RFC 3339, UTC)."),
        text("creator", "E-mail address of the account that made the job."),
        text("last_modifier", "E-mail address of the account that last changed the job."),
        Attribute::new(
            "ready",
            Type::Bool,
            "Whether the definition of the job is in effect. It is `false` while Cloud Run reconciles it, and when that \
             failed; then the next apply sends it again. An execution that failed does not change it.",
        )
        .computed(),
        Attribute::new(
            "condition",
            Type::SingleNested(condition()),
            "The job's `terminalCondition`: what `ready` follows from.",
        )
        .computed(),
        number("execution_count", "How many executions the job has had."),
        text(
            "latest_execution",
            "Name of the execution started last; null when there was none.",
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
            "Whether the policy of the project decides. Not together with `policy`.",
        ),
        Attribute::new(
            "policy",
            Type::String,
            "A policy for Cloud Run that decides instead: `projects/P/platforms/cloudRun/policies/N`.",
        ),
        Attribute::new(
            "breakglass_justification",
            Type::String,
            "Why an image that the policy refuses runs all the same; it is logged by Google.",
        ),
    ]
}

fn facets() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "instance_name",
            Type::String,
            "Name of the resource in the blueprint; part of the job's name.",
        )
        .required(),
        Attribute::new(
            "environment",
            Type::String,
            "Name of the environment, unique across projects; part of the job's name.",
        )
        .required(),
        Attribute::new(
            "cloud_tags",
            Type::string_map(),
            "Tags of the environment; each becomes a label of the job, changed as far as Google's rules demand.",
        ),
    ]
}

fn timeouts() -> Vec<Attribute> {
    ["create", "update", "delete"]
        .map(|name| {
            Attribute::new(
                name,
                Type::String,
                format!("Time to {name} the job, such as `30m`. Default: `{DEFAULT_TIMEOUT}`."),
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
