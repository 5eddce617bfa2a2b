//! Rules for GPUs. Each GPU is one entry of a table.

use serde_json::Value;

use super::quantity::GIB;
use super::resources::limit;
use super::task::CONTAINERS;
use super::{list, refuse, text};
use crate::error::Problem;
use crate::types::decode::seconds;

/// A GPU that jobs may use.
pub(super) struct Gpu {
    name: &'static str,
    /// How many CPUs a container with it may have.
    pub(super) cpus: &'static [i128],
    /// The same in the service's words.
    pub(super) cpu_words: &'static str,
    /// In GiB.
    pub(super) least_memory: i64,
    /// The most memory, in GiB for each CPU.
    pub(super) memory_per_cpu: i64,
    /// Whether too little is told in one sentence for both; pinned for L4 only.
    least_in_words: Option<&'static str>,
    regions: &'static [&'static str],
}

/// Checks everything but the amounts of CPU and memory.
pub(super) fn check(task: &Value, location: &str) -> Result<(), Problem> {
    let containers = list(task, "containers");
    let with_gpu: Vec<&Value> = containers
        .iter()
        .filter(|container| !gpus(container).is_null())
        .collect();
    let accelerator = text(&task["nodeSelector"], "accelerator");
    let path = format!("{CONTAINERS}.resources.limits.{GPU}");
    let Some(container) = with_gpu.first() else {
        if task["gpuZonalRedundancyDisabled"] == true || task["gpuZonalRedundancyDisabled"] == false {
            return Err(refuse(
                &path,
                format!("{GPU} must be set when GPU redundancy is set."),
            ));
        }
        return Ok(());
    };
    if with_gpu.len() > 1 {
        return Err(refuse(&path, "GPU can only be set on one container."));
    }
    if gpus(container) != "1" || accelerator.is_empty() {
        return Err(refuse(
            &path,
            "GPU can only be set to 1, and only with an accelerator in the node selector.",
        ));
    }
    let Some(gpu) = GPUS.iter().find(|gpu| gpu.name == accelerator) else {
        let known: Vec<&str> = GPUS.iter().map(|gpu| gpu.name).collect();
        let text = format!(
            "'{accelerator}' is not supported; must be one of {}.",
            known.join(", ")
        );
        return Err(refuse(SELECTOR, text));
    };
    if !gpu.regions.contains(&location) {
        let text = format!("GPU type '{accelerator}' is not available in region '{location}'.");
        return Err(refuse(SELECTOR, text));
    }
    if let Some(words) = gpu.least_in_words
        && (limit(container, "cpu") < gpu.cpus[0] * 1000
            || limit(container, "memory") < i128::from(gpu.least_memory) * GIB)
    {
        return Err(refuse(&path, words));
    }
    check_redundancy(task)?;
    check_timeout(task)
}

/// The GPU of a container that has one.
pub(super) fn of(task: &Value, container: &Value) -> Option<&'static Gpu> {
    let accelerator = text(&task["nodeSelector"], "accelerator");
    GPUS.iter()
        .find(|gpu| gpu.name == accelerator && !gpus(container).is_null())
}

fn gpus(container: &Value) -> &Value {
    &container["resources"]["limits"][GPU]
}

fn check_redundancy(task: &Value) -> Result<(), Problem> {
    if task["gpuZonalRedundancyDisabled"] == true {
        return Ok(());
    }
    Err(refuse(
        "template.template.gpu_zonal_redundancy_disabled",
        "Currently Cloud Run jobs are unable to offer GPU enabled instances with zonal redundancy due to capacity \
         limitations.",
    ))
}

/// One hour is what public tests pin; twelve are announced as a preview.
fn check_timeout(task: &Value) -> Result<(), Problem> {
    if seconds(text(task, "timeout")).is_none_or(|seconds| seconds <= 3600.0) {
        return Ok(());
    }
    Err(refuse(
        "template.template.timeout",
        "must be at most 3600s when using GPU.",
    ))
}

/// The name of the GPU among a container's limits.
pub(super) const GPU: &str = "nvidia.com/gpu";
const SELECTOR: &str = "template.template.node_selector.accelerator";

/// Amounts of RTX PRO 6000: 20 and 22 CPUs, and 80Gi as the least, are pinned against the live service; the rest
/// of the list and 4Gi for each CPU come from the same project's local rules. Those of L4 are documented. Regions:
/// <https://cloud.google.com/run/docs/configuring/jobs/gpu>, and public reports.
const GPUS: &[Gpu] = &[
    Gpu {
        name: "nvidia-rtx-pro-6000",
        cpus: &[20, 22, 24, 26, 28, 30],
        cpu_words: "20.0, 22.0, 24.0, 26.0, 28.0, 30.0",
        least_memory: 80,
        memory_per_cpu: 4,
        least_in_words: None,
        regions: &["us-central1", "europe-west4", "asia-southeast1", "asia-south2"],
    },
    Gpu {
        name: "nvidia-l4",
        cpus: &[4, 6, 8],
        cpu_words: "4.0, 6.0, 8.0",
        least_memory: 16,
        memory_per_cpu: 4,
        least_in_words: Some("To use GPU, CPU must be at least 4; memory must be at least 16Gi."),
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
