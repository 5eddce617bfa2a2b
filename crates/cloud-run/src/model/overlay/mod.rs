//! The document of an update: the job as the API returned it, overlaid with what this client manages.
//!
//! `jobs.patch` has no mask, so an omitted member is removed. What this client does not manage is therefore sent back
//! unchanged, at every level, even members that the API gets later.

mod messages;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{Job, TaskTemplate};
use crate::namespace::strip_reserved_keys;
use messages::{CONTAINER, ENV, JOB, Message, Part, VOLUME, VOLUME_MOUNT};

/// The document that changes the job from `current` to `desired` and keeps what this client does not manage. `known` are the
/// volumes that it managed before.
pub fn overlay(current: &Job, desired: &Job, known: &BTreeSet<String>) -> Json {
    // A job is strings, numbers and maps with string keys: it has a JSON form.
    let mut desired = serde_json::to_value(desired).unwrap_or_default();
    let containers = take_list(desired.pointer_mut(TASK_POINTER), "containers");
    let volumes = take_list(desired.pointer_mut(TASK_POINTER), "volumes");
    let mut merged = merge(&current.document, &desired, &JOB);
    if let Some(Json::Object(task)) = merged.pointer_mut(TASK_POINTER) {
        let template = &current.template.template;
        let current_containers = take(task, "containers");
        let merged = merge_containers(current_containers, containers.first(), template, known);
        put(task, "containers", merged);
        let current_volumes = take(task, "volumes");
        put(
            task,
            "volumes",
            merge_volumes(&current_volumes, &volumes, template, known),
        );
    }
    strip_reserved_keys(&mut merged);
    merged
}

/// The paths of a job that this client does not manage, such as `template.template.containers[0].ports`: [`overlay`] keeps
/// them; they are lost when the job is deleted and created again.
pub fn unmanaged(job: &Job, known: &BTreeSet<String>) -> Vec<String> {
    let mut document = job.document.clone();
    strip_reserved_keys(&mut document);
    let template = &job.template.template;
    let containers = take_list(document.pointer_mut(TASK_POINTER), "containers");
    let volumes = take_list(document.pointer_mut(TASK_POINTER), "volumes");
    let mut found = Vec::new();
    collect(&document, &JOB, "", &mut found);
    found.retain(|path| !UNLISTED.contains(&path.as_str()));
    for (index, container) in containers.iter().enumerate() {
        let path = format!("{TASK_PATH}.containers[{index}]");
        if index != template.managed_index() {
            found.push(path);
            continue;
        }
        collect(container, &CONTAINER, &path, &mut found);
        let variables = template.managed_container().into_iter().flat_map(|one| &one.env);
        let unknown = variables
            .enumerate()
            .filter(|(_, variable)| !variable.has_known_source());
        found.extend(unknown.map(|(index, _)| format!("{path}.env[{index}]")));
    }
    for (index, (volume, typed)) in volumes.iter().zip(&template.volumes).enumerate() {
        let path = format!("{TASK_PATH}.volumes[{index}]");
        match template.manages(typed, known) {
            true => collect(volume, &VOLUME, &path, &mut found),
            false => found.push(path),
        }
    }
    found
}

fn collect(json: &Json, message: &Message, path: &str, found: &mut Vec<String>) {
    for (name, value) in json.as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match (message.part(name), value) {
            (Some(Part::One(part)), value) => collect(value, part, &path, found),
            (Some(Part::Each(_, part) | Part::First(part)), Json::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    collect(item, part, &format!("{path}[{index}]"), found);
                }
            }
            (None, value) if !message.has(name) && !is_default(value) => found.push(path),
            _ => {}
        }
    }
}

