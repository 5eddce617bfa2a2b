//! The emulator from outside: its own HTTP, in this process on a free port.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test may end with a panic, and is named by a sentence"
)]

mod conformance;
mod definitions;
mod executions;
mod faults;
mod harness;
mod http;
mod jobs;
mod operations;
mod process;
mod quota;
mod random_faults;
mod recordings;
mod validation;
