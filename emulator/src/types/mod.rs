//! The API's types as one table, and what is done with it: requests are read by it, answers written by it.
//!
//! The table is this emulator's own; a test holds it against Google's discovery document.

pub(crate) mod accept;
pub(crate) mod container;
pub(crate) mod encode;
mod enumeration;
pub(crate) mod execution;
pub(crate) mod iam;
pub(crate) mod job;
pub(crate) mod longrunning;
pub(crate) mod method;

/// A message type.
#[derive(Debug)]
pub(crate) struct Message {
    /// Such as `google.cloud.run.v2.Job`.
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// One field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    /// As in JSON, such as `taskCount`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Set by the service alone; ignored in requests.
    pub(crate) output: bool,
    /// Whether absence differs from the default value.
    pub(crate) presence: bool,
    /// The group of which one field only may be set.
    pub(crate) one_of: Option<&'static str>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
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
    Enum(&'static Enum),
    Message(&'static Message),
    List(&'static Kind),
}

/// An enumeration.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) name: &'static str,
    /// Names with their numbers; the first is the default.
    pub(crate) values: &'static [(&'static str, i32)],
}

impl Message {
    /// A field by its JSON name or by its proto name, both of which the service reads.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields
            .iter()
            .find(|field| field.name == name || (name.contains('_') && snake(field.name) == name))
    }
}

impl Field {
    /// Marks a field of a oneof.
    const fn one_of(mut self, group: &'static str) -> Self {
        self.one_of = Some(group);
        self.presence = true;
        self
    }

    /// Marks a field that is `optional` in the proto file.
    const fn optional(mut self) -> Self {
        self.presence = true;
        self
    }
}

const fn input(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        output: false,
        presence: false,
        one_of: None,
    }
}

const fn output(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        output: true,
        presence: false,
        one_of: None,
    }
}

