//! Errors for definitions that match the types but that the service rejects, with its messages as far as they are known.
//!
//! A message begins with the field's path in proto names. Like the service, the rules stop at the first error.
//! `tests/emulator/validation.txt` has the messages that public tests pin against the live service; the README lists what
//! is only documented, or guessed.

mod container;
mod definition;
mod environment;
mod format;
mod gpu;
mod job;
mod network;
mod quantity;
mod resources;
mod task;
mod volume;

use serde_json::{Map, Value};

use crate::config::Rules;
use crate::error::ApiError;
use crate::resource_name::JobName;

/// Checks a definition as it was sent, before defaults are filled in.
///
/// # Errors
/// The first rule that is violated.
pub(crate) fn check_sent(name: &JobName, job: &Map<String, Value>) -> Result<(), ApiError> {
    job::check(name, job)?;
    task::check(job::task(job)?)
}

/// Checks CPU, memory and GPU of a definition with its defaults.
///
/// # Errors
/// The first rule that is violated.
pub(crate) fn check_resources(
    rules: Rules,
    name: &JobName,
    job: &Map<String, Value>,
) -> Result<(), ApiError> {
    let task = job::task(job)?;
    resources::check_quantities(task)?;
    if rules == Rules::Permissive {
        return Ok(());
    }
    gpu::check(task, &name.parent.location, job::launch_stage(job))?;
    resources::check(task)
}
