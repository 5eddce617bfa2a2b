//! Plans of jobs that are not there yet, few and many at a time: how long Terraform takes, and what of it is work of the
//! provider's processes.
//!
//! Nobody is asked in such a plan: what is measured are Terraform, the provider, and what lies between them.

use std::time::Duration;

use crate::contender::Contender;
use crate::harness::process::CpuTimes;
use crate::harness::{Emulator, Terraform};
use crate::report::Row;
use crate::sample::Sample;
use crate::timed::{self, EMULATOR_FLAGS};

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
    let parallelism = format!("-parallelism={parallelism}");
    let command = ["plan", "-input=false", &parallelism, "-out=create.tfplan"];
    let mut work = CpuTimes::default();
    let (seconds, _) = timed::watched(terraform, &command, GLANCE, |process| {
        work.look_at_providers(process)
    })?;
    Ok((seconds, work.total().as_secs_f64() * 1000.0))
}

/// Between two looks: what a provider does after the last one is not seen.
const GLANCE: Duration = Duration::from_millis(5);
