//! A project may send so many writes a minute: an apply of more jobs than that waits, loses none and sends few
//! that are refused.

use std::collections::BTreeSet;

use super::{IMAGE, REQUIRED};
use crate::harness::{Emulator, Request};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_apply_beyond_the_quota_of_writes_waits_and_asks_little() {
    // At the same time, since much of it is waiting.
    std::thread::scope(|scope| {
        scope.spawn(|| walk(&[]));
        scope.spawn(|| walk(&["--no-retry-after"]));
    });
}

/// Creates, changes and destroys more jobs than a window takes.
fn walk(more: &[&str]) {
    let cloud = Emulator::with(&[&["--operation-time", "50ms", "--write-quota", QUOTA], more].concat());
    let terraform = super::terraform().against(&cloud);
    terraform.write("main.tf", &many(1));
    terraform.init().succeeds();
    for (command, tasks) in [("apply", 1), ("apply", 2), ("destroy", 2)] {
        terraform.write("main.tf", &many(tasks));
        cloud.clear_requests();
        let parallelism = format!("-parallelism={PARALLELISM}");
        terraform
            .run(&[command, "-auto-approve", "-input=false", &parallelism])
            .succeeds();
        let requests = cloud.requests();
        let writes = || requests.iter().filter(|request| request.is_write());
        let answered = |status: u64| writes().filter(move |write| write.0["status"] == status);
        let (taken, refused) = (answered(200).count(), answered(429).count());
        let named: BTreeSet<&str> = answered(200).map(job).collect();
        assert_eq!((taken, named.len()), (JOBS, JOBS), "each once: {named:?}");
        assert_eq!(writes().count(), taken + refused, "nothing else went wrong");
        // Those that are on their way when the first is refused, and then few.
        assert!(refused <= PARALLELISM + JOBS / 2, "{command} {more:?}: {refused}");
    }
    assert_eq!(cloud.jobs().len(), 0);
}

/// The job that a write is about.
fn job(write: &Request) -> &str {
    let named = write.0["query"]["jobId"].as_str();
    named.or(write.path().rsplit('/').next()).unwrap_or_default()
}

fn many(tasks: u32) -> String {
    format!(
        "{REQUIRED}\nresource \"facets_gpu_cloudrun_job\" \"render\" {{\n  count     = {JOBS}\n  name      = \
         \"render-${{count.index}}\"\n  container = {{ image = \"{IMAGE}\" }}\n  job       = {{ task_count = {tasks} }}\n}}\n"
    )
}

/// More than a slow machine makes in a window, in which nobody would have to wait.
const JOBS: usize = 45;
const PARALLELISM: usize = 20;
const QUOTA: &str = "15/2s";
