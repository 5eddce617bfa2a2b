//! Values in JSON: stored states, and identities.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::msgpack::{MAX_DEPTH, normalized, too_deep};
use super::{DecodeError, Number, Step, Value};

/// Reads one JSON document; numbers keep every digit, and there are no unknown values.
///
/// # Errors
/// When the bytes are not JSON, or too deeply nested.
pub fn from_json(bytes: &[u8]) -> Result<Value, DecodeError> {
    let document: &RawValue = serde_json::from_slice(bytes).map_err(|error| invalid_json(&error))?;
    read(document.get(), 0)
}

/// Reads one level at a time, with its members as text, so that numbers keep their digits and errors their path.
fn read(json: &str, depth: usize) -> Result<Value, DecodeError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match json.as_bytes().first() {
        Some(b'n') => Value::Null,
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'"') => Value::String(normalized(&parse::<String>(json)?)),
        Some(b'[') => Value::List(
            parse::<Vec<&RawValue>>(json)?
                .into_iter()
                .zip(0..)
                .map(|(item, index)| {
                    read(item.get(), depth + 1).map_err(|error| error.below(Step::Index(index)))
                })
                .collect::<Result<_, _>>()?,
        ),
        Some(b'{') => Value::Map(
            parse::<BTreeMap<String, &RawValue>>(json)?
                .into_iter()
                .map(|(name, member)| {
                    let name = normalized(&name);
                    let member = read(member.get(), depth + 1);
                    let member = member.map_err(|error| error.below(Step::Key(name.to_string())))?;
                    Ok((name, member))
                })
                .collect::<Result<_, _>>()?,
        ),
        _ => Value::Number(Number::parse(json).ok_or_else(|| {
            DecodeError::new("must be a number with a supported exponent, got a larger one")
        })?),
    })
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(json).map_err(|error| invalid_json(&error))
}

fn invalid_json(error: &serde_json::Error) -> DecodeError {
    DecodeError::new(format!("must be valid JSON, got an error: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::value::msgpack::tests::value as any_value;
    use proptest::prelude::*;

    #[test]
    fn numbers_keep_every_digit() {
        let value = from_json(br#"{"n": 9223372036854775808, "f": 0.1, "i": 3}"#).unwrap();
        assert_eq!(
            value.get("n"),
            &Value::Number(Number::parse("9223372036854775808").unwrap())
        );
        assert_eq!(value.get("f"), &Value::Number(Number::parse("0.1").unwrap()));
        assert_eq!(value.get("i"), &Value::from(3));
    }

    #[test]
    fn invalid_or_deeply_nested_documents_are_errors() {
        assert!(from_json(b"").is_err());
        assert!(from_json(b"{").is_err());
        assert!(from_json("[".repeat(100).as_bytes()).is_err());
        assert!(from_json(format!("{}{}", "[".repeat(70), "]".repeat(70)).as_bytes()).is_err());
        assert!(from_json(b"1e99999999999").is_err());
    }

    #[test]
    fn errors_have_a_path_and_any_key_is_allowed() {
        let path = |json: &str| from_json(json.as_bytes()).unwrap_err().path().to_string();
        assert_eq!(path(r#"{"a": {"b": [1, "\ud800"]}}"#), "a.b[1]");
        assert_eq!(path(r#"{"a": {"b": 1e99999999999}}"#), "a.b");
        assert_eq!(path(r#"{"a": {"b": }}"#), "");
        // serde_json may treat an object with this member as a number.
        let value = from_json(br#"{"$serde_json::private::Number": "1"}"#).unwrap();
        assert_eq!(value.get("$serde_json::private::Number"), &Value::from("1"));
    }

    /// A value as JSON writes it; none is unknown.
    fn written(value: &Value) -> String {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        match value {
            Value::Null | Value::Unknown => "null".to_owned(),
            Value::Bool(bool) => bool.to_string(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => quoted(text),
            Value::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
            Value::Map(members) => {
                let members = members
                    .iter()
                    .map(|(name, member)| format!("{}: {}", quoted(name), written(member)));
                format!("{{ {} }}", members.collect::<Vec<_>>().join(","))
            }
        }
    }

    proptest! {
        #[test]
        fn written_values_are_read_back(value in any_value().prop_filter("known", Value::is_wholly_known)) {
            prop_assert_eq!(from_json(written(&value).as_bytes()).unwrap(), value);
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,64}") {
            let _ = from_json(text.as_bytes());
        }
    }
}
