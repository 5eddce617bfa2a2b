//! Runs Terraform commands and measures their time and the provider's share of it.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::candidate::{Candidate, Workspace};
use crate::harness::process::{CpuTimes, peak_provider_memory};
use crate::harness::{Emulator, Run, Terraform};
use crate::interrupt;
use crate::table::Table;

/// Plans of jobs that do not exist yet. They send no request.
pub(crate) fn plan(
    table: &mut Table,
    candidates: &[Candidate],
    jobs: usize,
    rounds: usize,
) -> Result<(), String> {
    let emulator = Emulator::spawn(&NO_DELAY)?;
    let workspaces = workspaces(candidates, jobs, &emulator)?;
    for round in 0..rounds {
        for (column, workspace) in rotated(&workspaces, round) {
            let cost = Cost::measure(
                &workspace.terraform,
                &["plan", "-input=false", "-out=create.tfplan"],
            )?;
            cost.add_to(table, &format!("plan of {jobs} new jobs"), column);
        }
    }
    Ok(())
}

/// Applies of a saved plan, with an emulator that responds without delay.
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
        for (column, workspace) in rotated(&workspaces, round) {
            run(
                &workspace.terraform,
                &["plan", "-input=false", "-out=create.tfplan"],
            )?;
            let cost = Cost::measure(&workspace.terraform, &["apply", "-input=false", "create.tfplan"])?;
            cost.add_to(table, &format!("apply of {jobs} new jobs"), column);
            let cost = Cost::measure(
                &workspace.terraform,
                &["destroy", "-input=false", "-auto-approve"],
            )?;
            table.add(&format!("destroy of {jobs} jobs, s"), column, cost.seconds);
        }
    }
    Ok(())
}

/// Plans without changes, with network latency. Terraform refreshes 10 jobs at a time. The result is the time in excess of
/// `terraform_data`.
///
/// The jobs are created once for each candidate. The emulator of each plan starts from that state file.
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
        let emulator = Emulator::spawn(&[&NO_DELAY[..], &["--state", utf8(file)?]].concat())?;
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
                let emulator = Emulator::spawn(&["--latency", &latency, "--state", utf8(file)?])?;
                workspace.terraform.use_emulator(&emulator);
                let cost = Cost::measure(
                    &workspace.terraform,
                    &["plan", "-input=false", "-detailed-exitcode"],
                )?;
                cost.add_to(table, &name, column);
                let requests = emulator.requests().len();
                table.add(&format!("{name}, requests"), column, requests as f64);
            }
        }
        let minima: Vec<f64> = (0..candidates.len())
            .filter_map(|column| table.min(&format!("{name}, s"), column))
            .collect();
        for (column, seconds) in minima.iter().enumerate().skip(1) {
            let excess = format!("{name}, excess over terraform_data, s");
            table.add(&excess, column, seconds - minima[0]);
        }
    }
    Ok(())
}

/// The cost of a command.
struct Cost {
    seconds: f64,
    /// The CPU time of the provider's processes in seconds; 0 without such processes or without `/proc`.
    cpu_time: f64,
    /// The peak memory of a provider process in KiB; 0 likewise.
    peak_memory: u64,
}

impl Cost {
    fn measure(terraform: &Terraform, arguments: &[&str]) -> Result<Self, String> {
        let (mut cpu_times, mut peak_memory) = (CpuTimes::default(), 0);
        let (seconds, _) = run_sampled(terraform, arguments, |process| {
            cpu_times.sample_providers(process);
            peak_memory = peak_memory.max(peak_provider_memory(process));
        })?;
        Ok(Self {
            seconds,
            cpu_time: cpu_times.total().as_secs_f64(),
            peak_memory,
        })
    }

    fn add_to(&self, table: &mut Table, name: &str, column: usize) {
        table.add(&format!("{name}, s"), column, self.seconds);
        if self.peak_memory > 0 {
            table.add(&format!("{name}, provider's CPU time, s"), column, self.cpu_time);
            table.add(
                &format!("{name}, provider's peak memory, MiB"),
                column,
                self.peak_memory as f64 / 1024.0,
            );
        }
    }
}

/// Runs a command that must succeed.
pub(crate) fn run(terraform: &Terraform, arguments: &[&str]) -> Result<Run, String> {
    run_sampled(terraform, arguments, |_| ()).map(|(_, run)| run)
}

fn run_sampled(
    terraform: &Terraform,
    arguments: &[&str],
    mut sample: impl FnMut(u32),
) -> Result<(f64, Run), String> {
    let start = Instant::now();
    let mut running = terraform.start(arguments);
    while !running.has_ended() {
        // Dropping the processes kills Terraform, the provider and the emulator.
        if interrupt::received() {
            return Err("interrupted".to_owned());
        }
        sample(running.id());
        std::thread::sleep(SAMPLE_INTERVAL);
    }
    let seconds = start.elapsed().as_secs_f64();
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

/// The columns and workspaces, starting with a different one in each round.
fn rotated(workspaces: &[Workspace], round: usize) -> impl Iterator<Item = (usize, &Workspace)> {
    let first = round % workspaces.len();
    let all = workspaces.iter().enumerate();
    all.cycle().skip(first).take(workspaces.len())
}

fn utf8(path: &Path) -> Result<&str, String> {
    path.to_str()
        .ok_or_else(|| "the path of the temporary folder is not valid UTF-8".to_owned())
}

/// Leaves only the time of Terraform, the provider and the emulator.
const NO_DELAY: [&str; 4] = ["--operation-time", "0ms", "--latency", "0ms"];
/// CPU time that a provider uses after the last sample is not counted.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(4);
