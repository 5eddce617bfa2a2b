//! The API's types and methods, and what is done with them: requests are read by them, answers written by them.
//!
//! They are those of Google's discovery document, in `surface.json`; its comment says what is added there.

pub(crate) mod decode;
pub(crate) mod encode;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::error::{ApiError, FieldViolation};
use crate::request::Request;
use crate::route::Call;

#[derive(Default, Deserialize)]
struct Surface {
    methods: BTreeMap<String, MethodDescriptor>,
    schemas: BTreeMap<String, MessageDescriptor>,
}

// That the file can be read is a matter of the first test.
static SURFACE: LazyLock<Surface> =
    LazyLock::new(|| serde_json::from_str(include_str!("surface.json")).unwrap_or_default());

/// One method.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MethodDescriptor {
    query_parameters: BTreeMap<String, FieldDescriptor>,
    /// The type of the body.
    pub(crate) request: Option<String>,
    pub(crate) response: String,
    /// The name as Google writes it in error details.
    pub(crate) rpc: String,
    pub(crate) permission: String,
}

/// A message type.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct MessageDescriptor {
    /// Such as `google.cloud.run.v2.Job`.
    proto: String,
    #[serde(default)]
    properties: BTreeMap<String, FieldDescriptor>,
}

/// One field of a message, an item of a list, or a query parameter.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FieldDescriptor {
    #[serde(rename = "type")]
    json_type: String,
    format: String,
    #[serde(rename = "$ref")]
    message: Option<String>,
    items: Option<Box<FieldDescriptor>>,
    /// What a map holds.
    additional_properties: Option<Box<FieldDescriptor>>,
    /// The names of an enum; the first is the default.
    #[serde(rename = "enum")]
    values: Vec<String>,
    /// The numbers of an enum, where they do not count from 0.
    numbers: Vec<usize>,
    /// The name of an enum, such as `google.api.LaunchStage`.
    proto: String,
    /// Set by the service alone; ignored in requests.
    read_only: bool,
    /// The group of which one field only may be set.
    oneof: Option<String>,
    /// Whether the field is `optional` in the proto file.
    optional: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
enum FieldType {
    String,
    Bool,
    Int32,
    /// A string in JSON.
    Int64,
    /// Base64.
    Bytes,
    /// RFC 3339.
    Timestamp,
    /// Seconds, ending in `s`.
    Duration,
    /// From text to text.
    Map,
    /// Anything; an object with an `@type` is of that type.
    Any,
    Enum(&'static FieldDescriptor),
    Message(&'static MessageDescriptor),
    List(&'static FieldDescriptor),
}

impl MethodDescriptor {
    pub(crate) fn of(call: &Call) -> &'static Self {
        static NONE: LazyLock<MethodDescriptor> = LazyLock::new(MethodDescriptor::default);
        let id = format!("run.projects.locations.{}", call.method_id());
        SURFACE.methods.get(&id).unwrap_or(&NONE)
    }

    /// Checks the query parameters of a request.
    ///
    /// # Errors
    /// All that are unknown or of the wrong type, in one refusal.
    pub(crate) fn check_query(&self, request: &Request) -> Result<(), ApiError> {
        let violations: Vec<FieldViolation> = request
            .query
            .iter()
            .filter_map(|(name, value)| self.query_violation(name, value))
            .collect();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(ApiError::bad_request(&violations))
        }
    }

    fn query_violation(&self, name: &str, value: &str) -> Option<FieldViolation> {
        let wrong = |kind| {
            let field = snake(name);
            FieldViolation::new(
                &field,
                format!("Invalid value at '{field}' ({kind}), \"{value}\""),
            )
        };
        match self
            .query_parameters
            .get(name)
            .map(|known| known.json_type.as_str())
        {
            Some("boolean") => (!matches!(value, "true" | "false")).then(|| wrong("TYPE_BOOL")),
            Some("integer") => value.parse::<i32>().is_err().then(|| wrong("TYPE_INT32")),
            Some(_) => None,
            None if COMMON.contains(&name) => None,
            None => Some(FieldViolation::new(
                "",
                format!(
                    "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. Field \
                     '{name}' could not be found in request message."
                ),
            )),
        }
    }
}

impl MessageDescriptor {
    /// A type by its name in the discovery document.
    pub(crate) fn of(schema: &str) -> &'static Self {
        static NONE: MessageDescriptor = MessageDescriptor {
            proto: String::new(),
            properties: BTreeMap::new(),
        };
        SURFACE.schemas.get(schema).unwrap_or(&NONE)
    }

