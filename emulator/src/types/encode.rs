//! Writes answers for clients that want enums as numbers (`$alt=json;enum-encoding=int`).

use serde_json::{Value, json};

use super::{FieldType, MessageDescriptor};

/// Turns the enums of a document into their numbers, in place.
pub(crate) fn enums_as_numbers(message: &'static MessageDescriptor, document: &mut Value) {
    let Some(document) = document.as_object_mut() else {
        return;
    };
    for (name, property) in &message.properties {
        if let Some(value) = document.get_mut(name) {
            numbers(property.kind(), value);
        }
    }
}

fn numbers(kind: FieldType, value: &mut Value) {
    match kind {
        FieldType::Enum(of) => {
            if let Some((_, number)) = of.enumerators().find(|(name, _)| *value == *name) {
                *value = json!(number);
            }
        }
        FieldType::Message(message) => enums_as_numbers(message, value),
        FieldType::List(item) => {
            for value in value.as_array_mut().into_iter().flatten() {
                numbers(item.kind(), value);
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
