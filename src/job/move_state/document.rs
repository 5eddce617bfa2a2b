//! From that provider's state to Google's document.
//!
//! Its schema mirrors the API: names are in snake case, and a message is a list of at most one. So the way back
//! needs to know no setting by name but those that are lists or maps in the API too. What was added since is
//! translated like everything else.

use serde_json::{Map, Value as Json};

/// The job of a state in Google's words. Members that hold their default are left out, as Google does.
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
    job.retain(|name, _| !TERRAFORMS.contains(&name.as_str()));
    message(&job)
}

fn message(members: &Map<String, Json>) -> Json {
    let members = members
        .iter()
        .filter_map(|(name, value)| Some((camel(name), member(name, value)?)));
    Json::Object(members.collect())
}

/// A member as Google writes it, unless it says no more than one that is left out.
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
        _ if TEXTS.contains(&name) => Some(Json::Array(items.iter().map(text).collect())),
        [only @ (Json::Object(_) | Json::Null)] if !REPEATED.contains(&name) => Some(inner(only)),
        items => Some(Json::Array(items.iter().map(inner).collect())),
    }
}

/// That provider stores an empty text in a list as null.
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

/// What is in that provider's state and not in Google's document. The name is told apart.
const TERRAFORMS: [&str; 10] = [
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
/// Maps, whose keys are users'.
const MAPS: [&str; 4] = ["annotations", "labels", "limits", "tags"];
/// Lists of text.
const TEXTS: [&str; 6] = [
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
