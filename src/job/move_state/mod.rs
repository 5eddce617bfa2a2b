//! A job that Terraform moves here from `google_cloud_run_v2_job`: that resource's state becomes this one's, and the
//! job is not touched. Nobody is asked; the refresh that follows tells what Google says.

mod document;

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

use super::{TYPE_NAME, convert};
use crate::gpu::JOB_LIMITS;
use cloud_run::JobName;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::resource::StateResponse;
use terraform_plugin::value::Value;

/// Refuses what cannot be moved here: `address` is the provider's, such as `registry.terraform.io/hashicorp/google`.
///
/// # Errors
/// When it is another resource than `google_cloud_run_v2_job`, or another provider's.
pub fn accept(address: &str, type_name: &str) -> Result<(), Diagnostic> {
    let provider = address.split_once('/').map_or(address, |(_registry, name)| name);
    if type_name == SOURCE && PROVIDERS.contains(&provider) {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Resource cannot be moved",
        format!(
            "A {TYPE_NAME} can be moved from a {SOURCE} of hashicorp/google or hashicorp/google-beta. This moved block \
             moves a {} of {}. {IMPORT}",
            quoted(type_name),
            quoted(address)
        ),
    ))
}

/// Reads a state of `google_cloud_run_v2_job`, of whatever version of its provider.
///
/// # Errors
/// When it cannot be read, or does not say which job it is of.
pub fn moved(stored: &[u8]) -> Result<StateResponse, Diagnostic> {
    let stored = match serde_json::from_slice(stored) {
        Ok(Json::Object(stored)) => stored,
        Ok(_) => return Err(unreadable("it is no object")),
        Err(error) => return Err(unreadable(&quoted(&error.to_string()))),
    };
    let name = name_of(&stored).ok_or_else(|| unreadable("it does not say which job it is of"))?;
    let (state, strange) = convert::moved(document::of(&stored), &name, &settings(&stored))
        .map_err(|error| unreadable(&quoted(&error.to_string())))?;
    Ok(StateResponse {
        diagnostics: strange.into_iter().chain(policy(&stored, &name)).collect(),
        ..StateResponse::new(state)
    })
}

fn name_of(stored: &Map<String, Json>) -> Option<JobName> {
    let text = |member: &str| stored.get(member).and_then(Json::as_str).unwrap_or_default();
    let found = JobName::parse(text("id"), None).ok().or_else(|| {
        let short = text("name").rsplit('/').next().unwrap_or_default();
        let whole = format!(
            "projects/{}/locations/{}/jobs/{short}",
            text("project"),
            text("location")
        );
        JobName::parse(&whole, None).ok()
    });
    found.filter(|name| name.to_string().len() <= LONGEST_NAME)
}

/// What that resource's configuration said, where Google's document does not tell: which labels are Terraform's, and
/// what is Terraform's business alone. The launch stage is the one that this resource asks for anyway: Google answers
/// with another than it was asked for.
fn settings(stored: &Map<String, Json>) -> Value {
    let labels = texts(stored, "labels");
    let mut effective = texts(stored, "terraform_labels");
    effective.extend(labels.clone());
    let limits = texts(stored, "timeouts");
    let timeouts = |name: &str| Value::from(limits.get(name).cloned());
    let timeouts = Value::from(["create", "update", "delete"].map(|name| (name, timeouts(name))));
    let protected = stored
        .get("deletion_protection")
        .and_then(Json::as_bool)
        .unwrap_or(false);
    Value::from([
        ("launch_stage", Value::from(JOB_LIMITS.launch_stage)),
        ("deletion_protection", Value::from(protected)),
        ("labels", convert::null_if_empty(labels)),
        (
            "annotations",
            convert::null_if_empty(texts(stored, "annotations")),
        ),
        ("effective_labels", Value::from(effective)),
        ("timeouts", if limits.is_empty() { Value::Null } else { timeouts }),
    ])
}

/// The texts of a map, without those that tools of Google's or Cloud Run put there.
fn texts(stored: &Map<String, Json>, member: &str) -> BTreeMap<String, String> {
    let members = stored.get(member).and_then(Json::as_object).into_iter().flatten();
    members
        .filter(|(key, _)| !convert::is_foreign(key))
        .filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned())))
        .collect()
}

/// What a destruction did with the job there, and does not do here.
fn policy(stored: &Map<String, Json>, name: &JobName) -> Option<Diagnostic> {
    let way_out = match stored.get("deletion_policy").and_then(Json::as_str) {
        Some("PREVENT") => "Set deletion_protection = true to have its destruction refused here too.",
        Some("ABANDON") => {
            "To leave it in Google when Terraform gives it up, take it out of the state: terraform state rm."
        }
        _ => return None,
    };
    Some(Diagnostic::warning(
        "Deletion policy not moved",
        format!(
            "A {TYPE_NAME} has no deletion_policy: a destroyed job is deleted, unless deletion_protection is true. The \
             {SOURCE} that {name} comes from had one. {way_out}"
        ),
    ))
}

fn unreadable(reason: &str) -> Diagnostic {
    Diagnostic::error(
        "Resource cannot be moved",
        format!(
            "The state of a {SOURCE} is an object that tells its id, such as projects/P/locations/L/jobs/N, and its \
             settings. This one cannot be read: {reason}. {IMPORT}"
        ),
    )
}

/// The resource whose jobs are taken.
pub const SOURCE: &str = "google_cloud_run_v2_job";
/// Its providers, in whichever registry. OpenTofu before 1.12.4 may name the provider that it moves to.
const PROVIDERS: [&str; 3] = [
    "hashicorp/google",
    "hashicorp/google-beta",
    "facets-cloud/facets-gpu",
];
/// More than the full name of any job has.
const LONGEST_NAME: usize = 300;
/// The way that is always there.
const IMPORT: &str = "Take out the moved block, run terraform state rm on the old resource, and import the job: import \
                      blocks and terraform import take projects/P/locations/L/jobs/N.";

#[cfg(test)]
mod tests;
