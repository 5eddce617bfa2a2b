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
    /// Those of the regions that are available by invitation only.
    pub regions_by_invitation: &'static [&'static str],
    /// Reported limits of Cloud Run, where they are narrower than the contract.
    pub google: Google,
    /// The source of the regions.
    pub source: Source,
    /// Since when the GPU is generally available for jobs.
    pub generally_available: &'static str,
    /// The source of the availability.
    pub availability_source: Source,
    /// The quota of the GPU.
    pub quota: Quota,
    /// The prices of a job with the GPU.
    pub prices: Prices,
}

/// Reported limits of Cloud Run with a GPU.
#[derive(Debug)]
pub struct Google {
    /// The numbers of vCPUs.
    pub cpus: Steps,
    /// The most memory for each vCPU, in Gi.
    pub memory_gib_per_cpu: u64,
    /// The longest a task may run in the launch stage GA.
    pub task_timeout: Duration,
    /// The longest a task may run in the launch stages ALPHA and BETA: a public preview.
    pub preview_task_timeout: Duration,
    /// The source of the limits of CPU and memory.
    pub resources_source: Source,
    /// The source of the longest timeout.
    pub timeout_source: Source,
    /// The source of the limit in the launch stage GA.
    pub ga_timeout_source: Source,
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

/// A quota, for each project and region.
#[derive(Debug)]
pub struct Quota {
    /// Its name.
    pub name: &'static str,
    /// What one GPU counts on the quota page and in requests. Error messages count whole GPUs.
    pub units_per_gpu: u32,
    /// Its source.
    pub source: Source,
}

/// Prices in billionths of a US dollar for each second.
#[derive(Debug)]
pub struct Prices {
    /// Their region.
    pub region: &'static str,
    /// Of the GPU, without zonal redundancy.
    pub gpu: u64,
    /// Of a vCPU.
    pub cpu: u64,
    /// Of a GiB of memory.
    pub memory_gib: u64,
    /// Their source.
    pub source: Source,
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

/// Limits of delayed executions, a public preview. Google does not state whether it includes jobs with a GPU.
#[derive(Debug)]
pub struct DelayedExecution {
    /// The latest start.
    pub max_delay: Duration,
    /// The longest a task, and all tasks together, may run.
    pub max_duration: Duration,
    /// Their source.
    pub source: Source,
}

/// Limits of volumes on disk.
#[derive(Debug)]
pub struct DiskVolume {
    /// The least size, in Gi.
    pub min_gib: u64,
    /// The size of a volume without a limit, in GB.
    pub default_gb: u64,
    /// Since when such volumes are generally available.
    pub generally_available: &'static str,
    /// The source of the availability.
    pub availability_source: Source,
    /// The source of the sizes.
    pub source: Source,
}

/// The bandwidth to Cloud Storage.
#[derive(Debug)]
pub struct CloudStorage {
    /// Megabits per second that users report without Direct VPC.
    pub mbps_without_direct_vpc: u32,
    /// When the reports were read.
    pub date: &'static str,
    /// What Google recommends.
    pub source: Source,
}

/// The GPUs that jobs can have; the first is the default.
pub const CATALOG: &[Gpu] = &[Gpu {
    name: "nvidia-rtx-pro-6000",
    title: "NVIDIA RTX Pro 6000",
    memory_gb: 96,
    cpus: &[20, 24, 32],
    memory_gib: &[80, 96, 128],
    regions: &["us-central1", "europe-west4", "asia-south2", "asia-southeast1"],
    regions_by_invitation: &["asia-south2"],
    google: Google {
        cpus: Steps {
            min: 20,
            max: 30,
            step: 2,
        },
        memory_gib_per_cpu: 4,
        task_timeout: Duration::from_secs(HOUR),
        preview_task_timeout: Duration::from_secs(12 * HOUR),
        resources_source: CONFORMANCE_TEST,
        timeout_source: Source {
            title: "Google's page on the task timeout of jobs",
            url: "https://docs.cloud.google.com/run/docs/configuring/task-timeout",
            date: "2026-11",
        },
        // Tested with another GPU.
        ga_timeout_source: CONFORMANCE_TEST,
    },
    source: Source {
        title: "Google's page on GPUs for jobs",
        url: "https://docs.cloud.google.com/run/docs/configuring/jobs/gpu",
        date: "2026-10",
    },
    generally_available: "2026-04-13",
    availability_source: RELEASE_NOTES,
    quota: Quota {
        name: "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion",
        units_per_gpu: 1000,
        source: Source {
            title: "Google's page on quotas, and error messages that users quote",
            url: "https://docs.cloud.google.com/run/quotas",
            date: "2026-11",
        },
    },
    prices: Prices {
        region: "us-central1",
        gpu: 365_220,
        cpu: 18_000,
        memory_gib: 2_000,
        source: Source {
            title: "Google's prices of Cloud Run, as users quote them",
            url: "https://cloud.google.com/run/pricing",
            date: "2026-11",
        },
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

/// Delayed executions.
pub const DELAYED_EXECUTION: DelayedExecution = DelayedExecution {
    max_delay: Duration::from_secs(12 * HOUR),
    max_duration: Duration::from_secs(12 * HOUR),
    source: Source {
        title: "Google's page on delayed jobs",
        url: "https://docs.cloud.google.com/run/docs/delayed-jobs",
        date: "2026-11",
    },
};

/// Volumes on disk.
pub const DISK_VOLUME: DiskVolume = DiskVolume {
    min_gib: 10,
    default_gb: 10,
    generally_available: "2026-09-29",
    availability_source: RELEASE_NOTES,
    source: Source {
        title: "Google's page on ephemeral disks of jobs",
        url: "https://docs.cloud.google.com/run/docs/configuring/jobs/ephemeral-disk",
        date: "2026-11",
    },
};

/// Volumes and downloads of Cloud Storage.
pub const CLOUD_STORAGE: CloudStorage = CloudStorage {
    mbps_without_direct_vpc: 600,
    date: "2026-11",
    source: Source {
        title: "Google's best practices for jobs with GPUs",
        url: "https://docs.cloud.google.com/run/docs/configuring/jobs/gpu-best-practices",
        date: "2026-11",
    },
};

const RELEASE_NOTES: Source = Source {
    title: "Google's release notes of Cloud Run",
    url: "https://docs.cloud.google.com/run/docs/release-notes",
    date: "2026-11",
};
const CONFORMANCE_TEST: Source = Source {
    title: "a public conformance test against the live Cloud Run API (rules_cloudrun)",
    url: "https://github.com/justinswe/rules_cloudrun/blob/7bec8074/internal/manifest/conformance_test.go",
    date: "2026-10",
};
const HOUR: u64 = 3600;
