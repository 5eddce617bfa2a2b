//! An `http` state backend.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use super::http1::serve;

/// A running backend with one state.
pub(crate) struct StateStore {
    address: SocketAddr,
}

impl StateStore {
    pub(crate) fn start() -> Self {
        let state = Mutex::new(String::new());
        let address = serve(move |request| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            match request.line.as_str() {
                line if line.starts_with("POST ") => {
                    *state = request.body;
                    (200, String::new())
                }
                _ if state.is_empty() => (404, String::new()),
                _ => (200, state.clone()),
            }
        });
        Self { address }
    }

    /// The `backend` block.
    pub(crate) fn backend(&self) -> String {
        format!(
            "terraform {{\n  backend \"http\" {{\n    address = \"http://{}/state\"\n  }}\n}}\n",
            self.address
        )
    }
}
