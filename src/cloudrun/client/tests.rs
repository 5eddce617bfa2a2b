//! The client against a server that goes through a script.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod sending;
mod server;
mod tokens;
mod waiting;
