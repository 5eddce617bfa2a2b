//! A mock HTTP server, for example of token endpoints. The test gives its responses; it records the requests.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::http1::{HttpRequest, serve};

/// A server on a free port, running until the process ends.
pub(crate) struct MockServer {
    address: String,
    requests: Arc<Mutex<Vec<HttpRequest>>>,
}

impl MockServer {
    /// A server that responds with a status and JSON.
    pub(crate) fn new(respond: impl Fn(&HttpRequest) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        let address = serve(move |request| {
            let (status, body) = respond(&request);
            recorded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(request);
            (status, body.to_string())
        });
        Self {
            address: format!("http://{address}"),
            requests,
        }
    }

    /// Such as `http://127.0.0.1:41234`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The host and port.
    pub(crate) fn host(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// All requests so far, oldest first.
    pub(crate) fn requests(&self) -> Vec<HttpRequest> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
