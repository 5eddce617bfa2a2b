//! The methods and types of the API, from Google's discovery document (`surface.json`; its `$comment` lists what was added).

pub(crate) mod decode;
pub(crate) mod encode;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::error::{ApiError, FieldViolation};
use crate::request::Request;
use crate::route::Call;

#[derive(Default, Deserialize)]
struct Surface {
    methods: BTreeMap<String, MethodDescriptor>,
    schemas: BTreeMap<String, MessageDescriptor>,
}

// The first test checks that the file is valid.
static SURFACE: LazyLock<Surface> =
    LazyLock::new(|| serde_json::from_str(include_str!("surface.json")).unwrap_or_default());

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MethodDescriptor {
    /// Such as `v2/{+name}:run`.
    path: String,
    query_parameters: BTreeMap<String, FieldDescriptor>,
    /// The type of the request's body.
    pub(crate) request: Option<String>,
    pub(crate) response: String,
    /// The full name of the gRPC method, for error details.
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

/// A field of a message, an item of a list, or a query parameter.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FieldDescriptor {
    #[serde(rename = "type")]
    json_type: String,
    format: String,
    #[serde(rename = "$ref")]
    message: Option<String>,
    items: Option<Box<FieldDescriptor>>,
    /// The values of a map.
    additional_properties: Option<Box<FieldDescriptor>>,
    /// The names of an enum's values; the first is the default.
    #[serde(rename = "enum")]
    values: Vec<String>,
    /// The numbers of an enum's values, if they do not count from 0.
    numbers: Vec<usize>,
    /// The proto name of an enum, such as `google.api.LaunchStage`.
    proto: String,
    /// Ignored in requests.
    read_only: bool,
    oneof: Option<String>,
    /// Whether the field is `optional` in the proto file.
    optional: bool,
}

/// The type of a field.
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
    /// From string to string.
    Map,
    /// Any value; an object with an `@type` has that type.
    Any,
    Enum(&'static FieldDescriptor),
    Message(&'static MessageDescriptor),
    List(&'static FieldDescriptor),
}

impl MethodDescriptor {
    pub(crate) fn of(call: &Call) -> &'static Self {
        static EMPTY: LazyLock<MethodDescriptor> = LazyLock::new(MethodDescriptor::default);
        let id = format!("run.projects.locations.{}", call.method_id());
        SURFACE.methods.get(&id).unwrap_or(&EMPTY)
    }

    /// The permissions of all methods, and the one for a run with overrides.
    pub(crate) fn permissions() -> Vec<&'static str> {
        let of_methods = SURFACE.methods.values().map(|method| method.permission.as_str());
        let mut permissions: Vec<&str> = of_methods.chain([RUN_WITH_OVERRIDES]).collect();
        permissions.sort_unstable();
        permissions.dedup();
        permissions
    }

    /// The member of the path that the body may repeat, with its value: the body of a custom method, such as `:run`, is
    /// the whole gRPC request (`body: "*"`).
    pub(crate) fn path_member(&self, request_path: &str) -> Option<(&str, String)> {
        let (_, template) = self.path.split_once("{+")?;
        let (member, verb) = template.split_once("}:")?;
        let value = request_path
            .strip_prefix("/v2/")?
            .strip_suffix(verb)?
            .strip_suffix(':')?;
        let value = percent_decode_str(value).decode_utf8().ok()?;
        Some((member, value.into_owned()))
    }

    /// Checks the query parameters of a request.
    ///
    /// # Errors
    /// All parameters that are unknown or of the wrong type.
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
        let type_violation = |type_name| {
            let field = snake_case(name);
            FieldViolation::new(
                &field,
                format!("Invalid value at '{field}' ({type_name}), \"{value}\""),
            )
        };
        match self
            .query_parameters
            .get(name)
            .map(|known| known.json_type.as_str())
        {
            Some("boolean") => (!matches!(value, "true" | "false")).then(|| type_violation("TYPE_BOOL")),
            Some("integer") => value
                .parse::<i32>()
                .is_err()
                .then(|| type_violation("TYPE_INT32")),
            Some(_) => None,
            None if COMMON_PARAMETERS.contains(&name) => None,
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
    /// The type with a name of the discovery document.
    pub(crate) fn of(schema: &str) -> &'static Self {
        static EMPTY: MessageDescriptor = MessageDescriptor {
            proto: String::new(),
            properties: BTreeMap::new(),
        };
        SURFACE.schemas.get(schema).unwrap_or(&EMPTY)
    }

    /// Finds a field by its JSON name or its proto name, which the service both accepts; returns it with its JSON name.
    fn field(&self, name: &str) -> Option<(&str, &FieldDescriptor)> {
        let has_name = |(json_name, _): &(&String, &FieldDescriptor)| {
            *json_name == name || (name.contains('_') && snake_case(json_name) == name)
        };
        let (name, field) = self.properties.iter().find(has_name)?;
        Some((name, field))
    }
}

impl FieldDescriptor {
    fn field_type(&'static self) -> FieldType {
        if let Some(schema) = &self.message {
            return FieldType::Message(MessageDescriptor::of(schema));
        }
        if !self.values.is_empty() {
            return FieldType::Enum(self);
        }
        match (self.json_type.as_str(), self.format.as_str()) {
            ("array", _) => self.items.as_deref().map_or(FieldType::Any, FieldType::List),
            ("object", _) if self.is_string_map() => FieldType::Map,
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

    fn is_string_map(&self) -> bool {
        let values = self.additional_properties.as_ref();
        values.is_some_and(|values| values.json_type == "string")
    }

    /// Whether an absent field differs from one with the default value (protobuf's field presence).
    fn has_presence(&self) -> bool {
        self.optional || self.oneof.is_some()
    }

    /// The names and numbers of an enum's values.
    fn enum_values(&self) -> impl Iterator<Item = (&str, usize)> {
        let number = |index: usize| self.numbers.get(index).copied().unwrap_or(index);
        let names = self.values.iter().enumerate();
        names.map(move |(index, name)| (name.as_str(), number(index)))
    }
}

/// Turns a field's JSON name into its proto name.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Required by `:run` with overrides, beside the permission of the method
/// (<https://cloud.google.com/run/docs/execute/jobs>).
pub(crate) const RUN_WITH_OVERRIDES: &str = "run.jobs.runWithOverrides";

/// Query parameters of every method: those of the discovery document, and those that may begin with `$`, as Google's
/// client libraries send them (<https://cloud.google.com/apis/docs/system-parameters>).
const COMMON_PARAMETERS: &[&str] = &[
    "$.xgafv",
    "$alt",
    "$apiVersion",
    "$callback",
    "$ct",
    "$fields",
    "$key",
    "$prettyPrint",
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
    fn referenced_types_exist() {
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
    fn fields_found_by_json_or_proto_name() {
        assert_eq!(
            snake_case("gpuZonalRedundancyDisabled"),
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
