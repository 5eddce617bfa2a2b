//! Many jobs through their whole life while requests fail by chance: created, read, changed, destroyed.
//!
//! Each step is a command that is repeated until it ends well; then Terraform's state is held against what the
//! emulator has. A step that does not come to its end, or leaves something lost, doubled or different, fails the test.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use serde_json::Value;

use super::terraform::IMPORTS;
use super::{Emulator, Installation, Run, Terraform};

/// A working directory with many jobs, and an emulator in which requests fail by chance.
pub(crate) struct Load {
    jobs: usize,
    cloud: Emulator,
    terraform: Terraform,
    /// The argument `-parallelism`.
    parallelism: String,
    /// Whether jobs may exist that no state has, so that they have to be imported.
    cut_short: bool,
}

impl Load {
    /// Nothing is applied yet. So many of all requests will fail, such as `5%`, chosen by the seed.
    pub(crate) fn new(jobs: usize, fault_rate: &str, seed: u64, installation: &Arc<Installation>) -> Self {
        let cloud = Emulator::with(&["--operation-time", "500ms"]);
        let terraform = Terraform::new(installation).unwrap_or_else(|reason| panic!("{reason}"));
        let terraform = terraform.against(&cloud);
        terraform.write("main.tf", &configuration(jobs, TASKS[0]));
        terraform.init().succeeds();
        cloud.leave_to_chance(fault_rate, seed);
        Self {
            jobs,
            cloud,
            terraform,
            parallelism: format!("-parallelism={}", (jobs / 2).min(100)),
            cut_short: false,
        }
    }

    /// The whole life, step by step; how many requests met a fault.
    pub(crate) fn walk(&mut self) -> usize {
        self.step(APPLY);
        let made = self.held(TASKS[0]);
        self.step(PLAN);
        self.terraform
            .write("main.tf", &configuration(self.jobs, TASKS[1]));
        self.step(APPLY);
        assert_eq!(self.held(TASKS[1]), made, "a job was replaced");
        self.step(PLAN);
        self.step(DESTROY);
        assert_eq!(self.cloud.jobs(), [] as [Value; 0], "jobs are left");
        self.cloud.disarm();
        let ever = uids(self.cloud.all_jobs_ever().iter());
        assert_eq!(ever, made, "jobs were made besides the first ones");
        let requests = self.cloud.requests();
        requests
            .iter()
            .filter(|request| request.0["fault"].is_string())
            .count()
    }

    /// Applies until all jobs are there and in the state, and destroys them.
    pub(crate) fn is_completed(&self) {
        self.step(APPLY);
        self.held(TASKS[0]);
        self.step(DESTROY);
        assert_eq!(self.cloud.jobs(), [] as [Value; 0], "jobs are left");
    }

    /// Begins to create the jobs, and kills the providers once some are there; how many of these no state knows.
    #[cfg(target_os = "linux")]
    pub(crate) fn cut_short(&mut self) -> usize {
        let running = self.terraform.start(&[APPLY, &[&self.parallelism]].concat());
        let some = self.jobs / 3;
        let running = running.wait_until("some jobs are there", || self.cloud.jobs().len() >= some);
        super::process::signal_children(running.id(), rustix::process::Signal::KILL);
        running.finish();
        self.cut_short = true;
        self.cloud.jobs().len() - self.known().len()
    }

    /// Runs a command until it ends well.
    fn step(&self, command: &[&str]) {
        let command = [command, &[&self.parallelism]].concat();
        for left in (0..MOST_COMMANDS).rev() {
            let run = self.terraform.run(&command);
            assert_eq!(run.sign_of_death(), None, "{run}");
            // 2 is a plan that finds something to do.
            assert!(run.code == Some(0) || run.code != Some(2) && left > 0, "{run}");
            let ended_well = run.code == Some(0);
            self.write_imports((!ended_well).then_some(&run));
            if ended_well {
                return;
            }
        }
    }

    /// Has the jobs imported of which the run says that they exist already; `None`: there is nothing more to import.
    fn write_imports(&self, run: Option<&Run>) {
        let file = self.terraform.folder().join(IMPORTS);
        match run {
            Some(run) if self.cut_short => {
                let number = |name: &str| name.trim_start_matches("job-").to_owned();
                self.terraform.write_imports(run, |name| {
                    format!("facets_gpu_cloudrun_job.job[{}]", number(name))
                });
            }
            _ => drop(fs::remove_file(file)),
        }
    }

    /// The uids of all jobs, which state and emulator must agree on, each with as many tasks as it should have.
    fn held(&self, tasks: u32) -> BTreeSet<String> {
        let jobs = self.cloud.jobs();
        for job in &jobs {
            assert_eq!(job["template"]["taskCount"], tasks, "{job:#}");
        }
        let there = uids(jobs.iter());
        assert_eq!((jobs.len(), there.len()), (self.jobs, self.jobs));
        assert_eq!(there, self.known(), "emulator and state");
        there
    }

    /// The uids of the jobs that the state has.
    fn known(&self) -> BTreeSet<String> {
        let mut shown = self.terraform.run(&["show", "-json"]).json();
        let state = shown["values"]["root_module"]["resources"].take();
        uids(state.as_array().into_iter().flatten().map(|job| &job["values"]))
    }
}

/// A configuration of so many jobs, each with so many tasks.
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
/// Tasks of each job, before and after the change.
const TASKS: [u32; 2] = [2, 7];
/// How often a command may have to be repeated.
const MOST_COMMANDS: u32 = 4;
