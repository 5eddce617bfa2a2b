//! What was changed outside of Terraform after the state was read: an update must not overwrite it unseen.

use std::collections::BTreeSet;

use crate::job::convert;
use crate::job::plan::REMOTE;
use crate::job::semantic_equality::alike;
use cloud_run::JobName;
use cloud_run::model::Job as Remote;
use terraform_plugin::value::Value;

/// The managed attributes whose value in the job as it is (`seen`) is neither that of the state before nor the planned
/// one. None when the job still has the generation of the state, or the state has none.
pub(super) fn outside_changes(seen: &Remote, name: &JobName, prior: &Value, planned: &Value) -> Vec<String> {
    let known = prior.get("generation");
    if known.is_null() || *known == Value::from(seen.generation) {
        return Vec::new();
    }
    // What was added outside under a key that the plan adds too is a change of both.
    let seen_like = |spelling: &Value, other: &Value| {
        let mut hint = with_keys(spelling, other);
        // It answers no write of ours: another project's number is another project.
        hint.set("generation", known.clone());
        convert::state(seen, name, &hint)
    };
    let seen_as = [seen_like(prior, planned), seen_like(planned, prior)];
    let mut found = Vec::new();
    for attribute in REMOTE {
        let values = [&seen_as[0], prior, &seen_as[1], planned].map(|job| job.get(attribute));
        collect(values, attribute, attribute, &mut found);
    }
    found
}

/// Goes down to what differs: a change of one member is none of its neighbors. The values are those of the job in the
/// spelling of the state, of the state, of the job in the spelling of the plan, and of the plan.
fn collect(values: [&Value; 4], attribute: &str, path: &str, found: &mut Vec<String>) {
    let [seen_as_prior, prior, seen_as_planned, planned] = values;
    if alike(seen_as_prior, prior) || alike(seen_as_planned, planned) {
        return;
    }
    let parts = values.map(|value| by_key(attribute, value));
    let [seen, prior, _, planned] = parts.each_ref().map(|part| matches!(part, Value::Map(_)));
    if !seen || !prior && !planned {
        found.push(path.to_owned());
        return;
    }
    let names: BTreeSet<&str> = parts.iter().flat_map(keys).collect();
    for name in names {
        let values = parts.each_ref().map(|part| part.get(name));
        collect(values, name, &format!("{path}.{name}"), found);
    }
}

/// A list whose elements are told apart by a member, as a map of them.
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

/// A state or plan that also has the labels, annotations and volumes that only the other one has.
fn with_keys(job: &Value, other: &Value) -> Value {
    let mut whole = job.clone();
    for attribute in ["labels", "annotations", "effective_labels"] {
        let (mine, others) = (job.get(attribute), other.get(attribute));
        if let (Value::Null | Value::Map(_), Value::Map(others)) = (mine, others) {
            let mut all = others.clone();
            if let Value::Map(mine) = mine {
                all.extend(mine.clone());
            }
            whole.set(attribute, Value::Map(all));
        }
    }
    if let (Value::Null | Value::List(_), Value::List(others)) = (job.get("volumes"), other.get("volumes")) {
        let names = convert::volume_names(job);
        let is_new = |volume: &&Value| {
            !volume
                .get("name")
                .as_str()
                .is_some_and(|name| names.contains(name))
        };
        let mut all = match job.get("volumes") {
            Value::List(mine) => mine.clone(),
            _ => Vec::new(),
        };
        all.extend(others.iter().filter(is_new).cloned());
        whole.set("volumes", Value::List(all));
    }
    whole
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
