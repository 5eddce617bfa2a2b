//! The GPUs that jobs can use: one entry each, for the rules and for the defaults.

/// A GPU and the limits of a container with it.
pub(crate) struct Gpu {
    pub(crate) name: &'static str,
    /// The allowed numbers of CPUs, ascending.
    pub(crate) cpus: &'static [i128],
    /// The same numbers as the service writes them in its error message.
    pub(crate) cpus_in_message: &'static str,
    /// In GiB.
    pub(crate) min_memory: i128,
    /// The maximum of memory, in GiB per CPU.
    pub(crate) max_memory_per_cpu: i128,
    /// The service's message for too little CPU or memory, where one is known for both; pinned for L4 only.
    pub(crate) min_message: Option<&'static str>,
    pub(crate) regions: &'static [&'static str],
}

impl Gpu {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        GPUS.iter().find(|gpu| gpu.name == name)
    }
}

/// The name of the limit with the number of GPUs of a container.
pub(crate) const GPU_LIMIT: &str = "nvidia.com/gpu";

/// The maximum timeout of a task with a GPU in the launch stage GA, and in ALPHA and BETA, in seconds. The first is tested
/// live, with an L4; the second is documented as a preview:
/// <https://docs.cloud.google.com/run/docs/configuring/task-timeout>.
pub(crate) const MAX_TIMEOUT: u32 = 3600;
pub(crate) const MAX_PREVIEW_TIMEOUT: u32 = 12 * 3600;

/// RTX PRO 6000: 20 and 22 CPUs and the minimum of 80Gi are pinned against the live service; the other numbers of CPUs
/// and 4Gi per CPU come from the same project's local rules. L4: documented. Regions:
/// <https://cloud.google.com/run/docs/configuring/jobs/gpu>, and public reports.
pub(crate) const GPUS: &[Gpu] = &[
    Gpu {
        name: "nvidia-rtx-pro-6000",
        cpus: &[20, 22, 24, 26, 28, 30],
        cpus_in_message: "20.0, 22.0, 24.0, 26.0, 28.0, 30.0",
        min_memory: 80,
        max_memory_per_cpu: 4,
        min_message: None,
        regions: &["us-central1", "europe-west4", "asia-southeast1", "asia-south2"],
    },
    Gpu {
        name: "nvidia-l4",
        cpus: &[4, 6, 8],
        cpus_in_message: "4.0, 6.0, 8.0",
        min_memory: 16,
        max_memory_per_cpu: 4,
        min_message: Some("To use GPU, CPU must be at least 4; memory must be at least 16Gi."),
        regions: &[
            "us-central1",
            "us-east4",
            "europe-west1",
            "europe-west4",
            "asia-southeast1",
            "asia-south1",
        ],
    },
];
