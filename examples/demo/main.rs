//! Runs Terraform with this provider against the emulator; `make demo` starts it.
//!
//! The emulator and the temporary folder are removed at the end, also after Ctrl-C.

mod fixtures;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
mod interrupt;
mod module;
mod printer;
mod resource;
mod run;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use fixtures::Fixture;
use harness::feature::Program;
use harness::{Emulator, Installation, Terraform};
use printer::Printer;

/// Why the demo stopped.
enum Stop {
    /// By Ctrl-C or SIGTERM.
    Interrupted,
    /// By an error.
    Failed(String),
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Stop::Failed(reason)
    }
}

fn main() -> ExitCode {
    interrupt::listen();
    let printer = Printer::new();
    match run_demo(&printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Interrupted) => {
            printer.line("Interrupted. The emulator has stopped and the temporary folder is removed.");
            // 128 plus the number of SIGINT, as in shells.
            ExitCode::from(130)
        }
        Err(Stop::Failed(reason)) => {
            printer.error(&reason);
            ExitCode::FAILURE
        }
    }
}

/// Runs both parts with one emulator.
fn run_demo(printer: &Printer) -> Result<(), Stop> {
    let installation = Arc::new(Installation::new()?);
    let (first, second) = (Terraform::new(&installation)?, Terraform::new(&installation)?);
    let emulator = Emulator::spawn(&["--operation-time", "150ms", "--execution-time", "250ms"])?;
    printer.line(
        "GPU batch jobs on Cloud Run: Terraform and this provider against an emulator of the Cloud Run Admin API.",
    );
    printer.line(&format!(
        "The emulator listens on {}; no request leaves this machine. The commands run {}.",
        emulator.address(),
        Program::under_test()
    ));
    let start = Instant::now();
    let fixture = |terraform: Terraform| Fixture {
        printer,
        emulator: &emulator,
        terraform: terraform.with_emulator(&emulator),
    };
    resource::run(&fixture(first))?;
    module::run(&fixture(second))?;
    printer.line("");
    printer.line(&format!(
        "Done in {:.1} s. All jobs are destroyed.",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}
