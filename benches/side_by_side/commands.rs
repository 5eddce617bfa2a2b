//! Real Terraform commands: how long they take, and what of it is the provider's.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::candidate::{Candidate, Workspace};
use crate::harness::process::{CpuTimes, peak_provider_memory};
use crate::harness::{Emulator, Run, Terraform};
use crate::interrupt;
use crate::table::Table;

/// Plans of jobs that are not there yet: no request is sent.
pub(crate) fn plan(
    table: &mut Table,
    candidates: &[Candidate],
    jobs: usize,
    rounds: usize,
) -> Result<(), String> {
    let emulator = Emulator::spawn(&NO_DELAY)?;
    let workspaces = workspaces(candidates, jobs, &emulator)?;
    for round in 0..rounds {
        for (column, workspace) in turns(&workspaces, round) {
            let cost = Cost::of(
                &workspace.terraform,
                &["plan", "-input=false", "-out=create.tfplan"],
            )?;
            cost.tell(table, &format!("plan of {jobs} new jobs"), column);
        }
    }
    Ok(())
}

/// Applies of a saved plan, with an emulator that answers at once.
pub(crate) fn apply(
    table: &mut Table,
    candidates: &[Candidate],
    jobs: usize,
    rounds: usize,
) -> Result<(), String> {
    let emulators = candidates
        .iter()
        .map(|_| Emulator::spawn(&NO_DELAY))
        .collect::<Result<Vec<_>, _>>()?;
    let all = candidates.iter().zip(&emulators);
    let workspaces = all
        .map(|(candidate, emulator)| candidate.workspace(jobs, emulator))
        .collect::<Result<Vec<_>, _>>()?;
    for round in 0..rounds {
        for (column, workspace) in turns(&workspaces, round) {
            run(
                &workspace.terraform,
                &["plan", "-input=false", "-out=create.tfplan"],
            )?;
            let cost = Cost::of(&workspace.terraform, &["apply", "-input=false", "create.tfplan"])?;
            cost.tell(table, &format!("apply of {jobs} new jobs"), column);
            let cost = Cost::of(
                &workspace.terraform,
                &["destroy", "-input=false", "-auto-approve"],
            )?;
            table.add(&format!("destroy of {jobs} jobs, s"), column, cost.seconds);
        }
    }
    Ok(())
}

/// Plans with nothing to do, over a line that takes its time: every job is read, 10 at a time. What counts is how much
/// longer that takes than Terraform alone.
///
/// The jobs are made once for each candidate and kept in a file, from which the emulator of each plan begins.
pub(crate) fn refresh(
    table: &mut Table,
    candidates: &[Candidate],
    jobs: usize,
    latencies: &[Duration],
    rounds: usize,
) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let files: Vec<_> = candidates
        .iter()
        .map(|candidate| folder.path().join(candidate.name))
        .collect();
    let mut workspaces = Vec::new();
    for (candidate, file) in candidates.iter().zip(&files) {
        let emulator = Emulator::spawn(&[&NO_DELAY[..], &["--state", text(file)?]].concat())?;
        let workspace = candidate.workspace(jobs, &emulator)?;
        run(
            &workspace.terraform,
            &["apply", "-auto-approve", "-input=false", "-parallelism=100"],
        )?;
        workspaces.push(workspace);
    }
    for latency in latencies {
        let latency = format!("{}ms", latency.as_millis());
        let name = format!("refresh of {jobs} jobs at {latency}");
        for _ in 0..rounds {
            for (column, (workspace, file)) in workspaces.iter_mut().zip(&files).enumerate() {
                let emulator = Emulator::spawn(&["--latency", &latency, "--state", text(file)?])?;
                workspace.terraform.use_emulator(&emulator);
                let cost = Cost::of(
                    &workspace.terraform,
                    &["plan", "-input=false", "-detailed-exitcode"],
                )?;
                cost.tell(table, &name, column);
                let requests = emulator.requests().len();
                table.add(&format!("{name}, requests"), column, requests as f64);
            }
        }
        let least: Vec<f64> = (0..candidates.len())
            .filter_map(|column| table.least(&format!("{name}, s"), column))
            .collect();
        for (column, seconds) in least.iter().enumerate().skip(1) {
            let beyond = format!("{name}, beyond terraform_data, s");
            table.add(&beyond, column, seconds - least[0]);
        }
    }
    Ok(())
}

/// What a command took.
struct Cost {
    seconds: f64,
    /// Of the provider's processes, in seconds; 0 where there are none, or no `/proc`.
    processor: f64,
    /// The most that one of them held, in KiB; 0 likewise.
    peak: u64,
}

impl Cost {
    fn of(terraform: &Terraform, arguments: &[&str]) -> Result<Self, String> {
        let (mut processor, mut peak) = (CpuTimes::default(), 0);
        let (seconds, _) = watched(terraform, arguments, |process| {
            processor.sample_providers(process);
            peak = peak.max(peak_provider_memory(process));
        })?;
        Ok(Self {
            seconds,
            processor: processor.total().as_secs_f64(),
            peak,
        })
    }

    fn tell(&self, table: &mut Table, what: &str, column: usize) {
        table.add(&format!("{what}, s"), column, self.seconds);
        if self.peak > 0 {
            table.add(
                &format!("{what}, provider's processor time, s"),
                column,
                self.processor,
            );
            table.add(
                &format!("{what}, provider's memory, MiB"),
                column,
                self.peak as f64 / 1024.0,
            );
        }
    }
}

/// Runs a command that must end well.
pub(crate) fn run(terraform: &Terraform, arguments: &[&str]) -> Result<Run, String> {
    watched(terraform, arguments, |_| ()).map(|(_, run)| run)
}

fn watched(
    terraform: &Terraform,
    arguments: &[&str],
    mut look: impl FnMut(u32),
) -> Result<(f64, Run), String> {
    let begin = Instant::now();
    let mut running = terraform.start(arguments);
    while !running.has_ended() {
        // What is dropped on the way out ends Terraform, the provider and the emulator.
        if interrupt::received() {
            return Err("it was interrupted".to_owned());
        }
        look(running.id());
        std::thread::sleep(GLANCE);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let run = running.finish();
    match run.code {
        Some(0) => Ok((seconds, run)),
        _ => Err(run.to_string()),
    }
}

fn workspaces(candidates: &[Candidate], jobs: usize, emulator: &Emulator) -> Result<Vec<Workspace>, String> {
    candidates
        .iter()
        .map(|candidate| candidate.workspace(jobs, emulator))
        .collect()
}

/// All of them, beginning with another one each round.
fn turns(workspaces: &[Workspace], round: usize) -> impl Iterator<Item = (usize, &Workspace)> {
    let first = round % workspaces.len();
    let all = workspaces.iter().enumerate();
    all.cycle().skip(first).take(workspaces.len())
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str()
        .ok_or_else(|| "the temporary folder has a name that is no text".to_owned())
}

/// What is left is the work of Terraform, provider and emulator.
const NO_DELAY: [&str; 4] = ["--operation-time", "0ms", "--latency", "0ms"];
/// Between two looks at the processes; what a provider does after the last one is not counted.
const GLANCE: Duration = Duration::from_millis(4);
