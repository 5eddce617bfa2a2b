//! Reads a request's document by its type, as strictly as Google does.

use base64::Engine as _;
use serde_json::{Map, Value, json};

use super::{FieldDescriptor, FieldType, MessageDescriptor, snake};
use crate::error::{ApiError, FieldViolation};

/// Reads a body of the given type.
///
/// What comes out has its canonical form: JSON names, enums by name, no defaults, nothing that only the service
/// may set. With `keep_unknown`, members that the types do not have are in it as they came.
///
/// # Errors
/// All places that do not fit, in one refusal.
pub(crate) fn body(schema: &str, bytes: &[u8], keep_unknown: bool) -> Result<Map<String, Value>, ApiError> {
    let value = if bytes.iter().all(u8::is_ascii_whitespace) {
        json!({})
    } else {
        serde_json::from_slice(bytes).map_err(|error| malformed(bytes, &error))?
    };
    let mut reader = Reader {
        keep_unknown,
        violations: Vec::new(),
    };
    let Value::Object(object) = &value else {
        let description = "Invalid JSON payload received. Unknown name \"\": Root element must be a message.";
        return Err(ApiError::bad_request(&[FieldViolation::new("", description)]));
    };
    // In messages a job has its name, for it is a field of the request; any other body is the request.
    let root = if schema == JOB { "job" } else { "" };
    let accepted = reader.message(MessageDescriptor::of(schema), root, object);
    if reader.violations.is_empty() {
        Ok(accepted)
    } else {
        Err(ApiError::bad_request(&reader.violations))
    }
}

const JOB: &str = "GoogleCloudRunV2Job";

struct Reader {
    keep_unknown: bool,
    violations: Vec<FieldViolation>,
}

impl Reader {
    fn message(
        &mut self,
        message: &'static MessageDescriptor,
        path: &str,
        object: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut accepted = Map::new();
        let mut groups: Vec<&str> = Vec::new();
        for (name, value) in object {
            let field = message.field(name);
            if field.is_none() && !self.keep_unknown {
                self.unknown(name, path, "Cannot find field.");
                continue;
            }
            if value.is_null() {
                continue;
            }
            let Some((known, field)) = field else {
                // Its type is not known, so neither is its default: `false` and `0` are kept too.
                accepted.insert(name.clone(), value.clone());
                continue;
            };
            if let Some(group) = &field.oneof {
                if groups.contains(&group.as_str()) {
                    self.refuse(
                        path,
                        format!(
                            "Invalid value at '{path}' (oneof), oneof field '{group}' is already set. Cannot set \
                             '{known}'"
                        ),
                    );
                }
                groups.push(group);
            }
            let kind = field.kind();
            let place = below(path, known);
            if let Some(value) = self.value(kind, &place, value)
                && !field.read_only
                && (field.has_presence() || !is_default(kind, &value))
            {
                accepted.insert(known.to_owned(), value);
            }
        }
        accepted
    }

    /// Reads one value; `None` when it is refused.
    fn value(&mut self, kind: FieldType, path: &str, value: &Value) -> Option<Value> {
        match (kind, value) {
            (FieldType::Message(message), Value::Object(object)) => {
                Some(Value::Object(self.message(message, path, object)))
            }
            (FieldType::List(item), Value::Array(values)) => {
                let read = |(at, value)| self.value(item.kind(), &format!("{path}[{at}]"), value);
                Some(Value::Array(values.iter().enumerate().filter_map(read).collect()))
            }
            (FieldType::Map, Value::Object(object)) => {
                for (key, value) in object {
                    if !value.is_string() {
                        self.wrong(&format!("{path}[\"{key}\"]"), "TYPE_STRING", value);
                    }
                }
                Some(value.clone())
            }
            (_, Value::Array(_)) => {
                let (outer, name) = path.rsplit_once('.').unwrap_or(("", path));
                self.unknown(name, outer, "Proto field is not repeating, cannot start list.");
                None
            }
            (FieldType::Any, value) => Some(value.clone()),
            (FieldType::Enum(of), value) => {
                let read = enumerator(of, value);
                self.or_wrong(read, path, &format!("type.googleapis.com/{}", of.proto), value)
            }
            (FieldType::Duration, Value::String(text)) if seconds(text).is_none() => {
                let place = path.rsplit('.').next().unwrap_or(path);
                self.refuse(
                    path,
                    format!(
                        "Invalid value at '{path}' (type.googleapis.com/google.protobuf.Duration), Field \
                         '{place}', Illegal duration format; duration must end with 's'"
                    ),
                );
                None
            }
            (kind, value) => self.or_wrong(scalar(kind, value), path, type_name(kind), value),
        }
    }

    fn or_wrong(&mut self, read: Option<Value>, path: &str, type_name: &str, value: &Value) -> Option<Value> {
        if read.is_none() {
            self.wrong(path, type_name, value);
        }
        read
    }

    fn wrong(&mut self, path: &str, type_name: &str, value: &Value) {
        self.refuse(path, format!("Invalid value at '{path}' ({type_name}), {value}"));
    }

    fn unknown(&mut self, name: &str, path: &str, text: &str) {
        let place = if path.is_empty() {
            String::new()
        } else {
            format!(" at '{path}'")
        };
        self.refuse(
            path,
            format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: {text}"),
        );
    }

    fn refuse(&mut self, path: &str, description: String) {
        self.violations.push(FieldViolation::new(path, description));
    }
}

/// The seconds of a duration in JSON.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let number = text.strip_suffix('s')?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let well_formed = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if well_formed { number.parse().ok() } else { None }
}

