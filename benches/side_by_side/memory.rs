//! The most memory that a provider's process ever held, as Linux counts it (`VmHWM`).
//!
//! The high-water mark is read from `/proc` again and again while Terraform works, from every child that it
//! has. These runs are not timed.

use std::time::Duration;

use crate::contender::Contender;
use crate::harness::Emulator;
use crate::harness::process::peak_of_providers;
use crate::interrupt;
use crate::report::Row;
use crate::sample::Sample;
use crate::timed::EMULATOR_FLAGS;

/// Plans and applies a number of jobs with each contender that has a process; the figures are MiB.
pub(crate) fn measure(jobs: usize, contenders: &[Contender]) -> Result<Vec<Row>, String> {
    if !cfg!(target_os = "linux") {
        println!("NOT MEASURED, peak memory: it is read from /proc, which only Linux has\n");
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for contender in contenders.iter().filter(|contender| contender.has_a_process()) {
        let mut sample = Sample::default();
        for _ in 0..ROUNDS {
            sample.add(peak_of_a_walk(jobs, contender)?);
        }
        rows.push(Row {
            name: contender.name,
            sample,
        });
    }
    Ok(rows)
}

fn peak_of_a_walk(jobs: usize, contender: &Contender) -> Result<f64, String> {
    let emulator = Emulator::spawn(&EMULATOR_FLAGS)?;
    let terraform = contender.set_endpoint(contender.working_directory(jobs)?, &emulator);
    let mut running = terraform.start(&["apply", "-auto-approve", "-input=false"]);
    let mut peak = 0;
    while !running.has_ended() {
        if interrupt::seen() {
            return Err("it was interrupted".to_owned());
        }
        peak = peak.max(peak_of_providers(running.id()));
        std::thread::sleep(PAUSE);
    }
    let run = running.finish();
    if run.code != Some(0) {
        return Err(run.to_string());
    }
    Ok(peak as f64 / 1024.0)
}

/// Walks of each contender.
const ROUNDS: usize = 3;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(3);
