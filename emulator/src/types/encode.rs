//! Encodes enums as numbers, for requests with `$alt=json;enum-encoding=int`.

use serde_json::{Value, json};

use super::{FieldType, MessageDescriptor};

/// Replaces the names of enum values by their numbers, in place.
pub(crate) fn enums_as_numbers(message: &'static MessageDescriptor, value: &mut Value) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    for (name, field) in &message.properties {
        if let Some(value) = object.get_mut(name) {
            encode_field(field.field_type(), value);
        }
    }
}

fn encode_field(field_type: FieldType, value: &mut Value) {
    match field_type {
        FieldType::Enum(of) => {
            if let Some((_, number)) = of.enum_values().find(|(name, _)| *value == *name) {
                *value = json!(number);
            }
        }
        FieldType::Message(message) => enums_as_numbers(message, value),
        FieldType::List(item) => {
            for value in value.as_array_mut().into_iter().flatten() {
                encode_field(item.field_type(), value);
            }
        }
        FieldType::Any => {
            let name = value["@type"].as_str().and_then(|name| name.rsplit('.').next());
            if let Some(name @ ("Job" | "Execution")) = name {
                enums_as_numbers(MessageDescriptor::of(&format!("GoogleCloudRunV2{name}")), value);
            }
        }
        _ => {}
    }
}
