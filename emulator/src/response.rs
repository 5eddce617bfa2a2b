//! Answers as values, and how they go over the wire.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, SizeHint};
use hyper::{Response, StatusCode};
use serde_json::Value;

use crate::error::Problem;

/// What a request gets.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Payload,
    pub(crate) delivery: Delivery,
    /// How long it is held back, besides the latency of everything.
    pub(crate) delay: Duration,
    /// The fault that made it so, for the log.
    pub(crate) fault: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Json(Value),
    Html(String),
}

/// Whether the answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// The connection ends in the middle of the body.
    Truncated,
    /// The connection ends before the first byte.
    Cut,
}

/// Tells hyper to end the connection.
#[derive(Debug)]
pub(crate) struct ConnectionCut;

impl std::fmt::Display for ConnectionCut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut on purpose")
    }
}

impl std::error::Error for ConnectionCut {}

impl Answer {
    pub(crate) fn ok(document: Value) -> Self {
        Self::json(200, document)
    }

    pub(crate) fn json(status: u16, document: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Payload::Json(document),
            delivery: Delivery::Whole,
            delay: Duration::ZERO,
            fault: None,
        }
    }

    pub(crate) fn html(status: u16, page: impl Into<String>) -> Self {
        Self {
            body: Payload::Html(page.into()),
            ..Self::json(status, Value::Null)
        }
    }

    /// The page of the front end for addresses that no API has.
    pub(crate) fn no_such_address(path: &str) -> Self {
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

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer as hyper sends it; an error cuts the connection.
    pub(crate) fn into_response(
        self,
        pretty: bool,
    ) -> Result<Response<BoxBody<Bytes, ConnectionCut>>, ConnectionCut> {
        if self.delivery == Delivery::Cut {
            return Err(ConnectionCut);
        }
        let (kind, text) = match &self.body {
            Payload::Json(document) if pretty => {
                ("application/json; charset=UTF-8", format!("{document:#}\n"))
            }
            Payload::Json(document) => ("application/json; charset=UTF-8", document.to_string()),
            Payload::Html(page) => ("text/html; charset=UTF-8", page.clone()),
        };
        let bytes = Bytes::from(text);
        let mut builder = Response::builder()
            .status(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .header("Content-Type", kind);
        for (name, value) in RECORDED_HEADERS {
            builder = builder.header(*name, *value);
        }
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        let body = if self.delivery == Delivery::Truncated {
            BoxBody::new(HalfBody::of(&bytes))
        } else {
            BoxBody::new(Full::new(bytes).map_err(|never: Infallible| match never {}))
        };
        builder.body(body).map_err(|_| ConnectionCut)
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        let answer = Self::json(problem.http, problem.document());
        if problem.http == 401 {
            answer.header(
                "WWW-Authenticate",
                "Bearer realm=\"https://accounts.google.com/\"",
            )
        } else {
            answer
        }
    }
}

/// The first half of a body, and then the end of the connection.
struct HalfBody {
    half: Option<Bytes>,
    announced: u64,
    flushed: bool,
}

impl HalfBody {
    fn of(whole: &Bytes) -> Self {
        Self {
            half: Some(whole.slice(..whole.len() / 2)),
            announced: whole.len() as u64,
            flushed: false,
        }
    }
}

impl Body for HalfBody {
    type Data = Bytes;
    type Error = ConnectionCut;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, ConnectionCut>>> {
        if let Some(half) = self.half.take() {
            return std::task::Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // hyper writes what it has before it asks again; without this the half would be lost with the rest.
            self.flushed = true;
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(Some(Err(ConnectionCut)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.announced)
    }
}

/// On every recorded answer.
const RECORDED_HEADERS: &[(&str, &str)] = &[
    ("Server", "ESF"),
    ("Vary", "Origin"),
    ("Vary", "X-Origin"),
    ("Vary", "Referer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-XSS-Protection", "0"),
];
