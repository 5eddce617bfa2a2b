//! Side by side: this provider, the same resource on `tf-provider` 0.2.2, and what Terraform brings itself.
//!
//! `make bench` runs this; `cargo bench --bench side_by_side -- --quick` is the short form, and `-- starts`,
//! `-- size`, `-- memory` and `-- walks` are the parts; `-- build` times a build from nothing, when asked. Contenders take turns within a round, so that a noisy minute falls on all of them, and every figure is
//! a median with its extremes. Nothing here fails because something is slow; a contender that cannot be built is
//! named with the reason, and its column says "not measured".

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program that prints a report, and may stop where it stands"
)]

mod arguments;
mod build;
mod contender;
mod footprint;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
#[path = "../../examples/demo/interrupt.rs"]
mod interrupt;
mod machine;
mod memory;
mod report;
mod sample;
mod startup;
mod walk;

use std::process::ExitCode;

use contender::Contender;

/// How often each thing is measured.
#[derive(Clone, Copy)]
struct Effort {
    /// Starts of each program.
    starts: usize,
    /// Numbers of jobs, each with its number of rounds.
    walks: [(usize, usize); 3],
    /// Jobs in the configuration whose peak memory is watched.
    memory_jobs: usize,
}

/// About ten minutes on two cores.
const FULL: Effort = Effort {
    starts: 40,
    walks: [(1, 15), (100, 7), (1000, 3)],
    memory_jobs: 1000,
};
/// About two minutes on two cores.
const QUICK: Effort = Effort {
    starts: 10,
    walks: [(1, 5), (100, 3), (1000, 1)],
    memory_jobs: 100,
};

/// What can be measured by itself, by naming it on the command line.
const PARTS: [&str; 5] = ["starts", "size", "memory", "walks", BUILD];
/// The only part that has to be named, and is measured by itself: it compiles everything anew.
const BUILD: &str = "build";

fn main() -> ExitCode {
    interrupt::listen();
    let words = arguments::words();
    if let Some(odd) = words
        .iter()
        .find(|word| *word != "--quick" && !PARTS.contains(&word.as_str()))
    {
        eprintln!("{odd}: there are --quick, and the parts {}", PARTS.join(", "));
        return ExitCode::FAILURE;
    }
    let effort = if words.iter().any(|word| word == "--quick") {
        QUICK
    } else {
        FULL
    };
    let named = words.iter().any(|word| PARTS.contains(&word.as_str()));
    let wanted = |part: &str| !named || words.iter().any(|word| word == part);
    match run(effort, words.iter().any(|word| word == BUILD), wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("The measurement ended early: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(effort: Effort, only_build: bool, wanted: impl Fn(&str) -> bool) -> Result<(), String> {
    machine::tell(&harness::binaries::terraform()?);
    if only_build {
        report::build(build::from_nothing()?);
        return Ok(());
    }
    build::own()?;
    let peer = build::peer();
    if let Err(reason) = &peer {
        println!("NOT MEASURED, {}: {reason}\n", contender::PEER);
    }
    let contenders = Contender::all(peer.as_deref().ok())?;
    if wanted("starts") {
        report::starts(&startup::measure(effort.starts, peer.as_deref().ok())?);
    }
    if wanted("size") {
        report::sizes(&footprint::sizes(peer.as_deref().ok())?);
        report::at_rest(&footprint::at_rest(peer.as_deref().ok())?);
    }
    if wanted("memory") {
        report::memory(
            &memory::measure(effort.memory_jobs, &contenders)?,
            effort.memory_jobs,
        );
    }
    if wanted("walks") {
        for (jobs, rounds) in effort.walks {
            report::walks(&walk::measure(jobs, rounds, &contenders)?, jobs, rounds);
        }
    }
    report::legend();
    Ok(())
}
