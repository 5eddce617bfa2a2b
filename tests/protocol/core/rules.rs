//! What Terraform's core holds every answer of a provider against. Each rule gives what breaks it, by path.
//!
//! Values are whole objects as [`typed`](super::typed) reads them. Sets do not occur in our schemas.

use facets_gpu::wire::proto::tfplugin6::{
    AttributePath,
    attribute_path::step::Selector,
    schema::{Attribute, Object, object::NestingMode},
};
use serde_json::Value;

use crate::codec::UNKNOWN;

/// A plan does what the configuration says. It may differ where the configuration is silent and the attribute is
/// computed, and it may keep what the state says in other words.
pub(crate) fn invalid_plan(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<String> {
    match (config.is_null(), planned.is_null()) {
        (false, true) => vec!["planned for absence, configured to exist".to_owned()],
        (true, false) => vec!["planned to exist, configured for absence".to_owned()],
        (true, true) => Vec::new(),
        (false, false) => invalid_members("", attributes, prior, config, planned),
    }
}

fn invalid_members(
    path: &str,
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<String> {
    let member = |attribute: &Attribute| {
        let name = attribute.name.as_str();
        let path = format!("{path}.{name}");
        invalid_attribute(
            &path,
            attribute,
            of(prior, name),
            of(config, name),
            of(planned, name),
        )
    };
    attributes.iter().flat_map(member).collect()
}

/// An attribute of an object: unknown in one that is unknown as a whole, null in none.
fn of<'v>(object: &'v Value, name: &str) -> &'v Value {
    if object == UNKNOWN { object } else { &object[name] }
}

fn invalid_attribute(
    path: &str,
    attribute: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<String> {
    let kept = planned == prior && !prior.is_null() && !config.is_null();
    let told = attribute.computed && (config.is_null() || !attribute.optional);
    if planned == config || kept || told {
        return Vec::new();
    }
    match &attribute.nested_type {
        _ if config.is_null() => vec![format!("{path} is not computed, and planned as {planned}")],
        None => vec![format!(
            "{path} is configured as {config}, was {prior}, and is planned as {planned}"
        )],
        Some(_) if planned.is_null() || planned == UNKNOWN => {
            vec![format!("{path} is configured, and planned as {planned}")]
        }
        Some(nested) => invalid_nested(path, nested, prior, config, planned),
    }
}

fn invalid_nested(
    path: &str,
    nested: &Object,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<String> {
    let attributes = nested.attributes.as_slice();
    let size = |value: &Value| match value {
        Value::Array(items) => Some(items.len()),
        Value::Object(items) => Some(items.len()),
        _ => None,
    };
    if nested.nesting() != NestingMode::Single && size(planned) != size(config) {
        return vec![format!("{path} has another count than configured")];
    }
    match (nested.nesting(), planned) {
        (NestingMode::Single, _) => invalid_members(path, attributes, prior, config, planned),
        (NestingMode::List, Value::Array(items)) => (0..items.len())
            .flat_map(|at| {
                let path = format!("{path}[{at}]");
                invalid_members(
                    &path,
                    attributes,
                    element(prior, at),
                    element(config, at),
                    &items[at],
                )
            })
            .collect(),
        (NestingMode::Map, Value::Object(items)) => items
            .iter()
            .flat_map(|(key, item)| {
                let path = format!("{path}[{key}]");
                match config.get(key) {
                    None => vec![format!("{path} is not configured")],
                    Some(config) => invalid_members(
                        &path,
                        attributes,
                        prior.get(key).unwrap_or(&Value::Null),
                        config,
                        item,
                    ),
                }
            })
            .collect(),
        (mode, _) => panic!("no rules for {mode:?} in these tests"),
    }
}

fn element(list: &Value, at: usize) -> &Value {
    list.get(at).unwrap_or(&Value::Null)
}

/// What was known in `planned` is the same in `actual`; what was unknown may have become anything.
///
/// For the result of an apply, and for the plan that an apply makes of what is known by then.
pub(crate) fn incompatible(planned: &Value, actual: &Value) -> Vec<String> {
    incompatible_at("", planned, actual)
}

fn incompatible_at(path: &str, planned: &Value, actual: &Value) -> Vec<String> {
    if planned == UNKNOWN {
        return Vec::new();
    }
    match (planned, actual) {
        (Value::Object(planned), Value::Object(actual)) => {
            let known = planned.iter().flat_map(|(name, value)| {
                let path = format!("{path}.{name}");
                match actual.get(name) {
                    None => vec![format!("{path} has vanished")],
                    Some(actual) => incompatible_at(&path, value, actual),
                }
            });
            let appeared = actual
                .keys()
                .filter(|name| !planned.contains_key(*name))
                .map(|name| format!("{path}.{name} has appeared"));
            known.chain(appeared).collect()
        }
        (Value::Array(planned), Value::Array(actual)) if planned.len() == actual.len() => planned
            .iter()
            .zip(actual)
            .enumerate()
            .flat_map(|(at, (planned, actual))| incompatible_at(&format!("{path}[{at}]"), planned, actual))
            .collect(),
        _ if planned == actual => Vec::new(),
        _ => vec![format!("{path} was planned as {planned}, and is {actual}")],
    }
}

/// Where a value is not known. Nothing is after an apply, a read or an import.
pub(crate) fn unknowns(value: &Value) -> Vec<String> {
    unknowns_at("", value)
}

fn unknowns_at(path: &str, value: &Value) -> Vec<String> {
    match value {
        _ if value == UNKNOWN => vec![path.to_owned()],
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| unknowns_at(&format!("{path}.{name}"), value))
            .collect(),
        Value::Array(items) => (0..items.len())
            .flat_map(|at| unknowns_at(&format!("{path}[{at}]"), &items[at]))
            .collect(),
        _ => Vec::new(),
    }
}

/// The paths among those a plan names whose values really change, so that the object is replaced.
///
/// # Errors
/// A path that leads nowhere, neither in the state nor in the plan.
pub(crate) fn replacing(
    paths: &[AttributePath],
    prior: &Value,
    planned: &Value,
) -> Result<Vec<String>, String> {
    if prior.is_null() {
        return Ok(Vec::new());
    }
    let mut changed = Vec::new();
    for path in paths {
        match (step_into(prior, path), step_into(planned, path)) {
            (None, None) => return Err(format!("{path:?} leads nowhere")),
            (before, after) if before.unwrap_or(&Value::Null) == after.unwrap_or(&Value::Null) => {}
            _ => changed.push(in_words(path)),
        }
    }
    Ok(changed)
}

fn step_into<'v>(value: &'v Value, path: &AttributePath) -> Option<&'v Value> {
    path.steps
        .iter()
        .try_fold(value, |value, step| match step.selector.as_ref()? {
            Selector::AttributeName(name) | Selector::ElementKeyString(name) => value.get(name),
            Selector::ElementKeyInt(at) => value.get(usize::try_from(*at).ok()?),
        })
}

fn in_words(path: &AttributePath) -> String {
    let steps = path
        .steps
        .iter()
        .filter_map(|step| step.selector.as_ref())
        .map(|selector| match selector {
            Selector::AttributeName(name) | Selector::ElementKeyString(name) => name.clone(),
            Selector::ElementKeyInt(at) => at.to_string(),
        });
    steps.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
#[path = "rules/tests.rs"]
mod tests;
