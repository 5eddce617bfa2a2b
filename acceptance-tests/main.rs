//! Acceptance tests: real Terraform and the provider's binary against the emulator.
//!
//! Each test writes a configuration, runs Terraform, and asserts on its output, on the requests that the emulator received,
//! and on the jobs that exist afterward. `README.md` describes how to run and add tests.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod harness;
mod tests;
