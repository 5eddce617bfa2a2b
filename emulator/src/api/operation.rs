//! Operations: get, list, delete and wait.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::page::Page;
use crate::request::Request;
use crate::resource_name::LocationName;
use crate::response::Response;
use crate::store::Operation;
use crate::types::decode::duration_seconds;

impl Emulator {
    pub(super) fn get_operation(&self, parent: &LocationName, id: &str) -> Result<Response, ApiError> {
        let name = operation_name(parent, id);
        let store = self.store();
        let operation = store.operations.get(&name).ok_or_else(|| not_found(&name))?;
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
            .filter(|operation| done.is_none_or(|done| operation.result.is_some() == done))
            .collect();
        operations.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.name.cmp(&b.name)));
        let entries = operations.into_iter().map(Operation::to_json).collect();
        Ok(Response::ok(
            Page::select(entries, request)?.into_json("operations"),
        ))
    }

    pub(super) fn delete_operation(&self, parent: &LocationName, id: &str) -> Result<Response, ApiError> {
        let name = operation_name(parent, id);
        self.store()
            .operations
            .remove(&name)
            .map(|_| Response::ok(json!({})))
            .ok_or_else(|| not_found(&name))
    }

    /// Responds when the operation is done or the timeout has passed.
    pub(super) async fn wait_operation(
        &self,
        parent: &LocationName,
        id: &str,
        body: &Map<String, Value>,
    ) -> Result<Response, ApiError> {
        let name = operation_name(parent, id);
        let deadline = tokio::time::Instant::now() + wait_timeout(body)?;
        loop {
            let changed = self.changed.notified();
            let next_event = {
                let store = self.store();
                let operation = store.operations.get(&name).ok_or_else(|| not_found(&name))?;
                if operation.result.is_some() || tokio::time::Instant::now() >= deadline {
                    return Ok(Response::ok(operation.to_json()));
                }
                store.next_event_time()
            };
            let wake = next_event.map_or(deadline, |at| {
                let remaining = (at - self.now()).max(time::Duration::ZERO);
                tokio::time::Instant::now() + remaining.try_into().unwrap_or(Duration::from_millis(10))
            });
            tokio::select! {
                () = tokio::time::sleep_until(wake.min(deadline)) => {}
                () = changed => {}
            }
        }
    }
}

fn wait_timeout(body: &Map<String, Value>) -> Result<Duration, ApiError> {
    let Some(text) = body.get("timeout").and_then(Value::as_str) else {
        return Ok(MAX_WAIT);
    };
    let timeout = duration_seconds(text).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let timeout = timeout
        .ok_or_else(|| ApiError::invalid_argument("timeout: must be a duration that is not negative."))?;
    Ok(timeout.min(MAX_WAIT))
}

pub(super) fn operation_name(parent: &LocationName, id: &str) -> String {
    format!("{parent}/operations/{id}")
}

fn not_found(name: &str) -> ApiError {
    ApiError::new(404, "NOT_FOUND", format!("Operation '{name}' does not exist."))
}

/// The maximum of a wait, whatever its timeout.
const MAX_WAIT: Duration = Duration::from_secs(60);
