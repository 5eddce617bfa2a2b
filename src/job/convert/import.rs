//! A job that this resource did not make, as Terraform will know it: imported, or moved from another resource.

use std::collections::BTreeMap;

use super::state;
use crate::gpu::{self, JOB_LIMITS};
use crate::job::CREATION_ANNOTATION;
use crate::job::validate::annotation_key_fault;
use crate::name::label_key_fault;
use crate::provider::Defaults;
use cloud_run::model::{self as api, GPU_LIMIT};
use cloud_run::{JobName, reserved_namespace};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::Value;

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
        ("execution_url", defaults.run_url(name).into()),
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
/// a warning for a job without a GPU.
///
/// # Errors
/// When the document is none of a job.
pub fn moved(
    document: serde_json::Value,
    name: &JobName,
    settings: &Value,
) -> Result<(Value, Option<Diagnostic>), serde_json::Error> {
    let mut job: api::Job = serde_json::from_value(document)?;
    // That resource has it since version 6.47 only, and no job has a GPU without it.
    job.template
        .template
        .gpu_zonal_redundancy_disabled
        .get_or_insert(true);
    let warning = (!has_gpu(&job)).then(|| {
        Diagnostic::warning("Moved job will change",
            format!(
                "{name} was moved, and it has no GPU: the next apply would give each task one {}. To leave the job as it \
                 is, remove the moved block and keep the resource that the job comes from.",
                gpu::default().name
            ),
        )
    });
    let mut state = state(&job, name, settings);
    // Not every version of that resource has what it follows from; the refresh that follows sets it.
    state.set("ready", Value::Null);
    Ok((state, warning))
}

/// A job as it is, with the labels and annotations that a configuration may have, and nothing of this resource's where
/// there is no GPU.
pub fn found(remote: &api::Job, name: &JobName) -> Value {
    let all = Value::from([
        (
            "labels",
            Value::from(chosen(&remote.labels, |key| label_key_fault(key).is_none())),
        ),
        (
            "annotations",
            Value::from(chosen(&remote.annotations, |key| {
                annotation_key_fault(key).is_none()
            })),
        ),
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

/// Whether a label or annotation is set by tools of Google's, by Cloud Run or by this provider itself.
pub fn is_foreign(key: &str) -> bool {
    key.starts_with("goog-") || reserved_namespace(key).is_some() || key == CREATION_ANNOTATION
}

/// A warning for a job without a GPU that is imported.
pub fn import_warning(remote: &api::Job, name: &JobName) -> Option<Diagnostic> {
    (!has_gpu(remote)).then(|| {
        Diagnostic::warning("Imported job will change",
            format!(
                "{name} was imported, and it has no GPU: the next apply would give each task one {}. To leave the job as \
                 it is, run terraform state rm on it and manage it with google_cloud_run_v2_job.",
                gpu::default().name
            ),
        )
    })
}

fn has_gpu(remote: &api::Job) -> bool {
    let task = &remote.template.template;
    let limits = task.managed_container().and_then(|one| one.resources.as_ref());
    task.node_selector.is_some() || limits.is_some_and(|resources| resources.limits.contains_key(GPU_LIMIT))
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

/// A map of a state; null where a configuration would leave it out.
pub fn null_if_empty(map: BTreeMap<String, String>) -> Value {
    if map.is_empty() {
        Value::Null
    } else {
        Value::from(map)
    }
}
