//! The write quota of a project: an apply with more jobs waits, loses none and sends few rejected requests.

use std::collections::BTreeSet;

use super::{IMAGE, REQUIRED_PROVIDERS};
use crate::harness::{Emulator, Request};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn writes_wait_for_quota() {
    // In parallel, because most of the time is spent waiting.
    std::thread::scope(|scope| {
        scope.spawn(|| create_update_destroy(&[]));
        scope.spawn(|| create_update_destroy(&["--no-retry-after"]));
    });
}

/// Creates, updates and destroys more jobs than the quota of one window.
fn create_update_destroy(flags: &[&str]) {
    let emulator =
        Emulator::with_flags(&[&["--operation-time", "50ms", "--write-quota", QUOTA], flags].concat());
    let terraform = super::terraform().with_emulator(&emulator);
    terraform.write("main.tf", &config(1));
    terraform.init().succeeds();
    for (command, tasks) in [("apply", 1), ("apply", 2), ("destroy", 2)] {
        terraform.write("main.tf", &config(tasks));
        emulator.clear_requests();
        let parallelism = format!("-parallelism={PARALLELISM}");
        terraform
            .run(&[command, "-auto-approve", "-input=false", &parallelism])
            .succeeds();
        let requests = emulator.requests();
        let writes = || requests.iter().filter(|request| request.is_write());
        let with_status = |status: u64| writes().filter(move |write| write.0["status"] == status);
        let (accepted, rejected) = (with_status(200).count(), with_status(429).count());
        let names: BTreeSet<&str> = with_status(200).map(job_name).collect();
        assert_eq!((accepted, names.len()), (JOBS, JOBS), "each job once: {names:?}");
        assert_eq!(writes().count(), accepted + rejected, "unexpected errors");
        // Requests in flight at the first rejection, and a few more.
        assert!(
            rejected <= PARALLELISM + JOBS / 2,
            "{command} {flags:?}: {rejected}"
        );
    }
    assert_eq!(emulator.jobs().len(), 0);
}

/// The job that a write refers to.
fn job_name(write: &Request) -> &str {
    let id = write.0["query"]["jobId"].as_str();
    id.or(write.path().rsplit('/').next()).unwrap_or_default()
}

fn config(tasks: u32) -> String {
    format!(
        "{REQUIRED_PROVIDERS}\nresource \"facets_gpu_cloudrun_job\" \"render\" {{\n  count     = {JOBS}\n  name      = \
         \"render-${{count.index}}\"\n  container = {{ image = \"{IMAGE}\" }}\n  job       = {{ task_count = {tasks} }}\n}}\n"
    )
}

/// More than a slow machine can create in one window.
const JOBS: usize = 45;
const PARALLELISM: usize = 20;
const QUOTA: &str = "15/2s";
