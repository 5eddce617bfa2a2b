//! Calls a provider with a client of our own, for what Terraform never sends or does not show.
//!
//! - [`handshake`], [`socket`], [`debug`], [`logging`] and [`shutdown`] start the example provider.
//! - [`mutual_tls`], [`malformed_handshakes`], [`services`] and [`actions`] serve a scripted provider in this process, in
//!   which a call can wait.
//! - [`flood`] and [`limits`] load the example provider and measure its memory and file descriptors (Linux only).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod certificates;
mod client;
mod example;
mod process;
#[cfg(target_os = "linux")]
mod process_stats;
mod scripted;

mod actions;
mod debug;
#[cfg(target_os = "linux")]
mod flood;
mod handshake;
#[cfg(target_os = "linux")]
mod limits;
mod logging;
mod malformed_handshakes;
mod mutual_tls;
mod panic;
mod services;
mod shutdown;
mod socket;
