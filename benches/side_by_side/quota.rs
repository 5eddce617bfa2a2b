//! Many jobs against a quota of writes, as Google has one per minute and region: how much longer it takes than the quota.
//!
//! It is measured by the emulator's request log, from the first write that was taken to the last: what Terraform does
//! before and after is not of interest here. The ideal is the time at which the quota allows the last write, to somebody
//! who knows when its windows begin and has sent as many in the first one; what the jobs themselves take is not in it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use crate::harness::load::configuration;
use crate::harness::writes::{Quota, Writes};
use crate::harness::{Emulator, Installation, Request, StateStore, Terraform, binaries};
use crate::timed;

/// What one command came to.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) ideal: f64,
    pub(crate) seconds: f64,
    /// Refused writes for each one that was taken.
    pub(crate) refused: f64,
    /// Terraform's errors.
    pub(crate) errors: usize,
}

/// Creates and destroys so many jobs with each parallelism, with and without Retry-After.
pub(crate) fn measure(jobs: usize, parallelisms: &[usize]) -> Result<Vec<Row>, String> {
    let installation = Arc::new(Installation::of(
        &binaries::provider()?,
        "facets-cloud/facets-gpu",
        env!("CARGO_PKG_VERSION"),
    )?);
    let mut rows = Vec::new();
    for parallelism in parallelisms {
        for more in [&[][..], &["--no-retry-after"]] {
            rows.extend(walk(&installation, jobs, *parallelism, more)?);
        }
    }
    Ok(rows)
}

/// One creation and one deletion, against a fresh emulator.
fn walk(
    installation: &Arc<Installation>,
    jobs: usize,
    parallelism: usize,
    more: &[&str],
) -> Result<[Row; 2], String> {
    let log = tempfile::NamedTempFile::new().map_err(|error| format!("no log: {error}"))?;
    let path = log
        .path()
        .to_str()
        .ok_or("the temporary folder has a strange name")?;
    let quota = QUOTA.flag();
    let flags = [
        "--operation-time",
        "100ms",
        "--write-quota",
        &quota,
        "--log",
        path,
    ];
    let emulator = Emulator::spawn(&[&flags, more].concat())?;
    // Terraform writes a state on this machine after every job; this one it stores now and then.
    let store = StateStore::start();
    let terraform = Terraform::new(installation)?.against(&emulator);
    terraform.write("main.tf", &configuration(jobs, 1));
    terraform.write("backend.tf", &store.backend());
    let init = terraform.init();
    if init.code != Some(0) {
        return Err(init.to_string());
    }
    let mut counted = 0;
    let mut step = |command: &'static str| -> Result<Row, String> {
        let errors = run(&terraform, command, parallelism)?;
        let text = fs::read_to_string(path).map_err(|error| format!("the emulator's log: {error}"))?;
        let lines = text[counted..].lines();
        let requests: Vec<Request> = lines
            .filter_map(|line| serde_json::from_str(line).ok().map(Request))
            .collect();
        counted = text.len();
        let writes = Writes::of(&requests);
        if writes.taken.is_empty() {
            return Err("nothing was written".to_owned());
        }
        let ideal = QUOTA.ideal(&writes);
        Ok(Row {
            what: format!("{command}, -parallelism={parallelism} {}", more.concat()),
            ideal,
            seconds: writes.seconds(),
            refused: writes.refused as f64 / writes.taken.len() as f64,
            errors: errors + jobs.abs_diff(writes.taken.len()),
        })
    };
    Ok([step("apply")?, step("destroy")?])
}

/// Runs a command; how many errors it told.
fn run(terraform: &Terraform, command: &str, parallelism: usize) -> Result<usize, String> {
    let parallelism = format!("-parallelism={parallelism}");
    let command = [command, "-auto-approve", "-input=false", &parallelism];
    let (_, run) = timed::ended(terraform, &command, GLANCE, |_| ())?;
    Ok(run.words().matches("Error: ").count())
}

const GLANCE: Duration = Duration::from_millis(20);
/// Of a tenth of a minute, so that a walk does not last for minutes.
const QUOTA: Quota = Quota {
    writes: 100,
    window: 10,
};
