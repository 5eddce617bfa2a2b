//! From a stored job to the configuration that a person would have written for it, of Terraform 1.14 and later.
//!
//! The one rule: that configuration plans no change. Whatever obeys it and need not be written is left out.

use std::collections::BTreeMap;

use super::schema::SCHEMA;
use crate::diagnostic::Diagnostic;
use crate::schema::{Attribute, Mode, Type};
use crate::value::Value;

/// The configuration of a job in this state.
///
/// # Errors
/// When there is no state to go by.
pub fn configuration(state: &Value) -> Result<Value, Diagnostic> {
    if state.is_null() || !state.is_wholly_known() {
        return Err(Diagnostic::whole(
            "No state to write a configuration for",
            "A configuration is written from the state of a job. Terraform has sent none, or one that is not known yet: \
             Terraform 1.14.0 never sends it. Use Terraform 1.14.1 or newer, or write the resource by hand.",
        ));
    }
    Ok(written(&SCHEMA.attributes, state))
}

/// An object with what has to be written.
fn written(attributes: &[Attribute], state: &Value) -> Value {
    let members = attributes.iter().map(|attribute| {
        let stored = state.get(attribute.name);
        (attribute.name.into(), written_attribute(attribute, stored))
    });
    Value::Map(members.collect::<BTreeMap<_, _>>())
}

fn written_attribute(attribute: &Attribute, stored: &Value) -> Value {
    if attribute.mode == Mode::Computed || attribute.default.as_ref() == Some(stored) {
        return Value::Null;
    }
    match (&attribute.ty, stored) {
        (Type::Object(nested), Value::Map(_)) => {
            let inner = written(nested, stored);
            // Without a default, no object at all is something else than one of nothing but defaults.
            if attribute.default.is_some() && is_blank(&inner) {
                Value::Null
            } else {
                inner
            }
        }
        (Type::Objects(nested), Value::List(items)) => {
            let item = |item: &Value| match item {
                Value::Map(_) => written(nested, item),
                other => other.clone(),
            };
            Value::List(items.iter().map(item).collect())
        }
        _ => stored.clone(),
    }
}

/// Whether nothing is written in an object.
fn is_blank(object: &Value) -> bool {
    matches!(object, Value::Map(members) if members.values().all(Value::is_null))
}

#[cfg(test)]
mod tests;
