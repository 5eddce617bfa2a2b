//! A local stand-in for the jobs surface of the Cloud Run Admin API v2.
//!
//! It speaks as the live service was recorded to speak, and shares nothing with any client: a field that a
//! client misspells is unknown here. A request goes through these rooms:
//!
//! * `server` reads it from a socket, `request_log` notes it,
//! * `route` finds out which method is meant, `types` reads its body strictly,
//! * `api` does it, one file per noun, on the resources in `store`; `rules` refuse what the service
//!   refuses, and `defaults` fill what was left open,
//! * `answer` and `problem` are what comes back.
//!
//! `fault` has the bad days, and `control` answers below `/_emulator/`, where tests look behind the API.

#![expect(dead_code, reason = "faults and executions come next and use it")]

mod answer;
mod api;
mod clock;
mod config;
mod control;
mod defaults;
mod fault;
mod page;
mod problem;
mod request;
mod request_log;
mod route;
mod rules;
mod server;
mod store;
mod types;

use std::fs::File;
use std::future::Future;
use std::sync::Arc;

use tokio::net::TcpListener;

pub use config::{Config, Rules};

/// Serves the API on `listener` until `shutdown` is there.
///
/// # Errors
/// When a file named in `config` cannot be opened, or a fault in it is unknown.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let file = config
        .log
        .as_ref()
        .map(|path| File::options().create(true).append(true).open(path));
    let log = request_log::RequestLog::new(file.transpose()?);
    let emulator = api::Emulator::new(config, log).map_err(std::io::Error::other)?;
    let emulator = Arc::new(emulator);
    server::serve(listener, emulator, shutdown).await;
    Ok(())
}
