//! Runs real Terraform with the provider's binary, installed from a filesystem mirror, against the emulator.
//!
//! Acceptance tests, the demo and the benchmarks include this module by its path. It uses no type of the provider, and runs
//! on Unix only.

#![allow(dead_code, unused_imports, reason = "each program uses a part of this module")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a broken harness panics")]

pub(crate) mod binaries;
pub(crate) mod command;
pub(crate) mod debug_provider;
pub(crate) mod emulator;
pub(crate) mod feature;
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
pub(crate) use feature::{Feature, has, requires};
pub(crate) use http1::HttpRequest;
pub(crate) use http2::Http2Proxy;
pub(crate) use installation::Installation;
pub(crate) use mock_server::MockServer;
pub(crate) use proxy::{ForwardProxy, TlsProxy};
pub(crate) use release::Release;
pub(crate) use state_store::StateStore;
pub(crate) use tcp_relay::{FaultMode, TcpRelay};
pub(crate) use terraform::Terraform;

/// The default project, region and token of configurations. The token is unique, so that output can be searched for it.
pub(crate) const PROJECT: &str = "acme-batch";
pub(crate) const REGION: &str = "us-central1";
pub(crate) const TOKEN: &str = "ya29.kestrel-token-must-not-be-printed";
