//! Under load: many jobs at once while requests fail by chance, and one provider that serves for an hour.
//!
//! `make load` and `make soak` run this. Unlike the other measurements these can fail: when a job is lost or made
//! twice, when a walk does not come to its end, when the provider keeps what it should give back.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program that prints a report, and may stop where it stands"
)]

#[path = "../side_by_side/arguments.rs"]
mod arguments;
#[path = "../side_by_side/build.rs"]
#[allow(dead_code, reason = "there is no peer here")]
mod build;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
#[path = "../../examples/demo/interrupt.rs"]
mod interrupt;
#[path = "../side_by_side/machine.rs"]
#[allow(dead_code, reason = "the load of the machine is told once")]
mod machine;
mod soak;
mod walk;

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    interrupt::listen();
    let words = arguments::words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), String> {
    match words {
        ["soak", time] => {
            let time = duration(time)?;
            begin()?;
            soak::run(time)
        }
        ["walk", seeds @ ..] => {
            let seeds: Vec<u64> = seeds
                .iter()
                .map(|seed| {
                    seed.parse()
                        .map_err(|_| format!("{seed} is no seed: a whole number is"))
                })
                .collect::<Result<_, _>>()?;
            begin()?;
            walk::run(if seeds.is_empty() { &SEEDS } else { &seeds })
        }
        // A bare `cargo bench` runs every benchmark; an hour is not what it asks for.
        [] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn begin() -> Result<(), String> {
    machine::tell(&harness::binaries::terraform()?);
    build::own()
}

fn duration(text: &str) -> Result<Duration, String> {
    facets_gpu::duration::parse(text).map_err(|_| format!("{text} is no time such as 60m or 1h30m"))
}

const USAGE: &str = "There are: walk [SEED ...], and soak TIME, such as soak 60m.";
/// Without any wish.
const SEEDS: [u64; 3] = [1, 2, 3];
