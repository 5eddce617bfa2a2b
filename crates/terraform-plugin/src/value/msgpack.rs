//! Values in MessagePack, as Terraform encodes them.
//!
//! Every ext code is an unknown value (0 plain, 12 refined). Numbers are integers, floats or decimal text, which only a
//! [schema](crate::schema) distinguishes from strings. Written are the forms that every version of Terraform reads: integers,
//! decimal text, and ext 0.

use rmp::{Marker, decode, encode};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization as _;

use super::{DecodeError, Number, Step, Value};

/// Reads one value that fills the bytes.
///
/// # Errors
/// When the bytes are not one whole MessagePack value, are too deeply nested, or contain what Terraform never sends: binary
/// data, or keys that are not strings.
pub fn from_msgpack(mut bytes: &[u8]) -> Result<Value, DecodeError> {
    let value = read(&mut bytes, 0)?;
    if bytes.is_empty() {
        Ok(value)
    } else {
        let reason = format!(
            "must be one MessagePack value, got {} bytes after it",
            bytes.len()
        );
        Err(DecodeError::new(reason))
    }
}

/// Writes a value.
pub fn to_msgpack(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    write(&mut bytes, value);
    bytes
}

fn read(bytes: &mut &[u8], depth: usize) -> Result<Value, DecodeError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let start = *bytes;
    let marker = decode::read_marker(bytes).map_err(|_| truncated())?;
    Ok(match marker {
        Marker::Null => Value::Null,
        Marker::True => Value::Bool(true),
        Marker::False => Value::Bool(false),
        Marker::F32 => float(f64::from(f32::from_be_bytes(take(bytes)?)))?,
        Marker::F64 => float(f64::from_be_bytes(take(bytes)?))?,
        Marker::U64 => Value::Number(Number::from(u64::from_be_bytes(take(bytes)?))),
        Marker::FixPos(_)
        | Marker::FixNeg(_)
        | Marker::U8
        | Marker::U16
        | Marker::U32
        | Marker::I8
        | Marker::I16
        | Marker::I32
        | Marker::I64 => {
            *bytes = start;
            Value::from(decode::read_int::<i64, _>(bytes).map_err(|_| truncated())?)
        }
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            *bytes = start;
            Value::String(string(bytes)?)
        }
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
            *bytes = start;
            let length = decode::read_array_len(bytes).map_err(|_| truncated())?;
            // Each element takes at least a byte, which limits the allocation for a wrong length.
            let mut items = Vec::with_capacity(bytes.len().min(length as usize).min(1024));
            for index in 0..i64::from(length) {
                let item = read(bytes, depth + 1);
                items.push(item.map_err(|error| error.below(Step::Index(index)))?);
            }
            Value::List(items)
        }
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
            *bytes = start;
            let length = decode::read_map_len(bytes).map_err(|_| truncated())?;
            let mut members = BTreeMap::new();
            for _ in 0..length {
                let name = string(bytes)?;
                let member = read(bytes, depth + 1);
                let member = member.map_err(|error| error.below(Step::Key(name.to_string())))?;
                members.insert(name, member);
            }
            Value::Map(members)
        }
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => {
            *bytes = start;
            let ext = decode::read_ext_meta(bytes).map_err(|_| truncated())?;
            skip(bytes, ext.size as usize)?;
            Value::Unknown
        }
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 | Marker::Reserved => {
            return Err(DecodeError::new(
                "must be a value of a Terraform type, got binary data",
            ));
        }
    })
}

fn string(bytes: &mut &[u8]) -> Result<String, DecodeError> {
    let length = decode::read_str_len(bytes)
        .map_err(|_| DecodeError::new("must have strings as keys, got another type"))?
        as usize;
    let raw = skip(bytes, length)?;
    let text = std::str::from_utf8(raw).map_err(|_| DecodeError::new("must be UTF-8, got other bytes"))?;
    Ok(normalized(text))
}

/// Text in normal form C, which ASCII always is.
pub(super) fn normalized(text: &str) -> String {
    if text.is_ascii() {
        text.into()
    } else {
        text.nfc().collect()
    }
}

fn float(float: f64) -> Result<Value, DecodeError> {
    Number::from_f64(float)
        .map(Value::Number)
        .ok_or_else(|| DecodeError::new("must be a finite number, got infinity or NaN"))
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], DecodeError> {
    skip(bytes, N)?.try_into().map_err(|_| truncated())
}

fn skip<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], DecodeError> {
    let (head, rest) = bytes.split_at_checked(length).ok_or_else(truncated)?;
    *bytes = rest;
    Ok(head)
}

fn truncated() -> DecodeError {
    DecodeError::new("must be a complete MessagePack value, got truncated data")
}

