//! A local emulator of the jobs of the Cloud Run Admin API v2.
//!
//! It shares no code with its clients, so that a field that a client misspells is unknown here. The modules are listed in
//! the order in which a request passes them.

// The server: connections in, responses out; `control` is `/_emulator/`.
mod config;
mod control;
mod emulator;
mod error;
mod request;
mod request_log;
mod response;
mod server;

// Faults and quota: what makes valid requests fail.
mod fault;
mod quota;

// From a request to an API method and a decoded body.
mod route;
mod types;

// The methods: what they reject, fill in and return.
mod api;
mod defaults;
mod gpu;
mod page;
mod rules;

// The resources: how they change and are saved.
mod clock;
mod etag;
mod pattern;
mod resource_name;
mod state_file;
mod store;

use std::fs::File;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

pub use config::{Config, Rate, Rules, WriteQuota};

/// An emulator.
pub struct Server(Arc<emulator::Emulator>);

impl Server {
    /// Creates an emulator, which does not serve yet.
    ///
    /// # Errors
    /// If a file in `config` cannot be opened or read, or a fault in it is unknown.
    pub fn new(config: Config) -> io::Result<Self> {
        let file = config.log.as_ref().map(|path| open_log(path)).transpose()?;
        let log = request_log::RequestLog::new(file);
        let emulator = emulator::Emulator::new(config, log).map_err(io::Error::other)?;
        Ok(Self(Arc::new(emulator)))
    }

    /// Serves the API on `listener` until `shutdown` completes.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        server::serve(listener, self.0, shutdown).await;
    }
}

fn open_log(path: &Path) -> io::Result<File> {
    let file = File::options().create(true).append(true).open(path);
    file.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
