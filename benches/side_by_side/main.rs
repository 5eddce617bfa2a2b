//! Compares the provider with `terraform_data`, which costs what Terraform itself costs, and with another build.
//!
//! `FACETS_GPU_BASELINE=<path of a provider's binary>` adds a column for that build and the ratio to it.
//! `cargo bench --bench side_by_side -- plan refresh` runs only these parts. Candidates alternate within a round, so that
//! other load on the machine affects all of them. No measurement fails because it is slow.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark prints a report and fails by panicking"
)]

mod candidate;
mod commands;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
#[path = "../../examples/demo/interrupt.rs"]
mod interrupt;
mod start;
mod table;
mod waiting;

use std::process::{Command, ExitCode};
use std::time::Duration;

use candidate::Candidate;
use table::Table;

fn main() -> ExitCode {
    interrupt::listen();
    // Cargo passes `--bench` to every benchmark.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("The measurement failed: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    if let Some(argument) = arguments
        .iter()
        .find(|argument| !PARTS.contains(&argument.as_str()))
    {
        return Err(format!("the parts are {}, got {argument}", PARTS.join(", ")));
    }
    build()?;
    let candidates = Candidate::all()?;
    println!("Minimum and (median). {}\n", load());
    for part in PARTS {
        if !arguments.is_empty() && !arguments.iter().any(|argument| argument == part) {
            continue;
        }
        let mut table = Table::new(candidates.iter().map(|candidate| candidate.name));
        match part {
            "start" => start::measure(&mut table, &candidates, 40)?,
            "plan" => commands::plan(&mut table, &candidates, 1000, 5)?,
            "apply" => commands::apply(&mut table, &candidates, 100, 5)?,
            "refresh" => {
                let ms = Duration::from_millis;
                commands::refresh(&mut table, &candidates, 400, &[ms(100)], 3)?;
                commands::refresh(&mut table, &candidates, 1000, &[ms(50), ms(200)], 3)?;
            }
            _ => waiting::measure(&mut table, &candidates, 3)?,
        }
        println!("{part}\n{table}");
    }
    println!("{}", load());
    Ok(())
}

/// Builds the provider and the emulator as released. The binaries that `cargo bench` builds include dependency features
/// that only the tests enable.
fn build() -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--workspace",
            "--bins",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("the release build failed: {other:?}")),
    }
}

/// The load of the machine, since other load distorts the figures.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{cores} cores, load average {}.",
        load.split(' ').next().unwrap_or_default()
    )
}

const PARTS: [&str; 5] = ["start", "plan", "apply", "refresh", "waiting"];
