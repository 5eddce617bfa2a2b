//! Speaks to the provider as Terraform does, from the wire up, with a client of our own.
//!
//! - [`handshake`], [`socket`], [`debug`], [`logging`] and [`lifetime`] start the real binary.
//! - [`conversation`], [`methods`] and [`schema`] hold whole conversations with it, as Terraform's versions do.
//! - [`identity`] is what Terraform 1.12 and later know of a job beside its state.
//! - [`query`] looks for jobs, as Terraform 1.14 and later can.
//! - [`module`] deploys the Facets module as Terraform's core does, against the emulator; [`core`] is that core.
//! - [`examples`] plays those that are for a newer Terraform than there is here.
//! - [`hostile`] sends it every attribute of every schema with everything that does not belong there.
//! - [`admission`], [`strangers`] and [`services`] serve a scripted provider in this process, so that a call can hang
//!   on demand.
//! - [`abuse`], [`flood`] and [`limits`] wear out the real binary, and look at its memory and descriptors. They ask Linux.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod certificates;
mod client;
mod codec;
mod core;
#[cfg(target_os = "linux")]
mod frames;
#[path = "../../acceptance-tests/harness/mod.rs"]
mod harness;
mod process;
mod scripted;
mod terraform;
mod version;
#[cfg(target_os = "linux")]
mod vitals;

#[cfg(target_os = "linux")]
mod abuse;
mod admission;
mod conversation;
mod data_sources;
mod debug;
mod examples;
#[cfg(target_os = "linux")]
mod flood;
mod handshake;
mod hostile;
mod identity;
mod lifetime;
#[cfg(target_os = "linux")]
mod limits;
mod logging;
mod methods;
mod module;
mod panic;
mod query;
mod schema;
mod services;
mod socket;
mod strangers;
