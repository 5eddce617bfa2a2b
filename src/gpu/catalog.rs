//! The table of GPU facts, with their sources and dates.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A GPU that a Cloud Run job can have.
#[derive(Debug)]
pub struct Gpu {
    /// The accelerator in the API and in a configuration.
    pub name: &'static str,
    /// The product name.
    pub title: &'static str,
    /// GPU memory in GB.
    pub memory_gb: u32,
    /// The numbers of vCPUs that the contract allows; the first is the default.
    pub cpus: &'static [u64],
    /// The amounts of memory that the contract allows, in Gi; the first is the default.
    pub memory_gib: &'static [u64],
    /// The regions with this GPU.
    pub regions: &'static [&'static str],
    /// Reported limits of Cloud Run, where they are narrower than the contract.
    pub google: Google,
    /// The source of the regions.
    pub source: Source,
}

/// Reported limits of Cloud Run with a GPU.
#[derive(Debug)]
pub struct Google {
    /// The numbers of vCPUs.
    pub cpus: Steps,
    /// The most memory for each vCPU, in Gi.
    pub memory_gib_per_cpu: u64,
    /// The longest a task may run.
    pub task_timeout: Duration,
    /// The longest a task may run in the preview that some projects are in.
    pub preview_task_timeout: Duration,
    /// The source of the limits of CPU and memory.
    pub resources_source: Source,
    /// The source of the limits of time.
    pub timeout_source: Source,
}

/// Integers at equal distances.
#[derive(Debug)]
pub struct Steps {
    /// The first.
    pub min: u64,
    /// The last.
    pub max: u64,
    /// The distance.
    pub step: u64,
}

/// The source of a fact.
#[derive(Debug)]
pub struct Source {
    /// Its title.
    pub title: &'static str,
    /// Its address.
    pub url: &'static str,
    /// Year and month in which it was read.
    pub date: &'static str,
}

/// Limits and defaults of every GPU job.
#[derive(Debug)]
pub struct JobLimits {
    /// Tasks in one execution.
    pub task_count: RangeInclusive<i64>,
    /// Tasks that run at the same time.
    pub parallelism: RangeInclusive<i64>,
    /// Further attempts of a failed task.
    pub max_retries: RangeInclusive<i64>,
    /// The longest a task may run.
    pub task_timeout: Duration,
    /// The default of `task_count`.
    pub default_task_count: i64,
    /// The default of `parallelism`.
    pub default_parallelism: i64,
    /// The default of `max_retries`.
    pub default_max_retries: i64,
    /// The default of `task_timeout`.
    pub default_task_timeout: Duration,
    /// The default of `launch_stage`.
    pub launch_stage: &'static str,
}

/// The GPUs that jobs can have; the first is the default.
pub const CATALOG: &[Gpu] = &[Gpu {
    name: "nvidia-rtx-pro-6000",
    title: "NVIDIA RTX Pro 6000",
    memory_gb: 96,
    cpus: &[20, 24, 32],
    memory_gib: &[80, 96, 128],
    regions: &["us-central1", "europe-west4", "asia-south2", "asia-southeast1"],
    google: Google {
        cpus: Steps {
            min: 20,
            max: 30,
            step: 2,
        },
        memory_gib_per_cpu: 4,
        task_timeout: Duration::from_secs(HOUR),
        preview_task_timeout: Duration::from_secs(12 * HOUR),
        resources_source: Source {
            title: "a public conformance test against the live Cloud Run API (rules_cloudrun)",
            url: "https://github.com/justinswe/rules_cloudrun/blob/7bec8074/internal/manifest/conformance_test.go",
            date: "2026-10",
        },
        timeout_source: Source {
            title: "Google's page on the task timeout of jobs",
            url: "https://docs.cloud.google.com/run/docs/configuring/task-timeout",
            date: "2026-10",
        },
    },
    source: Source {
        title: "Google's page on GPUs for jobs",
        url: "https://docs.cloud.google.com/run/docs/configuring/jobs/gpu",
        date: "2026-10",
    },
}];

/// The contract of the module `cloudrun / gpu-job / 1.0`.
pub const JOB_LIMITS: JobLimits = JobLimits {
    task_count: 1..=100,
    parallelism: 1..=100,
    max_retries: 0..=10,
    task_timeout: Duration::from_secs(168 * HOUR),
    default_task_count: 1,
    default_parallelism: 1,
    default_max_retries: 3,
    default_task_timeout: Duration::from_secs(HOUR),
    launch_stage: "ALPHA",
};

const HOUR: u64 = 3600;
