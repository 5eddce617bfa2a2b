//! What was asked, counted: the requests in the emulator's log by kind, and the faults that they met.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Request;

/// Requests of a while.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    /// By kind, such as `create`.
    pub(crate) requests: BTreeMap<&'static str, usize>,
    /// By name, such as `html-502`.
    pub(crate) faults: BTreeMap<String, usize>,
}

impl Traffic {
    /// Counts the lines of a log.
    pub(crate) fn of(log: &str) -> Self {
        let mut traffic = Self::default();
        for line in log.lines() {
            let Ok(request) = serde_json::from_str::<Value>(line).map(Request) else {
                continue;
            };
            *traffic.requests.entry(kind(&request)).or_default() += 1;
            if let Some(fault) = request.0["fault"].as_str() {
                *traffic.faults.entry(fault.to_owned()).or_default() += 1;
            }
        }
        traffic
    }

    pub(crate) fn all_requests(&self) -> usize {
        self.requests.values().sum()
    }

    pub(crate) fn all_faults(&self) -> usize {
        self.faults.values().sum()
    }
}

fn kind(request: &Request) -> &'static str {
    let of_operation = request.path().contains("/operations/");
    match request.method() {
        "POST" if of_operation => "wait",
        "GET" if of_operation => "look at operation",
        "POST" => "create",
        "GET" if request.path().ends_with("/jobs") => "list",
        "GET" => "read",
        "PATCH" => "change",
        "DELETE" => "delete",
        _ => "other",
    }
}
