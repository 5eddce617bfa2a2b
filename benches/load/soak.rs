//! One provider process that serves Terraform for a long time, looked at while it rests.

use std::time::{Duration, Instant};

use crate::harness::attached::Attached;
use crate::harness::leak::{self, Finding};
use crate::harness::load::configuration;
use crate::harness::process::Vitals;
use crate::harness::{Emulator, Installation, Run, Terraform};
use crate::interrupt;

/// Applies and destroys jobs in cycles for so long, with a line for each minute.
///
/// # Errors
/// When a cycle does not come to its end, or the provider has leaked.
pub(crate) fn run(time: Duration) -> Result<(), String> {
    let installation = Installation::new()?.into();
    let cloud = Emulator::spawn(&["--operation-time", "50ms"])?;
    let mut terraform = Terraform::new(&installation)?.against(&cloud);
    terraform.write("main.tf", &configuration(JOBS, 2));
    let mut provider = Attached::to(&mut terraform)?;
    let init = terraform.init();
    if init.code != Some(0) {
        return Err(init.to_string());
    }
    println!(
        "One provider under --debug; each cycle applies and destroys {JOBS} jobs, while {FAULTS} of all requests fail.\n"
    );
    println!(
        "{:>6} {:>7} {:>9} {:>11} {:>8} {:>8} {:>8}",
        "minute", "cycles", "commands", "memory KiB", "fds", "sockets", "threads"
    );
    let begin = Instant::now();
    let mut looks = Vec::new();
    let (mut cycles, mut commands) = (0, 0);
    while begin.elapsed() < time {
        commands += cycle(&cloud, &terraform, cycles)?;
        cycles += 1;
        rest()?;
        if !provider.lives() {
            return Err("the provider has ended".to_owned());
        }
        if begin.elapsed() >= LOOK * (looks.len() as u32 + 1) {
            let seen =
                Vitals::of(provider.id()).ok_or("the provider cannot be looked at: this needs Linux")?;
            println!(
                "{:>6} {cycles:>7} {commands:>9} {:>11} {:>8} {:>8} {:>8}",
                begin.elapsed().as_secs() / 60,
                seen.resident,
                seen.descriptors,
                seen.sockets,
                seen.threads
            );
            looks.push(seen);
        }
    }
    verdict(&leak::judge(&looks))
}

/// From nothing to all jobs and back; how many commands that took.
fn cycle(cloud: &Emulator, terraform: &Terraform, number: u64) -> Result<u32, String> {
    // What the emulator remembers grows without end otherwise.
    cloud.reset();
    cloud.leave_to_chance(FAULTS, number);
    let mut commands = converge(|| terraform.apply())?;
    if cloud.jobs().len() != JOBS {
        return Err(format!("{} jobs and not {JOBS} are there", cloud.jobs().len()));
    }
    commands += converge(|| terraform.destroy())?;
    if !cloud.jobs().is_empty() {
        return Err(format!("{} jobs are left", cloud.jobs().len()));
    }
    Ok(commands)
}

/// Runs a command until it ends well; how often that was.
fn converge(command: impl Fn() -> Run) -> Result<u32, String> {
    let mut said = String::new();
    for times in 1..=MOST_TIMES {
        let run = command();
        if run.code == Some(0) {
            return Ok(times);
        }
        said = run.to_string();
    }
    Err(format!("it does not converge\n{said}"))
}

fn rest() -> Result<(), String> {
    let begin = Instant::now();
    while begin.elapsed() < PAUSE {
        if interrupt::seen() {
            return Err("it was interrupted".to_owned());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn verdict(findings: &[Finding]) -> Result<(), String> {
    if findings.is_empty() {
        return Err("This was too short to say anything: eight minutes is the least.".to_owned());
    }
    println!("\nMedians of the second and of the last quarter:");
    for finding in findings {
        let word = if finding.is_leak() { "LEAKS" } else { "keeps still" };
        println!(
            "  {:<18} {:>8} -> {:<8} (up to {} more is no leak)  {word}",
            finding.what, finding.early, finding.late, finding.allowed
        );
    }
    match findings.iter().any(Finding::is_leak) {
        true => Err("The provider leaks.".to_owned()),
        false => Ok(()),
    }
}

const JOBS: usize = 20;
const FAULTS: &str = "2%";
/// Between two cycles: others work on the machine too.
const PAUSE: Duration = Duration::from_secs(12);
/// Between two looks.
const LOOK: Duration = Duration::from_secs(60);
const MOST_TIMES: u32 = 4;
