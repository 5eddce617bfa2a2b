//! How the costs of a command grow with the number of jobs: time, CPU, memory, calls.
//!
//! The state lies in a backend of type `http`, as on a platform, where Terraform stores it every 20 seconds and at the
//! end. A state file on the local disk is written again as a whole after each resource; what that does to an apply is
//! measured beside it, with a resource that has no provider.

use std::fs;
use std::time::Duration;

use crate::contender::Contender;
use crate::harness::process::{CpuTimes, peak_of_providers};
use crate::harness::traffic::Traffic;
use crate::harness::{Emulator, StateStore, Terraform};
use crate::sample::Sample;
use crate::timed::{self, EMULATOR_FLAGS};

/// The commands of a life, in order.
pub(crate) const STEPS: [&str; 4] = ["plan", "apply", "plan with nothing to do", "destroy"];

/// What a command took, each a sample of its rounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    /// Seconds from its start to its end.
    pub(crate) wall: Sample,
    /// Seconds of CPU: the provider's processes, Terraform, the emulator.
    pub(crate) provider: Sample,
    pub(crate) terraform: Sample,
    pub(crate) emulator: Sample,
    /// The most memory that a process of the provider held, in MiB.
    pub(crate) memory: Sample,
    /// Requests to the emulator.
    pub(crate) calls: Sample,
}

/// The costs of one contender.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    /// Whether a process of its own runs beside Terraform.
    pub(crate) has_a_process: bool,
    /// For each number of jobs the costs of each step.
    pub(crate) points: Vec<(usize, [Cost; STEPS.len()])>,
}

/// The curves of all contenders; each number of jobs comes with its number of rounds.
pub(crate) fn measure(sizes: &[(usize, usize)], contenders: &[Contender]) -> Result<Vec<Curve>, String> {
    let mut curves: Vec<Curve> = contenders
        .iter()
        .map(|contender| Curve {
            name: contender.name,
            has_a_process: contender.has_a_process(),
            points: Vec::new(),
        })
        .collect();
    for (jobs, rounds) in sizes {
        for curve in &mut curves {
            curve.points.push((*jobs, Default::default()));
        }
        for round in 0..*rounds {
            for turn in 0..contenders.len() {
                let index = (round + turn) % contenders.len();
                if let Some((_, costs)) = curves[index].points.last_mut() {
                    life(*jobs, &contenders[index], costs)?;
                }
            }
        }
    }
    Ok(curves)
}

/// The seconds of an apply with a state file on the local disk, for each number of jobs.
pub(crate) fn with_a_local_state(
    sizes: &[(usize, usize)],
    contender: &Contender,
) -> Result<Vec<(usize, Sample)>, String> {
    let mut points = Vec::new();
    for (jobs, rounds) in sizes {
        let mut sample = Sample::default();
        for _ in 0..*rounds {
            let terraform = contender.working_directory(*jobs)?;
            timed::run(&terraform, PLAN)?;
            sample.add(timed::watched(&terraform, APPLY, GLANCE, |_| ())?.0);
        }
        points.push((*jobs, sample));
    }
    Ok(points)
}

/// One life in a fresh working directory, against a fresh emulator.
fn life(jobs: usize, contender: &Contender, costs: &mut [Cost; STEPS.len()]) -> Result<(), String> {
    let log = tempfile::NamedTempFile::new().map_err(|error| format!("no log: {error}"))?;
    let log = log.into_temp_path();
    let path = log.to_str().ok_or("the temporary folder has a strange name")?;
    let emulator = Emulator::spawn(&[&EMULATOR_FLAGS[..], &["--log", path]].concat())?;
    let store = StateStore::start();
    let terraform = contender.working_directory_with(jobs, &store.backend())?;
    let terraform = contender.set_endpoint(terraform, &emulator);
    let mut read = 0;
    for (cost, command) in costs.iter_mut().zip([PLAN, APPLY, NOTHING_TO_DO, DESTROY]) {
        step(&terraform, command, &emulator, cost)?;
        let told = fs::read_to_string(&log).map_err(|error| format!("the emulator's log: {error}"))?;
        cost.calls.add(Traffic::of(&told[read..]).all_requests() as f64);
        read = told.len();
    }
    Ok(())
}

/// Runs one command and adds up what it took.
fn step(terraform: &Terraform, command: &[&str], emulator: &Emulator, cost: &mut Cost) -> Result<(), String> {
    let (mut provider, mut own, mut peak) = (CpuTimes::default(), CpuTimes::default(), 0);
    let mut service = CpuTimes::default();
    service.look_at(emulator.id());
    let before = service.total();
    let (seconds, _) = timed::watched(terraform, command, GLANCE, |process| {
        provider.look_at_providers(process);
        own.look_at(process);
        peak = peak.max(peak_of_providers(process));
    })?;
    service.look_at(emulator.id());
    cost.wall.add(seconds);
    cost.provider.add(provider.total().as_secs_f64());
    cost.terraform.add(own.total().as_secs_f64());
    cost.emulator
        .add(service.total().saturating_sub(before).as_secs_f64());
    cost.memory.add(peak as f64 / 1024.0);
    Ok(())
}

const PLAN: &[&str] = &["plan", "-input=false", "-out=create.tfplan"];
const APPLY: &[&str] = &["apply", "-input=false", "create.tfplan"];
const NOTHING_TO_DO: &[&str] = &["plan", "-input=false", "-detailed-exitcode"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-input=false"];
/// Between two looks at the processes. A look costs a tenth of a millisecond; what a process does after the last one
/// is not counted.
const GLANCE: Duration = Duration::from_millis(4);
