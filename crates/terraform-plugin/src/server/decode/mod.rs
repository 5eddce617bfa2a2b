//! From the messages of a request to values.

use crate::diagnostic::Diagnostic;
use crate::proto::tfplugin6 as tf;
use crate::schema::{ExtraAttributes, Schema};
use crate::value::{DecodeError, Path, Value, from_json, from_msgpack};

/// A value that conforms to its schema. A message that is missing or empty is null.
pub(super) fn value(schema: &Schema, message: Option<tf::DynamicValue>) -> Result<Value, Diagnostic> {
    let message = message.unwrap_or_default();
    let value = if !message.msgpack.is_empty() {
        from_msgpack(&message.msgpack)
    } else if !message.json.is_empty() {
        from_json(&message.json)
    } else {
        Ok(Value::Null)
    };
    coerce(schema, value, ExtraAttributes::Error)
}

/// Whether a message is null, without decoding it.
pub(super) fn is_null(message: Option<&tf::DynamicValue>) -> bool {
    message.is_none_or(
        |message| match (message.msgpack.as_slice(), message.json.trim_ascii()) {
            ([], json) => json.is_empty() || json == b"null",
            (msgpack, _) => msgpack == MSGPACK_NULL,
        },
    )
}

/// The identity in an import; null when there is none.
pub(super) fn identity(
    schema: Option<&Schema>,
    message: Option<tf::ResourceIdentityData>,
) -> Result<Value, Diagnostic> {
    match schema {
        Some(schema) => value(schema, message.and_then(|message| message.identity_data)),
        None => Ok(Value::Null),
    }
}

/// A stored state, perhaps of another version of the schema: attributes that the schema does not have are dropped.
pub(super) fn state(schema: &Schema, stored: Option<tf::RawState>) -> Result<Value, Diagnostic> {
    let stored = stored.unwrap_or_default();
    if stored.json.is_empty() && !stored.flatmap.is_empty() {
        let reason = "must be JSON, got the format of Terraform 0.11 or older";
        return Err(unreadable(Path::default(), reason));
    }
    let value = if stored.json.is_empty() {
        Ok(Value::Null)
    } else {
        from_json(&stored.json)
    };
    coerce(schema, value, ExtraAttributes::Ignore)
}

fn coerce(
    schema: &Schema,
    value: Result<Value, DecodeError>,
    extra: ExtraAttributes,
) -> Result<Value, Diagnostic> {
    let value = value.map_err(|error| unreadable(error.path(), &error.to_string()))?;
    schema
        .coerce(value, extra)
        .map_err(|error| unreadable(error.path(), &error.to_string()))
}

fn unreadable(path: Path, reason: &str) -> Diagnostic {
    let subject = if path.is_empty() {
        "The value".to_owned()
    } else {
        path.to_string()
    };
    Diagnostic::attribute_error(
        path,
        "Unreadable value",
        format!(
            "{subject} {reason}. If a newer version of the provider wrote the state, use that version. Otherwise, report \
             this as a bug in the provider."
        ),
    )
}

/// Null in MessagePack.
const MSGPACK_NULL: [u8; 1] = [0xc0];

#[cfg(test)]
mod tests;
