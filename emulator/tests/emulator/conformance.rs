//! Checks every response against the discovery document: only known members, of the right types, without default values.
//!
//! The emulator decodes requests by the same document, but builds responses without it.

use std::sync::LazyLock;

use serde_json::Value;

static DISCOVERY: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../src/types/surface.json")).expect("valid JSON"));

/// Checks a response with status 200.
pub(crate) fn check(method: &str, path: &str, document: &Value) {
    let path = path.split('?').next().unwrap_or_default();
    let (path, verb) = path.split_once(':').unwrap_or((path, ""));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let schema = match (method, &parts[..], verb) {
        (_, _, "getIamPolicy" | "setIamPolicy") => "GoogleIamV1Policy",
        (_, _, "testIamPermissions") => "GoogleIamV1TestIamPermissionsResponse",
        ("DELETE", ["operations", _], _) => "GoogleProtobufEmpty",
        ("GET", ["operations"], _) => "GoogleLongrunningListOperationsResponse",
        ("GET", ["jobs"], _) => "GoogleCloudRunV2ListJobsResponse",
        ("GET", ["jobs", _], _) => "GoogleCloudRunV2Job",
        ("GET", ["jobs", _, "executions"], _) => "GoogleCloudRunV2ListExecutionsResponse",
        ("GET", ["jobs", _, "executions", _], _) => "GoogleCloudRunV2Execution",
        ("GET", ["jobs", _, "executions", _, "tasks"], _) => "GoogleCloudRunV2ListTasksResponse",
        ("GET", ["jobs", _, "executions", _, "tasks", _], _) => "GoogleCloudRunV2Task",
        _ => "GoogleLongrunningOperation",
    };
    let mut violations = Vec::new();
    object(schema, document, schema, &mut violations);
    assert!(
        violations.is_empty(),
        "{method} {path}: {}\n{document:#}",
        violations.join("\n")
    );
}

fn object(schema: &str, value: &Value, path: &str, violations: &mut Vec<String>) {
    let Some(members) = value.as_object() else {
        violations.push(format!("{path} is not an object"));
        return;
    };
    let properties = &DISCOVERY["schemas"][schema]["properties"];
    for (name, value) in members.iter().filter(|(name, _)| *name != "@type") {
        let path = format!("{path}.{name}");
        match properties.get(name) {
            None => violations.push(format!("{path} is unknown")),
            Some(property) => {
                if is_default(value) && !has_presence(property) {
                    violations.push(format!("{path} has its default value and must be omitted"));
                }
                member(property, value, &path, violations);
            }
        }
    }
}

fn member(property: &Value, value: &Value, path: &str, violations: &mut Vec<String>) {
    if let Some(schema) = property["$ref"].as_str() {
        return object(schema, value, path, violations);
    }
    let format = property["format"].as_str().unwrap_or_default();
    let text = value.as_str();
    let matches = match (property["type"].as_str().unwrap_or_default(), format) {
        ("array", _) => match value.as_array() {
            Some(values) => {
                for (index, value) in values.iter().enumerate() {
                    member(&property["items"], value, &format!("{path}[{index}]"), violations);
                }
                true
            }
            None => false,
        },
        ("object", _) if property["additionalProperties"]["type"] == "any" => {
            any(value, path, violations);
            true
        }
        ("object", _) => value
            .as_object()
            .is_some_and(|map| map.values().all(Value::is_string)),
        ("integer", _) => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("boolean", _) => value.is_boolean(),
        ("string", "int64") => text.is_some_and(|text| text.parse::<i64>().is_ok()),
        ("string", "google-duration") => text
            .and_then(|text| text.strip_suffix('s'))
            .is_some_and(|number| number.parse::<f64>().is_ok()),
        ("string", "google-datetime") => text.is_some_and(|text| text.len() >= 20 && text.ends_with('Z')),
        ("string", _) => match property["enum"].as_array() {
            Some(values) => values.contains(value) || value.is_i64(),
            None => text.is_some(),
        },
        ("any", _) => true,
        (other, _) => panic!("{path}: unsupported type {other:?}"),
    };
    if !matches {
        violations.push(format!("{path} does not match {property}: {value}"));
    }
}

/// A message with its own `@type`.
fn any(value: &Value, path: &str, violations: &mut Vec<String>) {
    match value["@type"].as_str() {
        Some("type.googleapis.com/google.cloud.run.v2.Job") => {
            object("GoogleCloudRunV2Job", value, path, violations)
        }
        Some("type.googleapis.com/google.cloud.run.v2.Execution") => {
            object("GoogleCloudRunV2Execution", value, path, violations);
        }
        other => violations.push(format!("{path} has an unknown @type: {other:?}")),
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(values) => values.is_empty(),
        Value::Null => true,
        Value::Object(_) => false,
    }
}

/// Whether a member has field presence, so that its default value is returned.
fn has_presence(property: &Value) -> bool {
    property["oneof"].is_string() || property["optional"] == true
}
