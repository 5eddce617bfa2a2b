//! What a program weighs on disk, and what its process holds before the first client comes.

use std::path::Path;
use std::time::Duration;

use crate::harness::process::Vitals;
use crate::report::Row;
use crate::sample::Sample;
use crate::startup;

/// The programs as they lie on disk, stripped as they are shipped; the figures are MB.
pub(crate) fn sizes(peer: Option<&Path>) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (name, program) in startup::servers(peer)? {
        let file = std::fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?;
        rows.push(row(name, file.len() as f64 / 1e6));
    }
    Ok(rows)
}

/// Threads and open files, a moment after the handshake line: what comes with the line and what comes right after it.
pub(crate) fn at_rest(peer: Option<&Path>) -> Result<Vec<(&'static str, Vec<Row>)>, String> {
    if !cfg!(target_os = "linux") {
        println!("NOT MEASURED, threads and files: they are counted in /proc, which only Linux has\n");
        return Ok(Vec::new());
    }
    let mut tables = vec![("Threads", Vec::new()), ("Open files", Vec::new())];
    for (name, program) in startup::servers(peer)? {
        let mut vitals = None;
        startup::start(&program, |process| {
            std::thread::sleep(REST);
            vitals = Vitals::of(process);
        })?;
        let vitals = vitals.ok_or_else(|| format!("{name} has gone before Terraform came"))?;
        for ((_, rows), count) in tables.iter_mut().zip([vitals.threads, vitals.descriptors]) {
            rows.push(row(name, count as f64));
        }
    }
    Ok(tables)
}

fn row(name: &'static str, figure: f64) -> Row {
    let mut sample = Sample::default();
    sample.add(figure);
    Row { name, sample }
}

/// Long enough for threads that are started after the line.
const REST: Duration = Duration::from_millis(300);
