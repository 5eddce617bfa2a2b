//! How much longer a write takes than Google's operation.
//!
//! Google's own time is the emulator's `--operation-time`, from the arrival of the write to the end of its operation. The
//! whole time is the one between Terraform's lines `apply_start` and `apply_complete` for the job. Each answer takes 100 ms,
//! so a write and the wait for its operation leave half of two round trips beyond it.

use serde_json::Value;

use crate::candidate::Candidate;
use crate::commands::run;
use crate::harness::{Emulator, Terraform};
use crate::table::Table;

pub(crate) fn measure(table: &mut Table, candidates: &[Candidate], rounds: usize) -> Result<(), String> {
    for (title, milliseconds, rounds, more) in [
        ("operation of 0.5 s", 500, rounds, &[][..]),
        ("operation of 5 s", 5000, 1, &[]),
        // Where the answer to `operations.wait` is 501 the operation is polled.
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
                for (write, seconds) in life(candidate, milliseconds, more)? {
                    let beyond = seconds * 1000.0 - f64::from(milliseconds);
                    table.add(&format!("{write} beyond its {title}, ms"), column, beyond);
                }
            }
        }
    }
    Ok(())
}

/// The seconds of each write in the life of one job. Each is planned before, so that the apply asks for nothing else.
fn life(candidate: &Candidate, milliseconds: u32, more: &[&str]) -> Result<[(&'static str, f64); 3], String> {
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
    let told = apply
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<Value> = told.collect();
    let at = |kind: &str| {
        let line = told.iter().find(|line| line["type"] == kind)?;
        second_of_day(line["@timestamp"].as_str()?)
    };
    match (at("apply_start"), at("apply_complete")) {
        (Some(start), Some(end)) => Ok((end - start).rem_euclid(24.0 * 60.0 * 60.0)),
        _ => Err(format!(
            "Terraform does not tell when the write began and ended\n{apply}"
        )),
    }
}

/// Of a time such as `2026-11-23T01:02:03.000004Z`.
fn second_of_day(moment: &str) -> Option<f64> {
    let (_, time) = moment.trim_end_matches('Z').split_once('T')?;
    time.split(':')
        .try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))
}