fn below(path: &str, name: &str) -> String {
    let name = snake(name);
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

/// Enums come by name or by number.
fn enumerator(of: &FieldDescriptor, value: &Value) -> Option<Value> {
    let found = match value {
        Value::String(name) => of.enumerators().find(|(known, _)| known == name),
        Value::Number(number) => of
            .enumerators()
            .find(|(_, known)| number.as_u64() == Some(*known as u64)),
        _ => None,
    };
    found.map(|(name, _)| json!(name))
}

fn scalar(kind: FieldType, value: &Value) -> Option<Value> {
    match (kind, value) {
        (FieldType::String | FieldType::Duration, Value::String(_)) | (FieldType::Bool, Value::Bool(_)) => {
            Some(value.clone())
        }
        (FieldType::Bool, Value::String(text)) => text.parse::<bool>().ok().map(Value::Bool),
        (FieldType::Timestamp, Value::String(text)) if looks_like_a_time(text) => Some(value.clone()),
        (FieldType::Bytes, Value::String(text)) => {
            let engine = base64::engine::general_purpose::STANDARD;
            engine.decode(text).ok().map(|_| value.clone())
        }
        (FieldType::Int32, value) => i32::try_from(integer(value)?).ok().map(Value::from),
        (FieldType::Int64, value) => integer(value).map(|number| json!(number.to_string())),
        _ => None,
    }
}

/// Integers come as numbers or as strings.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn looks_like_a_time(text: &str) -> bool {
    let at = |place: usize, byte: u8| text.as_bytes().get(place) == Some(&byte);
    at(4, b'-') && at(7, b'-') && at(10, b'T') && at(13, b':') && at(16, b':')
}

fn is_default(kind: FieldType, value: &Value) -> bool {
    match (kind, value) {
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

fn type_name(kind: FieldType) -> &'static str {
    match kind {
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
        FieldType::List(of) => type_name(of.kind()),
    }
}

fn malformed(bytes: &[u8], error: &serde_json::Error) -> ApiError {
    let text = String::from_utf8_lossy(bytes);
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let line: String = line.chars().take(80).collect();
    let what = if error.is_eof() {
        "Unexpected end of string."
    } else {
        "Unexpected token."
    };
    let description = format!("Invalid JSON payload received. {what}\n{line}\n^");
    ApiError::bad_request(&[FieldViolation::new("", description)])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

    use super::*;

    fn read(text: &str) -> Result<Value, String> {
        body(JOB, text.as_bytes(), false)
            .map(Value::Object)
            .map_err(|problem| problem.message)
    }

    #[test]
    fn known_members_are_read_as_strictly_beside_unknown_ones() {
        let read = |text: &str| body(JOB, text.as_bytes(), true).map(Value::Object);
        assert_eq!(
            read(r#"{"future": null, "uid": "x", "launchStage": 4}"#).unwrap(),
            json!({ "launchStage": "GA" })
        );
        assert!(read(r#"{"future": 1, "launchStage": "GAMMA"}"#).is_err());
        assert!(read(r#"{"future": 1, "template": []}"#).is_err());
    }

    #[test]
    fn defaults_and_what_the_service_sets_are_dropped() {
        let read = read(
            r#"{"uid": "x", "labels": {}, "client": "", "launchStage": 0, "etag": null, "template":
               {"task_count": "3", "parallelism": 0, "template": {"maxRetries": 0, "containers": []}}}"#,
        );
        assert_eq!(
            read.unwrap(),
            json!({ "template": { "taskCount": 3, "template": { "maxRetries": 0 } } })
        );
    }

    #[test]
    fn enums_come_by_name_or_number() {
        assert_eq!(
            read(r#"{"launchStage": 2}"#).unwrap(),
            json!({ "launchStage": "ALPHA" })
        );
        assert_eq!(
            read(r#"{"launchStage": "GA"}"#).unwrap(),
            json!({ "launchStage": "GA" })
        );
        assert_eq!(
            read(r#"{"launchStage": "GAMMA"}"#).unwrap_err(),
            "Invalid value at 'job.launch_stage' (type.googleapis.com/google.api.LaunchStage), \"GAMMA\""
        );
    }

    #[test]
    fn all_that_does_not_fit_is_told_at_once() {
        let told = read(
            r#"{"colour": 1, "template": {"taskCount": "many", "template": {"timeout": "2m", "containers": [{"imag": 1}]}}}"#,
        )
        .unwrap_err();
        for part in [
            "Unknown name \"colour\" at 'job': Cannot find field.",
            "Invalid value at 'job.template.task_count' (TYPE_INT32), \"many\"",
            "Unknown name \"imag\" at 'job.template.template.containers[0]': Cannot find field.",
            "Illegal duration format; duration must end with 's'",
        ] {
            assert!(told.contains(part), "{part}\nnot in\n{told}");
        }
    }

    #[test]
    fn odd_documents_are_refused_and_not_more() {
        for odd in [
            "[]",
            "3",
            "{",
            "\"x\"",
            "{\"labels\": 3}",
            "{\"labels\": {\"a\": 1}}",
            "{\"template\": []}",
        ] {
            assert!(read(odd).is_err(), "{odd}");
        }
        assert!(body(JOB, &[0xff, 0xfe], false).is_err());
    }

    #[test]
    fn durations_are_seconds() {
        for (text, number) in [
            ("600s", Some(600.0)),
            ("1.5s", Some(1.5)),
            ("-3s", Some(-3.0)),
            ("2m", None),
            ("s", None),
            ("infs", None),
        ] {
            assert_eq!(seconds(text), number, "{text}");
        }
    }
}
