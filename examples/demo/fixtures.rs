//! Where an act plays: a working directory of Terraform, the emulator, and who tells what happens there.

use std::time::Duration;

use crate::harness::{Emulator, Run, Terraform};
use crate::printer::Narrator;
use crate::{Stop, interrupt};

/// One act's working directory; the emulator is the same for all.
pub(crate) struct Stage<'a> {
    pub(crate) narrator: &'a Narrator,
    pub(crate) emulator: &'a Emulator,
    pub(crate) terraform: Terraform,
}

impl Stage<'_> {
    /// A command that must end well.
    pub(crate) fn good(&self, arguments: &[&str]) -> Result<Run, Stop> {
        let run = self.run(arguments)?;
        if run.code == Some(0) {
            Ok(run)
        } else {
            Err(Stop::Failed(run.to_string()))
        }
    }

    /// A plan that must be refused; tells what Terraform says.
    pub(crate) fn refused(&self) -> Result<(), Stop> {
        let run = self.run(&["plan"])?;
        if run.code == Some(0) {
            return Err(Stop::Failed(format!("the plan should be refused\n{run}")));
        }
        self.narrator.quote(run.stderr.trim().lines());
        Ok(())
    }

    /// Destroys all there is, and looks whether it is gone.
    pub(crate) fn destroyed(&self) -> Result<(), Stop> {
        let run = self.good(&["destroy", "-auto-approve"])?;
        self.narrator
            .quote(run.stdout.lines().filter(|line| line.contains("complete")));
        match self.emulator.jobs().len() {
            0 => Ok(()),
            left => Err(Stop::Failed(format!("{left} jobs are left"))),
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
    pub(crate) fn pause(&self) -> Result<(), Stop> {
        std::thread::sleep(Duration::from_millis(10));
        if interrupt::seen() {
            Err(Stop::Interrupted)
        } else {
            Ok(())
        }
    }
}
