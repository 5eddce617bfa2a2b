//! What waiting costs: how much longer a write takes than Google's operation.
//!
//! Google's own time is the emulator's `--operation-time`, from the arrival of the write to the end of its operation.
//! The whole time is the one that Terraform tells, between its lines `apply_start` and `apply_complete` for the job.
//! Contenders and operations run side by side, each with a folder and an emulator of its own: nearly all of them sleep.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::contender::{Contender, PROVIDER};
use crate::fixed_poll;
use crate::harness::writes::second_of_day;
use crate::harness::{Emulator, Terraform};
use crate::sample::Sample;
use crate::timed;

/// What is done to a job, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    Create,
    Update,
    Delete,
}

/// Who waits, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// This provider, where there is `operations.wait`.
    LongPoll,
    /// This provider where there is none.
    Asking,
    /// The loop of `fixed_poll`.
    FixedPoll,
}

/// What one way took for operations of one length.
pub(crate) struct Row {
    pub(crate) way: Way,
    pub(crate) operation: Duration,
    /// For each write the milliseconds beyond the operation, and the requests.
    pub(crate) writes: [(Sample, Sample); WRITES.len()],
}

pub(crate) const WRITES: [Write; 3] = [Write::Create, Write::Update, Write::Delete];
pub(crate) const WAYS: [Way; 3] = [Way::LongPoll, Way::Asking, Way::FixedPoll];
/// How long each answer of the emulator takes.
pub(crate) const LATENCY: Duration = Duration::from_millis(100);

/// All ways with all operations; each operation comes with its number of rounds.
pub(crate) fn measure(
    operations: &[(Duration, usize)],
    contenders: &[Contender],
) -> Result<Vec<Row>, String> {
    let provider = contenders.iter().find(|contender| contender.name == PROVIDER);
    let provider = provider.ok_or("this provider is not among the contenders")?;
    let cases: Vec<_> = operations
        .iter()
        .flat_map(|(operation, rounds)| WAYS.map(|way| (way, *operation, *rounds)))
        .collect();
    // Those that are mostly asleep go first; what is short waits for its turn, so that it has the machine for itself.
    let (asleep, busy): (Vec<_>, Vec<_>) = cases
        .into_iter()
        .partition(|(way, operation, _)| *way == Way::FixedPoll || *operation >= LONG);
    let mut rows = thread::scope(|scope| {
        let running: Vec<_> = asleep
            .into_iter()
            .map(|case| {
                // Not all at once: each begins with a Terraform that starts.
                thread::sleep(STAGGER);
                scope.spawn(move || row(case, provider))
            })
            .collect();
        let mut rows = Vec::new();
        for case in busy {
            rows.push(row(case, provider));
        }
        let ended = running.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err("a measurement stopped in the middle".to_owned()))
        });
        rows.into_iter()
            .chain(ended)
            .collect::<Result<Vec<Row>, String>>()
    })?;
    rows.sort_by_key(|row| (row.operation, WAYS.iter().position(|way| *way == row.way)));
    Ok(rows)
}

fn row((way, operation, rounds): (Way, Duration, usize), provider: &Contender) -> Result<Row, String> {
    let mut writes: [(Sample, Sample); WRITES.len()] = Default::default();
    for _ in 0..rounds {
        for (write, (seconds, requests)) in writes.iter_mut().zip(round(way, operation, provider)?) {
            write.0.add((seconds - operation.as_secs_f64()) * 1000.0);
            write.1.add(requests as f64);
        }
    }
    Ok(Row {
        way,
        operation,
        writes,
    })
}

/// The seconds and the requests of each write in the life of one job.
fn round(
    way: Way,
    operation: Duration,
    provider: &Contender,
) -> Result<[(f64, usize); WRITES.len()], String> {
    let (operation, latency) = (in_ms(operation), in_ms(LATENCY));
    let mut flags = vec!["--operation-time", &operation, "--latency", &latency];
    if way == Way::Asking {
        flags.extend(["--fault", "wait-unimplemented=1000000"]);
    }
    let emulator = Emulator::spawn(&flags)?;
    let terraform = provider.set_endpoint(provider.working_directory(1)?, &emulator);
    let mut taken = [(0.0, 0); WRITES.len()];
    for (taken, write) in taken.iter_mut().zip(WRITES) {
        let seconds = match way {
            Way::FixedPoll => fixed_poll::time(&emulator, write)?,
            _ => time(&emulator, &terraform, write)?,
        };
        *taken = (seconds, emulator.requests().len());
        emulator.clear_requests();
    }
    Ok(taken)
}

/// One write by Terraform. It has been planned before, so that the apply asks for nothing else.
fn time(emulator: &Emulator, terraform: &Terraform, write: Write) -> Result<f64, String> {
    let mut plan = vec!["plan", "-input=false", "-out=next.tfplan"];
    match write {
        Write::Create => {}
        Write::Update => change(terraform)?,
        Write::Delete => plan.push("-destroy"),
    }
    timed::run(terraform, &plan)?;
    emulator.clear_requests();
    let apply = timed::run(terraform, &["apply", "-json", "-input=false", "next.tfplan"])?;
    let told: Vec<Value> = apply
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let at = |kind: &str| {
        let line = told.iter().find(|line| line["type"] == kind)?;
        Some(second_of_day(line["@timestamp"].as_str()?))
    };
    match (at("apply_start"), at("apply_complete")) {
        (Some(start), Some(end)) => Ok((end - start).rem_euclid(DAY)),
        _ => Err(format!(
            "Terraform does not tell when the write began and ended\n{apply}"
        )),
    }
}

fn change(terraform: &Terraform) -> Result<(), String> {
    let path = terraform.folder().join("main.tf");
    let before = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let after = before.replace("task_count = 10,", "task_count = 11,");
    if before == after {
        return Err("the configuration has no task_count to change".to_owned());
    }
    terraform.write("main.tf", &after);
    Ok(())
}

fn in_ms(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

/// An operation that takes so long is mostly waited for.
const LONG: Duration = Duration::from_secs(2);
const STAGGER: Duration = Duration::from_millis(500);
const DAY: f64 = 24.0 * 60.0 * 60.0;
