//! Plans of jobs that are not there yet, few and many at a time: how long Terraform takes, and what of it is work of the
//! provider's processes.
//!
//! Nobody is asked in such a plan: what is measured are Terraform, the provider, and what lies between them.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use crate::contender::Contender;
use crate::harness::process::children;
use crate::harness::{Emulator, Terraform};
use crate::interrupt;
use crate::report::Row;
use crate::sample::Sample;
use crate::timed::EMULATOR_FLAGS;

/// How many resources Terraform plans at a time: what it does by itself, and what users of many jobs ask for.
pub(crate) const PARALLELISM: [u32; 2] = [10, 100];

/// What plans of one parallelism cost.
pub(crate) struct Plans {
    /// Seconds from start to end of the command.
    pub(crate) times: Vec<Row>,
    /// Milliseconds that the provider's processes have worked in it, where Linux tells that.
    pub(crate) work: Vec<Row>,
}

/// Plans a number of jobs with each contender; for each parallelism what that cost.
pub(crate) fn measure(
    jobs: usize,
    rounds: usize,
    contenders: &[Contender],
) -> Result<[Plans; PARALLELISM.len()], String> {
    let emulator = Emulator::spawn(&EMULATOR_FLAGS)?;
    let prepare =
        |contender: &Contender| Ok(contender.set_endpoint(contender.working_directory(jobs)?, &emulator));
    let folders = contenders
        .iter()
        .map(prepare)
        .collect::<Result<Vec<_>, String>>()?;
    let mut measured = PARALLELISM.map(|_| vec![(Sample::default(), Sample::default()); contenders.len()]);
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            for (parallelism, samples) in PARALLELISM.iter().zip(&mut measured) {
                let (time, work) = plan(&folders[index], *parallelism)?;
                samples[index].0.add(time);
                samples[index].1.add(work);
            }
        }
    }
    Ok(measured.map(|samples| {
        let row = |contender: &Contender, sample: &Sample| Row {
            name: contender.name,
            sample: sample.clone(),
        };
        let all = || contenders.iter().zip(&samples);
        Plans {
            times: all()
                .map(|(contender, sample)| row(contender, &sample.0))
                .collect(),
            work: all()
                .filter(|(contender, _)| cfg!(target_os = "linux") && contender.has_a_process())
                .map(|(contender, sample)| row(contender, &sample.1))
                .collect(),
        }
    }))
}

/// The seconds that a plan takes, and the milliseconds of the provider's work in it.
fn plan(terraform: &Terraform, parallelism: u32) -> Result<(f64, f64), String> {
    let begin = Instant::now();
    let parallelism = format!("-parallelism={parallelism}");
    let mut running = terraform.start(&["plan", "-input=false", &parallelism, "-out=create.tfplan"]);
    let mut work = BTreeMap::new();
    while !running.has_ended() {
        // What is dropped on the way out ends Terraform, the provider and the emulator.
        if interrupt::seen() {
            return Err("it was interrupted".to_owned());
        }
        for provider in children(running.id()) {
            // One that has ended tells nothing any more.
            let seen = work.entry(provider).or_default();
            *seen = processor_time(provider).max(*seen);
        }
        std::thread::sleep(GLANCE);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let run = running.finish();
    if run.code == Some(0) {
        Ok((seconds, work.values().sum::<u64>() as f64 / 1e6))
    } else {
        Err(run.to_string())
    }
}

/// The nanoseconds that the threads of a process have run: the first number in `schedstat`, see
/// <https://docs.kernel.org/scheduler/sched-stats.html>.
fn processor_time(process: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|told| told.split_whitespace().next()?.parse::<u64>().ok())
        .sum()
}

/// Between two looks: what a provider does after the last one is not seen.
const GLANCE: Duration = Duration::from_millis(5);
