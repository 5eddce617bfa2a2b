//! From a job as the API returns it to the state.

mod import;
mod network;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};

use super::expand::{EXECUTION_ENVIRONMENT, GPU_COUNT};
use super::gpu_hours::max_gpu_hours;
use super::model::volume_names;
use super::semantic_equality::preserve_prior_in_response;
use crate::gpu;
use crate::quantity::{Cpu, Memory};
use cloud_run::JobName;
use cloud_run::model::{self as api, GPU_LIMIT};
use terraform_plugin::value::{Field, Value};

pub use import::{for_data_source, for_import, for_move, missing_gpu_warning, null_if_empty};

/// The state of a job. Notations, and settings that the API does not have, come from `hint`: the stored or planned job.
pub fn flatten(remote: &api::Job, name: &JobName, hint: &Value) -> Value {
    let task = &remote.template.template;
    let container = task.managed_container();
    let known = volume_names(hint);
    let limits = container.and_then(|container| container.resources.as_ref());
    let memory = limits.and_then(|resources| Memory::parse(resources.limits.get("memory")?).ok());
    let mut state = Value::from([
        ("name", Value::from(name.job.as_str())),
        ("project", Value::from(name.project.as_str())),
        ("location", Value::from(name.location.as_str())),
        ("facets", hint.get("facets").clone()),
        (
            "container",
            flatten_container(task, &known, hint.get("container")),
        ),
        ("gpu", flatten_gpu(task, container)),
        ("resources", flatten_resources(container)),
        ("job", flatten_settings(remote, hint.get("job"))),
        ("secrets", flatten_secrets(container, hint.get("secrets"))),
        ("env", flatten_env(container, hint.get("env"))),
        (
            "vpc_access",
            network::flatten_vpc_access(task.vpc_access.as_ref(), hint.get("vpc_access")),
        ),
        (
            "volumes",
            volumes::flatten_volumes(
                task.volumes.iter().filter(|volume| task.manages(volume, &known)),
                memory,
                hint.get("volumes"),
            ),
        ),
        ("service_account", Value::from(task.service_account.clone())),
        ("encryption_key", flatten_string(task.encryption_key.as_ref())),
        (
            "binary_authorization",
            flatten_binary_authorization(
                remote.binary_authorization.as_ref(),
                hint.get("binary_authorization"),
            ),
        ),
        ("launch_stage", hint.get("launch_stage").clone()),
        ("labels", managed(&remote.labels, hint.get("labels"))),
        (
            "annotations",
            managed(&remote.annotations, hint.get("annotations")),
        ),
        (
            "effective_labels",
            managed(&remote.labels, hint.get("effective_labels")),
        ),
        ("deletion_protection", hint.get("deletion_protection").clone()),
        ("timeouts", hint.get("timeouts").clone()),
    ]);
    computed(&mut state, remote, name, hint);
    preserve_prior_in_response(&mut state, hint);
    state
}

fn computed(state: &mut Value, remote: &api::Job, name: &JobName, hint: &Value) {
    // The API does not return it; a refresh corrects it after a change of the endpoint.
    let run_url = match hint.get("execution_url").as_str() {
        Some(url) => url.to_owned(),
        None => name.run_url(None),
    };
    let settings = Field::read(state.get("job"));
    let latest = remote
        .latest_created_execution
        .as_ref()
        .and_then(|execution| execution.name.clone());
    for (attribute, value) in [
        ("id", Value::from(name.to_string())),
        ("execution_url", Value::from(run_url)),
        ("max_gpu_hours", max_gpu_hours(&settings).known().cloned().into()),
        ("uid", Value::from(remote.uid.clone())),
        ("generation", Value::from(remote.generation)),
        ("etag", Value::from(remote.etag.clone())),
        ("create_time", Value::from(remote.create_time.clone())),
        ("update_time", Value::from(remote.update_time.clone())),
        ("creator", Value::from(remote.creator.clone())),
        ("last_modifier", Value::from(remote.last_modifier.clone())),
        ("ready", Value::from(remote.is_ready())),
        ("condition", flatten_condition(remote.terminal_condition.as_ref())),
        (
            "execution_count",
            Value::from(remote.execution_count.map_or(0, i64::from)),
        ),
        (
            "latest_execution",
            Value::from(latest.filter(|name| !name.is_empty())),
        ),
    ] {
        state.set(attribute, value);
    }
}

