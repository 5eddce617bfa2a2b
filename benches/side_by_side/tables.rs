//! The tables that have a form of their own.

use crate::growth::{Cost, Curve, STEPS};
use crate::sample::Sample;
use crate::waiting::{LATENCY, Row, WAYS, WRITES, Way};
use crate::{quota, refresh};

/// What waiting costs beyond Google's own time.
pub(crate) fn waiting(rows: &[Row]) {
    println!(
        "Time of a write beyond its operation, in milliseconds, and its requests in brackets; each answer takes {} ms.\n\
         The bound is {BOUND:.0} ms: 50 ms and two round trips. A star marks what is above it.",
        LATENCY.as_millis()
    );
    println!(
        "  {:<44} {:>9}  {}",
        "",
        "operation",
        WRITES
            .map(|write| format!("{:<24}", format!("{write:?}").to_lowercase()))
            .concat()
            .trim_end()
    );
    for way in WAYS {
        for row in rows.iter().filter(|row| row.way == way) {
            let seconds = format!("{} s", row.operation.as_secs_f64());
            let writes = row
                .writes
                .each_ref()
                .map(|(over, calls)| format!("{:<24}", write(over, calls)));
            println!("  {:<44} {seconds:>9}  {}", name(way), writes.concat().trim_end());
        }
    }
    println!();
}

fn write(over: &Sample, calls: &Sample) -> String {
    let (Some(median), Some((least, most)), Some(calls)) = (over.median(), over.extremes(), calls.median())
    else {
        return "not measured".to_owned();
    };
    let star = if median > BOUND { "*" } else { "" };
    let spread = if over.count() > 1 {
        format!(" {least:.0}..{most:.0}")
    } else {
        String::new()
    };
    format!("{median:.0}{star}{spread} ({calls:.0})")
}

fn name(way: Way) -> &'static str {
    match way {
        Way::LongPoll => "facets-gpu (this provider)",
        Way::Asking => "facets-gpu, no operations.wait there",
        Way::FixedPoll => "a loop that looks every 10 s",
    }
}

/// The tables of the plans that read many jobs, in seconds.
pub(crate) fn refresh(tables: &[refresh::Table], jobs: usize, rounds: usize) {
    for table in tables {
        println!(
            "terraform plan, nothing to do, {jobs} jobs, each answer after {} ms, -parallelism={} ({rounds} rounds)",
            table.latency.as_millis(),
            table.parallelism
        );
        println!(
            "  {:<44} {:>9}    {:>8} .. {:<8}  {:>6} {:>6}",
            "", "median", "least", "most", "reads", "lists"
        );
        for row in &table.rows {
            let median = row.sample.median().unwrap_or(f64::NAN);
            let (least, most) = row.sample.extremes().unwrap_or((f64::NAN, f64::NAN));
            let (reads, lists) = row.asked;
            println!(
                "  {:<44} {median:>8.2} s    {least:>8.2} .. {most:<8.2}  {reads:>6} {lists:>6}",
                row.name
            );
        }
        println!();
    }
}

/// The table of the quota of writes, in seconds.
pub(crate) fn quota(rows: &[quota::Row], jobs: usize) {
    println!(
        "{jobs} jobs against a quota of 100 writes in 10 s, from the first write that was taken to the last"
    );
    println!(
        "  {:<46} {:>8}  {:>8}  {:>5}  {:>17}  errors",
        "", "ideal", "measured", "ratio", "refused per taken"
    );
    for row in rows {
        println!(
            "  {:<46} {:>6.2} s  {:>6.2} s  {:>5.3}  {:>17.3}  {}",
            row.what,
            row.ideal,
            row.seconds,
            row.seconds / row.ideal,
            row.refused,
            row.errors
        );
    }
    println!();
}

/// The costs of each command by the number of jobs.
pub(crate) fn growth(curves: &[Curve]) {
    for (index, step) in STEPS.iter().enumerate() {
        println!("terraform: {step}, state in a backend of type http, -parallelism=10");
        println!(
            "  {:<30} {:>5} {:>9}  {:>14} {:>12}  {:>9} {:>9}  {:>8}  {:>7} {:>8}",
            "",
            "jobs",
            "time",
            "provider's CPU",
            "for each job",
            "Terraform",
            "emulator",
            "memory",
            "calls",
            "each job"
        );
        for curve in curves {
            for (jobs, costs) in &curve.points {
                println!(
                    "  {:<30} {jobs:>5} {}",
                    curve.name,
                    cost(&costs[index], *jobs, curve.has_a_process)
                );
            }
        }
        println!();
    }
}

fn cost(cost: &Cost, jobs: usize, has_a_process: bool) -> String {
    let of = |sample: &Sample| sample.median().unwrap_or_default();
    let (jobs, provider, calls) = (jobs as f64, of(&cost.provider), of(&cost.calls));
    let own = if has_a_process {
        format!("{:>12.3} s {:>9.3} ms", provider, provider * 1000.0 / jobs)
    } else {
        format!("{:>14} {:>12}", "-", "-")
    };
    let memory = if has_a_process {
        format!("{:>4.1} MiB", of(&cost.memory))
    } else {
        format!("{:>8}", "-")
    };
    format!(
        "{:>7.3} s  {own}  {:>7.3} s {:>7.3} s  {memory}  {calls:>7.0} {:>8.2}",
        of(&cost.wall),
        of(&cost.terraform),
        of(&cost.emulator),
        calls / jobs
    )
}

/// What a local state file makes of an apply.
pub(crate) fn local_state(name: &str, points: &[(usize, Sample)]) {
    println!("terraform: apply of {name}, state in a file on the local disk");
    for (jobs, sample) in points {
        let median = sample.median().unwrap_or_default();
        println!(
            "  {jobs:>5} jobs {median:>9.3} s {:>9.3} ms for each",
            median * 1000.0 / *jobs as f64
        );
    }
    println!();
}

/// 50 ms and two round trips.
const BOUND: f64 = 50.0 + 2.0 * LATENCY.as_millis() as f64;
