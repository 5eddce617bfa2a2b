//! Values as go-cty writes and reads them, from and to JSON. Shares no code with the provider.

use facets_gpu::wire::proto::tfplugin6::{
    DynamicValue,
    schema::{Attribute, object::NestingMode},
};
use rmp::{Marker, decode, encode};
use serde_json::{Map, Value, json};

/// Stands for a value that is not known yet.
pub(crate) const UNKNOWN: &str = "\u{0}unknown";

/// What the text begins with that stands for bytes as they are, see [`raw`].
const RAW: &str = "\u{0}raw";

/// Stands for bytes that are sent as they are, whatever the schema says: what no configuration comes to.
pub(crate) fn raw(bytes: &[u8]) -> Value {
    let bytes = bytes.iter().map(|byte| char::from(*byte));
    RAW.chars().chain(bytes).collect::<String>().into()
}

/// An object of a schema's attributes. What `value` leaves out is null, as Terraform sends it.
pub(crate) fn object(attributes: &[Attribute], value: &Value) -> DynamicValue {
    let mut msgpack = Vec::new();
    write_attributes(&mut msgpack, attributes, value);
    DynamicValue {
        msgpack,
        json: Vec::new(),
    }
}

/// The null value, of any type.
pub(crate) fn null() -> DynamicValue {
    DynamicValue {
        msgpack: vec![0xc0],
        json: Vec::new(),
    }
}

/// A value from the provider; unknown comes back as [`UNKNOWN`].
pub(crate) fn read(value: &DynamicValue) -> Value {
    let mut rest = value.msgpack.as_slice();
    let value = read_value(&mut rest);
    assert!(rest.is_empty(), "bytes after the value");
    value
}

fn write_attributes(out: &mut Vec<u8>, attributes: &[Attribute], value: &Value) {
    if write_special(out, value) {
        return;
    }
    let object = value.as_object().unwrap();
    for name in object.keys() {
        assert!(
            attributes.iter().any(|attribute| attribute.name == *name),
            "no attribute {name}"
        );
    }
    encode::write_map_len(out, len(attributes.len())).unwrap();
    for attribute in attributes {
        encode::write_str(out, &attribute.name).unwrap();
        let value = object.get(&attribute.name).unwrap_or(&Value::Null);
        match &attribute.nested_type {
            None => write_typed(out, &serde_json::from_slice(&attribute.r#type).unwrap(), value),
            Some(_) if write_special(out, value) => {}
            Some(nested) => match nested.nesting() {
                NestingMode::Single => write_attributes(out, &nested.attributes, value),
                NestingMode::Map => write_map(out, value, |out, item| {
                    write_attributes(out, &nested.attributes, item)
                }),
                _ => write_array(out, value, |out, item| {
                    write_attributes(out, &nested.attributes, item)
                }),
            },
        }
    }
}

fn write_typed(out: &mut Vec<u8>, kind: &Value, value: &Value) {
    if write_special(out, value) {
        return;
    }
    match (kind.as_str(), kind.get(0).and_then(Value::as_str)) {
        (Some("string"), _) => encode::write_str(out, value.as_str().unwrap()).unwrap(),
        (Some("bool"), _) => encode::write_bool(out, value.as_bool().unwrap()).unwrap(),
        // go-cty writes whole numbers in the shortest form, and everything inexact as text.
        (Some("number"), _) => match value.as_i64() {
            Some(whole) => drop(encode::write_sint(out, whole).unwrap()),
            None => encode::write_str(out, &value.to_string()).unwrap(),
        },
        (_, Some("list" | "set")) => write_array(out, value, |out, item| write_typed(out, &kind[1], item)),
        (_, Some("map")) => write_map(out, value, |out, item| write_typed(out, &kind[1], item)),
        _ => panic!("no values of type {kind} in these tests"),
    }
}

fn write_array(out: &mut Vec<u8>, value: &Value, item: impl Fn(&mut Vec<u8>, &Value)) {
    let items = value.as_array().unwrap();
    encode::write_array_len(out, len(items.len())).unwrap();
    items.iter().for_each(|value| item(out, value));
}

fn write_map(out: &mut Vec<u8>, value: &Value, item: impl Fn(&mut Vec<u8>, &Value)) {
    let items = value.as_object().unwrap();
    encode::write_map_len(out, len(items.len())).unwrap();
    for (key, value) in items {
        encode::write_str(out, key).unwrap();
        item(out, value);
    }
}

fn write_special(out: &mut Vec<u8>, value: &Value) -> bool {
    match value {
        Value::Null => encode::write_nil(out).unwrap(),
        // The plain unknown of go-cty: an extension of code 0 whose one byte means nothing.
        Value::String(text) if text == UNKNOWN => out.extend([0xd4, 0, 0]),
        Value::String(text) if text.starts_with(RAW) => {
            let bytes = text.chars().skip(RAW.len()).map(|c| u8::try_from(c).unwrap());
            out.extend(bytes);
        }
        _ => return false,
    }
    true
}

fn read_value(rest: &mut &[u8]) -> Value {
    match Marker::from_u8(rest[0]) {
        Marker::Null => {
            *rest = &rest[1..];
            Value::Null
        }
        Marker::True | Marker::False => decode::read_bool(rest).unwrap().into(),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => read_text(rest).into(),
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => (0..decode::read_array_len(rest).unwrap())
            .map(|_| read_value(rest))
            .collect(),
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
            let count = decode::read_map_len(rest).unwrap();
            (0..count)
                .map(|_| (read_text(rest), read_value(rest)))
                .collect::<Map<_, _>>()
                .into()
        }
        Marker::FixExt1 => {
            assert_eq!(
                &rest[..3],
                [0xd4, 0, 0],
                "an unknown value is sent in its plain form"
            );
            *rest = &rest[3..];
            json!(UNKNOWN)
        }
        Marker::F64 => decode::read_f64(rest).unwrap().into(),
        _ => decode::read_int::<i64, _>(rest).unwrap().into(),
    }
}

fn read_text(rest: &mut &[u8]) -> String {
    let length = usize::try_from(decode::read_str_len(rest).unwrap()).unwrap();
    let (text, after) = rest.split_at(length);
    *rest = after;
    String::from_utf8(text.to_vec()).unwrap()
}

fn len(length: usize) -> u32 {
    u32::try_from(length).unwrap()
}
