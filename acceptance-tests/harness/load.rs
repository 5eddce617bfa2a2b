//! Many jobs through their whole life while requests fail by chance: created, read, changed, destroyed.
//!
//! Each step is a command that is repeated until it ends well; then Terraform's state is held against what the
//! emulator has. A step that does not come to its end, or leaves something lost, doubled or different, is an error.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::process::peak_of_providers;
use super::terraform::IMPORTS;
use super::traffic::Traffic;
use super::{Emulator, Installation, Run, Terraform};

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) jobs: usize,
    /// Terraform's `-parallelism`.
    pub(crate) parallelism: usize,
    /// Of all requests, such as `5%`.
    pub(crate) fault_rate: &'static str,
    pub(crate) seed: u64,
}

/// What a step took.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// How often its command was run, until all was done.
    pub(crate) commands: u32,
    pub(crate) time: Duration,
    pub(crate) traffic: Traffic,
    /// The most memory that a provider held, in KiB; 0 where that is not told.
    pub(crate) peak: u64,
}

/// A working directory with many jobs, and an emulator in which requests fail by chance.
pub(crate) struct Load {
    size: Size,
    cloud: Emulator,
    terraform: Terraform,
    /// The emulator's log, and how much of it belongs to earlier steps.
    log: tempfile::TempPath,
    counted: usize,
    /// Whether somebody wants no more.
    stop: fn() -> bool,
    /// The jobs as they were first made.
    made: BTreeSet<String>,
    /// Whether jobs may exist that no state has, so that they have to be imported.
    cut_short: bool,
}

impl Load {
    /// Nothing is applied yet.
    pub(crate) fn new(
        size: Size,
        installation: &Arc<Installation>,
        stop: fn() -> bool,
    ) -> Result<Self, String> {
        let log = tempfile::NamedTempFile::new().map_err(|error| format!("no log: {error}"))?;
        let log = log.into_temp_path();
        let path = log.to_str().ok_or("the temporary folder has a strange name")?;
        let cloud = Emulator::spawn(&["--operation-time", "500ms", "--log", path])?;
        let terraform = Terraform::new(installation)?.against(&cloud);
        terraform.write("main.tf", &configuration(size.jobs, TASKS[0]));
        let init = terraform.init();
        if init.code != Some(0) {
            return Err(init.to_string());
        }
        cloud.leave_to_chance(size.fault_rate, size.seed);
        Ok(Self {
            size,
            cloud,
            terraform,
            log,
            counted: 0,
            stop,
            made: BTreeSet::new(),
            cut_short: false,
        })
    }

    /// The whole walk, step by step.
    pub(crate) fn walk(&mut self, mut done: impl FnMut(&Step)) -> Result<(), String> {
        done(&self.step("create", APPLY)?);
        self.made = self.held(TASKS[0])?;
        done(&self.step("read", PLAN)?);
        self.terraform
            .write("main.tf", &configuration(self.size.jobs, TASKS[1]));
        done(&self.step("change", APPLY)?);
        if self.held(TASKS[1])? != self.made {
            return Err("a job that was to be changed was replaced".to_owned());
        }
        done(&self.step("read again", PLAN)?);
        done(&self.step("destroy", DESTROY)?);
        self.nothing_is_left()
    }

    /// Begins to create the jobs, and kills the providers once some are there; how many of these no state knows.
    #[cfg(target_os = "linux")]
    pub(crate) fn cut_short(&mut self) -> usize {
        let parallelism = format!("-parallelism={}", self.size.parallelism);
        let running = self.terraform.start(&[APPLY, &[&parallelism]].concat());
        let some = self.size.jobs / 3;
        let running = running.wait_until("some jobs are there", || self.cloud.jobs().len() >= some);
        super::process::signal_children(running.id(), rustix::process::Signal::KILL);
        running.finish();
        self.cut_short = true;
        self.cloud.jobs().len() - self.known().len()
    }

    /// Runs a command until it ends well.
    fn step(&mut self, name: &'static str, command: &[&str]) -> Result<Step, String> {
        let parallelism = format!("-parallelism={}", self.size.parallelism);
        let command = [command, &[&parallelism]].concat();
        let begin = Instant::now();
        let mut peak = 0;
        let mut said = String::new();
        for commands in 1..=MOST_COMMANDS {
            let run = self.watched(&command, &mut peak)?;
            if let Some(sign) = run.sign_of_death() {
                return Err(format!("{name}: {sign}\n{run}"));
            }
            match run.code {
                Some(0) => {
                    self.write_imports(None);
                    return Ok(Step {
                        name,
                        commands,
                        time: begin.elapsed(),
                        traffic: self.traffic()?,
                        peak,
                    });
                }
                // A plan that finds something to do.
                Some(2) => return Err(format!("{name}: something is left to do\n{run}")),
                _ => {
                    self.write_imports(Some(&run));
                    said = run.to_string();
                }
            }
        }
        Err(format!("{name}: it does not converge\n{said}"))
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

    fn watched(&self, command: &[&str], peak: &mut u64) -> Result<Run, String> {
        let mut running = self.terraform.start(command);
        while !running.has_ended() {
            // What is dropped on the way out ends Terraform, the provider and the emulator.
            if (self.stop)() {
                return Err("it was interrupted".to_owned());
            }
            *peak = peak_of_providers(running.id()).max(*peak);
            std::thread::sleep(GLANCE);
        }
        Ok(running.finish())
    }

    /// What was asked since the last step.
    fn traffic(&mut self) -> Result<Traffic, String> {
        let log = fs::read_to_string(&self.log).map_err(|error| format!("the emulator's log: {error}"))?;
        let traffic = Traffic::of(&log[self.counted..]);
        self.counted = log.len();
        Ok(traffic)
    }

    /// The uids of all jobs, which state and emulator must agree on, each with as many tasks as it should have.
    fn held(&self, tasks: u32) -> Result<BTreeSet<String>, String> {
        let jobs = self.cloud.jobs();
        if let Some(other) = jobs.iter().find(|job| job["template"]["taskCount"] != tasks) {
            return Err(format!("this job should have {tasks} tasks: {other:#}"));
        }
        let there = uids(jobs.iter());
        let known = self.known();
        if jobs.len() == self.size.jobs && there.len() == jobs.len() && there == known {
            return Ok(there);
        }
        Err(format!(
            "there should be {} jobs. The emulator has {}, the state has {}, and {} are in both",
            self.size.jobs,
            jobs.len(),
            known.len(),
            there.intersection(&known).count()
        ))
    }

    /// The uids of the jobs that the state has.
    fn known(&self) -> BTreeSet<String> {
        let mut shown = self.terraform.run(&["show", "-json"]).json();
        let state = shown["values"]["root_module"]["resources"].take();
        uids(state.as_array().into_iter().flatten().map(|job| &job["values"]))
    }

    /// No job is left, and none but those that were made first has ever been there.
    fn nothing_is_left(&self) -> Result<(), String> {
        let left = self.cloud.jobs().len();
        self.cloud.disarm();
        let ever = uids(self.cloud.all_jobs_ever().iter());
        if left == 0 && ever == self.made {
            return Ok(());
        }
        let more = ever.difference(&self.made).count();
        Err(format!(
            "{left} jobs are left, and {more} were made besides the first ones"
        ))
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
/// Between two looks at a command.
const GLANCE: Duration = Duration::from_millis(20);
