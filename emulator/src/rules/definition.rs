//! Reads members of a definition, and names them in errors.

use serde_json::Value;

use crate::error::ApiError;

/// The path of the containers in a job.
pub(super) const CONTAINERS: &str = "template.template.containers";

/// An error that names the field.
pub(super) fn invalid(path: &str, message: impl std::fmt::Display) -> ApiError {
    ApiError::invalid_argument(format!("{path}: {message}"))
}

/// A member as a string; empty when it is absent.
pub(super) fn string<'a>(object: &'a Value, member: &str) -> &'a str {
    object[member].as_str().unwrap_or_default()
}

/// A member as a list; empty when it is absent.
pub(super) fn list<'a>(object: &'a Value, member: &str) -> &'a [Value] {
    object[member].as_array().map_or(&[], Vec::as_slice)
}
