//! Speaks to the provider as Terraform does, from the wire up, with a client of our own.
//!
//! - [`handshake`], [`debug`], [`logging`] and [`lifetime`] start the real binary.
//! - [`conversation`], [`methods`] and [`schema`] hold whole conversations with it, as Terraform's versions do.
//! - [`module`] deploys the Facets module as Terraform's core does, against the emulator; [`core`] is that core.
//! - [`hostile`] sends it every attribute of every schema with everything that does not belong there.
//! - [`admission`] and [`services`] serve a scripted provider in this process, so that a call can hang on demand.

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

mod admission;
mod conversation;
mod debug;
mod handshake;
mod hostile;
mod lifetime;
mod logging;
mod methods;
mod module;
mod panic;
mod schema;
mod services;
