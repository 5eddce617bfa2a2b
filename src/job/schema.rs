//! The attributes of the resource. Descriptions are Markdown and become the documentation.

use std::sync::LazyLock;

use crate::duration;
use crate::gpu::{self, JOB_LIMITS};
use crate::quantity::{Cpu, Memory};
use crate::schema::{Attribute, Schema, Type};
use crate::value::Value;

/// The schema; it is the same for the whole life of the process.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "A [Cloud Run job](https://cloud.google.com/run/docs/create-jobs) whose tasks each get a \
        GPU and run to completion. Everything that can be known about a mistake is told at plan time."
        .to_owned(),
    attributes: [settings(), placement(), computed()].concat(),
});

/// How long an operation may take when the configuration does not say.
pub const DEFAULT_TIMEOUT: &str = "20m";
/// The default way of traffic with a VPC connector, and the other one.
pub const EGRESS: [(&str, &str); 2] = [
    ("private-ranges-only", "PRIVATE_RANGES_ONLY"),
    ("all-traffic", "ALL_TRAFFIC"),
];
/// The launch stages that the service takes.
pub const LAUNCH_STAGES: [&str; 3] = ["ALPHA", "BETA", "GA"];

fn settings() -> Vec<Attribute> {
    vec![
        Attribute::new("container", Type::Object(container()), "What runs in each task.").required(),
        Attribute::new("gpu", Type::Object(gpu()), "The GPU of each task: one, of the default type when this is left out.").default(empty()),
        Attribute::new("resources", Type::Object(resources()), "CPU and memory of each task; what is left out has its default.").default(empty()),
        Attribute::new("job", Type::Object(job()), "How an execution runs its tasks: how many, how many at a time, how often again, how long.").default(empty()),
        Attribute::new(
            "secrets",
            Type::Objects(secrets()),
            "Environment variables whose values come from Secret Manager when a task starts. The job's service account \
             needs `roles/secretmanager.secretAccessor` on each. The state holds references only, never a value.",
        ),
        Attribute::new(
            "env",
            Type::string_map(),
            "Environment variables in clear text, by name. `PORT`, and names that begin with `CLOUD_RUN_` or `X_GOOGLE_`, \
             are Cloud Run's own. Use `secrets` for what nobody should read.",
        ),
        Attribute::new(
            "vpc_access",
            Type::Object(vpc_access()),
            "How tasks reach a VPC. Left out, or without a `connector`, they do not.",
        ),
        Attribute::new(
            "service_account",
            Type::String,
            "E-mail address of the service account that tasks run as, such as \
             `runner@my-project.iam.gserviceaccount.com`. Whoever applies needs `roles/iam.serviceAccountUser` on it. \
             Default: the compute default account of the project.",
        )
        .or_computed(),
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
            Type::Object(timeouts()),
            "How long each operation may take, as durations such as `30m`.",
        ),
    ]
}

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
        .or_computed()
        .replacing(),
        Attribute::new(
            "facets",
            Type::Object(facets()),
            "What the Facets platform knows; gives the job its name, when `name` is left out, and its labels.",
        ),
        Attribute::new(
            "project",
            Type::String,
            "Id of the Google Cloud project, such as `my-project`. Default: the provider's `project`. Another project means another job.",
        )
        .or_computed()
        .replacing(),
        Attribute::new(
            "location",
            Type::String,
            format!(
                "Region of the job, one that offers the GPU: {regions}. Default: the provider's `region`. \
                 Another region means another job."
            ),
        )
        .or_computed()
        .replacing(),
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
             token needs `run.jobs.run`, which `roles/run.invoker` holds.",
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
        number("execution_count", "How many executions the job has had."),
        text(
            "latest_execution",
            "Name of the execution started last; null when there was none.",
        ),
    ]
}

fn container() -> Vec<Attribute> {
    vec![
        Attribute::new("image", Type::String, "Address of the container image, by tag or digest, such as `us-docker.pkg.dev/my-project/batch/render:1.4`.").required(),
        Attribute::new(
            "command",
            Type::strings(),
            "Replaces the entrypoint of the image. Left out or empty, the image's own is kept.",
        ),
        Attribute::new("args", Type::strings(), "Arguments of the entrypoint, such as `[\"--quality\", \"high\"]`. Left out or empty, the image's own are kept."),
    ]
}

