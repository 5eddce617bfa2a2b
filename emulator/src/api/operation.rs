//! Operations: get, list, delete and wait.

use std::time::Duration;

use serde_json::{Map, Value};

use super::Emulator;
use super::job::empty;
use crate::clock;
use crate::error::ApiError;
use crate::page::Page;
use crate::request::Request;
use crate::resource_name::LocationName;
use crate::response::Response;
use crate::store::Operation;
use crate::types::decode::seconds;

impl Emulator {
    pub(super) fn get_operation(&self, parent: &LocationName, id: &str) -> Result<Response, ApiError> {
        let name = full_name(parent, id);
        let store = self.store();
        let operation = store.operations.get(&name).ok_or_else(|| absent(&name))?;
        Ok(Response::ok(operation.to_json()))
    }

    pub(super) fn list_operations(
        &self,
        parent: &LocationName,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let done = match request
            .parameter("filter")
            .map(|filter| filter.replace([' ', '"'], ""))
            .as_deref()
        {
            None | Some("") => None,
            Some("done:true" | "done=true") => Some(true),
            Some("done:false" | "done=false") => Some(false),
            Some(_) => {
                return Err(ApiError::invalid_argument(
                    "filter: only done:true and done:false are supported.",
                ));
            }
        };
        let store = self.store();
        let mut operations: Vec<&Operation> = store
            .operations
            .values()
            .filter(|operation| operation.parent == *parent)
            .filter(|operation| done.is_none_or(|done| operation.outcome.is_some() == done))
            .collect();
        operations.sort_by(|a, b| b.begun.cmp(&a.begun).then_with(|| a.name.cmp(&b.name)));
        let entries = operations.into_iter().map(Operation::to_json).collect();
        Ok(Response::ok(Page::of(entries, request)?.into_json("operations")))
    }

    pub(super) fn delete_operation(&self, parent: &LocationName, id: &str) -> Result<Response, ApiError> {
        let name = full_name(parent, id);
        self.store()
            .operations
            .remove(&name)
            .map(|_| empty())
            .ok_or_else(|| absent(&name))
    }

    /// Answers when the operation is done, or when the time given is up.
    pub(super) async fn wait_operation(
        &self,
        parent: &LocationName,
        id: &str,
        body: &Map<String, Value>,
    ) -> Result<Response, ApiError> {
        let name = full_name(parent, id);
        let until = tokio::time::Instant::now() + wait_time(body)?;
        loop {
            let changed = self.changed.notified();
            let wake = {
                let store = self.store();
                let operation = store.operations.get(&name).ok_or_else(|| absent(&name))?;
                if operation.outcome.is_some() || tokio::time::Instant::now() >= until {
                    return Ok(Response::ok(operation.to_json()));
                }
                store.next_event()
            };
            let due = wake.map_or(until, |at| {
                let left = (at - clock::now()).max(time::Duration::ZERO);
                // A clock may have moved back; look again after a moment at least.
                tokio::time::Instant::now() + left.try_into().unwrap_or(Duration::from_millis(10))
            });
            tokio::select! {
                () = tokio::time::sleep_until(due.min(until)) => {}
                () = changed => {}
            }
        }
    }
}

/// How long a wait may last.
fn wait_time(body: &Map<String, Value>) -> Result<Duration, ApiError> {
    let Some(text) = body.get("timeout").and_then(Value::as_str) else {
        return Ok(LONGEST_WAIT);
    };
    let wait = seconds(text).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let wait =
        wait.ok_or_else(|| ApiError::invalid_argument("timeout: must be a duration that is not negative."))?;
    Ok(wait.min(LONGEST_WAIT))
}

fn full_name(parent: &LocationName, id: &str) -> String {
    format!("{parent}/operations/{id}")
}

fn absent(name: &str) -> ApiError {
    ApiError::new(404, "NOT_FOUND", format!("Operation '{name}' does not exist."))
}

/// The longest that one answer is held back.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
