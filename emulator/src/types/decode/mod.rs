//! Decodes the JSON of requests by its type, as strictly as Google does.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use super::{FieldDescriptor, FieldType, MessageDescriptor, snake_case};
use crate::error::{ApiError, FieldViolation};

/// Decodes a body of the given type.
///
/// The result has the canonical form: JSON names, enums by name, no default values, no read-only fields. With
/// `keep_unknown` it has unknown members unchanged. `path_member` is a member of the path that the body may repeat.
///
/// # Errors
/// All fields that do not match their types, or another value of `path_member`.
pub(crate) fn body(
    schema: &str,
    bytes: &[u8],
    keep_unknown: bool,
    path_member: Option<(&str, String)>,
) -> Result<Map<String, Value>, ApiError> {
    let mut value = if bytes.iter().all(u8::is_ascii_whitespace) {
        json!({})
    } else {
        serde_json::from_slice(bytes).map_err(|error| malformed(bytes, &error))?
    };
    let mut decoder = Decoder {
        keep_unknown,
        violations: Vec::new(),
    };
    let Value::Object(object) = &mut value else {
        let description = "Invalid JSON payload received. Unknown name \"\": Root element must be a message.";
        return Err(ApiError::bad_request(&[FieldViolation::new("", description)]));
    };
    if let Some((member, in_path)) = path_member
        && let Some(sent) = object.remove(member)
        && !sent.is_null()
        && sent != in_path
    {
        // Guessed: Google's clients send the value of the path; what the service does with another one is not known.
        let description =
            format!("Invalid value at '{member}' (TYPE_STRING), must equal the value in the URL.");
        return Err(ApiError::bad_request(&[FieldViolation::new(member, description)]));
    }
    // A job is the field `job` of the gRPC request; other bodies are the request itself.
    let root = if schema == JOB { "job" } else { "" };
    let decoded = decoder.message(MessageDescriptor::of(schema), root, object);
    if decoder.violations.is_empty() {
        Ok(decoded)
    } else {
        Err(ApiError::bad_request(&decoder.violations))
    }
}

const JOB: &str = "GoogleCloudRunV2Job";

struct Decoder {
    keep_unknown: bool,
    violations: Vec<FieldViolation>,
}

impl Decoder {
    fn message(
        &mut self,
        message: &'static MessageDescriptor,
        path: &str,
        object: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut decoded = Map::new();
        let mut oneofs: Vec<&str> = Vec::new();
        for (name, value) in object {
            let field = message.field(name);
            if field.is_none() && !self.keep_unknown {
                self.add_unknown_name(name, path, "Cannot find field.");
                continue;
            }
            if value.is_null() {
                continue;
            }
            let Some((json_name, field)) = field else {
                // An unknown field has no known default value: `false` and `0` are kept too.
                decoded.insert(name.clone(), value.clone());
                continue;
            };
            if let Some(oneof) = &field.oneof {
                if oneofs.contains(&oneof.as_str()) {
                    self.add_violation(
                        path,
                        format!(
                            "Invalid value at '{path}' (oneof), oneof field '{oneof}' is already set. Cannot set \
                             '{json_name}'"
                        ),
                    );
                }
                oneofs.push(oneof);
            }
            let field_type = field.field_type();
            if let Some(value) = self.value(field_type, &child_path(path, json_name), value)
                && !field.read_only
                && (field.has_presence() || !is_default(field_type, &value))
            {
                decoded.insert(json_name.to_owned(), value);
            }
        }
        decoded
    }

    /// Decodes a value; `None` if it has a violation.
    fn value(&mut self, field_type: FieldType, path: &str, value: &Value) -> Option<Value> {
        match (field_type, value) {
            (FieldType::Message(message), Value::Object(object)) => {
                Some(Value::Object(self.message(message, path, object)))
            }
            (FieldType::List(item), Value::Array(values)) => {
                let decode =
                    |(index, value)| self.value(item.field_type(), &format!("{path}[{index}]"), value);
                Some(Value::Array(
                    values.iter().enumerate().filter_map(decode).collect(),
                ))
            }
            (FieldType::Map, Value::Object(object)) => {
                for (key, value) in object {
                    if !value.is_string() {
                        self.add_invalid_value(&format!("{path}[\"{key}\"]"), "TYPE_STRING", value);
                    }
                }
                Some(value.clone())
            }
            (_, Value::Array(_)) => {
                let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
                self.add_unknown_name(name, parent, "Proto field is not repeating, cannot start list.");
                None
            }
            (FieldType::Any, value) => Some(value.clone()),
            (FieldType::Enum(of), value) => {
                let decoded = enum_name(of, value);
                let type_name = format!("type.googleapis.com/{}", of.proto);
                self.or_invalid_value(decoded, path, &type_name, value)
            }
            (FieldType::Duration, Value::String(text)) if duration_seconds(text).is_none() => {
                let name = path.rsplit('.').next().unwrap_or(path);
                self.add_violation(
                    path,
                    format!(
                        "Invalid value at '{path}' (type.googleapis.com/google.protobuf.Duration), Field \
                         '{name}', Illegal duration format; duration must end with 's'"
                    ),
                );
                None
            }
            (field_type, value) => {
                self.or_invalid_value(scalar(field_type, value), path, type_name(field_type), value)
            }
        }
    }

