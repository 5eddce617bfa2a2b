//! Real Terraform commands, timed from the outside.

use std::time::{Duration, Instant};

use crate::contender::Contender;
use crate::harness::{Emulator, Run, Terraform};
use crate::interrupt;
use crate::report::Row;
use crate::sample::Sample;

/// What is timed of one walk, in its order.
pub(crate) const STEPS: [&str; 3] = [
    "plan that creates them",
    "apply of that plan",
    "plan with nothing to do",
];

/// An emulator that makes nobody wait: what is left is the work of Terraform, provider and emulator.
pub(crate) const EMULATOR_FLAGS: [&str; 4] = ["--operation-time", "0ms", "--latency", "0ms"];

/// For each step the rows of all contenders; the figures are seconds.
pub(crate) fn measure(
    jobs: usize,
    rounds: usize,
    contenders: &[Contender],
) -> Result<[Vec<Row>; STEPS.len()], String> {
    let mut samples = vec![[const { Vec::<f64>::new() }; STEPS.len()]; contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let times = walk(jobs, &contenders[index])?;
            for (sample, time) in samples[index].iter_mut().zip(times) {
                sample.push(time);
            }
        }
    }
    Ok(std::array::from_fn(|step| {
        let of_step = samples
            .iter()
            .map(|of_contender| Sample::from(of_contender[step].clone()));
        contenders
            .iter()
            .zip(of_step)
            .map(|(contender, sample)| Row {
                name: contender.name,
                sample,
            })
            .collect()
    }))
}

/// One walk in a fresh working directory, against a fresh emulator.
fn walk(jobs: usize, contender: &Contender) -> Result<[f64; STEPS.len()], String> {
    let emulator = Emulator::spawn(&EMULATOR_FLAGS)?;
    let terraform = contender.set_endpoint(contender.working_directory(jobs)?, &emulator);
    Ok([
        time(&terraform, &["plan", "-input=false", "-out=create.tfplan"])?,
        time(&terraform, &["apply", "-input=false", "create.tfplan"])?,
        time(&terraform, &["plan", "-input=false", "-detailed-exitcode"])?,
    ])
}

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
    let seconds = begin.elapsed().as_secs_f64();
    let run = running.finish();
    if run.code == Some(0) {
        Ok((seconds, run))
    } else {
        Err(run.to_string())
    }
}

/// Between two looks whether a command has ended: well below what the shortest takes.
const GLANCE: Duration = Duration::from_millis(1);
