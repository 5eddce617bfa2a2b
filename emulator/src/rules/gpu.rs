//! Rules for GPUs.

use serde_json::Value;

use super::definition::{CONTAINERS, invalid, list, string};
use super::quantity::{GIB, limit};
use crate::error::ApiError;
use crate::gpu::{GPU_LIMIT, GPUS, Gpu, MAX_PREVIEW_TIMEOUT, MAX_TIMEOUT};
use crate::types::decode::duration_seconds;

/// Checks everything but the amounts of CPU and memory, which `resources` checks.
pub(super) fn check(task: &Value, location: &str, launch_stage: &str) -> Result<(), ApiError> {
    let containers = list(task, "containers");
    let with_gpu: Vec<&Value> = containers
        .iter()
        .filter(|container| !gpu_count(container).is_null())
        .collect();
    let accelerator = string(&task["nodeSelector"], "accelerator");
    let path = format!("{CONTAINERS}.resources.limits.{GPU_LIMIT}");
    let Some(container) = with_gpu.first() else {
        if task["gpuZonalRedundancyDisabled"] == true || task["gpuZonalRedundancyDisabled"] == false {
            return Err(invalid(
                &path,
                format!("{GPU_LIMIT} must be set when GPU redundancy is set."),
            ));
        }
        return Ok(());
    };
    if with_gpu.len() > 1 {
        return Err(invalid(&path, "GPU can only be set on one container."));
    }
    if gpu_count(container) != "1" || accelerator.is_empty() {
        return Err(invalid(
            &path,
            "GPU can only be set to 1, and only with an accelerator in the node selector.",
        ));
    }
    let Some(gpu) = Gpu::find(accelerator) else {
        let names: Vec<&str> = GPUS.iter().map(|gpu| gpu.name).collect();
        let text = format!(
            "'{accelerator}' is not supported; must be one of {}.",
            names.join(", ")
        );
        return Err(invalid(ACCELERATOR, text));
    };
    if !gpu.regions.contains(&location) {
        let text = format!("GPU type '{accelerator}' is not available in region '{location}'.");
        return Err(invalid(ACCELERATOR, text));
    }
    if let Some(message) = gpu.min_message
        && (limit(container, "cpu") < gpu.cpus[0] * 1000 || limit(container, "memory") < gpu.min_memory * GIB)
    {
        return Err(invalid(&path, message));
    }
    check_redundancy(task)?;
    check_timeout(task, launch_stage)
}

/// The GPU of a container that has one.
pub(super) fn of_container(task: &Value, container: &Value) -> Option<&'static Gpu> {
    if gpu_count(container).is_null() {
        return None;
    }
    Gpu::find(string(&task["nodeSelector"], "accelerator"))
}

fn gpu_count(container: &Value) -> &Value {
    &container["resources"]["limits"][GPU_LIMIT]
}

fn check_redundancy(task: &Value) -> Result<(), ApiError> {
    if task["gpuZonalRedundancyDisabled"] == true {
        return Ok(());
    }
    Err(invalid(
        "template.template.gpu_zonal_redundancy_disabled",
        "Currently Cloud Run jobs are unable to offer GPU enabled instances with zonal redundancy due to capacity \
         limitations.",
    ))
}

fn check_timeout(task: &Value, launch_stage: &str) -> Result<(), ApiError> {
    let limit = match launch_stage {
        "ALPHA" | "BETA" => MAX_PREVIEW_TIMEOUT,
        _ => MAX_TIMEOUT,
    };
    if duration_seconds(string(task, "timeout")).is_none_or(|seconds| seconds <= f64::from(limit)) {
        return Ok(());
    }
    Err(invalid(
        "template.template.timeout",
        format!("must be at most {limit}s when using GPU."),
    ))
}

const ACCELERATOR: &str = "template.template.node_selector.accelerator";
