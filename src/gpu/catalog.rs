//! The one table of GPU facts, each with its source and the date it was read there.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A GPU that a Cloud Run job can have.
#[derive(Debug)]
pub struct Gpu {
    /// The accelerator's name in the API and in a configuration.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its own memory, in GB.
    pub memory_gb: u32,
    /// The numbers of vCPUs that the contract offers with it; the first is the default.
    pub cpus: &'static [u64],
    /// The amounts of memory that the contract offers with it, in Gi; the first is the default.
    pub memory_gib: &'static [u64],
    /// The regions in which it can be had.
    pub regions: &'static [&'static str],
    /// What Google's service is said to take, where that is narrower than the contract.
    pub google: Google,
    /// Where the regions are listed.
    pub source: Source,
}

/// What Google's live service is said to take with a GPU.
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
    /// Where CPU and memory come from.
    pub resources_source: Source,
    /// Where the time limits come from.
    pub timeout_source: Source,
}

/// Whole numbers at equal distances.
#[derive(Debug)]
pub struct Steps {
    /// The first.
    pub min: u64,
    /// The last.
    pub max: u64,
    /// The distance.
    pub step: u64,
}

/// Where a fact was read, and when.
#[derive(Debug)]
pub struct Source {
    /// What it is.
    pub title: &'static str,
    /// Where it is.
    pub url: &'static str,
    /// Year and month of the reading.
    pub date: &'static str,
}

/// What the contract allows of every GPU job.
#[derive(Debug)]
pub struct JobLimits {
    /// Tasks in one execution.
    pub task_count: RangeInclusive<i64>,
    /// Tasks at the same time.
    pub parallelism: RangeInclusive<i64>,
    /// Further attempts of a failed task.
    pub max_retries: RangeInclusive<i64>,
    /// The longest a task may run.
    pub task_timeout: Duration,
    /// Tasks of a job that says nothing.
    pub default_task_count: i64,
    /// Tasks at the same time of a job that says nothing.
    pub default_parallelism: i64,
    /// Retries of a job that says nothing.
    pub default_max_retries: i64,
    /// How long a task of a job that says nothing may run.
    pub default_task_timeout: Duration,
    /// The launch stage that GPU jobs are sent with.
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

/// What the contract of the `cloudrun / gpu-job / 1.0` module allows.
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
