//! Side by side: this provider, the same resource on `tf-provider` 0.2.2, and what Terraform brings itself.
//!
//! `make bench` runs this; `cargo bench --bench side_by_side -- --quick` is the short form, and `-- starts`, `-- size`,
//! `-- plans`, `-- refresh`, `-- waiting`, `-- growth` and `-- quota` are the parts; `-- build` times
//! a build from nothing, when asked. Contenders take turns within a round, so that a noisy minute falls on all of them, and
//! every figure is a median with its extremes. Nothing here fails because something is slow; a contender that cannot be
//! built is named with the reason, and its column says "not measured".

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a program that prints a report, and may stop where it stands"
)]

mod arguments;
mod build;
mod contender;
mod fixed_poll;
mod footprint;
mod growth;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
#[path = "../../examples/demo/interrupt.rs"]
mod interrupt;
mod machine;
mod plans;
mod plot;
mod quota;
mod refresh;
mod report;
mod sample;
mod startup;
mod tables;
mod timed;
mod waiting;

use std::process::ExitCode;
use std::time::Duration;

use contender::Contender;

/// How often each thing is measured.
#[derive(Clone, Copy)]
struct Effort {
    /// Starts of each program.
    starts: usize,
    /// Jobs that are read over a slow line, and the number of rounds.
    refresh: (usize, usize),
    /// Values of `-parallelism` for the jobs that meet a quota of writes.
    quota_parallelisms: &'static [usize],
    /// Number of jobs that are planned only, with its number of rounds.
    plans: (usize, usize),
    /// Lengths of operations, each with its number of rounds.
    waiting: &'static [(Duration, usize)],
    /// Numbers of jobs, each with its number of rounds.
    growth: &'static [(usize, usize)],
    /// The same with a state file on the local disk.
    local_state: &'static [(usize, usize)],
    /// Whether the plot of the growth is drawn anew.
    draws: bool,
}

/// About forty minutes on two cores that have nothing else to do.
const FULL: Effort = Effort {
    starts: 40,
    refresh: (1000, 1),
    quota_parallelisms: &[10, 100, 500],
    plans: (1000, 7),
    waiting: &[
        (Duration::ZERO, 7),
        (Duration::from_millis(500), 7),
        (Duration::from_secs(5), 3),
        (Duration::from_secs(30), 1),
    ],
    growth: &[(1, 5), (10, 5), (100, 3), (1000, 1), (3000, 1)],
    local_state: &[(1, 3), (10, 3), (100, 3), (1000, 1)],
    draws: true,
};
/// About two minutes on two cores, and three more of waiting for a quota.
const QUICK: Effort = Effort {
    starts: 10,
    refresh: (200, 1),
    quota_parallelisms: &[100],
    plans: (1000, 3),
    waiting: &[(Duration::ZERO, 2), (Duration::from_millis(500), 2)],
    growth: &[(1, 1), (10, 1), (100, 1)],
    local_state: &[(1, 1), (10, 1), (100, 1)],
    draws: false,
};

/// Jobs that meet a quota of writes.
const QUOTA_JOBS: usize = 500;

/// What can be measured by itself, by naming it on the command line.
const PARTS: [&str; 8] = [
    "starts", "size", "plans", "refresh", "waiting", "growth", "quota", BUILD,
];
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
    if PARTS.into_iter().any(|part| part != "quota" && wanted(part)) {
        beside_others(effort, &wanted)?;
    }
    if wanted("quota") {
        tables::quota(
            &quota::measure(QUOTA_JOBS, effort.quota_parallelisms)?,
            QUOTA_JOBS,
        );
    }
    Ok(())
}

/// What is measured beside the peer and what Terraform brings itself.
fn beside_others(effort: Effort, wanted: impl Fn(&str) -> bool) -> Result<(), String> {
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
    if wanted("plans") {
        let (jobs, rounds) = effort.plans;
        report::plans(&plans::measure(jobs, rounds, &contenders)?, jobs, rounds);
    }
    if wanted("refresh") {
        let (jobs, rounds) = effort.refresh;
        tables::refresh(&refresh::measure(jobs, rounds, &contenders)?, jobs, rounds);
    }
    if wanted("waiting") {
        tables::waiting(&waiting::measure(effort.waiting, &contenders)?);
    }
    if wanted("growth") {
        grow(effort, &contenders)?;
    }
    report::legend();
    Ok(())
}

fn grow(effort: Effort, contenders: &[Contender]) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        println!("NOT MEASURED, growth: CPU and memory are read from /proc, which only Linux has\n");
        return Ok(());
    }
    let begun = machine::load();
    let curves = growth::measure(effort.growth, contenders)?;
    tables::growth(&curves);
    let built_in = &contenders[0];
    let local = growth::with_a_local_state(effort.local_state, built_in)?;
    tables::local_state(built_in.name, &local);
    if effort.draws {
        let path = plot::write(&curves, &local, &machine::caption(&begun))?;
        println!("Drawn: {}\n", path.display());
    }
    Ok(())
}
