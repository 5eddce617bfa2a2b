//! A short story of one GPU job, told by real Terraform against the emulator; `make demo` runs it.
//!
//! Nothing of it stays: the emulator ends and the temporary folder goes, after Ctrl-C too.

#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
mod interrupt;
mod narrator;
mod story;

use std::process::ExitCode;

use narrator::Narrator;

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
    match story::tell(&narrator) {
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
