//! The story, chapter by chapter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Emulator, Installation, Run, Terraform};
use crate::narrator::Narrator;
use crate::{Stop, interrupt};

/// Tells the whole story.
pub(crate) fn tell(narrator: &Narrator) -> Result<(), Stop> {
    let installation = Arc::new(Installation::new()?);
    let terraform = Terraform::new(&installation)?;
    let emulator = Emulator::spawn(&["--operation-time", "150ms", "--execution-time", "500ms"])?;
    let demo = Demo {
        narrator,
        terraform: terraform.against(&emulator),
        emulator,
    };
    narrator.remark(
        "GPU batch jobs on Cloud Run: real Terraform, the real provider, and an emulator of Google's API.",
    );
    narrator.remark(&format!(
        "The emulator listens on {}; nothing leaves this machine.",
        demo.emulator.address()
    ));
    let start = Instant::now();
    demo.install()?;
    demo.refused()?;
    demo.planned()?;
    demo.applied()?;
    demo.stable()?;
    demo.executed()?;
    demo.changed()?;
    demo.destroyed()?;
    narrator.remark("");
    narrator.remark(&format!(
        "The end, after {:.1} s. Nothing of it stays.",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

struct Demo<'a> {
    narrator: &'a Narrator,
    terraform: Terraform,
    emulator: Emulator,
}

impl Demo<'_> {
    fn install(&self) -> Result<(), Stop> {
        self.narrator
            .chapter("Terraform installs the provider from a filesystem mirror");
        self.terraform.write("main.tf", include_str!("refused/main.tf"));
        let run = self.good(&["init"])?;
        self.narrator.quote(
            run.stdout
                .lines()
                .filter(|line| line.contains("facets-gpu v") || line.contains("initialized!")),
        );
        Ok(())
    }

    fn refused(&self) -> Result<(), Stop> {
        self.narrator
            .chapter("Three mistakes in one configuration: all are told at plan, each at its line");
        let run = self.run(&["plan"])?;
        if run.code == Some(0) {
            return Err(Stop::Failed(format!("the plan should be refused\n{run}")));
        }
        self.narrator.quote(run.stderr.trim().lines());
        self.narrator.remark(&format!(
            "Requests to Google so far: {}.",
            self.emulator.requests().len()
        ));
        Ok(())
    }

    fn planned(&self) -> Result<(), Stop> {
        self.narrator.chapter(
            "Ten tasks, two at a time, a GPU each: the plan already knows the URL and the cost in GPU hours",
        );
        self.terraform.write("main.tf", include_str!("contract/main.tf"));
        let run = self.good(&["plan", "-out=job.tfplan"])?;
        let telling = [
            "# facets_gpu",
            "+ execution_url",
            "+ max_gpu_hours",
            "+ task_count",
            "+ parallelism",
            "+ cpu",
            "+ memory",
        ];
        let body = run.stdout.lines().take_while(|line| !line.starts_with("Plan:"));
        self.narrator.quote(
            body.map(str::trim)
                .filter(|line| telling.iter().any(|word| line.starts_with(word))),
        );
        self.narrator
            .quote(run.stdout.lines().filter(|line| line.starts_with("Plan:")));
        Ok(())
    }

    fn applied(&self) -> Result<(), Stop> {
        self.narrator
            .chapter("Applied: Google is waited for without polling, then the outputs are there");
        let run = self.good(&["apply", "job.tfplan"])?;
        self.narrator.quote(
            run.stdout
                .lines()
                .filter(|line| line.contains("complete") || line.contains(": Creating")),
        );
        let run = self.good(&["output"])?;
        self.narrator.quote(run.stdout.lines());
        Ok(())
    }

    fn stable(&self) -> Result<(), Stop> {
        self.narrator
            .chapter("The job is read back, and nothing is left to do");
        let run = self.good(&["plan", "-detailed-exitcode"])?;
        self.narrator
            .quote(run.stdout.lines().filter(|line| line.starts_with("No changes")));
        Ok(())
    }

    fn executed(&self) -> Result<(), Stop> {
        self.narrator.chapter("execution_url starts an execution");
        let url = self.terraform.output("execution_url");
        let path = url
            .as_str()
            .and_then(|url| url.strip_prefix("https://run.googleapis.com"));
        let path = path.ok_or_else(|| Stop::Failed(format!("{url} is not an address of Google's")))?;
        self.narrator.command(&format!(
            "curl -X POST -H \"authorization: Bearer ...\" -d '{{}}' {}{path}",
            self.emulator.address()
        ));
        let (status, answer) = self.emulator.api("POST", path, Some(&json!({})));
        let name = answer["metadata"]["name"].as_str().unwrap_or_default();
        if status != 200 || name.is_empty() {
            return Err(Stop::Failed(format!(
                "the execution was not started: {status} {answer}"
            )));
        }
        self.narrator
            .remark(&format!("started {}", name.rsplit('/').next().unwrap_or(name)));
        let execution = self.finished(name)?;
        self.narrator.remark(&format!(
            "{} of {} tasks succeeded",
            execution["succeededCount"], execution["taskCount"]
        ));
        Ok(())
    }

    /// The execution once all its tasks are done.
    fn finished(&self, name: &str) -> Result<Value, Stop> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            let (_, execution) = self.emulator.api("GET", &format!("/v2/{name}"), None);
            if execution["completionTime"].is_string() {
                return Ok(execution);
            }
            self.pause()?;
        }
        Err(Stop::Failed(format!("the execution {name} does not end")))
    }

    fn changed(&self) -> Result<(), Stop> {
        self.narrator
            .chapter("Five at a time from now on: changed in place");
        let run = self.good(&["apply", "-auto-approve", "-var=parallelism=5"])?;
        self.narrator
            .quote(run.stdout.lines().map(str::trim).filter(|line| {
                line.contains("parallelism ") || line.starts_with("Plan:") || line.contains("complete")
            }));
        Ok(())
    }

    fn destroyed(&self) -> Result<(), Stop> {
        self.narrator.chapter("Destroyed");
        let run = self.good(&["destroy", "-auto-approve"])?;
        self.narrator
            .quote(run.stdout.lines().filter(|line| line.contains("complete")));
        match self.emulator.jobs().len() {
            0 => Ok(()),
            left => Err(Stop::Failed(format!("{left} jobs are left"))),
        }
    }

    /// A command that must end well.
    fn good(&self, arguments: &[&str]) -> Result<Run, Stop> {
        let run = self.run(arguments)?;
        if run.code == Some(0) {
            Ok(run)
        } else {
            Err(Stop::Failed(run.to_string()))
        }
    }

    /// Runs a command; an interrupt is passed on to it, and its end waited for.
    fn run(&self, arguments: &[&str]) -> Result<Run, Stop> {
        if interrupt::seen() {
            return Err(Stop::Interrupted);
        }
        self.narrator
            .command(&format!("terraform {}", arguments.join(" ")));
        let mut running = self.terraform.start(arguments);
        while !running.has_ended() {
            if self.pause().is_err() {
                running.interrupt();
                running.finish();
                return Err(Stop::Interrupted);
            }
        }
        Ok(running.finish())
    }

    /// A moment, unless the user wants no more.
    fn pause(&self) -> Result<(), Stop> {
        std::thread::sleep(Duration::from_millis(10));
        if interrupt::seen() {
            Err(Stop::Interrupted)
        } else {
            Ok(())
        }
    }
}
