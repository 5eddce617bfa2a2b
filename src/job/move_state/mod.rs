//! A `moved` block from `google_cloud_run_v2_job`: its state becomes one of this resource. No request is sent; the refresh
//! that follows updates the state.

mod document;

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

use super::TYPE_NAME;
use super::flatten::{for_move, null_if_empty};
use crate::gpu::JOB_LIMITS;
use crate::labels::is_system_key;
use cloud_run::JobName;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::resource::{MoveRequest, StateResponse};
use terraform_plugin::value::Value;

/// The state of this resource.
///
/// # Errors
/// When the state is of another resource, or cannot be read.
pub(super) fn move_state(request: &MoveRequest<'_>) -> Result<StateResponse, Diagnostic> {
    check_source(request.provider_address, request.type_name)?;
    from_google_state(request.state)
}

fn check_source(address: &str, type_name: &str) -> Result<(), Diagnostic> {
    let provider = address.split_once('/').map_or(address, |(_registry, name)| name);
    if type_name == SOURCE && PROVIDERS.contains(&provider) {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Unsupported move source",
        format!(
            "The source of a move to {TYPE_NAME} must be a {SOURCE} of hashicorp/google or hashicorp/google-beta, got {} of \
             {}. {IMPORT}",
            quoted(type_name),
            quoted(address)
        ),
    ))
}

/// Reads a state of any version of the google provider.
fn from_google_state(stored: &[u8]) -> Result<StateResponse, Diagnostic> {
    let stored = match serde_json::from_slice(stored) {
        Ok(Json::Object(stored)) => stored,
        Ok(_) => return Err(unreadable("it is not an object")),
        Err(error) => return Err(unreadable(&quoted(&error.to_string()))),
    };
    let name = job_name(&stored).ok_or_else(|| unreadable("it has no ID of a job"))?;
    let (state, warning) = for_move(document::of(&stored), &name, &settings(&stored))
        .map_err(|error| unreadable(&quoted(&error.to_string())))?;
    Ok(StateResponse {
        diagnostics: warning
            .into_iter()
            .chain(deletion_policy_warning(&stored, &name))
            .collect(),
        ..StateResponse::new(state)
    })
}

fn job_name(stored: &Map<String, Json>) -> Option<JobName> {
    let text = |member: &str| stored.get(member).and_then(Json::as_str).unwrap_or_default();
    let name = JobName::parse(text("id"), None).ok().or_else(|| {
        let job = text("name").rsplit('/').next().unwrap_or_default();
        let full = format!(
            "projects/{}/locations/{}/jobs/{job}",
            text("project"),
            text("location")
        );
        JobName::parse(&full, None).ok()
    });
    name.filter(|name| name.to_string().len() <= MAX_NAME_LENGTH)
}

/// The settings that the API does not have, such as which labels it manages. The launch stage is this resource's default, since
/// the API returns another one than it was sent.
fn settings(stored: &Map<String, Json>) -> Value {
    let labels = strings(stored, "labels");
    let mut effective = strings(stored, "terraform_labels");
    effective.extend(labels.clone());
    let configured = strings(stored, "timeouts");
    let timeouts = |name: &str| Value::from(configured.get(name).cloned());
    let timeouts = Value::from(["create", "update", "delete"].map(|name| (name, timeouts(name))));
    let protected = stored
        .get("deletion_protection")
        .and_then(Json::as_bool)
        .unwrap_or(false);
    Value::from([
        ("launch_stage", Value::from(JOB_LIMITS.launch_stage)),
        ("deletion_protection", Value::from(protected)),
        ("labels", null_if_empty(labels)),
        ("annotations", null_if_empty(strings(stored, "annotations"))),
        ("effective_labels", Value::from(effective)),
        (
            "timeouts",
            if configured.is_empty() {
                Value::Null
            } else {
                timeouts
            },
        ),
    ])
}

/// The strings of a map, without system labels and annotations.
fn strings(stored: &Map<String, Json>, member: &str) -> BTreeMap<String, String> {
    let members = stored.get(member).and_then(Json::as_object).into_iter().flatten();
    members
        .filter(|(key, _)| !is_system_key(key))
        .filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())))
        .collect()
}

/// A warning about a deletion policy, which this resource does not have.
fn deletion_policy_warning(stored: &Map<String, Json>, name: &JobName) -> Option<Diagnostic> {
    let fix = match stored.get("deletion_policy").and_then(Json::as_str) {
        Some("PREVENT") => "Set deletion_protection = true to prevent the deletion of the job.",
        Some("ABANDON") => "To keep the job, run terraform state rm instead of destroying the resource.",
        _ => return None,
    };
    Some(Diagnostic::warning(
        "Deletion policy not moved",
        format!(
            "{TYPE_NAME} does not support deletion_policy, which is set in the {SOURCE} of {name}. Destroying the resource \
             deletes the job, unless deletion_protection is true. {fix}"
        ),
    ))
}

fn unreadable(reason: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid state to move",
        format!(
            "The state of a {SOURCE} must be an object with the ID and the settings of a job, got an invalid one: {reason}. \
             {IMPORT}"
        ),
    )
}

/// The type of the other resource.
const SOURCE: &str = "google_cloud_run_v2_job";
/// Its providers, in any registry. Instead of the address, OpenTofu before 1.12 sends the first word of the resource type, and
/// before 1.12.4 it may send the provider that is moved to.
const PROVIDERS: [&str; 4] = [
    "hashicorp/google",
    "hashicorp/google-beta",
    "google",
    "facets-cloud/facets-gpu",
];
/// More than the length of any full name.
const MAX_NAME_LENGTH: usize = 300;
/// The alternative to a move.
const IMPORT: &str = "Remove the moved block, run terraform state rm on the old resource, and import the job with the ID \
                      projects/PROJECT/locations/LOCATION/jobs/NAME.";

#[cfg(test)]
mod tests;
