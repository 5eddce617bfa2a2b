//! Encodes values as Terraform does. Shares no code with the provider.

use rmp::encode;
use serde_json::Value;
use terraform_plugin::proto::tfplugin6::DynamicValue;

/// Encoded as an unknown value.
pub(crate) const UNKNOWN: &str = "\u{0}unknown";

/// The prefix of a string that is encoded as raw bytes.
const RAW_PREFIX: &str = "\u{0}raw";

/// A value that is encoded as these bytes.
pub(crate) fn raw(bytes: &[u8]) -> Value {
    let bytes = bytes.iter().map(|byte| char::from(*byte));
    RAW_PREFIX.chars().chain(bytes).collect::<String>().into()
}

pub(crate) fn msgpack(value: &Value) -> DynamicValue {
    let mut msgpack = Vec::new();
    encode_value(&mut msgpack, value);
    DynamicValue {
        msgpack,
        json: Vec::new(),
    }
}

/// The value as JSON, which cannot represent unknown values.
pub(crate) fn json(value: &Value) -> DynamicValue {
    DynamicValue {
        msgpack: Vec::new(),
        json: value.to_string().into(),
    }
}

fn encode_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => encode::write_nil(out).unwrap(),
        Value::Bool(value) => encode::write_bool(out, *value).unwrap(),
        // go-cty encodes integers in the shortest form, and other numbers as strings.
        Value::Number(number) => match number.as_i64() {
            Some(integer) => drop(encode::write_sint(out, integer).unwrap()),
            None => encode::write_str(out, &number.to_string()).unwrap(),
        },
        Value::String(string) if string == UNKNOWN => out.extend([0xd4, 0, 0]),
        Value::String(string) => match string.strip_prefix(RAW_PREFIX) {
            Some(bytes) => out.extend(bytes.chars().map(|byte| u8::try_from(byte).unwrap())),
            None => encode::write_str(out, string).unwrap(),
        },
        Value::Array(items) => {
            encode::write_array_len(out, len(items.len())).unwrap();
            items.iter().for_each(|item| encode_value(out, item));
        }
        Value::Object(members) => {
            encode::write_map_len(out, len(members.len())).unwrap();
            for (name, member) in members {
                encode::write_str(out, name).unwrap();
                encode_value(out, member);
            }
        }
    }
}

fn len(length: usize) -> u32 {
    u32::try_from(length).unwrap()
}
