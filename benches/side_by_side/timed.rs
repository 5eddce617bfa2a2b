//! Real Terraform commands, timed from the outside.

use std::time::{Duration, Instant};

use crate::harness::{Run, Terraform};
use crate::interrupt;

/// An emulator that makes nobody wait: what is left is the work of Terraform, provider and emulator.
pub(crate) const EMULATOR_FLAGS: [&str; 4] = ["--operation-time", "0ms", "--latency", "0ms"];

/// The seconds that a command takes which must end well.
pub(crate) fn time(terraform: &Terraform, arguments: &[&str]) -> Result<f64, String> {
    watched(terraform, arguments, GLANCE, |_| ()).map(|(seconds, _)| seconds)
}

/// What a command said that must end well.
pub(crate) fn run(terraform: &Terraform, arguments: &[&str]) -> Result<Run, String> {
    watched(terraform, arguments, GLANCE, |_| ()).map(|(_, run)| run)
}

/// The seconds that a command takes which must end well, and what it said. Its process is looked at now and then.
pub(crate) fn watched(
    terraform: &Terraform,
    arguments: &[&str],
    glance: Duration,
    look: impl FnMut(u32),
) -> Result<(f64, Run), String> {
    let (seconds, run) = ended(terraform, arguments, glance, look)?;
    if run.code == Some(0) {
        Ok((seconds, run))
    } else {
        Err(run.to_string())
    }
}

/// The same, however the command ends.
pub(crate) fn ended(
    terraform: &Terraform,
    arguments: &[&str],
    glance: Duration,
    mut look: impl FnMut(u32),
) -> Result<(f64, Run), String> {
    let begin = Instant::now();
    let mut running = terraform.start(arguments);
    while !running.has_ended() {
        // What is dropped on the way out ends Terraform, the provider and the emulator.
        if interrupt::seen() {
            return Err("it was interrupted".to_owned());
        }
        look(running.id());
        std::thread::sleep(glance);
    }
    Ok((begin.elapsed().as_secs_f64(), running.finish()))
}

/// Between two looks whether a command has ended: well below what the shortest takes.
const GLANCE: Duration = Duration::from_millis(1);
