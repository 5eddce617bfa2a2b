//! From the model of a planned job to the body of a request.

mod network;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Job, SecretEnv, StringMap, volume_names};
use super::private_state::ImportedKeys;
use super::resource_name::Scope;
use crate::duration;
use crate::gpu;
use cloud_run::model::{self as api, GPU_LIMIT};
use terraform_plugin::value::{Field, Value};

/// The body of a create request.
pub fn expand(job: &Job) -> api::Job {
    let settings = job.job.known().cloned().unwrap_or_default();
    api::Job {
        labels: string_map(&job.effective_labels),
        annotations: string_map(&job.annotations),
        client: Some("terraform".to_owned()),
        client_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        launch_stage: job.launch_stage.known().cloned(),
        binary_authorization: expand_binary_authorization(job),
        template: api::ExecutionTemplate {
            task_count: as_i32(settings.task_count.as_i64()),
            parallelism: as_i32(settings.parallelism.as_i64()),
            delay_execution: settings.delay_execution == Field::Known(true),
            template: expand_task(job, settings.max_retries.as_i64(), settings.task_timeout.known()),
        },
        ..Default::default()
    }
}

/// The body of an update: the current job, with the planned one laid over it and its etag. What neither the prior state nor
/// the plan has stays unchanged, and so do imported keys that the plan omits.
pub fn update_body(
    planned: &Value,
    prior: &Value,
    imported: &ImportedKeys,
    current: &api::Job,
) -> serde_json::Value {
    let (job, before) = (Job::read(planned), Job::read(prior));
    let mut body = expand(&job);
    body.labels = with_unmanaged(
        body.labels,
        &current.labels,
        &before.effective_labels,
        &imported.labels,
    );
    body.annotations = with_unmanaged(
        body.annotations,
        &current.annotations,
        &before.annotations,
        &imported.annotations,
    );
    body.etag = current.etag.clone();
    // The attribute is computed, so a removed one is still planned; a state without one leaves that of the job.
    let account = &mut body.template.template.service_account;
    *account = account
        .take()
        .or_else(|| current.template.template.service_account.clone());
    api::overlay(current, &body, &volume_names(prior))
}

/// Planned labels or annotations, with those of the current job that the prior state does not have or that were imported.
fn with_unmanaged(
    planned: BTreeMap<String, String>,
    current: &BTreeMap<String, String>,
    prior: &Field<StringMap>,
    imported: &BTreeSet<String>,
) -> BTreeMap<String, String> {
    let mut all = current.clone();
    all.retain(|key, _| {
        imported.contains(key) || !prior.known().is_some_and(|prior| prior.contains_key(key))
    });
    all.extend(planned);
    all
}

fn expand_task(job: &Job, max_retries: Option<i64>, timeout: Option<&String>) -> api::TaskTemplate {
    let accelerator = job.gpu.known().and_then(|gpu| gpu.kind.known().cloned());
    api::TaskTemplate {
        containers: vec![expand_container(job)],
        volumes: volumes::expand_volumes(job),
        max_retries: as_i32(max_retries),
        timeout: timeout
            .and_then(|text| duration::parse(text).ok())
            .map(duration::to_api),
        service_account: job.service_account.known().cloned(),
        execution_environment: Some(EXECUTION_ENVIRONMENT.to_owned()),
        encryption_key: job.encryption_key.known().cloned(),
        vpc_access: network::expand_vpc_access(job),
        node_selector: Some(api::NodeSelector {
            accelerator: accelerator.unwrap_or_else(|| gpu::default().name.to_owned()),
        }),
        gpu_zonal_redundancy_disabled: Some(true),
    }
}

fn expand_container(job: &Job) -> api::Container {
    let container = job.container.known().cloned().unwrap_or_default();
    let resources = job.resources.known().cloned().unwrap_or_default();
    let limits = [("cpu", resources.cpu), ("memory", resources.memory)]
        .into_iter()
        .filter_map(|(name, amount)| Some((name.to_owned(), amount.known()?.clone())))
        .chain([(GPU_LIMIT.to_owned(), GPU_COUNT.to_owned())]);
    api::Container {
        image: container.image.known().cloned().unwrap_or_default(),
        command: string_list(&container.command),
        args: string_list(&container.args),
        env: expand_environment(job),
        resources: Some(api::ResourceRequirements {
            limits: limits.collect(),
        }),
        working_dir: container.working_dir.known().cloned(),
        volume_mounts: volumes::expand_mounts(&container),
    }
}

fn expand_binary_authorization(job: &Job) -> Option<api::BinaryAuthorization> {
    let given = job.binary_authorization.known()?;
    Some(api::BinaryAuthorization {
        use_default: given.use_default == Field::Known(true),
        policy: given.policy.known().cloned(),
        breakglass_justification: given.breakglass_justification.known().cloned(),
    })
}

/// Literal values by name, then secrets in the order of the configuration.
fn expand_environment(job: &Job) -> Vec<api::EnvVar> {
    let literals = string_map(&job.env).into_iter().map(|(name, value)| api::EnvVar {
        name,
        value: Some(value),
        ..api::EnvVar::default()
    });
    let secrets = job
        .secrets
        .known()
        .into_iter()
        .flatten()
        .filter_map(Field::known)
        .map(expand_secret);
    literals.chain(secrets).collect()
}

fn expand_secret(secret: &SecretEnv) -> api::EnvVar {
    let text = |field: &Field<String>| field.known().cloned().unwrap_or_default();
    let reference = api::SecretKeySelector {
        secret: text(&secret.secret_name),
        version: secret.version.known().cloned(),
    };
    api::EnvVar {
        name: text(&secret.env_var),
        value_source: Some(api::EnvVarSource {
            secret_key_ref: Some(reference),
        }),
        ..api::EnvVar::default()
    }
}

fn string_list(list: &Field<Vec<Field<String>>>) -> Vec<String> {
    let items = list.known().into_iter().flatten();
    items.filter_map(|item| item.known().cloned()).collect()
}

/// The API's value for one of a configuration; without one, that of the default, which is the first.
fn to_api(choices: &[(&str, &'static str)], name: &Field<String>) -> String {
    let chosen = name
        .known()
        .and_then(|name| choices.iter().find(|(configured, _)| configured == name));
    chosen.unwrap_or(&choices[0]).1.to_owned()
}

fn scope(job: &Job) -> Scope<'_> {
    Scope {
        project: job.project.known().map_or("", String::as_str),
        location: job.location.known().map_or("", String::as_str),
    }
}

fn string_map(map: &Field<StringMap>) -> BTreeMap<String, String> {
    let members = map.known().into_iter().flatten();
    members
        .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
        .collect()
}

/// Validation limits these numbers to at most 100.
fn as_i32(number: Option<i64>) -> Option<i32> {
    number.and_then(|number| i32::try_from(number).ok())
}

/// The only execution environment with GPUs.
pub(super) const EXECUTION_ENVIRONMENT: &str = "EXECUTION_ENVIRONMENT_GEN2";
/// The GPUs of each task.
pub(super) const GPU_COUNT: &str = "1";

#[cfg(test)]
mod tests;
