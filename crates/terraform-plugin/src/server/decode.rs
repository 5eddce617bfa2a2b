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
        let reason = "it was written by a Terraform older than 0.12";
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
    let place = if path.is_empty() {
        String::new()
    } else {
        format!("{path}: ")
    };
    Diagnostic::attribute_error(
        path,
        "Unreadable value",
        format!(
            "A configuration, plan or state has the form of the provider's schema. This one does not: {place}{reason}. Check \
             that the state was written by a version of this provider no newer than this one, and that nothing \
             between Terraform and the provider has changed it."
        ),
    )
}

/// Null in MessagePack.
const MSGPACK_NULL: [u8; 1] = [0xc0];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::schema::{Attribute, Type};
    use proptest::prelude::*;

    fn schema() -> Schema {
        Schema::new(
            "",
            vec![
                Attribute::new("name", Type::String, ""),
                Attribute::new("count", Type::Number, ""),
                Attribute::new("tags", Type::string_map(), ""),
            ],
        )
    }

    #[test]
    fn messagepack_precedes_json_and_missing_is_null() {
        assert_eq!(value(&schema(), None), Ok(Value::Null));
        let sent = tf::DynamicValue {
            msgpack: vec![0xc0],
            json: b"{}".to_vec(),
        };
        assert_eq!(value(&schema(), Some(sent)), Ok(Value::Null));
        let sent = tf::DynamicValue {
            msgpack: vec![],
            json: br#"{"name": "a"}"#.to_vec(),
        };
        assert_eq!(
            value(&schema(), Some(sent)).unwrap().get("name"),
            &Value::from("a")
        );
    }

    #[test]
    fn null_is_recognized_without_decoding() {
        let sent = |msgpack: &[u8], json: &[u8]| tf::DynamicValue {
            msgpack: msgpack.to_vec(),
            json: json.to_vec(),
        };
        for null in [sent(&[], &[]), sent(&[0xc0], &[]), sent(&[], b" null ")] {
            assert!(is_null(Some(&null)), "{null:?}");
            assert_eq!(value(&schema(), Some(null)), Ok(Value::Null));
        }
        assert!(is_null(None));
        for other in [
            sent(&[0x80], &[]),
            sent(&[], b"{}"),
            sent(&[0x80], b"null"),
            sent(&[0xc1], &[]),
        ] {
            assert!(!is_null(Some(&other)), "{other:?}");
        }
    }

    #[test]
    fn state_may_lack_attributes_and_have_others() {
        let stored = tf::RawState {
            json: br#"{"name": "a", "color": 1}"#.to_vec(),
            ..Default::default()
        };
        let state = state(&schema(), Some(stored)).unwrap();
        assert_eq!(
            (state.get("name"), state.get("color")),
            (&Value::from("a"), &Value::Null)
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            let _ = value(&schema(), Some(tf::DynamicValue { msgpack: bytes.clone(), json: vec![] }));
            let _ = value(&schema(), Some(tf::DynamicValue { msgpack: vec![], json: bytes.clone() }));
            let _ = state(&schema(), Some(tf::RawState { json: bytes, ..Default::default() }));
        }
    }
}
