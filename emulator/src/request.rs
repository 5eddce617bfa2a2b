//! An HTTP request with its complete body and its parsed query.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::HeaderMap;
use hyper::body::Incoming;

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As sent, percent-encoded.
    pub(crate) path: String,
    /// Decoded, in the order of the URL.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// Reads a request; `None` if the client disconnects or sends more than [`MAX_BODY_SIZE`].
    pub(crate) async fn read(request: hyper::Request<Incoming>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY_SIZE).collect().await.ok()?.to_bytes();
        let query = head.uri.query().unwrap_or_default();
        Some(Self {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: head.headers,
            body,
        })
    }

    /// The last value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The last value of a system parameter, whose name may begin with `$`.
    pub(crate) fn system_parameter(&self, name: &str) -> Option<&str> {
        self.parameter(&format!("${name}"))
            .or_else(|| self.parameter(name))
    }

    /// Whether a boolean query parameter is true.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(self.parameter(name), Some("true" | "True" | "1"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The limit of Google's front end.
const MAX_BODY_SIZE: usize = 32 << 20;
