//! Rules for CPU and memory.

use serde_json::Value;

use super::gpu::{self, GPU};
use super::quantity::{GIB, thousandths};
use super::task::CONTAINERS;
use super::{list, refuse};
use crate::error::Problem;

/// Which limits there are, and whether they can be read at all.
pub(super) fn check_quantities(task: &Value) -> Result<(), Problem> {
    for container in list(task, "containers") {
        for (name, value) in container["resources"]["limits"].as_object().into_iter().flatten() {
            if !["cpu", "memory", GPU].contains(&name.as_str()) {
                let text = format!("only 'cpu', 'memory' and '{GPU}' limits are supported.");
                return Err(refuse(&format!("{CONTAINERS}.resources.limits"), text));
            }
            if thousandths(value.as_str().unwrap_or_default()).is_none() {
                let text = format!("Could not parse Quantity {value}.");
                return Err(refuse(&format!("{CONTAINERS}.resources.limits.{name}"), text));
            }
        }
    }
    Ok(())
}

/// Whether amounts are such as the service offers.
pub(super) fn check(task: &Value) -> Result<(), Problem> {
    let containers = list(task, "containers");
    for container in containers {
        if container["resources"]["cpuIdle"] == true {
            let text = "CPU idle must be set to false for jobs.";
            return Err(refuse(&format!("{CONTAINERS}.resources.cpu_idle"), text));
        }
        let (cpu, memory) = (limit(container, "cpu"), limit(container, "memory"));
        match gpu::of(task, container) {
            Some(gpu) => {
                check_cpu(cpu, gpu.cpus, gpu.cpu_words)?;
                let most = cpu / 1000 * i128::from(gpu.memory_per_cpu);
                check_memory(cpu, memory, i128::from(gpu.least_memory) * GIB, most * GIB)?;
            }
            None => {
                if !(80..=1000).contains(&cpu) {
                    check_cpu(cpu, &[1, 2, 4, 6, 8], "[.08-1], 1.0, 2.0, 4.0, 6.0, 8.0")?;
                }
                let (least, most) = bounds(cpu);
                check_memory(cpu, memory, least, most)?;
            }
        }
    }
    let total: i128 = containers.iter().map(|container| limit(container, "cpu")).sum();
    if total < 1000 {
        let text = "Total cpu of all containers must be at least 1 when CPU is always allocated.";
        return Err(refuse(&format!("{CONTAINERS}.resources.limits.cpu"), text));
    }
    let total: i128 = containers
        .iter()
        .map(|container| limit(container, "memory"))
        .sum();
    if total < GIB / 2 {
        let text = "Total memory < 512 Mi is not supported with gen2 execution environment.";
        return Err(refuse(&format!("{CONTAINERS}.resources.limits.memory"), text));
    }
    Ok(())
}

/// A limit in thousandths.
pub(super) fn limit(container: &Value, name: &str) -> i128 {
    container["resources"]["limits"][name]
        .as_str()
        .and_then(thousandths)
        .unwrap_or_default()
}

fn check_cpu(cpu: i128, offered: &[i128], words: &str) -> Result<(), Problem> {
    if offered.iter().any(|offered| offered * 1000 == cpu) {
        return Ok(());
    }
    let text = format!("Invalid value specified for container cpu. Must be equal to one of {words}");
    Err(refuse(&format!("{CONTAINERS}.resources.limits.cpu"), text))
}

fn check_memory(cpu: i128, memory: i128, least: i128, most: i128) -> Result<(), Problem> {
    if (least..=most).contains(&memory) {
        return Ok(());
    }
    let text = format!(
        "Invalid value specified for container memory. For {}.{} CPU, memory must be between {} and {} inclusive.",
        cpu / 1000,
        cpu % 1000 / 100,
        in_words(least),
        in_words(most)
    );
    Err(refuse(&format!("{CONTAINERS}.resources.limits.memory"), text))
}

/// Bounds of memory without a GPU, see <https://cloud.google.com/run/docs/configuring/jobs/memory-limits>. Up to
/// four CPUs the least is checked over all containers only.
fn bounds(cpu: i128) -> (i128, i128) {
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

fn in_words(memory: i128) -> String {
    if memory % GIB == 0 && memory > 0 {
        format!("{}Gi", memory / GIB)
    } else {
        format!("{}Mi", memory * 1024 / GIB)
    }
}
