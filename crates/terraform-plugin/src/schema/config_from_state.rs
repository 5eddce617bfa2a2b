//! Generates a configuration from a state: the shortest one that plans no change.

use std::collections::BTreeMap;

use super::{Attribute, Configurability, Schema, Type};
use crate::value::Value;

impl Schema {
    /// The configuration of an object with this state: without computed values, and without values that equal their default.
    pub fn config_from_state(&self, state: &Value) -> Value {
        object(&self.attributes, state)
    }
}

fn object(attributes: &[Attribute], state: &Value) -> Value {
    let members = attributes.iter().map(|attribute| {
        let stored = state.get(attribute.name);
        (attribute.name.into(), member(attribute, stored))
    });
    Value::Map(members.collect::<BTreeMap<_, _>>())
}

fn member(attribute: &Attribute, stored: &Value) -> Value {
    if attribute.configurability == Configurability::Computed || attribute.default.as_ref() == Some(stored) {
        return Value::Null;
    }
    match (&attribute.ty, stored) {
        (Type::SingleNested(nested), Value::Map(_)) => {
            let inner = object(nested, stored);
            // Without a default, a null object differs from one with only defaults.
            if attribute.default.is_some() && is_empty(&inner) {
                Value::Null
            } else {
                inner
            }
        }
        (Type::ListNested(nested), Value::List(items)) => {
            let item = |item: &Value| match item {
                Value::Map(_) => object(nested, item),
                other => other.clone(),
            };
            Value::List(items.iter().map(item).collect())
        }
        _ => stored.clone(),
    }
}

fn is_empty(object: &Value) -> bool {
    matches!(object, Value::Map(members) if members.values().all(Value::is_null))
}
