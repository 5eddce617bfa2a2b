//! Keys of labels and annotations that are reserved for Cloud Run.

use serde_json::Value as Json;

/// The reserved namespace that the key of a label or annotation is in.
pub fn reserved_namespace(key: &str) -> Option<&'static str> {
    let (prefix, _) = key.split_once('/')?;
    RESERVED_NAMESPACES.into_iter().find(|namespace| {
        prefix == *namespace
            || prefix
                .strip_suffix(namespace)
                .is_some_and(|rest| rest.ends_with('.'))
    })
}

/// Removes reserved keys from the labels and annotations of a document, at every level: the API returns them, but does not
/// accept them.
pub(super) fn strip_reserved_keys(json: &mut Json) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                if let ("labels" | "annotations", Json::Object(keys)) = (name.as_str(), &mut *value) {
                    keys.retain(|key, _| reserved_namespace(key).is_none());
                }
                strip_reserved_keys(value);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(strip_reserved_keys),
        _ => {}
    }
}

/// Rejected by the API (`Job.labels`):
/// <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs#Job>.
const RESERVED_NAMESPACES: [&str; 4] = [
    "run.googleapis.com",
    "cloud.googleapis.com",
    "serving.knative.dev",
    "autoscaling.knative.dev",
];
