//! The emulator over HTTP: a server in this process on a free port, or the program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test may end with a panic, and its name documents it"
)]

mod clock;
mod conformance;
mod definitions;
mod executions;
mod faults;
mod harness;
mod http;
mod jobs;
mod operations;
mod outcomes;
mod process;
mod quota;
mod random_faults;
mod readme;
mod recordings;
mod validation;
