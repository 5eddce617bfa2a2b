//! The log of requests, for whoever wants to know what was asked, and what was not.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;

use serde_json::{Map, Value, json};

use crate::clock::{Moment, timestamp};
use crate::request::Request;

/// The last requests, and the file that has them all.
pub(crate) struct RequestLog {
    entries: VecDeque<Value>,
    next: u64,
    file: Option<File>,
}

impl RequestLog {
    pub(crate) fn new(file: Option<File>) -> Self {
        Self {
            entries: VecDeque::new(),
            next: 1,
            file,
        }
    }

    /// Notes a request as it comes in; the entry's id.
    pub(crate) fn begin(&mut self, request: &Request, at: Moment) -> u64 {
        let id = self.next;
        self.next += 1;
        let query: Map<String, Value> = request
            .query
            .iter()
            .map(|(name, value)| (name.clone(), json!(hide(name, value))))
            .collect();
        let headers: Map<String, Value> = HEADERS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), json!(request.header(name)?))))
            .collect();
        let mut entry = json!({
            "id": id, "at": timestamp(at), "method": request.method, "path": request.path,
            "query": query, "headers": headers,
        });
        if let Some(token) = request.header("authorization") {
            entry["headers"]["authorization"] = json!(masked(token));
        }
        if !request.body.is_empty() {
            entry["body"] = serde_json::from_slice(&request.body)
                .unwrap_or_else(|_| json!(String::from_utf8_lossy(&request.body)));
        }
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        id
    }

    /// Adds how a request was answered: the status, or `null` when the connection was cut instead, and the
    /// fault that made it so.
    pub(crate) fn end(&mut self, id: u64, status: Option<u16>, fault: Option<&str>) {
        let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry["id"] == id) else {
            return;
        };
        entry["status"] = json!(status);
        if let Some(fault) = fault {
            entry["fault"] = json!(fault);
        }
        if let Some(file) = &mut self.file {
            // In one piece, for those who read along. A full disk must not end the emulator.
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

/// The kind of credential, never the credential.
fn masked(authorization: &str) -> String {
    match authorization.split_once(' ') {
        Some((scheme, _)) => format!("{scheme} ***"),
        None => "***".to_owned(),
    }
}

fn hide<'a>(name: &str, value: &'a str) -> &'a str {
    if matches!(name, "access_token" | "oauth_token" | "key") {
        "***"
    } else {
        value
    }
}

/// The headers that say something about the client.
const HEADERS: &[&str] = &[
    "user-agent",
    "content-type",
    "x-goog-user-project",
    "x-goog-request-params",
    "x-goog-request-reason",
    "x-goog-api-client",
];
/// How many requests are kept in memory.
const KEPT: usize = 10_000;