fn flatten_condition(condition: Option<&api::Condition>) -> Value {
    condition.map_or(Value::Null, |condition| {
        Value::from([
            ("state", Value::from(condition.state.clone())),
            ("reason", Value::from(condition.reason().map(str::to_owned))),
            ("message", flatten_string(condition.message.as_ref())),
        ])
    })
}

fn flatten_container(task: &api::TaskTemplate, known: &BTreeSet<String>, hint: &Value) -> Value {
    let Some(container) = task.managed_container() else {
        return Value::Null;
    };
    Value::from([
        ("image", Value::from(container.image.as_str())),
        (
            "command",
            flatten_strings(&container.command, hint.get("command")),
        ),
        ("args", flatten_strings(&container.args, hint.get("args"))),
        ("working_dir", flatten_string(container.working_dir.as_ref())),
        (
            "volume_mounts",
            volumes::flatten_mounts(task.managed_mounts(known), hint.get("volume_mounts")),
        ),
    ])
}

/// The API does not distinguish an empty string from none.
fn flatten_string(text: Option<&String>) -> Value {
    Value::from(text.filter(|text| !text.is_empty()).cloned())
}

/// The API does not distinguish an empty list from none: `hint` does.
fn flatten_strings(items: &[String], hint: &Value) -> Value {
    match (items, hint) {
        ([], Value::List(_)) => Value::List(Vec::new()),
        ([], _) => Value::Null,
        (items, _) => Value::List(items.iter().map(|item| Value::from(item.as_str())).collect()),
    }
}

/// A job that lacks what is always sent with a GPU has `enabled = false`, so that a plan restores it.
fn flatten_gpu(task: &api::TaskTemplate, container: Option<&api::Container>) -> Value {
    let limits = container.and_then(|container| container.resources.as_ref());
    let limit = limits.and_then(|resources| Cpu::parse(resources.limits.get(GPU_LIMIT)?).ok());
    let accelerator = task
        .node_selector
        .as_ref()
        .map(|selector| selector.accelerator.as_str());
    let environment = task.execution_environment.as_deref();
    let enabled = limit == Cpu::parse(GPU_COUNT).ok()
        && accelerator.is_some()
        && environment.is_none_or(|environment| environment == EXECUTION_ENVIRONMENT)
        && task.gpu_zonal_redundancy_disabled == Some(true);
    Value::from([
        ("enabled", Value::from(enabled)),
        ("type", Value::from(accelerator.unwrap_or(gpu::default().name))),
    ])
}

fn flatten_resources(container: Option<&api::Container>) -> Value {
    let limits = container
        .and_then(|container| container.resources.as_ref())
        .map(|resources| &resources.limits);
    let limit = |name: &str| Value::from(limits.and_then(|limits| limits.get(name)).cloned());
    Value::from([("cpu", limit("cpu")), ("memory", limit("memory"))])
}

/// The API omits a number that is 0, and no parallelism means as much as there are tasks:
/// <https://cloud.google.com/run/docs/reference/rest/v2/ExecutionTemplate>. A `delay_execution` of false is null where `hint`
/// omits it.
fn flatten_settings(remote: &api::Job, hint: &Value) -> Value {
    let number = |number: Option<i32>| Value::from(i64::from(number.unwrap_or(0)));
    let given = remote
        .template
        .parallelism
        .filter(|parallelism| *parallelism != 0);
    let parallelism = given.or(remote.template.task_count);
    let delay_execution = match (remote.template.delay_execution, hint.get("delay_execution")) {
        (false, Value::Null) => Value::Null,
        (value, _) => Value::from(value),
    };
    Value::from([
        ("task_count", number(remote.template.task_count)),
        ("parallelism", number(parallelism)),
        ("max_retries", number(remote.template.template.max_retries)),
        (
            "task_timeout",
            Value::from(remote.template.template.timeout.clone()),
        ),
        ("delay_execution", delay_execution),
    ])
}

