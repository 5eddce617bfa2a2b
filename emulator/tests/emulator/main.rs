//! The emulator from outside: its own HTTP, in this process on a free port.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test may end with a panic, and is named by a sentence"
)]

mod chance;
mod conformance;
mod definitions;
mod executions;
mod faults;
mod front_door;
mod harness;
mod jobs;
mod operations;
mod process;
mod quota;
mod recordings;
mod refusals;
