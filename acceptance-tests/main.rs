//! Stories that a user could tell, told by real Terraform against the real binary.
//!
//! Each asserts on what Terraform says, on the requests that the emulator saw, and on the jobs that it holds
//! afterwards. `README.md` says how to run them, also against a sandbox project of Google's.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod harness;
mod tests;
