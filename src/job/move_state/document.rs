//! From a state of the google provider to a job as the API returns it.
//!
//! That provider's schema mirrors the API: names are in snake case, and a message is a list of at most one element. Only
//! lists and maps of the API need to be known by name; new members are translated too.

use serde_json::{Map, Value as Json};

/// The job of a state. Default values are omitted, as in the API.
pub(super) fn of(stored: &Map<String, Json>) -> Json {
    let mut job = stored.clone();
    for (all, configured) in [
        ("effective_labels", "labels"),
        ("effective_annotations", "annotations"),
    ] {
        if let Some(all) = job.remove(all).filter(Json::is_object) {
            job.insert(configured.to_owned(), all);
        }
    }
    job.retain(|name, _| !ONLY_IN_STATE.contains(&name.as_str()));
    message(&job)
}

fn message(members: &Map<String, Json>) -> Json {
    let members = members
        .iter()
        .filter_map(|(name, value)| Some((camel(name), member(name, value)?)));
    Json::Object(members.collect())
}

/// A member as the API has it; `None` for a default value.
fn member(name: &str, value: &Json) -> Option<Json> {
    match value {
        Json::Null | Json::Bool(false) => None,
        Json::String(text) if text.is_empty() => None,
        Json::Number(number) if number.as_f64() == Some(0.0) => None,
        Json::Object(members) if MAPS.contains(&name) => {
            let mut texts = members.clone();
            texts.retain(|_, text| !text.is_null());
            Some(Json::Object(texts))
        }
        Json::Object(members) => Some(message(members)),
        Json::Array(items) => list(name, items),
        other => Some(other.clone()),
    }
}

fn list(name: &str, items: &[Json]) -> Option<Json> {
    let inner = |item: &Json| match item {
        Json::Object(members) => message(members),
        // A block with nothing in it.
        Json::Null => Json::Object(Map::new()),
        other => other.clone(),
    };
    match items {
        [] => None,
        _ if STRING_LISTS.contains(&name) => Some(Json::Array(items.iter().map(text).collect())),
        [only @ (Json::Object(_) | Json::Null)] if !REPEATED.contains(&name) => Some(inner(only)),
        items => Some(Json::Array(items.iter().map(inner).collect())),
    }
}

/// That provider stores an empty string in a list as null.
fn text(item: &Json) -> Json {
    match item {
        Json::Null => Json::String(String::new()),
        other => other.clone(),
    }
}

/// `gpu_zonal_redundancy_disabled` is `gpuZonalRedundancyDisabled`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name + letters.as_str()
    })
}

/// Attributes that the API does not return, and the name, which is parsed separately.
const ONLY_IN_STATE: [&str; 10] = [
    "deletion_policy",
    "deletion_protection",
    "effective_annotations",
    "effective_labels",
    "id",
    "location",
    "name",
    "project",
    "terraform_labels",
    "timeouts",
];
/// Maps, whose keys are not translated.
const MAPS: [&str; 4] = ["annotations", "labels", "limits", "tags"];
/// Lists of strings.
const STRING_LISTS: [&str; 6] = [
    "args",
    "command",
    "depends_on",
    "instances",
    "mount_options",
    "tags",
];
/// Lists of messages.
const REPEATED: [&str; 9] = [
    "conditions",
    "containers",
    "env",
    "http_headers",
    "items",
    "network_interfaces",
    "ports",
    "volume_mounts",
    "volumes",
];
