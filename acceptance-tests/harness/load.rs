//! Creates, reads, updates and destroys many jobs while random requests fail.
//!
//! Each command is repeated until it succeeds; then the state is compared with the emulator's jobs. Lost, duplicated or
//! different jobs fail the test.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use serde_json::Value;

use super::terraform::IMPORTS;
use super::{Emulator, Installation, Run, Terraform};

/// A working directory with many jobs, and an emulator with random faults.
pub(crate) struct LoadTest {
    jobs: usize,
    emulator: Emulator,
    terraform: Terraform,
    /// The `-parallelism` argument.
    parallelism: String,
    /// Whether a provider was killed, so that jobs missing from the state must be imported.
    killed: bool,
}

impl LoadTest {
    /// Applies nothing yet. `fault_rate` is the share of failing requests, such as `5%`.
    pub(crate) fn new(jobs: usize, fault_rate: &str, seed: u64, installation: &Arc<Installation>) -> Self {
        let emulator = Emulator::with_flags(&["--operation-time", "500ms"]);
        let terraform = Terraform::new(installation).unwrap_or_else(|reason| panic!("{reason}"));
        let terraform = terraform.with_emulator(&emulator);
        terraform.write("main.tf", &configuration(jobs, TASKS[0]));
        terraform.init().succeeds();
        emulator.inject_random_faults(fault_rate, seed);
        Self {
            jobs,
            emulator,
            terraform,
            parallelism: format!("-parallelism={}", (jobs / 2).min(100)),
            killed: false,
        }
    }

    /// Runs all steps and returns the number of failed requests.
    pub(crate) fn run(&mut self) -> usize {
        self.step(APPLY);
        let created = self.check_jobs(TASKS[0]);
        self.step(PLAN);
        self.terraform
            .write("main.tf", &configuration(self.jobs, TASKS[1]));
        self.step(APPLY);
        assert_eq!(self.check_jobs(TASKS[1]), created, "a job was replaced");
        self.step(PLAN);
        self.step(DESTROY);
        assert_eq!(self.emulator.jobs(), [] as [Value; 0], "jobs remain");
        self.emulator.clear_faults();
        let all = uids(self.emulator.jobs_including_deleted().iter());
        assert_eq!(all, created, "additional jobs were created");
        let requests = self.emulator.requests();
        requests
            .iter()
            .filter(|request| request.0["fault"].is_string())
            .count()
    }

    /// Applies until all jobs exist and are in the state, then destroys them.
    pub(crate) fn complete(&self) {
        self.step(APPLY);
        self.check_jobs(TASKS[0]);
        self.step(DESTROY);
        assert_eq!(self.emulator.jobs(), [] as [Value; 0], "jobs remain");
    }

    /// Starts an apply and kills the providers once some jobs exist. Returns the number of jobs missing from the state.
    #[cfg(target_os = "linux")]
    pub(crate) fn kill_providers(&mut self) -> usize {
        let running = self.terraform.start(&[APPLY, &[&self.parallelism]].concat());
        let enough = self.jobs / 3;
        let running = running.wait_until("some jobs exist", || self.emulator.jobs().len() >= enough);
        super::process::signal_children(running.id(), rustix::process::Signal::KILL);
        running.finish();
        self.killed = true;
        self.emulator.jobs().len() - self.uids_in_state().len()
    }

    /// Runs a command until it succeeds.
    fn step(&self, command: &[&str]) {
        let command = [command, &[&self.parallelism]].concat();
        for left in (0..MAX_ATTEMPTS).rev() {
            let run = self.terraform.run(&command);
            assert_eq!(run.crash_message(), None, "{run}");
            // 2 is a plan with changes.
            assert!(run.code == Some(0) || run.code != Some(2) && left > 0, "{run}");
            let succeeded = run.code == Some(0);
            self.write_imports((!succeeded).then_some(&run));
            if succeeded {
                return;
            }
        }
    }

    /// Writes import blocks for the jobs that the run reports as existing, or removes them.
    fn write_imports(&self, run: Option<&Run>) {
        let file = self.terraform.folder().join(IMPORTS);
        match run {
            Some(run) if self.killed => {
                let number = |name: &str| name.trim_start_matches("job-").to_owned();
                self.terraform.write_imports(run, |name| {
                    format!("facets_gpu_cloudrun_job.job[{}]", number(name))
                });
            }
            _ => drop(fs::remove_file(file)),
        }
    }

    /// Asserts that state and emulator have the same jobs, each with this number of tasks. Returns their uids.
    fn check_jobs(&self, tasks: u32) -> BTreeSet<String> {
        let jobs = self.emulator.jobs();
        for job in &jobs {
            assert_eq!(job["template"]["taskCount"], tasks, "{job:#}");
        }
        let existing = uids(jobs.iter());
        assert_eq!((jobs.len(), existing.len()), (self.jobs, self.jobs));
        assert_eq!(existing, self.uids_in_state(), "emulator and state");
        existing
    }

    /// The uids of the jobs in the state.
    fn uids_in_state(&self) -> BTreeSet<String> {
        let mut shown = self.terraform.run(&["show", "-json"]).json();
        let state = shown["values"]["root_module"]["resources"].take();
        uids(state.as_array().into_iter().flatten().map(|job| &job["values"]))
    }
}

/// A configuration with a number of jobs, each with a number of tasks.
pub(crate) fn configuration(jobs: usize, tasks: u32) -> String {
    format!(
        r#"terraform {{
  required_providers {{
    facets = {{ source = "facets-cloud/facets-gpu" }}
  }}
}}

resource "facets_gpu_cloudrun_job" "job" {{
  count     = {jobs}
  name      = "job-${{count.index}}"
  container = {{ image = "us-docker.pkg.dev/acme-batch/media/renderer:1.4" }}
  job       = {{ task_count = {tasks} }}
  env       = {{ LOG_LEVEL = "info" }}
  labels    = {{ team = "media" }}
}}
"#
    )
}

fn uids<'a>(jobs: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    jobs.filter_map(|job| job["uid"].as_str().map(str::to_owned))
        .collect()
}

const APPLY: &[&str] = &["apply", "-auto-approve", "-input=false"];
const PLAN: &[&str] = &["plan", "-input=false", "-detailed-exitcode"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-input=false"];
/// Tasks of each job, before and after the update.
const TASKS: [u32; 2] = [2, 7];
/// How often a command is tried.
const MAX_ATTEMPTS: u32 = 4;