pub(super) fn too_deep() -> DecodeError {
    DecodeError::new(format!("must have at most {MAX_DEPTH} levels, got more"))
}

/// Writing to a `Vec` cannot fail, so the results of the encoder are dropped.
fn write(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => bytes.push(Marker::Null.to_u8()),
        Value::Unknown => bytes.extend_from_slice(&UNKNOWN),
        Value::Bool(bool) => bytes.push(if *bool { Marker::True } else { Marker::False }.to_u8()),
        Value::Number(number) => match number.as_i64() {
            Some(int) => drop(encode::write_sint(bytes, int)),
            None => drop(encode::write_str(bytes, &number.to_string())),
        },
        Value::String(text) => drop(encode::write_str(bytes, text)),
        Value::List(items) => {
            drop(encode::write_array_len(bytes, length(items.len())));
            for item in items {
                write(bytes, item);
            }
        }
        Value::Map(members) => {
            drop(encode::write_map_len(bytes, length(members.len())));
            for (name, member) in members {
                drop(encode::write_str(bytes, name));
                write(bytes, member);
            }
        }
    }
}

/// No list is longer: messages are limited far below this.
fn length(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

/// Ext code 0 with one byte of payload, as go-cty writes an unknown value.
const UNKNOWN: [u8; 3] = [0xd4, 0, 0];

/// Deeper than practical schemas, and well within the stack.
pub(super) const MAX_DEPTH: usize = 64;

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &[u8], expected: &Value) {
        assert_eq!(&from_msgpack(bytes).unwrap(), expected, "{bytes:02x?}");
    }

    #[test]
    fn numbers_are_read_in_every_encoding() {
        let seven = Value::from(7);
        check(&[0x07], &seven);
        check(&[0xcc, 7], &seven);
        check(&[0xcd, 0, 7], &seven);
        check(&[0xce, 0, 0, 0, 7], &seven);
        check(&[0xcf, 0, 0, 0, 0, 0, 0, 0, 7], &seven);
        check(&[0xd0, 7], &seven);
        check(&[0xd3, 0, 0, 0, 0, 0, 0, 0, 7], &seven);
        check(&[0xca, 0x40, 0xe0, 0, 0], &seven);
        check(&[0xcb, 0x40, 0x1c, 0, 0, 0, 0, 0, 0], &seven);
        check(&[0xff], &Value::from(-1));
        check(
            &[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
            &Value::Number(Number::from_f64(1.5).unwrap()),
        );
    }

    #[test]
    fn every_ext_code_is_unknown() {
        check(&[0xd4, 0, 0], &Value::Unknown);
        check(&[0xc7, 3, 12, 0x81, 1, 0xc2], &Value::Unknown);
        check(&[0xc7, 0, 99], &Value::Unknown);
        check(
            &[0xd8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &Value::Unknown,
        );
    }

    #[test]
    fn invalid_bytes_are_errors_with_a_reason() {
        for (bytes, reason) in [
            (&[][..], "truncated"),
            (
                &[0xdf, 0xff, 0xff, 0xff, 0xff],
                "must have strings as keys, got another type",
            ),
            (&[0xdd, 0xff, 0xff, 0xff, 0xff], "truncated"),
            (&[0xa3, b'a'], "truncated"),
            (&[0xc0, 0xc0], "1 bytes after it"),
            (&[0xc4, 1, 0], "binary data"),
            (&[0xa1, 0xff], "must be UTF-8"),
            (&[0x81, 0x01, 0x01], "must have strings as keys, got another type"),
            (&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "finite number"),
            (&[0x91; 100], "levels"),
        ] {
            let error = from_msgpack(bytes).unwrap_err();
            assert!(error.to_string().contains(reason), "{bytes:02x?}: {error}");
        }
    }

    #[test]
    fn errors_have_a_path() {
        let path = |bytes: &[u8]| from_msgpack(bytes).unwrap_err().path().to_string();
        assert_eq!(
            path(&[0x81, 0xa1, b'a', 0x81, 0xa1, b'b', 0x92, 7, 0xc4]),
            "a.b[1]"
        );
        assert_eq!(path(&[0x81, 0xa1, b'a', 0x81, 7]), "a");
        assert_eq!(path(&[0xc1]), "");
    }

    pub(in crate::value) fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            Just(Value::Unknown),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(|s| Value::from(normalized(&s))),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                proptest::collection::btree_map("[a-z]{0,5}", inner, 0..6).prop_map(Value::from),
            ]
        })
    }

    proptest! {
        #[test]
        fn written_values_are_read_back(value in value()) {
            prop_assert_eq!(from_msgpack(&to_msgpack(&value)).unwrap(), value);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = from_msgpack(&bytes);
        }
    }
}
