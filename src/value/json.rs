//! Values in JSON: the stored state, which is read on every command, and answers of older clients.

use serde_json::Value as Json;

use super::msgpack::{MAX_DEPTH, normalised};
use super::{DecodeError, Number, Value};

/// Reads one JSON document; numbers keep every digit, and there are no unknown values.
///
/// # Errors
/// When the bytes are no JSON, or nest deeper than any state of ours can.
pub fn from_json(bytes: &[u8]) -> Result<Value, DecodeError> {
    let json: Json = serde_json::from_slice(bytes).map_err(|error| DecodeError(error.to_string()))?;
    convert(json, 0)
}

fn convert(json: Json, depth: usize) -> Result<Value, DecodeError> {
    if depth > MAX_DEPTH {
        return Err(DecodeError(format!(
            "the value is nested more than {MAX_DEPTH} deep"
        )));
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(bool),
        Json::Number(number) => {
            let text = number.to_string();
            Value::Number(Number::parse(&text).ok_or_else(|| DecodeError(format!("{text} is out of range")))?)
        }
        Json::String(text) => Value::String(normalised(&text)),
        Json::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| convert(item, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        Json::Object(members) => Value::Map(
            members
                .into_iter()
                .map(|(name, member)| Ok((normalised(&name), convert(member, depth + 1)?)))
                .collect::<Result<_, _>>()?,
        ),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
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
    fn absurd_documents_are_errors() {
        assert!(from_json(b"").is_err());
        assert!(from_json(b"{").is_err());
        assert!(from_json("[".repeat(100).as_bytes()).is_err());
        assert!(from_json(format!("{}{}", "[".repeat(70), "]".repeat(70)).as_bytes()).is_err());
        assert!(from_json(b"1e99999999999").is_err());
    }

    proptest! {
        #[test]
        fn hostile_text_never_panics(text in "\\PC{0,64}") {
            let _ = from_json(text.as_bytes());
        }
    }
}