/// The proto name of a field.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

    use serde_json::Value;

    use super::execution::{
        CANCEL_EXECUTION_REQUEST, EXECUTION, LIST_EXECUTIONS_RESPONSE, LIST_JOBS_RESPONSE,
        LIST_TASKS_RESPONSE, RUN_JOB_REQUEST, TASK,
    };
    use super::iam::{
        POLICY, SET_IAM_POLICY_REQUEST, TEST_IAM_PERMISSIONS_REQUEST, TEST_IAM_PERMISSIONS_RESPONSE,
    };
    use super::job::JOB;
    use super::longrunning::{LIST_OPERATIONS_RESPONSE, OPERATION, WAIT_OPERATION_REQUEST};
    use super::*;

    /// Compares a type with the discovery document, and every type below it.
    fn compare(message: &'static Message, schema: &str, surface: &Value, seen: &mut Vec<&'static str>) {
        if seen.contains(&message.name) {
            return;
        }
        seen.push(message.name);
        let properties = surface["schemas"][schema]["properties"].as_object().unwrap();
        let mut ours: Vec<&str> = message.fields.iter().map(|field| field.name).collect();
        ours.sort_unstable();
        let theirs: Vec<&String> = properties.keys().collect();
        assert_eq!(ours, theirs, "{schema}");
        for field in message.fields {
            let property = &properties[field.name];
            assert_eq!(
                field.output,
                property["readOnly"] == true,
                "{schema}.{}",
                field.name
            );
            compare_kind(
                &field.kind,
                property,
                &format!("{schema}.{}", field.name),
                surface,
                seen,
            );
        }
    }

    fn compare_kind(
        kind: &Kind,
        property: &Value,
        place: &str,
        surface: &Value,
        seen: &mut Vec<&'static str>,
    ) {
        let (type_, format) = (property["type"].as_str(), property["format"].as_str());
        match kind {
            Kind::Message(message) => compare(message, property["$ref"].as_str().unwrap(), surface, seen),
            Kind::List(item) => {
                assert_eq!(type_, Some("array"), "{place}");
                compare_kind(item, &property["items"], place, surface, seen);
            }
            Kind::Enum(of) => {
                let mut ours: Vec<&str> = of.values.iter().map(|(name, _)| *name).collect();
                let mut theirs: Vec<&str> = property["enum"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|name| name.as_str().unwrap())
                    .collect();
                assert_eq!(ours[0], theirs[0], "{place}: the default");
                ours.sort_unstable();
                theirs.sort_unstable();
                assert_eq!(ours, theirs, "{place}");
            }
            Kind::Map => assert_eq!(property["additionalProperties"]["type"], "string", "{place}"),
            Kind::Any => assert_eq!(property["additionalProperties"]["type"], "any", "{place}"),
            Kind::Bool => assert_eq!(type_, Some("boolean"), "{place}"),
            Kind::Int32 => assert_eq!((type_, format), (Some("integer"), Some("int32")), "{place}"),
            Kind::Int64 => assert_eq!((type_, format), (Some("string"), Some("int64")), "{place}"),
            Kind::Bytes => assert_eq!(format, Some("byte"), "{place}"),
            Kind::Timestamp => assert_eq!(format, Some("google-datetime"), "{place}"),
            Kind::Duration => assert_eq!(format, Some("google-duration"), "{place}"),
            Kind::Text => {
                assert_eq!(type_, Some("string"), "{place}");
                assert!(matches!(format, None | Some("google-fieldmask")), "{place}");
                assert!(property["enum"].is_null(), "{place}");
            }
        }
    }

    #[test]
    fn the_table_is_that_of_the_discovery_document() {
        let surface: Value = serde_json::from_str(include_str!("../../tests/surface.json")).unwrap();
        let mut seen = Vec::new();
        for (message, schema) in [
            (&JOB, "GoogleCloudRunV2Job"),
            (&EXECUTION, "GoogleCloudRunV2Execution"),
            (&TASK, "GoogleCloudRunV2Task"),
            (&RUN_JOB_REQUEST, "GoogleCloudRunV2RunJobRequest"),
            (
                &CANCEL_EXECUTION_REQUEST,
                "GoogleCloudRunV2CancelExecutionRequest",
            ),
            (&LIST_JOBS_RESPONSE, "GoogleCloudRunV2ListJobsResponse"),
            (
                &LIST_EXECUTIONS_RESPONSE,
                "GoogleCloudRunV2ListExecutionsResponse",
            ),
            (&LIST_TASKS_RESPONSE, "GoogleCloudRunV2ListTasksResponse"),
            (&OPERATION, "GoogleLongrunningOperation"),
            (
                &LIST_OPERATIONS_RESPONSE,
                "GoogleLongrunningListOperationsResponse",
            ),
            (&WAIT_OPERATION_REQUEST, "GoogleLongrunningWaitOperationRequest"),
            (&POLICY, "GoogleIamV1Policy"),
            (&SET_IAM_POLICY_REQUEST, "GoogleIamV1SetIamPolicyRequest"),
            (
                &TEST_IAM_PERMISSIONS_REQUEST,
                "GoogleIamV1TestIamPermissionsRequest",
            ),
            (
                &TEST_IAM_PERMISSIONS_RESPONSE,
                "GoogleIamV1TestIamPermissionsResponse",
            ),
        ] {
            compare(message, schema, &surface, &mut seen);
        }
        let all = surface["schemas"].as_object().unwrap().len();
        assert_eq!(seen.len() + 1, all, "every type but Empty is reached");
    }

    #[test]
    fn proto_names_are_snakes() {
        assert_eq!(
            snake("gpuZonalRedundancyDisabled"),
            "gpu_zonal_redundancy_disabled"
        );
        assert_eq!(
            JOB.field("launch_stage").map(|field| field.name),
            Some("launchStage")
        );
        assert!(JOB.field("Launch_stage").is_none());
    }
}
