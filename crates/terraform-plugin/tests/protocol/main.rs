//! Speaks to the provider as Terraform does, with a client of our own: for what real Terraform never does, or does not show.
//!
//! - [`handshake`], [`socket`], [`debug`], [`logging`] and [`lifetime`] start the real binary.
//! - [`admission`], [`strangers`] and [`services`] serve a scripted provider in this process, so that a call can hang
//!   on demand.
//! - [`flood`] and [`limits`] wear out the real binary, and look at its memory and descriptors. They ask Linux.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod certificates;
mod client;
mod process;
mod scripted;
mod values;
#[cfg(target_os = "linux")]
mod vitals;

mod admission;
mod debug;
#[cfg(target_os = "linux")]
mod flood;
mod handshake;
mod lifetime;
#[cfg(target_os = "linux")]
mod limits;
mod logging;
mod panic;
mod services;
mod socket;
mod strangers;
