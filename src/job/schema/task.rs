//! Tasks: container, GPU, CPU and memory, number, timeout and secrets.

use super::one_of;
use crate::duration;
use crate::gpu::{self, JOB_LIMITS};
use terraform_plugin::schema::{Attribute, Type};

pub(super) fn container() -> Vec<Attribute> {
    vec![
        Attribute::new("image", Type::String, "Address of the container image, by tag or digest, such as `us-docker.pkg.dev/my-project/batch/render:1.4`.").required(),
        Attribute::new(
            "command",
            Type::strings(),
            "Replaces the entrypoint of the image. Left out or empty, the image's own is kept.",
        ),
        Attribute::new("args", Type::strings(), "Arguments of the entrypoint, such as `[\"--quality\", \"high\"]`. Left out or empty, the image's own are kept."),
        Attribute::new(
            "working_dir",
            Type::String,
            "Directory that the entrypoint starts in, such as `/work`. Left out, the image's own is kept.",
        ),
        Attribute::new(
            "volume_mounts",
            Type::ListNested(volume_mounts()),
            "Where the job's `volumes` are seen inside the container.",
        ),
    ]
}

fn volume_mounts() -> Vec<Attribute> {
    vec![
        Attribute::new("name", Type::String, "Name of one of the `volumes`.").required(),
        Attribute::new(
            "mount_path",
            Type::String,
            "Directory of the container that the volume is seen at, such as `/data`; none below `/dev`, `/proc` or `/sys`.",
        )
        .required(),
        Attribute::new(
            "sub_path",
            Type::String,
            "Directory of the volume that is seen there, such as `models`. Left out, the whole volume is.",
        ),
    ]
}

pub(super) fn gpu() -> Vec<Attribute> {
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

pub(super) fn resources() -> Vec<Attribute> {
    let gpu = gpu::default();
    let (cpus, memory) = (gpu.cpu_choices(), gpu.memory_choices());
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

pub(super) fn job() -> Vec<Attribute> {
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
                duration::to_human(limits.task_timeout)
            ),
        )
        .default(timeout.as_str()),
    ]
}

pub(super) fn secrets() -> Vec<Attribute> {
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
