//! The plan of a resource that has no plan of its own.

use super::{Plan, PlanRequest};
use crate::schema::{Attribute, Configurability, Schema, Type};
use crate::value::{Path, Value};

/// Plans what the schema alone determines: defaults where the configuration sets nothing; computed values, at every depth,
/// from the prior state when nothing else changes, unknown otherwise; replacement for changed attributes that require it.
///
/// An attribute that requires replacement and is left to the provider keeps its value in an update. Only attributes of the
/// resource itself can require replacement, not nested ones.
pub fn default_plan(schema: &Schema, request: &PlanRequest<'_>) -> Plan {
    let PlanRequest { prior, config, .. } = *request;
    if config.is_null() {
        return Plan::default();
    }
    let filled = schema.with_defaults(config);
    let mut kept = filled.clone();
    set_computed(&schema.attributes, &mut kept, Some(prior));
    if kept == *prior {
        return Plan {
            planned: kept,
            ..Plan::default()
        };
    }
    let mut planned = filled.clone();
    set_computed(&schema.attributes, &mut planned, None);
    let is_left = |attribute: &&Attribute| is_computed(attribute) && filled.get(attribute.name).is_null();
    let is_changed = |attribute: &&Attribute| {
        !prior.is_null() && !is_left(attribute) && prior.get(attribute.name) != planned.get(attribute.name)
    };
    let changed = schema.requiring_replace().filter(is_changed);
    let requires_replace: Vec<Path> = changed.map(|attribute| Path::attribute(attribute.name)).collect();
    if requires_replace.is_empty() && !prior.is_null() {
        for attribute in schema.requiring_replace().filter(is_left) {
            planned.set(attribute.name, prior.get(attribute.name).clone());
        }
    }
    Plan {
        planned,
        requires_replace,
        diagnostics: Vec::new(),
    }
}

/// Sets what the configuration leaves to the provider, at every depth: to the value in `prior`, or without it to unknown.
fn set_computed(attributes: &[Attribute], planned: &mut Value, prior: Option<&Value>) {
    let Value::Map(members) = planned else { return };
    for attribute in attributes {
        let Some(member) = members.get_mut(attribute.name) else {
            continue;
        };
        let prior = prior.map(|prior| prior.get(attribute.name));
        match (&attribute.ty, member) {
            (_, member) if member.is_null() && is_computed(attribute) => {
                *member = prior.cloned().unwrap_or(Value::Unknown);
            }
            (Type::SingleNested(nested), member) => set_computed(nested, member, prior),
            (Type::ListNested(nested), Value::List(items)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    set_computed(nested, item, prior.map(|prior| element(prior, index)));
                }
            }
            _ => {}
        }
    }
}

fn is_computed(attribute: &Attribute) -> bool {
    matches!(
        attribute.configurability,
        Configurability::Computed | Configurability::OptionalComputed
    )
}

/// An element of a list; null without one.
fn element(list: &Value, index: usize) -> &Value {
    match list {
        Value::List(items) => items.get(index).unwrap_or(&Value::Null),
        _ => &Value::Null,
    }
}

#[cfg(test)]
mod tests;
