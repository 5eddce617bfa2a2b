//! Rules for CPU and memory.

use serde_json::Value;

use super::definition::{CONTAINERS, invalid, list};
use super::gpu;
use super::quantity::{GIB, limit, thousandths};
use crate::error::ApiError;
use crate::gpu::GPU_LIMIT;

/// Checks the names and the syntax of all limits.
pub(super) fn check_quantities(task: &Value) -> Result<(), ApiError> {
    for container in list(task, "containers") {
        for (name, value) in container["resources"]["limits"].as_object().into_iter().flatten() {
            if !["cpu", "memory", GPU_LIMIT].contains(&name.as_str()) {
                let text = format!("only 'cpu', 'memory' and '{GPU_LIMIT}' limits are supported.");
                return Err(invalid(&format!("{CONTAINERS}.resources.limits"), text));
            }
            if thousandths(value.as_str().unwrap_or_default()).is_none() {
                let text = format!("Could not parse Quantity {value}.");
                return Err(invalid(&format!("{CONTAINERS}.resources.limits.{name}"), text));
            }
        }
    }
    Ok(())
}

/// Checks the amounts of CPU and memory.
pub(super) fn check(task: &Value) -> Result<(), ApiError> {
    let containers = list(task, "containers");
    for container in containers {
        if container["resources"]["cpuIdle"] == true {
            let text = "CPU idle must be set to false for jobs.";
            return Err(invalid(&format!("{CONTAINERS}.resources.cpu_idle"), text));
        }
        let (cpu, memory) = (limit(container, "cpu"), limit(container, "memory"));
        match gpu::of_container(task, container) {
            Some(gpu) => {
                check_cpu(cpu, gpu.cpus, gpu.cpus_in_message)?;
                let max = cpu / 1000 * gpu.max_memory_per_cpu;
                check_memory(cpu, memory, gpu.min_memory * GIB, max * GIB)?;
            }
            None => {
                if !(80..=1000).contains(&cpu) {
                    check_cpu(cpu, &[1, 2, 4, 6, 8], "[.08-1], 1.0, 2.0, 4.0, 6.0, 8.0")?;
                }
                let (min, max) = memory_bounds(cpu);
                check_memory(cpu, memory, min, max)?;
            }
        }
    }
    let total: i128 = containers.iter().map(|container| limit(container, "cpu")).sum();
    if total < 1000 {
        let text = "Total cpu of all containers must be at least 1 when CPU is always allocated.";
        return Err(invalid(&format!("{CONTAINERS}.resources.limits.cpu"), text));
    }
    let total: i128 = containers
        .iter()
        .map(|container| limit(container, "memory"))
        .sum();
    if total < GIB / 2 {
        let text = "Total memory < 512 Mi is not supported with gen2 execution environment.";
        return Err(invalid(&format!("{CONTAINERS}.resources.limits.memory"), text));
    }
    Ok(())
}

fn check_cpu(cpu: i128, allowed: &[i128], allowed_in_message: &str) -> Result<(), ApiError> {
    if allowed.iter().any(|allowed| allowed * 1000 == cpu) {
        return Ok(());
    }
    let text =
        format!("Invalid value specified for container cpu. Must be equal to one of {allowed_in_message}");
    Err(invalid(&format!("{CONTAINERS}.resources.limits.cpu"), text))
}

fn check_memory(cpu: i128, memory: i128, min: i128, max: i128) -> Result<(), ApiError> {
    if (min..=max).contains(&memory) {
        return Ok(());
    }
    let text = format!(
        "Invalid value specified for container memory. For {}.{} CPU, memory must be between {} and {} inclusive.",
        cpu / 1000,
        cpu % 1000 / 100,
        format_memory(min),
        format_memory(max)
    );
    Err(invalid(&format!("{CONTAINERS}.resources.limits.memory"), text))
}

/// Bounds of memory without a GPU, see <https://cloud.google.com/run/docs/configuring/jobs/memory-limits>. Below four
/// CPUs a minimum holds for the sum of all containers only.
fn memory_bounds(cpu: i128) -> (i128, i128) {
    match cpu {
        ..500 => (0, GIB / 2),
        500..1000 => (0, GIB),
        1000 => (0, 4 * GIB),
        2000 => (0, 8 * GIB),
        4000 => (2 * GIB, 16 * GIB),
        6000 => (4 * GIB, 24 * GIB),
        _ => (4 * GIB, 32 * GIB),
    }
}

fn format_memory(memory: i128) -> String {
    if memory % GIB == 0 && memory > 0 {
        format!("{}Gi", memory / GIB)
    } else {
        format!("{}Mi", memory * 1024 / GIB)
    }
}