fn flatten_secrets(container: Option<&api::Container>, hint: &Value) -> Value {
    let secrets: Vec<Value> = variables(container)
        .filter_map(|variable| {
            let reference = variable.value_source.as_ref()?.secret_key_ref.as_ref()?;
            let version = reference.version.clone().filter(|version| !version.is_empty());
            Some(Value::from([
                ("env_var", Value::from(variable.name.as_str())),
                ("secret_name", Value::from(reference.secret.as_str())),
                (
                    "version",
                    Value::from(version.unwrap_or_else(|| "latest".to_owned())),
                ),
            ]))
        })
        .collect();
    in_order_of(secrets, hint, "env_var")
}

/// A list whose order has no meaning, in the order of `hint` by the key of its elements.
fn in_order_of(mut items: Vec<Value>, hint: &Value, key: &str) -> Value {
    match (items.as_slice(), hint) {
        ([], Value::List(_)) => Value::List(Vec::new()),
        ([], _) => Value::Null,
        (_, Value::List(order)) => {
            let position = |item: &Value| order.iter().position(|known| known.get(key) == item.get(key));
            items.sort_by_key(|item| position(item).unwrap_or(usize::MAX));
            Value::List(items)
        }
        _ => Value::List(items),
    }
}

fn flatten_env(container: Option<&api::Container>, hint: &Value) -> Value {
    let literals: BTreeMap<_, _> = variables(container)
        .filter(|variable| variable.value_source.is_none() && variable.has_known_source())
        .map(|variable| {
            (
                variable.name.as_str().into(),
                Value::from(variable.value.clone().unwrap_or_default()),
            )
        })
        .collect();
    if literals.is_empty() && hint.is_null() {
        Value::Null
    } else {
        Value::Map(literals)
    }
}

fn variables(container: Option<&api::Container>) -> impl Iterator<Item = &api::EnvVar> {
    container.into_iter().flat_map(|container| &container.env)
}

/// A `use_default` of false is null where `hint` omits it.
fn flatten_binary_authorization(policy: Option<&api::BinaryAuthorization>, hint: &Value) -> Value {
    let Some(policy) = policy.filter(|policy| **policy != api::BinaryAuthorization::default()) else {
        return Value::Null;
    };
    let use_default = match (policy.use_default, hint.get("use_default")) {
        (false, Value::Null) => Value::Null,
        (value, _) => Value::from(value),
    };
    Value::from([
        ("use_default", use_default),
        ("policy", flatten_string(policy.policy.as_ref())),
        (
            "breakglass_justification",
            flatten_string(policy.breakglass_justification.as_ref()),
        ),
    ])
}

/// The labels or annotations that the configuration manages.
fn managed(all: &BTreeMap<String, String>, known: &Value) -> Value {
    match known {
        Value::Map(known) => Value::Map(
            all.iter()
                .filter(|(key, _)| known.contains_key(key.as_str()))
                .map(|(key, value)| (key.into(), Value::from(value.as_str())))
                .collect(),
        ),
        // Only in a plan, where they depend on another resource.
        Value::Unknown => all
            .iter()
            .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
            .collect::<BTreeMap<_, _>>()
            .into(),
        _ => Value::Null,
    }
}

/// The API's value as a configuration has it. None is the default; a value that is not known here is unchanged.
fn from_api(choices: &[(&str, &str)], value: Option<&str>) -> Value {
    let value = value.filter(|value| !value.is_empty()).unwrap_or(choices[0].1);
    let known = choices.iter().find(|(_, api)| *api == value);
    Value::from(known.map_or(value, |(configured, _)| configured))
}

/// The paths of settings of a job that this resource does not manage.
pub fn unmanaged_settings(remote: &api::Job, state: &Value) -> Vec<String> {
    api::unmanaged(remote, &volume_names(state))
}

#[cfg(test)]
pub(crate) mod tests;
