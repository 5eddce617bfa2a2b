//! Values as Terraform sends them. Shares no code with the provider.

use rmp::encode;
use serde_json::Value;
use terraform_plugin::proto::tfplugin6::DynamicValue;

/// Stands for a value that is not known yet.
pub(crate) const UNKNOWN: &str = "\u{0}unknown";

/// What the text begins with that stands for bytes as they are.
const RAW: &str = "\u{0}raw";

/// Stands for bytes that are sent as they are: what no configuration comes to.
pub(crate) fn raw(bytes: &[u8]) -> Value {
    let bytes = bytes.iter().map(|byte| char::from(*byte));
    RAW.chars().chain(bytes).collect::<String>().into()
}

pub(crate) fn packed(value: &Value) -> DynamicValue {
    let mut msgpack = Vec::new();
    write(&mut msgpack, value);
    DynamicValue {
        msgpack,
        json: Vec::new(),
    }
}

/// The same as JSON, in which nothing is unknown.
pub(crate) fn in_json(value: &Value) -> DynamicValue {
    DynamicValue {
        msgpack: Vec::new(),
        json: value.to_string().into(),
    }
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => encode::write_nil(out).unwrap(),
        Value::Bool(value) => encode::write_bool(out, *value).unwrap(),
        // go-cty writes whole numbers in the shortest form, and everything inexact as text.
        Value::Number(number) => match number.as_i64() {
            Some(whole) => drop(encode::write_sint(out, whole).unwrap()),
            None => encode::write_str(out, &number.to_string()).unwrap(),
        },
        Value::String(text) if text == UNKNOWN => out.extend([0xd4, 0, 0]),
        Value::String(text) => match text.strip_prefix(RAW) {
            Some(bytes) => out.extend(bytes.chars().map(|byte| u8::try_from(byte).unwrap())),
            None => encode::write_str(out, text).unwrap(),
        },
        Value::Array(items) => {
            encode::write_array_len(out, len(items.len())).unwrap();
            items.iter().for_each(|item| write(out, item));
        }
        Value::Object(members) => {
            encode::write_map_len(out, len(members.len())).unwrap();
            for (name, member) in members {
                encode::write_str(out, name).unwrap();
                write(out, member);
            }
        }
    }
}

fn len(length: usize) -> u32 {
    u32::try_from(length).unwrap()
}
