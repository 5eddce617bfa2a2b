//! A short story of one GPU job, told by real Terraform against the emulator; `make demo` runs it.
//!
//! Nothing of it stays: the emulator ends and the temporary folder goes, after Ctrl-C too.

mod fixtures;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
mod interrupt;
mod module;
mod printer;
mod resource;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use fixtures::Stage;
use harness::{Emulator, Installation, Terraform};
use printer::Narrator;

/// Why the story ended early.
enum Stop {
    /// The user has seen enough.
    Interrupted,
    /// Something is missing, or went otherwise than told.
    Failed(String),
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Stop::Failed(reason)
    }
}

fn main() -> ExitCode {
    interrupt::listen();
    let narrator = Narrator::new();
    match perform(&narrator) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Interrupted) => {
            narrator.remark("Interrupted. The emulator has ended and the temporary folder is gone.");
            // 128 and the number of the signal, as shells have it.
            ExitCode::from(130)
        }
        Err(Stop::Failed(reason)) => {
            narrator.complain(&reason);
            ExitCode::FAILURE
        }
    }
}

/// Both acts, on the same emulator.
fn perform(narrator: &Narrator) -> Result<(), Stop> {
    let installation = Arc::new(Installation::new()?);
    let (first, second) = (Terraform::new(&installation)?, Terraform::new(&installation)?);
    let emulator = Emulator::spawn(&["--operation-time", "150ms", "--execution-time", "500ms"])?;
    narrator.remark(
        "GPU batch jobs on Cloud Run: real Terraform, the real provider, and an emulator of Google's API.",
    );
    narrator.remark(&format!(
        "The emulator listens on {}; nothing leaves this machine.",
        emulator.address()
    ));
    let start = Instant::now();
    let stage = |terraform: Terraform| Stage {
        narrator,
        emulator: &emulator,
        terraform: terraform.against(&emulator),
    };
    resource::tell(&stage(first))?;
    module::tell(&stage(second))?;
    narrator.remark("");
    narrator.remark(&format!(
        "The end, after {:.1} s. Nothing of it stays.",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}