    /// A field by its JSON name or by its proto name, both of which the service reads; with the JSON name.
    fn field(&self, name: &str) -> Option<(&str, &FieldDescriptor)> {
        let named = |(known, _): &(&String, &FieldDescriptor)| {
            *known == name || (name.contains('_') && snake(known) == name)
        };
        let (name, property) = self.properties.iter().find(named)?;
        Some((name, property))
    }
}

impl FieldDescriptor {
    fn kind(&'static self) -> FieldType {
        if let Some(schema) = &self.message {
            return FieldType::Message(MessageDescriptor::of(schema));
        }
        if !self.values.is_empty() {
            return FieldType::Enum(self);
        }
        match (self.json_type.as_str(), self.format.as_str()) {
            ("array", _) => self.items.as_deref().map_or(FieldType::Any, FieldType::List),
            ("object", _) if self.holds_text() => FieldType::Map,
            ("boolean", _) => FieldType::Bool,
            ("integer", _) => FieldType::Int32,
            ("string", "int64") => FieldType::Int64,
            ("string", "byte") => FieldType::Bytes,
            ("string", "google-datetime") => FieldType::Timestamp,
            ("string", "google-duration") => FieldType::Duration,
            ("string", _) => FieldType::String,
            _ => FieldType::Any,
        }
    }

    fn holds_text(&self) -> bool {
        let held = self.additional_properties.as_ref();
        held.is_some_and(|held| held.json_type == "string")
    }

    /// Whether absence differs from the default value.
    fn has_presence(&self) -> bool {
        self.optional || self.oneof.is_some()
    }

    /// Names and numbers of an enum.
    fn enumerators(&self) -> impl Iterator<Item = (&str, usize)> {
        let number = |at: usize| self.numbers.get(at).copied().unwrap_or(at);
        let names = self.values.iter().enumerate();
        names.map(move |(at, name)| (name.as_str(), number(at)))
    }
}

/// The proto name of a field.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Parameters of every method; `$alt` is not in the discovery document, but Google's generated clients send it.
const COMMON: &[&str] = &[
    "$.xgafv",
    "$alt",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may end with a panic")]

    use super::*;

    #[test]
    fn every_type_that_is_named_is_there() {
        let surface: Result<Surface, _> = serde_json::from_str(include_str!("surface.json"));
        let surface = surface.expect("the surface is read");
        let methods = surface.methods.values();
        let bodies = methods.flat_map(|method| method.request.iter().chain([&method.response]));
        let properties = surface
            .schemas
            .values()
            .flat_map(|message| message.properties.values());
        let inner = properties.flat_map(|property| [Some(property), property.items.as_deref()]);
        let inner = inner.flatten().filter_map(|property| property.message.as_ref());
        for schema in bodies.chain(inner) {
            assert!(surface.schemas.contains_key(schema), "{schema}");
        }
    }

    #[test]
    fn proto_names_are_snakes() {
        assert_eq!(
            snake("gpuZonalRedundancyDisabled"),
            "gpu_zonal_redundancy_disabled"
        );
        let job = MessageDescriptor::of("GoogleCloudRunV2Job");
        assert_eq!(
            job.field("launch_stage").map(|(name, _)| name),
            Some("launchStage")
        );
        assert!(job.field("Launch_stage").is_none());
    }
}