    fn or_invalid_value(
        &mut self,
        decoded: Option<Value>,
        path: &str,
        type_name: &str,
        value: &Value,
    ) -> Option<Value> {
        if decoded.is_none() {
            self.add_invalid_value(path, type_name, value);
        }
        decoded
    }

    fn add_invalid_value(&mut self, path: &str, type_name: &str, value: &Value) {
        self.add_violation(path, format!("Invalid value at '{path}' ({type_name}), {value}"));
    }

    fn add_unknown_name(&mut self, name: &str, path: &str, reason: &str) {
        let location = if path.is_empty() {
            String::new()
        } else {
            format!(" at '{path}'")
        };
        self.add_violation(
            path,
            format!("Invalid JSON payload received. Unknown name \"{name}\"{location}: {reason}"),
        );
    }

    fn add_violation(&mut self, path: &str, description: String) {
        self.violations.push(FieldViolation::new(path, description));
    }
}

/// The seconds of a duration in JSON.
pub(crate) fn duration_seconds(text: &str) -> Option<f64> {
    let number = text.strip_suffix('s')?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let well_formed = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if well_formed { number.parse().ok() } else { None }
}

fn child_path(path: &str, name: &str) -> String {
    let name = snake_case(name);
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

/// The name of an enum value that is given by name or by number.
fn enum_name(of: &FieldDescriptor, value: &Value) -> Option<Value> {
    let found = of.enum_values().find(|(name, number)| match value {
        Value::String(given) => given == name,
        Value::Number(given) => given.as_u64() == Some(*number as u64),
        _ => false,
    });
    found.map(|(name, _)| json!(name))
}

fn scalar(field_type: FieldType, value: &Value) -> Option<Value> {
    match (field_type, value) {
        (FieldType::String | FieldType::Duration, Value::String(_)) | (FieldType::Bool, Value::Bool(_)) => {
            Some(value.clone())
        }
        (FieldType::Bool, Value::String(text)) => text.parse::<bool>().ok().map(Value::Bool),
        (FieldType::Timestamp, Value::String(text)) if looks_like_timestamp(text) => Some(value.clone()),
        (FieldType::Bytes, Value::String(text)) => {
            let engine = base64::engine::general_purpose::STANDARD;
            engine.decode(text).ok().map(|_| value.clone())
        }
        (FieldType::Int32, value) => i32::try_from(integer(value)?).ok().map(Value::from),
        (FieldType::Int64, value) => integer(value).map(|number| json!(number.to_string())),
        _ => None,
    }
}

/// Integers are numbers or strings.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn looks_like_timestamp(text: &str) -> bool {
    let has = |index: usize, byte: u8| text.as_bytes().get(index) == Some(&byte);
    has(4, b'-') && has(7, b'-') && has(10, b'T') && has(13, b':') && has(16, b':')
}

fn is_default(field_type: FieldType, value: &Value) -> bool {
    match (field_type, value) {
        (FieldType::Enum(of), Value::String(name)) => of.values.first() == Some(name),
        (FieldType::Int64, Value::String(text)) => text == "0",
        (_, Value::String(text)) => text.is_empty(),
        (_, Value::Bool(value)) => !value,
        (_, Value::Number(number)) => number.as_i64() == Some(0),
        (_, Value::Array(values)) => values.is_empty(),
        (FieldType::Map, Value::Object(values)) => values.is_empty(),
        _ => false,
    }
}

/// The name of a type in error messages.
fn type_name(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::String => "TYPE_STRING",
        FieldType::Bool => "TYPE_BOOL",
        FieldType::Int32 => "TYPE_INT32",
        FieldType::Int64 => "TYPE_INT64",
        FieldType::Bytes => "TYPE_BYTES",
        FieldType::Timestamp => "type.googleapis.com/google.protobuf.Timestamp",
        FieldType::Duration => "type.googleapis.com/google.protobuf.Duration",
        FieldType::Map => "Map",
        FieldType::Any => "type.googleapis.com/google.protobuf.Any",
        FieldType::Enum(of) => &of.proto,
        FieldType::Message(of) => &of.proto,
        FieldType::List(of) => type_name(of.field_type()),
    }
}

fn malformed(bytes: &[u8], error: &serde_json::Error) -> ApiError {
    let text = String::from_utf8_lossy(bytes);
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let line: String = line.chars().take(80).collect();
    let reason = if error.is_eof() {
        "Unexpected end of string."
    } else {
        "Unexpected token."
    };
    let description = format!("Invalid JSON payload received. {reason}\n{line}\n^");
    ApiError::bad_request(&[FieldViolation::new("", description)])
}