/// Whether a value equals an omitted member.
fn is_default(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Changes the managed container.
fn merge_containers(
    mut current: Vec<Json>,
    desired: Option<&Json>,
    template: &TaskTemplate,
    known: &BTreeSet<String>,
) -> Vec<Json> {
    for container in current.iter_mut().filter_map(Json::as_object_mut) {
        container.retain(|name, _| !CONTAINER.dropped.contains(&name.as_str()));
    }
    match (current.get_mut(template.managed_index()), desired) {
        (Some(container), Some(desired)) => *container = merge_container(container, desired, template, known),
        (None, Some(desired)) => current.push(desired.clone()),
        (_, None) => {}
    }
    current
}

fn merge_container(
    current: &Json,
    desired: &Json,
    template: &TaskTemplate,
    known: &BTreeSet<String>,
) -> Json {
    let mut merged = merge(current, desired, &CONTAINER);
    let Json::Object(members) = &mut merged else {
        return merged;
    };
    let typed = template.managed_container();
    let is_unknown = |index: usize| {
        typed
            .and_then(|one| one.env.get(index))
            .is_some_and(|variable| !variable.has_known_source())
    };
    let env = merge_list(
        list(current, "env"),
        list(desired, "env"),
        "name",
        &ENV,
        is_unknown,
    );
    put(members, "env", env);
    let managed: BTreeSet<&str> = template
        .managed_mounts(known)
        .map(|mount| mount.mount_path.as_str())
        .collect();
    let is_unmanaged = |index: usize| {
        typed
            .and_then(|one| one.volume_mounts.get(index))
            .is_some_and(|mount| !managed.contains(mount.mount_path.as_str()))
    };
    let (current, desired) = (list(current, "volumeMounts"), list(desired, "volumeMounts"));
    put(
        members,
        "volumeMounts",
        merge_list(current, desired, "mountPath", &VOLUME_MOUNT, is_unmanaged),
    );
    merged
}

/// The desired volumes, and those that are not managed or that another container mounts.
fn merge_volumes(
    current: &[Json],
    desired: &[Json],
    template: &TaskTemplate,
    known: &BTreeSet<String>,
) -> Vec<Json> {
    let waiting = template.containers.iter().enumerate();
    let waiting = waiting.filter(|(index, _)| *index != template.managed_index());
    let mounted: BTreeSet<&str> = waiting
        .flat_map(|(_, container)| &container.volume_mounts)
        .map(|mount| mount.name.as_str())
        .collect();
    let stays = |index: usize| {
        template
            .volumes
            .get(index)
            .is_some_and(|volume| !template.manages(volume, known) || mounted.contains(volume.name.as_str()))
    };
    merge_list(current, desired, "name", &VOLUME, stays)
}

/// The desired message, with the members that are not managed.
fn merge(current: &Json, desired: &Json, message: &Message) -> Json {
    let (Json::Object(current), Json::Object(desired)) = (current, desired) else {
        return desired.clone();
    };
    let chosen = message.one_of.iter().find(|name| desired.contains_key(**name));
    if chosen.is_some_and(|name| !current.contains_key(*name)) {
        return Json::Object(desired.clone());
    }
    let kept = current.iter().filter(|(name, _)| !message.has(name));
    let mut merged: Map<String, Json> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in desired {
        let old = current.get(name).unwrap_or(&Json::Null);
        let value = match message.part(name) {
            None => value.clone(),
            Some(Part::One(part)) => merge(old, value, part),
            Some(Part::Each(key, part)) => {
                Json::Array(merge_list(items(old), items(value), key, part, |_| false))
            }
            Some(Part::First(part)) => {
                let old = items(old).first().unwrap_or(&Json::Null);
                Json::Array(items(value).iter().map(|value| merge(old, value, part)).collect())
            }
        };
        merged.insert(name.clone(), value);
    }
    Json::Object(merged)
}

/// The desired messages of a list, in the current order. Current ones that are not desired are removed unless they stay; a
/// new one takes the position of a removed one.
fn merge_list(
    current: &[Json],
    desired: &[Json],
    key: &str,
    message: &Message,
    stays: impl Fn(usize) -> bool,
) -> Vec<Json> {
    let find = |list: &[Json], one: &Json| list.iter().position(|other| other.get(key) == one.get(key));
    let mut new = desired.iter().filter(|one| find(current, one).is_none());
    let mut merged = Vec::new();
    for (index, old) in current.iter().enumerate() {
        match find(desired, old) {
            // Duplicates of a key are removed.
            Some(at) if find(current, old) == Some(index) => merged.push(merge(old, &desired[at], message)),
            None if stays(index) => merged.push(old.clone()),
            _ => merged.extend(new.next().cloned()),
        }
    }
    merged.extend(new.cloned());
    merged
}

fn items(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn list<'a>(json: &'a Json, name: &str) -> &'a [Json] {
    json.get(name).map_or(&[], items)
}

fn take(members: &mut Map<String, Json>, name: &str) -> Vec<Json> {
    match members.remove(name) {
        Some(Json::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn take_list(message: Option<&mut Json>, name: &str) -> Vec<Json> {
    let members = message.and_then(Json::as_object_mut);
    members.map_or_else(Vec::new, |members| take(members, name))
}

fn put(members: &mut Map<String, Json>, name: &str, items: Vec<Json>) {
    if items.is_empty() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), Json::Array(items));
    }
}

/// The task template.
const TASK_POINTER: &str = "/template/template";
const TASK_PATH: &str = "template.template";
/// Kept but not reported: the client that last wrote the execution template.
const UNLISTED: [&str; 2] = ["template.client", "template.clientVersion"];

#[cfg(test)]
mod tests;