fn gpu() -> Vec<Attribute> {
    let gpu = gpu::default();
    vec![
        Attribute::new(
            "enabled",
            Type::Bool,
            "Whether tasks get a GPU. `false` is refused: a job without one is not this resource's. \
             Default: `true`.",
        )
        .default(true),
        Attribute::new(
            "type",
            Type::String,
            format!(
                "Kind of GPU; `{0}` ({1}, {2} GB) is the only one for jobs. Default: `{0}`.",
                gpu.name, gpu.title, gpu.memory_gb
            ),
        )
        .default(gpu.name),
    ]
}

fn resources() -> Vec<Attribute> {
    let gpu = gpu::default();
    let cpus: Vec<String> = gpu
        .cpus
        .iter()
        .map(|count| Cpu::whole(*count).to_string())
        .collect();
    let memory: Vec<String> = gpu
        .memory_gib
        .iter()
        .map(|gib| Memory::gib(*gib).to_string())
        .collect();
    vec![
        Attribute::new(
            "cpu",
            Type::String,
            format!(
                "vCPUs of each task: {}. `{1}000m` means the same as `{1}`. Default: `{1}`.",
                one_of(&cpus),
                cpus[0]
            ),
        )
        .default(cpus[0].as_str()),
        Attribute::new(
            "memory",
            Type::String,
            format!(
                "Memory of each task: {}. `{}Mi` means the same as `{2}`. Default: `{2}`.",
                one_of(&memory),
                gpu.memory_gib[0] * 1024,
                memory[0]
            ),
        )
        .default(memory[0].as_str()),
    ]
}

fn job() -> Vec<Attribute> {
    let limits = &JOB_LIMITS;
    let timeout = duration::to_api(limits.default_task_timeout);
    let between = |range: &std::ops::RangeInclusive<i64>| format!("{} to {}", range.start(), range.end());
    vec![
        Attribute::new(
            "task_count",
            Type::Number,
            format!(
                "Tasks of one execution, all of which must succeed: {}. Default: `{}`.",
                between(&limits.task_count),
                limits.default_task_count
            ),
        )
        .default(limits.default_task_count),
        Attribute::new(
            "parallelism",
            Type::Number,
            format!(
                "Tasks that may run at the same time: {}. Default: `{}`.",
                between(&limits.parallelism),
                limits.default_parallelism
            ),
        )
        .default(limits.default_parallelism),
        Attribute::new(
            "max_retries",
            Type::Number,
            format!(
                "Further attempts of a task that failed: {}. Default: `{}`.",
                between(&limits.max_retries),
                limits.default_max_retries
            ),
        )
        .default(limits.default_max_retries),
        Attribute::new(
            "task_timeout",
            Type::String,
            format!(
                "How long one attempt of a task may take, up to {}: `7200s`, `2h` or `1h30m`. Default: `{timeout}`.",
                duration::to_words(limits.task_timeout)
            ),
        )
        .default(timeout.as_str()),
    ]
}

fn secrets() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "env_var",
            Type::String,
            "Name of the environment variable, such as `API_KEY`; not one that is in `env` too.",
        )
        .required(),
        Attribute::new(
            "secret_name",
            Type::String,
            "The secret: `my-key`, or `projects/P/secrets/my-key` for one of another project.",
        )
        .required(),
        Attribute::new(
            "version",
            Type::String,
            "Version of the secret: a number, an alias, or `latest`. Default: `latest`.",
        )
        .default("latest"),
    ]
}

fn vpc_access() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "connector",
            Type::String,
            "Serverless VPC Access connector: its name, completed with the job's project and location, or \
             `projects/P/locations/L/connectors/C`.",
        ),
        Attribute::new(
            "egress",
            Type::String,
            format!(
                "Traffic that goes through the connector: {}. Default: `{}`.",
                one_of(&EGRESS.map(|(name, _)| name)),
                EGRESS[0].0
            ),
        )
        .default(EGRESS[0].0),
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
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
