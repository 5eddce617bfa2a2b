//! Writes answers for clients that want enums as numbers (`$alt=json;enum-encoding=int`).

use serde_json::{Value, json};

use super::execution::EXECUTION;
use super::job::JOB;
use super::{Kind, Message};

/// Turns the enums of a document into their numbers, in place.
pub(crate) fn enums_as_numbers(message: &Message, document: &mut Value) {
    let Some(document) = document.as_object_mut() else {
        return;
    };
    for field in message.fields {
        if let Some(value) = document.get_mut(field.name) {
            numbers(&field.kind, value);
        }
    }
}

fn numbers(kind: &Kind, value: &mut Value) {
    match kind {
        Kind::Enum(of) => {
            if let Some((_, number)) = of.values.iter().find(|(name, _)| *value == *name) {
                *value = json!(number);
            }
        }
        Kind::Message(message) => enums_as_numbers(message, value),
        Kind::List(item) => {
            for value in value.as_array_mut().into_iter().flatten() {
                numbers(item, value);
            }
        }
        Kind::Any => match value["@type"].as_str().and_then(|name| name.rsplit('.').next()) {
            Some("Job") => enums_as_numbers(&JOB, value),
            Some("Execution") => enums_as_numbers(&EXECUTION, value),
            _ => {}
        },
        _ => {}
    }
}
