//! The time of a write in excess of its operation.
//!
//! The emulator's `--operation-time` counts from the arrival of the write. The write's time is the one between Terraform's
//! messages `apply_start` and `apply_complete`. Each response takes 100 ms, so the write and the wait for its operation take
//! at least half of two round trips more than the operation.

use serde_json::Value;

use crate::candidate::Candidate;
use crate::commands::run;
use crate::harness::{Emulator, Terraform};
use crate::table::Table;

pub(crate) fn measure(table: &mut Table, candidates: &[Candidate], rounds: usize) -> Result<(), String> {
    for (title, milliseconds, rounds, more) in [
        ("operation of 0.5 s", 500, rounds, &[][..]),
        ("operation of 5 s", 5000, 1, &[]),
        // The provider polls when `operations.wait` returns 501.
        (
            "polled operation of 5 s",
            5000,
            1,
            &["--fault", "wait-unimplemented=1000000"],
        ),
    ] {
        for _ in 0..rounds {
            for (column, candidate) in candidates
                .iter()
                .enumerate()
                .filter(|(_, one)| one.program.is_some())
            {
                for (write, seconds) in lifecycle(candidate, milliseconds, more)? {
                    let excess = seconds * 1000.0 - f64::from(milliseconds);
                    table.add(&format!("{write}, excess over {title}, ms"), column, excess);
                }
            }
        }
    }
    Ok(())
}

/// Creates, updates and deletes a job, and returns the seconds of each apply of a saved plan.
fn lifecycle(
    candidate: &Candidate,
    milliseconds: u32,
    more: &[&str],
) -> Result<[(&'static str, f64); 3], String> {
    let time = format!("{milliseconds}ms");
    let emulator = Emulator::spawn(&[&["--operation-time", &time, "--latency", "100ms"], more].concat())?;
    let workspace = candidate.workspace(1, &emulator)?;
    let terraform = &workspace.terraform;
    let create = write(terraform, &[])?;
    let path = terraform.folder().join("main.tf");
    let before = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    terraform.write("main.tf", &before.replace("task_count = 10,", "task_count = 11,"));
    let update = write(terraform, &[])?;
    let delete = write(terraform, &["-destroy"])?;
    Ok([("create", create), ("update", update), ("delete", delete)])
}

fn write(terraform: &Terraform, more: &[&str]) -> Result<f64, String> {
    run(
        terraform,
        &[&["plan", "-input=false", "-out=next.tfplan"], more].concat(),
    )?;
    let apply = run(terraform, &["apply", "-json", "-input=false", "next.tfplan"])?;
    let messages = apply
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let messages: Vec<Value> = messages.collect();
    let at = |kind: &str| {
        let message = messages.iter().find(|message| message["type"] == kind)?;
        second_of_day(message["@timestamp"].as_str()?)
    };
    match (at("apply_start"), at("apply_complete")) {
        (Some(start), Some(end)) => Ok((end - start).rem_euclid(24.0 * 60.0 * 60.0)),
        _ => Err(format!(
            "no apply_start and apply_complete in the output\n{apply}"
        )),
    }
}

/// The second of the day of a time such as `2026-11-23T01:02:03.000004Z`.
fn second_of_day(time: &str) -> Option<f64> {
    let (_, time) = time.trim_end_matches('Z').split_once('T')?;
    time.split(':')
        .try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))
}
