//! Tasks: container, GPU, CPU and memory, number, timeout and secrets.

use super::one_of;
use crate::duration;
use crate::gpu::{self, DELAYED_EXECUTION, JOB_LIMITS};
use terraform_plugin::schema::{Attribute, Type};

pub(super) fn container() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "image",
            Type::String,
            "Container image with a tag or digest, such as `us-docker.pkg.dev/my-project/batch/render:1.4`.",
        )
        .required(),
        Attribute::new(
            "command",
            Type::strings(),
            "Entrypoint. Default: the entrypoint of the image, also for an empty list.",
        ),
        Attribute::new(
            "args",
            Type::strings(),
            "Arguments of the entrypoint, such as `[\"--quality\", \"high\"]`. Default: the arguments of the image, \
             also for an empty list.",
        ),
        Attribute::new(
            "working_dir",
            Type::String,
            "Working directory of the entrypoint, such as `/work`. Default: the working directory of the image.",
        ),
        Attribute::new(
            "volume_mounts",
            Type::ListNested(volume_mounts()),
            "Where `volumes` are mounted in the container.",
        ),
    ]
}

fn volume_mounts() -> Vec<Attribute> {
    vec![
        Attribute::new("name", Type::String, "Name of one of the `volumes`.").required(),
        Attribute::new(
            "mount_path",
            Type::String,
            "Directory of the container at which the volume is mounted, such as `/data`. It must not be in `/dev`, \
             `/proc` or `/sys`.",
        )
        .required(),
        Attribute::new(
            "sub_path",
            Type::String,
            "Directory of the volume to mount, such as `models`. Default: the whole volume.",
        ),
    ]
}

pub(super) fn gpu() -> Vec<Attribute> {
    let gpu = gpu::default();
    vec![
        Attribute::new(
            "enabled",
            Type::Bool,
            "Whether tasks have a GPU. It must be `true`. Default: `true`.",
        )
        .default(true),
        Attribute::new(
            "type",
            Type::String,
            format!(
                "Type of the GPU. It must be `{0}` ({1}, {2} GB). Default: `{0}`.",
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
                "vCPUs of each task: {}. `{1}000m` is equal to `{1}`. Default: `{1}`.",
                one_of(&cpus),
                cpus[0]
            ),
        )
        .default(cpus[0].as_str()),
        Attribute::new(
            "memory",
            Type::String,
            format!(
                "Memory of each task: {}. `{}Mi` is equal to `{2}`. Default: `{2}`.",
                one_of(&memory),
                gpu.memory_gib[0] * 1024,
                memory[0]
            ),
        )
        .default(memory[0].as_str()),
    ]
}

pub(super) fn job() -> Vec<Attribute> {
    let (limits, google) = (&JOB_LIMITS, &gpu::default().google);
    let timeout = duration::to_api(limits.default_task_timeout);
    let between = |range: &std::ops::RangeInclusive<i64>| format!("{} to {}", range.start(), range.end());
    vec![
        Attribute::new(
            "task_count",
            Type::Number,
            format!(
                "Number of tasks of an execution, {}. The execution succeeds when all tasks succeed. Default: `{}`.",
                between(&limits.task_count),
                limits.default_task_count
            ),
        )
        .default(limits.default_task_count),
        Attribute::new(
            "parallelism",
            Type::Number,
            format!(
                "Maximum number of tasks that run at the same time, {}. Default: `{}`.",
                between(&limits.parallelism),
                limits.default_parallelism
            ),
        )
        .default(limits.default_parallelism),
        Attribute::new(
            "max_retries",
            Type::Number,
            format!(
                "Maximum number of retries of a failed task, {}. Default: `{}`.",
                between(&limits.max_retries),
                limits.default_max_retries
            ),
        )
        .default(limits.default_max_retries),
        Attribute::new(
            "task_timeout",
            Type::String,
            format!(
                "Maximum duration of one attempt of a task, at most {}, such as `7200s`, `2h` or `1h30m`. With a GPU, Cloud \
                 Run is reported to accept up to {} in the `launch_stage` `GA`, and up to {} in others, which is a preview \
                 feature. Default: `{timeout}`.",
                duration::to_human(limits.task_timeout),
                duration::to_human(google.task_timeout),
                duration::to_human(google.preview_task_timeout)
            ),
        )
        .default(timeout.as_str()),
        Attribute::new(
            "delay_execution",
            Type::Bool,
            format!(
                "Whether executions start up to {} later, when Cloud Run has unused capacity, at a lower price of vCPUs and \
                 memory. All tasks of such an execution must end within {}. This is a preview feature: `launch_stage` must \
                 be `ALPHA` or `BETA`, and Google does not confirm it for jobs with a GPU. Default: executions start \
                 immediately.",
                duration::to_human(DELAYED_EXECUTION.max_delay),
                duration::to_human(DELAYED_EXECUTION.max_duration)
            ),
        ),
    ]
}

pub(super) fn secrets() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "env_var",
            Type::String,
            "Name of the environment variable, such as `API_KEY`. It must not be in `env`.",
        )
        .required(),
        Attribute::new(
            "secret_name",
            Type::String,
            "Name of the secret, such as `my-key`, or `projects/P/secrets/my-key` for a secret of another project.",
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
