//! Speaks to the provider as Terraform does, from the wire up, with a client of our own.
//!
//! - [`handshake`], [`debug`], [`logging`] and [`lifetime`] start the real binary.
//! - [`admission`] and [`services`] serve a scripted provider in this process, so that a call can hang on demand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod certificates;
mod client;
mod process;
mod scripted;

mod admission;
mod debug;
mod handshake;
mod lifetime;
mod logging;
mod services;
