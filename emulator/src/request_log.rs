//! The log of requests, by which tests check what was sent.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;

use serde_json::{Map, Value, json};

use crate::clock::{Timestamp, format_timestamp};
use crate::request::Request;

pub(crate) struct RequestLog {
    /// The latest requests.
    entries: VecDeque<Value>,
    next_id: u64,
    /// Has all requests.
    file: Option<File>,
}

impl RequestLog {
    pub(crate) fn new(file: Option<File>) -> Self {
        Self {
            entries: VecDeque::new(),
            next_id: 1,
            file,
        }
    }

    /// Adds a request; returns the id of its entry.
    pub(crate) fn start(&mut self, request: &Request, at: Timestamp) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let query: Map<String, Value> = request
            .query
            .iter()
            .map(|(name, value)| (name.clone(), json!(redact_parameter(name, value))))
            .collect();
        let headers: Map<String, Value> = HEADERS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), json!(request.header(name)?))))
            .collect();
        let mut entry = json!({
            "id": id, "at": format_timestamp(at), "method": request.method, "path": request.path,
            "query": query, "headers": headers,
        });
        if let Some(token) = request.header("authorization") {
            entry["headers"]["authorization"] = json!(redact_authorization(token));
        }
        if !request.body.is_empty() {
            entry["body"] = serde_json::from_slice(&request.body)
                .unwrap_or_else(|_| json!(String::from_utf8_lossy(&request.body)));
        }
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        id
    }

    /// Completes an entry with the response's status (`null` if the connection was closed) and the injected fault.
    pub(crate) fn finish(&mut self, id: u64, status: Option<u16>, fault: Option<&str>) {
        let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry["id"] == id) else {
            return;
        };
        entry["status"] = json!(status);
        if let Some(fault) = fault {
            entry["fault"] = json!(fault);
        }
        if let Some(file) = &mut self.file {
            // One write per line, for readers of the growing file. With a full disk the emulator keeps serving.
            drop(file.write_all(format!("{entry}\n").as_bytes()));
        }
    }

    pub(crate) fn entries(&self) -> Value {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// Keeps the scheme only.
fn redact_authorization(authorization: &str) -> String {
    match authorization.split_once(' ') {
        Some((scheme, _)) => format!("{scheme} ***"),
        None => "***".to_owned(),
    }
}

fn redact_parameter<'a>(name: &str, value: &'a str) -> &'a str {
    if matches!(name, "access_token" | "oauth_token" | "key") {
        "***"
    } else {
        value
    }
}

/// The headers that are logged, beside a redacted `authorization`.
const HEADERS: &[&str] = &[
    "user-agent",
    "content-type",
    "x-goog-user-project",
    "x-goog-request-params",
    "x-goog-request-reason",
    "x-goog-api-client",
];
/// The entries in memory.
const MAX_ENTRIES: usize = 10_000;
