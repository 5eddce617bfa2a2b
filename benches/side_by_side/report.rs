//! The tables that have a figure for each contender, and what else is printed.

use crate::contender::{PEER, PROVIDER};
use crate::machine::load;
use crate::plans::{PARALLELISM, Plans};
use crate::sample::Sample;

/// The figures of one contender.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) sample: Sample,
}

/// The table of the starts, in milliseconds.
pub(crate) fn starts(rows: &[Row]) {
    println!(
        "From the start of the process to its handshake line{}",
        runs(rows)
    );
    table(rows, "ms", 2);
}

/// The table of the programs' sizes, in MB.
pub(crate) fn sizes(rows: &[Row]) {
    println!("Size of the program, of which this provider's is to be at most 8 MB (8,000,000 bytes)");
    table(rows, "MB", 2);
}

/// The tables of what a process holds that waits for its first client.
pub(crate) fn at_rest(tables: &[(&str, Vec<Row>)]) {
    for (what, rows) in tables {
        println!("{what} of a process that waits for Terraform to connect");
        table(rows, "", 0);
    }
}

/// A build from nothing, in seconds.
pub(crate) fn build(seconds: f64) {
    println!(
        "The provider's release build from nothing: {seconds:.0} s, to be at most 180 s on two cores{}",
        load()
    );
}

/// The tables of the plans, in seconds, and of the provider's part in them, in milliseconds.
pub(crate) fn plans(all: &[Plans; PARALLELISM.len()], jobs: usize, rounds: usize) {
    for (parallelism, plans) in PARALLELISM.iter().zip(all) {
        println!("terraform plan -parallelism={parallelism}, {jobs} new jobs ({rounds} rounds)");
        table(&plans.times, "s", 3);
        if !plans.work.is_empty() {
            println!("  of it, processor time of the provider's processes");
            table(&plans.work, "ms", 0);
        }
    }
}

/// What a reader must know to judge the figures.
pub(crate) fn legend() {
    println!(
        "Medians. Ratios are to the first row of a table. {PROVIDER} and {PEER} make two calls to the emulator \
         for each job of an apply; terraform_data makes none. {load}",
        load = load().trim_start_matches(", ")
    );
}

fn table(rows: &[Row], unit: &str, digits: usize) {
    println!(
        "  {:<34} {:>8} {:<3}  {:>8} .. {:<8}  ratio",
        "", "median", "", "least", "most"
    );
    let floor = rows.first().and_then(|row| row.sample.median());
    for row in rows {
        let (Some(median), Some((least, most)), Some(floor)) =
            (row.sample.median(), row.sample.extremes(), floor)
        else {
            println!("  {:<34} not measured", row.name);
            continue;
        };
        println!(
            "  {:<34} {median:>8.digits$} {unit:<3}  {least:>8.digits$} .. {most:<8.digits$}  {:.2}",
            row.name,
            median / floor
        );
    }
    if rows.iter().any(|row| row.name == PROVIDER) && !rows.iter().any(|row| row.name == PEER) {
        println!("  {PEER:<34} not measured");
    }
    println!();
}

fn runs(rows: &[Row]) -> String {
    rows.first()
        .map_or_else(String::new, |row| format!(" ({} runs)", row.sample.count()))
}
