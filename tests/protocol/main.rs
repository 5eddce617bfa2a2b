//! Speaks to the provider as Terraform does, from the wire up, with a client of our own.
//!
//! - [`handshake`], [`debug`], [`logging`] and [`lifetime`] start the real binary.
//! - [`conversation`], [`methods`] and [`schema`] hold whole conversations with it, as Terraform's versions do.
//! - [`module`] deploys the Facets module as Terraform's core does, against the emulator; [`core`] is that core.
//! - [`admission`], [`strangers`] and [`services`] serve a scripted provider in this process, so that a call can hang
//!   on demand.
//! - [`flood`] wears out the real binary, and counts its descriptors. It asks Linux.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod certificates;
mod client;
mod codec;
mod core;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
mod process;
mod scripted;
mod terraform;
mod version;
#[cfg(target_os = "linux")]
mod vitals;

mod admission;
mod conversation;
mod debug;
#[cfg(target_os = "linux")]
mod flood;
mod handshake;
mod lifetime;
mod logging;
mod methods;
mod module;
mod panic;
mod schema;
mod services;
mod strangers;
