//! Opening the envelope: what Terraform sent, as values of our own.

use crate::diagnostic::{Diagnostic, quoted};
use crate::job;
use crate::schema::{Extra, Schema};
use crate::value::{DecodeError, Path, Value, from_json, from_msgpack};
use terraform_plugin::proto::tfplugin6 as tf;

/// A value that conforms to its schema. A message that is missing, or empty, is null.
pub(super) fn value(schema: &Schema, sent: Option<tf::DynamicValue>) -> Result<Value, Diagnostic> {
    let sent = sent.unwrap_or_default();
    let value = if !sent.msgpack.is_empty() {
        from_msgpack(&sent.msgpack)
    } else if !sent.json.is_empty() {
        from_json(&sent.json)
    } else {
        Ok(Value::Null)
    };
    whole(schema, value, Extra::Refuse)
}

/// Whether nothing was sent; what else it is, nobody looks at.
pub(super) fn is_null(sent: Option<&tf::DynamicValue>) -> bool {
    sent.is_none_or(|sent| match (sent.msgpack.as_slice(), sent.json.trim_ascii()) {
        ([], json) => json.is_empty() || json == b"null",
        (msgpack, _) => msgpack == NULL,
    })
}

/// The identity that an import asks for; null when it asks for none.
pub(super) fn identity(sent: Option<tf::ResourceIdentityData>) -> Result<Value, Diagnostic> {
    value(&job::identity::SCHEMA, sent.and_then(|sent| sent.identity_data))
}

/// A stored state, perhaps of another version of the schema: what it does not know is left out.
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
    whole(schema, value, Extra::Drop)
}

fn whole(schema: &Schema, read: Result<Value, DecodeError>, extra: Extra) -> Result<Value, Diagnostic> {
    let value = read.map_err(|error| unreadable(error.path(), &error.to_string()))?;
    schema
        .conform(value, extra)
        .map_err(|error| unreadable(error.path(), &error.to_string()))
}

/// Refuses a resource that the schema does not have.
pub(super) fn known_type(type_name: &str) -> Result<(), Diagnostic> {
    if type_name == job::TYPE_NAME {
        return Ok(());
    }
    Err(Diagnostic::whole(
        "Unknown resource type",
        format!(
            "This provider has the resource {}. It was asked for {}.",
            job::TYPE_NAME,
            quoted(type_name)
        ),
    ))
}

fn unreadable(path: Path, reason: &str) -> Diagnostic {
    let place = if path.is_empty() {
        String::new()
    } else {
        format!("{path}: ")
    };
    Diagnostic::error(
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
const NULL: [u8; 1] = [0xc0];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::job::schema::SCHEMA;
    use proptest::prelude::*;

    #[test]
    fn messagepack_goes_before_json_and_nothing_is_null() {
        assert_eq!(value(&SCHEMA, None), Ok(Value::Null));
        let sent = tf::DynamicValue {
            msgpack: vec![0xc0],
            json: b"{}".to_vec(),
        };
        assert_eq!(value(&SCHEMA, Some(sent)), Ok(Value::Null));
        let sent = tf::DynamicValue {
            msgpack: vec![],
            json: br#"{"name": "a"}"#.to_vec(),
        };
        assert_eq!(value(&SCHEMA, Some(sent)).unwrap().get("name"), &Value::from("a"));
    }

    #[test]
    fn nothing_is_told_from_something_unread() {
        let sent = |msgpack: &[u8], json: &[u8]| tf::DynamicValue {
            msgpack: msgpack.to_vec(),
            json: json.to_vec(),
        };
        for nothing in [sent(&[], &[]), sent(&[0xc0], &[]), sent(&[], b" null ")] {
            assert!(is_null(Some(&nothing)), "{nothing:?}");
            assert_eq!(value(&SCHEMA, Some(nothing)), Ok(Value::Null));
        }
        assert!(is_null(None));
        for something in [
            sent(&[0x80], &[]),
            sent(&[], b"{}"),
            sent(&[0x80], b"null"),
            sent(&[0xc1], &[]),
        ] {
            assert!(!is_null(Some(&something)), "{something:?}");
        }
    }

    #[test]
    fn a_state_may_lack_and_exceed_what_the_schema_has() {
        let stored = tf::RawState {
            json: br#"{"name": "a", "colour": 1}"#.to_vec(),
            ..Default::default()
        };
        let state = state(&SCHEMA, Some(stored)).unwrap();
        assert_eq!(
            (state.get("name"), state.get("colour")),
            (&Value::from("a"), &Value::Null)
        );
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_told_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            let _ = value(&SCHEMA, Some(tf::DynamicValue { msgpack: bytes.clone(), json: vec![] }));
            let _ = value(&SCHEMA, Some(tf::DynamicValue { msgpack: vec![], json: bytes.clone() }));
            let _ = state(&SCHEMA, Some(tf::RawState { json: bytes, ..Default::default() }));
        }
    }
}
