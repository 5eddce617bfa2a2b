//! The emulator, a Terraform working directory, and the commands run there.

use std::time::Duration;

use crate::harness::feature::Program;
use crate::harness::{Emulator, Run, Terraform};
use crate::printer::Printer;
use crate::{Stop, interrupt};

/// The working directory of one part of the demo; all parts share the emulator.
pub(crate) struct Fixture<'a> {
    pub(crate) printer: &'a Printer,
    pub(crate) emulator: &'a Emulator,
    pub(crate) terraform: Terraform,
}

impl Fixture<'_> {
    /// Runs a command that must succeed.
    pub(crate) fn run_ok(&self, arguments: &[&str]) -> Result<Run, Stop> {
        let run = self.run_command(arguments)?;
        if run.code == Some(0) {
            Ok(run)
        } else {
            Err(Stop::Failed(run.to_string()))
        }
    }

    /// Runs a plan that must fail, and prints its errors.
    pub(crate) fn plan_must_fail(&self) -> Result<(), Stop> {
        let run = self.run_command(&["plan"])?;
        if run.code == Some(0) {
            return Err(Stop::Failed(format!("the plan should fail\n{run}")));
        }
        self.printer.quote(run.stderr.trim().lines());
        Ok(())
    }

    /// Destroys all jobs and checks that none remains.
    pub(crate) fn destroy_all(&self) -> Result<(), Stop> {
        let run = self.run_ok(&["destroy", "-auto-approve"])?;
        self.printer
            .quote(run.stdout.lines().filter(|line| line.contains("complete")));
        match self.emulator.jobs().len() {
            0 => Ok(()),
            left => Err(Stop::Failed(format!("{left} jobs remain"))),
        }
    }

    /// Runs a command. On an interrupt, interrupts it and waits for its end.
    fn run_command(&self, arguments: &[&str]) -> Result<Run, Stop> {
        if interrupt::received() {
            return Err(Stop::Interrupted);
        }
        let program = Program::under_test().command();
        self.printer
            .command(&format!("{program} {}", arguments.join(" ")));
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

    /// Sleeps briefly, unless the demo was interrupted.
    pub(crate) fn pause(&self) -> Result<(), Stop> {
        std::thread::sleep(Duration::from_millis(10));
        if interrupt::received() {
            Err(Stop::Interrupted)
        } else {
            Ok(())
        }
    }
}
