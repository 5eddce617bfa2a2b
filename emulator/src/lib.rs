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
//! `fault` has the bad days, `quota` counts writes, and `control` answers below `/_emulator/`, where tests look behind the API.

mod api;
mod clock;
mod config;
mod control;
mod defaults;
mod emulator;
mod error;
mod etag;
mod fault;
mod gpu;
mod page;
mod quota;
mod request;
mod request_log;
mod resource_name;
mod response;
mod route;
mod rules;
mod server;
mod state_file;
mod store;
mod types;

use std::fs::File;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

pub use config::{Config, Rate, Rules, WriteQuota};

/// An emulator that is ready to serve.
pub struct Server(Arc<emulator::Emulator>);

impl Server {
    /// Prepares an emulator; nothing is served yet.
    ///
    /// # Errors
    /// When a file named in `config` cannot be opened or read, or a fault in it is unknown.
    pub fn new(config: Config) -> io::Result<Self> {
        let file = config.log.as_ref().map(|path| open(path)).transpose()?;
        let log = request_log::RequestLog::new(file);
        let emulator = emulator::Emulator::new(config, log).map_err(io::Error::other)?;
        Ok(Self(Arc::new(emulator)))
    }

    /// Serves the API on `listener` until `shutdown` is there.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        server::serve(listener, self.0, shutdown).await;
    }
}

/// Opens the log, whose former lines stay.
fn open(path: &Path) -> io::Result<File> {
    let opened = File::options().create(true).append(true).open(path);
    opened.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
