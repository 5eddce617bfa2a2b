//! Whether a listed job is the job of a state, so that it need not be read by name.

use crate::job::attributes::EXECUTIONS;
use crate::job::flatten::flatten;
use cloud_run::JobName;
use cloud_run::model::Job as Remote;
use terraform_plugin::value::Value;

/// Whether the listed job has everything that the state has, above all UID, etag, generation and condition. Executions may
/// have been added; the members about them must be present.
pub(super) fn is_unchanged(listed: &Remote, name: &JobName, state: &Value) -> bool {
    if state.get("etag").is_null() || listed.delete_time.is_some() || !has_executions(listed) {
        return false;
    }
    let mut listed = flatten(listed, name, state);
    for attribute in EXECUTIONS {
        listed.set(attribute, state.get(attribute).clone());
    }
    listed == *state
}

/// The API returns `latestCreatedExecution` even when it is empty, and leaves out an `executionCount` of 0.
fn has_executions(listed: &Remote) -> bool {
    let has_some = listed.execution_count.is_some_and(|count| count > 0);
    let latest = listed.latest_created_execution.as_ref();
    latest.is_some_and(|latest| latest.name.as_ref().is_some_and(|name| !name.is_empty()) == has_some)
}

#[cfg(test)]
mod tests;
