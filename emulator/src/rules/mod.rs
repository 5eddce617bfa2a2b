//! What the service refuses although it fits the types, in the service's words as far as they are known.
//!
//! The words before the colon are a field's path in proto names. Like the service, these rules stop at the
//! first fault. Substrings that are pinned by public tests against the live service stand word for word in
//! `tests/emulator/validation.txt`; the README tells which rules are only documented, or guessed.

mod container;
mod environment;
mod gpu;
mod job;
mod network;
mod quantity;
mod resources;
mod task;
mod volume;

use serde_json::{Map, Value};

use crate::config::Rules;
use crate::error::Problem;
use crate::route::JobName;

/// Checks what was sent, before anything is filled in.
///
/// # Errors
/// The first rule that does not hold.
pub(crate) fn check_declared(name: &JobName, job: &Map<String, Value>) -> Result<(), Problem> {
    job::check(name, job)?;
    let task = job::task(job)?;
    task::check(task)
}

/// Checks the definition with its defaults: CPU, memory and GPU.
///
/// # Errors
/// The first rule that does not hold.
pub(crate) fn check_filled(rules: Rules, name: &JobName, job: &Map<String, Value>) -> Result<(), Problem> {
    let task = job::task(job)?;
    resources::check_quantities(task)?;
    if rules == Rules::Permissive {
        return Ok(());
    }
    gpu::check(task, &name.place.location)?;
    resources::check(task)
}

/// A refusal that names the field.
fn refuse(path: &str, text: impl std::fmt::Display) -> Problem {
    Problem::invalid(format!("{path}: {text}"))
}

/// A member as text; empty when it is absent.
fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().unwrap_or_default()
}

/// A member as a list; empty when it is absent.
fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().map_or(&[], Vec::as_slice)
}

/// Whether a text is a label of a DNS name as RFC 1123 has it.
fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 63
        && text.bytes().next().is_some_and(inner)
        && text.bytes().next_back().is_some_and(inner)
        && text.bytes().all(|byte| inner(byte) || byte == b'-')
}

/// Whether a text has the form of a resource's name, such as `projects/*/secrets/*`.
fn has_form(text: &str, form: &str) -> bool {
    let (parts, wanted): (Vec<&str>, Vec<&str>) = (text.split('/').collect(), form.split('/').collect());
    parts.len() == wanted.len()
        && parts.iter().zip(wanted).all(|(part, wanted)| {
            if wanted == "*" {
                !part.is_empty()
            } else {
                *part == wanted
            }
        })
}
