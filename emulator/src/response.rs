//! Responses as values, and how they are sent.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::StatusCode;
use hyper::body::{Frame, SizeHint};
use serde_json::Value;

use crate::error::ApiError;

/// A response, and what the emulator does when sending it.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    pub(crate) delivery: Delivery,
    /// Added to the latency of the configuration.
    pub(crate) delay: Duration,
    /// The fault that caused this response, for the request log.
    pub(crate) fault: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Json(Value),
    Html(String),
}

/// How much of a response is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Complete,
    /// The connection is closed in the middle of the body.
    Truncated,
    /// The connection is closed before the first byte.
    Closed,
}

/// An error that makes hyper close the connection.
#[derive(Debug)]
pub(crate) struct ConnectionClosed;

impl std::fmt::Display for ConnectionClosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed by a fault")
    }
}

impl std::error::Error for ConnectionClosed {}

impl Response {
    pub(crate) fn ok(document: Value) -> Self {
        Self::json(200, document)
    }

    pub(crate) fn json(status: u16, document: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Json(document),
            delivery: Delivery::Complete,
            delay: Duration::ZERO,
            fault: None,
        }
    }

    pub(crate) fn html(status: u16, page: impl Into<String>) -> Self {
        Self {
            body: Body::Html(page.into()),
            ..Self::json(status, Value::Null)
        }
    }

    /// The HTML page of Google's front end for a path that no API serves.
    pub(crate) fn unknown_path(path: &str) -> Self {
        let path = path.replace('&', "&amp;").replace('<', "&lt;");
        Self::html(
            404,
            format!(
                "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> \
                 <ins>That's an error.</ins>\n<p>The requested URL <code>{path}</code> was not found on this \
                 server.\n"
            ),
        )
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The response for hyper; an error closes the connection.
    pub(crate) fn into_hyper(
        self,
        pretty: bool,
    ) -> Result<hyper::Response<BoxBody<Bytes, ConnectionClosed>>, ConnectionClosed> {
        if self.delivery == Delivery::Closed {
            return Err(ConnectionClosed);
        }
        let (content_type, text) = match &self.body {
            Body::Json(document) if pretty => ("application/json; charset=UTF-8", format!("{document:#}\n")),
            Body::Json(document) => ("application/json; charset=UTF-8", document.to_string()),
            Body::Html(page) => ("text/html; charset=UTF-8", page.clone()),
        };
        let bytes = Bytes::from(text);
        let mut builder = hyper::Response::builder()
            .status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .header("Content-Type", content_type);
        for (name, value) in RECORDED_HEADERS {
            builder = builder.header(*name, *value);
        }
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        let body = if self.delivery == Delivery::Truncated {
            BoxBody::new(TruncatedBody::new(&bytes))
        } else {
            BoxBody::new(Full::new(bytes).map_err(|never: Infallible| match never {}))
        };
        builder.body(body).map_err(|_| ConnectionClosed)
    }
}

impl From<ApiError> for Response {
    fn from(error: ApiError) -> Self {
        let response = Self::json(error.http_status, error.to_json());
        if error.http_status == 401 {
            response.with_header(
                "WWW-Authenticate",
                "Bearer realm=\"https://accounts.google.com/\"",
            )
        } else {
            response
        }
    }
}

/// Sends the first half of a body, then closes the connection.
struct TruncatedBody {
    first_half: Option<Bytes>,
    content_length: u64,
    flushed: bool,
}

impl TruncatedBody {
    fn new(complete: &Bytes) -> Self {
        Self {
            first_half: Some(complete.slice(..complete.len() / 2)),
            content_length: complete.len() as u64,
            flushed: false,
        }
    }
}

impl hyper::body::Body for TruncatedBody {
    type Data = Bytes;
    type Error = ConnectionClosed;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, ConnectionClosed>>> {
        if let Some(first_half) = self.first_half.take() {
            return std::task::Poll::Ready(Some(Ok(Frame::data(first_half))));
        }
        if !self.flushed {
            // hyper flushes before it polls again; an immediate error would discard the first half.
            self.flushed = true;
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(Some(Err(ConnectionClosed)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content_length)
    }
}

/// Headers of every recorded response.
const RECORDED_HEADERS: &[(&str, &str)] = &[
    ("Server", "ESF"),
    ("Vary", "Origin"),
    ("Vary", "X-Origin"),
    ("Vary", "Referer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-XSS-Protection", "0"),
];
