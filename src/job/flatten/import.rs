//! The state of a job that this resource did not create: imported, moved, or read by the data source.

use std::collections::BTreeMap;

use super::flatten;
use crate::gpu::{self, JOB_LIMITS};
use crate::labels::{annotation_key_error, is_label_key, is_system_key};
use crate::provider::Defaults;
use cloud_run::JobName;
use cloud_run::model::{self as api, GPU_LIMIT};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::Value;

/// The state of an imported job: what an equal configuration would have stored, so that its plan is empty.
///
/// It has all labels but system labels and those that the provider's `default_labels` set to the same value.
pub fn for_import(remote: &api::Job, name: &JobName, defaults: &Defaults) -> Value {
    let provided = defaults.labels.known();
    let is_provided = |key: &String| {
        let value = provided.and_then(|provided| provided.get(key));
        value.is_some_and(|value| value.is_unknown() || value.known() == remote.labels.get(key))
    };
    let effective = with_keys(&remote.labels, |key| !is_system_key(key));
    let labels = with_keys(&effective, |key| !is_provided(key));
    let annotations = with_keys(&remote.annotations, |key| !is_system_key(key));
    let hint = Value::from([
        ("launch_stage", Value::from(JOB_LIMITS.launch_stage)),
        ("deletion_protection", Value::from(false)),
        ("execution_url", defaults.run_url(name).into()),
        ("labels", null_if_empty(labels)),
        ("annotations", null_if_empty(annotations)),
        ("effective_labels", Value::from(effective)),
    ]);
    flatten(remote, name, &hint)
}

/// The state of a job that was moved from another resource, which is given as the API would return it and with the
/// settings that the API does not have. With a warning for a job without a GPU.
///
/// # Errors
/// When the document is not a job.
pub fn for_move(
    document: serde_json::Value,
    name: &JobName,
    settings: &Value,
) -> Result<(Value, Option<Diagnostic>), serde_json::Error> {
    let mut job: api::Job = serde_json::from_value(document)?;
    // The other resource has it only since version 6.47 of its provider, and no job has a GPU without it.
    job.template
        .template
        .gpu_zonal_redundancy_disabled
        .get_or_insert(true);
    let warning = (!has_gpu(&job)).then(|| {
        missing_gpu(
            name,
            "remove the moved block and keep the resource that the job comes from",
        )
    });
    let mut state = flatten(&job, name, settings);
    // Not every version of the other resource has the condition; the refresh that follows sets it.
    state.set("ready", Value::Null);
    Ok((state, warning))
}

/// The state of the data source: all labels and annotations that a configuration can have, also of a job without a GPU.
pub fn for_data_source(remote: &api::Job, name: &JobName) -> Value {
    let labels = with_keys(&remote.labels, |key| is_label_key(key));
    let annotations = with_keys(&remote.annotations, |key| annotation_key_error(key).is_none());
    let hint = Value::from([
        ("labels", Value::from(labels)),
        ("annotations", Value::from(annotations)),
        ("effective_labels", Value::Unknown),
        ("launch_stage", Value::from(remote.launch_stage.clone())),
        ("job", Value::from([("delay_execution", Value::from(false))])),
    ]);
    let mut state = flatten(remote, name, &hint);
    if state.get("gpu").get("enabled") != &Value::from(true) {
        state.set(
            "gpu",
            Value::from([("enabled", Value::from(false)), ("type", Value::Null)]),
        );
        state.set("max_gpu_hours", 0_i64);
    }
    state
}

/// A warning for an imported job without a GPU.
pub fn missing_gpu_warning(remote: &api::Job, name: &JobName) -> Option<Diagnostic> {
    (!has_gpu(remote)).then(|| {
        missing_gpu(
            name,
            "run terraform state rm on this resource and manage the job with google_cloud_run_v2_job",
        )
    })
}

fn missing_gpu(name: &JobName, fix: &str) -> Diagnostic {
    Diagnostic::warning(
        "Missing GPU",
        format!(
            "{name} has no GPU. The next apply adds one {} to each task. To leave the job unchanged, {fix}.",
            gpu::default().name
        ),
    )
}

fn has_gpu(remote: &api::Job) -> bool {
    let task = &remote.template.template;
    let limits = task
        .managed_container()
        .and_then(|container| container.resources.as_ref());
    task.node_selector.is_some() || limits.is_some_and(|resources| resources.limits.contains_key(GPU_LIMIT))
}

fn with_keys(
    all: &BTreeMap<String, String>,
    is_included: impl Fn(&String) -> bool,
) -> BTreeMap<String, String> {
    all.iter()
        .filter(|(key, _)| is_included(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// A map of a state; null where a configuration would omit it.
pub fn null_if_empty(map: BTreeMap<String, String>) -> Value {
    if map.is_empty() {
        Value::Null
    } else {
        Value::from(map)
    }
}
