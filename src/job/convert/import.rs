//! A job that this resource did not make, as Terraform will know it: imported, or moved from another resource.

use std::collections::BTreeMap;

use super::super::plan::Defaults;
use super::super::validate::is_reserved;
use super::{GPU_LIMIT, state};
use crate::cloudrun::model as api;
use crate::cloudrun::{CREATION_ANNOTATION, JobName};
use crate::diagnostic::{Diagnostic, Severity};
use crate::gpu::{self, JOB_LIMITS};
use crate::value::Value;

/// The state of an imported job: what an equal configuration would have stored, so that its plan is empty.
///
/// All its labels become this resource's, except those that the provider puts on every job, with the very value that it
/// puts there, and those that tools of Google's put there.
pub fn imported(remote: &api::Job, name: &JobName, defaults: &Defaults) -> Value {
    let provided = defaults.labels.known();
    let is_provided = |key: &String| {
        let value = provided.and_then(|provided| provided.get(key));
        value.is_some_and(|value| value.is_unknown() || value.known() == remote.labels.get(key))
    };
    let effective = chosen(&remote.labels, |key| !is_foreign(key));
    let hint = Value::from([
        ("launch_stage", Value::from(JOB_LIMITS.launch_stage)),
        ("deletion_protection", Value::from(false)),
        (
            "labels",
            null_if_empty(chosen(&remote.labels, |key| {
                !is_foreign(key) && !is_provided(key)
            })),
        ),
        (
            "annotations",
            null_if_empty(chosen(&remote.annotations, |key| !is_foreign(key))),
        ),
        ("effective_labels", Value::from(effective)),
    ]);
    state(remote, name, &hint)
}

/// The state of a job that another resource has described in Google's words, with that resource's own settings, and
/// what to say when it is not quite of this resource's kind.
///
/// # Errors
/// When the document is none of a job.
pub fn moved(
    document: serde_json::Value,
    name: &JobName,
    settings: &Value,
) -> Result<(Value, Option<Diagnostic>), serde_json::Error> {
    let job: api::Job = serde_json::from_value(document)?;
    let changes = changes(&job);
    let told = (!changes.is_empty()).then(|| Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::whole(
            "Moved job will change",
            format!(
                "{name} was moved, but it is not a job as this resource makes it, so the next apply would change it: {}. \
                 Look at the plan before you apply it. To leave the job as it is, take out the moved block and keep the \
                 resource that it comes from.",
                changes.join("; ")
            ),
        )
    });
    Ok((state(&job, name, settings), told))
}

/// A job as it is, with all of its labels and annotations, and nothing of this resource's where there is no GPU.
pub fn found(remote: &api::Job, name: &JobName) -> Value {
    let all = Value::from([
        ("labels", Value::Unknown),
        ("annotations", Value::Unknown),
        ("effective_labels", Value::Unknown),
        ("launch_stage", Value::from(remote.launch_stage.clone())),
    ]);
    let mut found = state(remote, name, &all);
    if found.get("gpu").get("enabled") != &Value::from(true) {
        found.set(
            "gpu",
            Value::from([("enabled", Value::from(false)), ("type", Value::Null)]),
        );
        found.set("max_gpu_hours", 0_i64);
    }
    found
}

/// Whether a label or annotation belongs neither to a user nor to a configuration.
pub fn is_foreign(key: &str) -> bool {
    key.starts_with("goog-") || is_reserved(key) || key == CREATION_ANNOTATION
}

/// What the next apply would change in a job that is not quite of this resource's kind.
pub fn strange(remote: &api::Job, name: &JobName) -> Option<Diagnostic> {
    let changes = changes(remote);
    (!changes.is_empty()).then(|| Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::whole(
            "Imported job will change",
            format!(
                "{name} was imported, but it is not a job as this resource makes it, so the next apply would change it: \
                 {}. Look at the plan before you apply it. To leave the job as it is, run terraform state rm on it and \
                 manage it with google_cloud_run_v2_job.",
                changes.join("; ")
            ),
        )
    })
}

fn changes(remote: &api::Job) -> Vec<String> {
    let task = &remote.template.template;
    let first = task.containers.first();
    let has_gpu = task.node_selector.is_some()
        || first
            .and_then(|c| c.resources.as_ref())
            .is_some_and(|r| r.limits.contains_key(GPU_LIMIT));
    let mut changes = Vec::new();
    if !has_gpu {
        changes.push(format!(
            "it has no GPU: each task would get one {}",
            gpu::default().name
        ));
    }
    if task.containers.len() > 1 {
        changes.push(format!(
            "it has {} containers: all but the first would go",
            task.containers.len()
        ));
    }
    if !remote.unmanaged.is_empty() {
        changes.push(format!(
            "it has settings that this resource does not keep: {}",
            listed(&remote.unmanaged)
        ));
    }
    changes
}

/// Paths as a message shows them: of very many, or very long ones, a part.
fn listed(paths: &[String]) -> String {
    let mut shown: Vec<String> = paths
        .iter()
        .take(MOST_SHOWN)
        .map(|path| path.chars().take(LONGEST_SHOWN).collect())
        .collect();
    if let Some(more) = paths.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

fn chosen(
    all: &BTreeMap<String, String>,
    mut choose: impl FnMut(&String) -> bool,
) -> BTreeMap<String, String> {
    all.iter()
        .filter(|(key, _)| choose(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn null_if_empty(map: BTreeMap<String, String>) -> Value {
    if map.is_empty() {
        Value::Null
    } else {
        Value::from(map)
    }
}

/// The most paths that a message names, and the most characters of each.
const MOST_SHOWN: usize = 20;
const LONGEST_SHOWN: usize = 120;
