//! A backend of type `http`: a state that lies elsewhere, where Terraform stores it now and then and at the end.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::http1::answering;

/// A running backend, with one state.
pub(crate) struct StateStore {
    address: SocketAddr,
    state: Arc<Mutex<Vec<u8>>>,
}

impl StateStore {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&state);
        let address = answering(move |asked| {
            let mut state = kept.lock().unwrap_or_else(PoisonError::into_inner);
            match asked.method.as_str() {
                "POST" => {
                    *state = asked.body;
                    (200, Vec::new())
                }
                _ if state.is_empty() => (404, Vec::new()),
                _ => (200, state.clone()),
            }
        });
        Self { address, state }
    }

    /// The block that goes into the configuration.
    pub(crate) fn backend(&self) -> String {
        format!(
            "terraform {{\n  backend \"http\" {{\n    address = \"http://{}/state\"\n  }}\n}}\n",
            self.address
        )
    }

    /// What is stored.
    pub(crate) fn text(&self) -> String {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&state).into_owned()
    }
}
