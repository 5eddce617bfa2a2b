//! A stand-in for those of Google's services that the emulator is not: whoever gives tokens, secrets, accounts. It
//! says what a story has it say, and remembers what it was asked.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::http1::{Asked, answering};

/// A server on a free port of this machine. It lives as long as the process.
pub(crate) struct StandIn {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// A server that gives these answers: a status, and JSON.
    pub(crate) fn new(answer: impl Fn(&Asked) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&asked);
        let address = answering(move |request| {
            let (status, body) = answer(&request);
            memory
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(request);
            (status, body.to_string())
        });
        Self {
            address: format!("http://{address}"),
            asked,
        }
    }

    /// Such as `http://127.0.0.1:41234`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The host and port alone.
    pub(crate) fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// Everything asked so far, oldest first.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
