//! Changes outside of Terraform since the state was read, which an update must not overwrite.

use std::collections::BTreeSet;

use crate::job::attributes::SENT;
use crate::job::flatten::flatten;
use crate::job::model::volume_names;
use crate::job::semantic_equality::semantically_equal;
use cloud_run::JobName;
use cloud_run::model::Job as Remote;
use terraform_plugin::value::Value;

/// The paths whose current value is neither the prior nor the planned one. None while the job has the generation of the
/// state, and for a state without one.
pub(super) fn concurrent_changes(
    current: &Remote,
    name: &JobName,
    prior: &Value,
    planned: &Value,
) -> Vec<String> {
    let generation = prior.get("generation");
    if generation.is_null() || *generation == Value::from(current.generation) {
        return Vec::new();
    }
    // A key that was added outside and is added by the plan too is compared as well.
    let flatten_like = |notation: &Value, other: &Value| {
        let mut hint = with_keys_of(notation, other);
        // The job is no response to a write: the number of a project may be that of another one.
        hint.set("generation", generation.clone());
        flatten(current, name, &hint)
    };
    let (like_prior, like_planned) = (flatten_like(prior, planned), flatten_like(planned, prior));
    let mut changes = Vec::new();
    for attribute in SENT {
        let values = [&like_prior, prior, &like_planned, planned].map(|job| job.get(attribute));
        collect(values, attribute, attribute, &mut changes);
    }
    changes
}

/// Collects the deepest paths that differ. The values: the current one in the notation of the state, the prior one, the
/// current one in the notation of the plan, and the planned one.
fn collect(values: [&Value; 4], attribute: &str, path: &str, changes: &mut Vec<String>) {
    let [like_prior, prior, like_planned, planned] = values;
    if semantically_equal(like_prior, prior) || semantically_equal(like_planned, planned) {
        return;
    }
    let parts = values.map(|value| by_key(attribute, value));
    let [current, prior, _, planned] = parts.each_ref().map(|part| matches!(part, Value::Map(_)));
    if !current || !prior && !planned {
        changes.push(path.to_owned());
        return;
    }
    let names: BTreeSet<&str> = parts.iter().flat_map(keys).collect();
    for name in names {
        let values = parts.each_ref().map(|part| part.get(name));
        collect(values, name, &format!("{path}.{name}"), changes);
    }
}

/// A list of elements with a key, as a map.
fn by_key(attribute: &str, value: &Value) -> Value {
    let key = match attribute {
        "secrets" => "env_var",
        "volumes" => "name",
        "volume_mounts" => "mount_path",
        "items" => "path",
        _ => return value.clone(),
    };
    match value {
        Value::List(items) => Value::Map(
            items
                .iter()
                .map(|item| (item.get(key).as_str().unwrap_or_default().into(), item.clone()))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// A state or plan with the labels, annotations and volumes that only the other one has.
fn with_keys_of(job: &Value, other: &Value) -> Value {
    let mut result = job.clone();
    for attribute in ["labels", "annotations", "effective_labels"] {
        let (own, added) = (job.get(attribute), other.get(attribute));
        if let (Value::Null | Value::Map(_), Value::Map(added)) = (own, added) {
            let mut all = added.clone();
            if let Value::Map(own) = own {
                all.extend(own.clone());
            }
            result.set(attribute, Value::Map(all));
        }
    }
    if let (Value::Null | Value::List(_), Value::List(added)) = (job.get("volumes"), other.get("volumes")) {
        let names = volume_names(job);
        let is_new = |volume: &&Value| {
            !volume
                .get("name")
                .as_str()
                .is_some_and(|name| names.contains(name))
        };
        let mut all = match job.get("volumes") {
            Value::List(own) => own.clone(),
            _ => Vec::new(),
        };
        all.extend(added.iter().filter(is_new).cloned());
        result.set("volumes", Value::List(all));
    }
    result
}

fn keys(value: &Value) -> impl Iterator<Item = &str> {
    let members = match value {
        Value::Map(members) => Some(members),
        _ => None,
    };
    members.into_iter().flatten().map(|(key, _)| key.as_str())
}

#[cfg(test)]
mod tests;
