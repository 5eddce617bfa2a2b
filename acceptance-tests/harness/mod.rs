//! What drives the provider from outside: a real `terraform`, the provider's binary installed from a
//! filesystem mirror, and the emulator as a process of its own.
//!
//! Acceptance tests, the demo and the benchmarks include this module by its path. Nothing in it
//! knows a type of the provider: what it sees is what a user sees.

#![allow(
    dead_code,
    unused_imports,
    reason = "each program that includes this module uses another part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken test bench is told by a panic"
)]

pub(crate) mod binaries;
pub(crate) mod command;
pub(crate) mod debug_provider;
pub(crate) mod emulator;
pub(crate) mod facets_platform;
mod http1;
pub(crate) mod http2;
pub(crate) mod installation;
pub(crate) mod load;
pub(crate) mod mock_server;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod registry;
pub(crate) mod release;
pub(crate) mod state_store;
pub(crate) mod tcp_relay;
pub(crate) mod terraform;

pub(crate) use command::{Run, Running};
pub(crate) use emulator::{Emulator, Request};
pub(crate) use http1::Asked;
pub(crate) use http2::Http2Front;
pub(crate) use installation::Installation;
pub(crate) use mock_server::StandIn;
pub(crate) use proxy::{Proxy, TlsFront};
pub(crate) use release::Packed;
pub(crate) use state_store::StateStore;
pub(crate) use tcp_relay::{Relay, Weather};
pub(crate) use terraform::Terraform;

/// The project, region and token that configurations run with unless a story says otherwise. The token is a
/// word that occurs nowhere else, so that a search for it is worth something.
pub(crate) const PROJECT: &str = "acme-batch";
pub(crate) const REGION: &str = "us-central1";
pub(crate) const TOKEN: &str = "ya29.kestrel-token-nobody-may-print";
