//! Values in JSON: the stored state, which is read on every command, and answers of older clients.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::msgpack::{MAX_DEPTH, normalised, too_deep};
use super::{DecodeError, Number, Step, Value};

/// Reads one JSON document; numbers keep every digit, and there are no unknown values.
///
/// # Errors
/// When the bytes are no JSON, or nest deeper than any state of ours can.
pub fn from_json(bytes: &[u8]) -> Result<Value, DecodeError> {
    let document: &RawValue = serde_json::from_slice(bytes).map_err(|error| no_json(&error))?;
    read(document.get(), 0)
}

/// Reads one level at a time, its members still as text: so a number is seen as it is written, and a fault is found
/// where it is.
fn read(json: &str, depth: usize) -> Result<Value, DecodeError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(match json.as_bytes().first() {
        Some(b'n') => Value::Null,
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'"') => Value::String(normalised(&parse::<String>(json)?)),
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
                    let name = normalised(&name);
                    let member = read(member.get(), depth + 1);
                    let member = member.map_err(|error| error.below(Step::Key(name.clone())))?;
                    Ok((name, member))
                })
                .collect::<Result<_, _>>()?,
        ),
        _ => Value::Number(Number::parse(json).ok_or_else(|| DecodeError::new("a number is out of range"))?),
    })
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(json).map_err(|error| no_json(&error))
}

fn no_json(error: &serde_json::Error) -> DecodeError {
    DecodeError::new(error.to_string())
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
