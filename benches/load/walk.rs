//! A thousand jobs through their whole life, and what each step took.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::harness::Installation;
use crate::harness::load::{Load, Size, Step};
use crate::interrupt;

/// Walks once with each seed, with a table for each.
///
/// # Errors
/// When a walk does not come to its end, or a job was lost, made twice or is not what it should be.
pub(crate) fn run(seeds: &[u64]) -> Result<(), String> {
    let installation = Arc::new(Installation::new()?);
    for seed in seeds {
        walk(*seed, &installation).map_err(|reason| format!("With seed {seed}: {reason}"))?;
    }
    println!(
        "Nothing was lost and nothing made twice: after each step state and emulator had the same jobs, by uid, each as \
         configured; at the end there was none, and none but these had ever been made."
    );
    Ok(())
}

fn walk(seed: u64, installation: &Arc<Installation>) -> Result<(), String> {
    let size = Size { seed, ..SIZE };
    println!(
        "{} jobs, -parallelism={}, {} of all requests meet a fault, seed {seed}",
        size.jobs, size.parallelism, size.fault_rate
    );
    println!(
        "  {:<11} {:>8} {:>8} {:>10} {:>7} {:>7}  calls per job",
        "", "commands", "time, s", "peak, MiB", "calls", "faults"
    );
    let mut faults = BTreeMap::new();
    Load::new(size, installation, interrupt::seen)?.walk(|step| {
        row(step, size.jobs);
        for (fault, times) in &step.traffic.faults {
            *faults.entry(fault.clone()).or_insert(0) += times;
        }
    })?;
    let met: Vec<String> = faults
        .iter()
        .map(|(fault, times)| format!("{fault} {times}"))
        .collect();
    println!("  faults: {}\n", met.join(", "));
    Ok(())
}

fn row(step: &Step, jobs: usize) {
    let per_job = |count: usize| count as f64 / jobs as f64;
    let kinds: Vec<String> = step
        .traffic
        .requests
        .iter()
        .map(|(kind, count)| format!("{kind} {:.3}", per_job(*count)))
        .collect();
    println!(
        "  {:<11} {:>8} {:>8.1} {:>10.1} {:>7} {:>7}  {:.3}: {}",
        step.name,
        step.commands,
        step.time.as_secs_f64(),
        step.peak as f64 / 1024.0,
        step.traffic.all_requests(),
        step.traffic.all_faults(),
        per_job(step.traffic.all_requests()),
        kinds.join(", ")
    );
}

const SIZE: Size = Size {
    jobs: 1000,
    parallelism: 100,
    fault_rate: "5%",
    seed: 0,
};
