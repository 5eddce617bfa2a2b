//! The provider beside `terraform_data`, which costs what Terraform itself costs, and beside another build of it.
//!
//! `make bench` runs this. `FACETS_GPU_BASELINE=<path of a provider's binary>` adds a column for that build and the ratio to
//! it. `cargo bench --bench side_by_side -- plan refresh` measures some parts only. Whoever is compared takes turns within a
//! round, so that a busy minute falls on all. Nothing here fails because something is slow.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program that prints a report, and may stop where it stands"
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
    // Cargo hands `--bench` to every benchmark.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("The measurement ended early: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<(), String> {
    if let Some(word) = words.iter().find(|word| !PARTS.contains(&word.as_str())) {
        return Err(format!("the parts are {}, got {word}", PARTS.join(", ")));
    }
    build()?;
    let candidates = Candidate::all()?;
    println!("The least of each, and the median in brackets. {}\n", load());
    for part in PARTS {
        if !words.is_empty() && !words.iter().any(|word| word == part) {
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

/// Builds provider and emulator as they are shipped. `cargo bench` has built them too, but with the features that the
/// tests of this package turn on in its dependencies.
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
        other => Err(format!("the release build ended with {other:?}")),
    }
}

/// Other work on the machine spoils figures; the reader should see it.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{cores} cores, load average {}.",
        load.split(' ').next().unwrap_or_default()
    )
}

const PARTS: [&str; 5] = ["start", "plan", "apply", "refresh", "waiting"];
