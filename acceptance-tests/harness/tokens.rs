//! Where service accounts get their access tokens: a stand-in for Google's token endpoint that counts what it gives.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::http1::answering;

/// A running endpoint.
pub(crate) struct TokenEndpoint {
    address: SocketAddr,
    given: Arc<AtomicUsize>,
}

impl TokenEndpoint {
    /// An endpoint that gives another token each time.
    pub(crate) fn start() -> Self {
        let given = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&given);
        let address = answering(move |_| {
            let token = format!("ya29.token-{}", count.fetch_add(1, Ordering::SeqCst));
            let answer = json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" });
            (200, answer.to_string().into_bytes())
        });
        Self { address, given }
    }

    /// How many tokens were asked for.
    pub(crate) fn given(&self) -> usize {
        self.given.load(Ordering::SeqCst)
    }

    /// The key of a service account that gets its tokens here, as `GOOGLE_CREDENTIALS` takes it.
    pub(crate) fn key(&self) -> String {
        let key = include_str!("../../src/cloudrun/testdata/service-account.json");
        let mut key: Value = serde_json::from_str(key).expect("the key is JSON");
        key["token_uri"] = json!(format!("http://{}/token", self.address));
        key.to_string()
    }
}
