//! From what Google says of a job to what Terraform stores.

use std::collections::{BTreeMap, BTreeSet};

use super::{GENERATION, GPU_COUNT, network, volume_names, volumes};
use crate::gpu;
use crate::job::semantic_equality;
use crate::quantity::{Cpu, Memory};
use cloud_run::JobName;
use cloud_run::model::{self as api, GPU_LIMIT};
use terraform_plugin::value::{Field, Value};

/// The state of a job, told by Google, with the spellings and the Terraform-side settings of `hint`: the stored
/// or planned job.
pub fn state(remote: &api::Job, name: &JobName, hint: &Value) -> Value {
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
        ("container", container_state(task, &known, hint.get("container"))),
        ("gpu", gpu_state(task, container)),
        ("resources", resources_state(container)),
        ("job", settings_state(remote)),
        ("secrets", secrets_state(container, hint.get("secrets"))),
        ("env", env_state(container, hint.get("env"))),
        (
            "vpc_access",
            network::state(task.vpc_access.as_ref(), hint.get("vpc_access")),
        ),
        (
            "volumes",
            volumes::state(
                task.volumes.iter().filter(|volume| task.manages(volume, &known)),
                memory,
                hint.get("volumes"),
            ),
        ),
        ("service_account", Value::from(task.service_account.clone())),
        ("encryption_key", text(task.encryption_key.as_ref())),
        (
            "binary_authorization",
            binary_authorization_state(
                remote.binary_authorization.as_ref(),
                hint.get("binary_authorization"),
            ),
        ),
        ("launch_stage", hint.get("launch_stage").clone()),
        ("labels", ours(&remote.labels, hint.get("labels"))),
        ("annotations", ours(&remote.annotations, hint.get("annotations"))),
        (
            "effective_labels",
            ours(&remote.labels, hint.get("effective_labels")),
        ),
        ("deletion_protection", hint.get("deletion_protection").clone()),
        ("timeouts", hint.get("timeouts").clone()),
    ]);
    computed(&mut state, remote, name, hint);
    semantic_equality::keep_in_answer(&mut state, hint);
    state
}

fn computed(state: &mut Value, remote: &api::Job, name: &JobName, hint: &Value) {
    // What is planned or stored of it stands: Google does not say it, and where it is another one now, a refresh does.
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
        (
            "max_gpu_hours",
            crate::job::plan::max_gpu_hours(&settings).known().cloned().into(),
        ),
        ("uid", Value::from(remote.uid.clone())),
        ("generation", Value::from(remote.generation)),
        ("etag", Value::from(remote.etag.clone())),
        ("create_time", Value::from(remote.create_time.clone())),
        ("update_time", Value::from(remote.update_time.clone())),
        ("creator", Value::from(remote.creator.clone())),
        ("last_modifier", Value::from(remote.last_modifier.clone())),
        ("ready", Value::from(remote.is_ready())),
        ("condition", condition_state(remote.terminal_condition.as_ref())),
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

fn condition_state(condition: Option<&api::Condition>) -> Value {
    condition.map_or(Value::Null, |condition| {
        Value::from([
            ("state", Value::from(condition.state.clone())),
            ("reason", Value::from(condition.reason().map(str::to_owned))),
            ("message", text(condition.message.as_ref())),
        ])
    })
}

fn container_state(task: &api::TaskTemplate, known: &BTreeSet<String>, hint: &Value) -> Value {
    let Some(container) = task.managed_container() else {
        return Value::Null;
    };
    Value::from([
        ("image", Value::from(container.image.as_str())),
        ("command", words(&container.command, hint.get("command"))),
        ("args", words(&container.args, hint.get("args"))),
        ("working_dir", text(container.working_dir.as_ref())),
        (
            "volume_mounts",
            volumes::mounts_state(task.managed_mounts(known), hint.get("volume_mounts")),
        ),
    ])
}

/// Google does not tell empty text from none.
pub(super) fn text(told: Option<&String>) -> Value {
    Value::from(told.filter(|text| !text.is_empty()).cloned())
}

/// Google does not tell an empty list from none: the one that was written stays.
pub(super) fn words(words: &[String], hint: &Value) -> Value {
    match (words, hint) {
        ([], Value::List(_)) => Value::List(Vec::new()),
        ([], _) => Value::Null,
        (words, _) => Value::List(words.iter().map(|word| Value::from(word.as_str())).collect()),
    }
}

/// What is always sent with a GPU shows as `enabled = false` where the job has it otherwise, so that a plan restores it.
fn gpu_state(task: &api::TaskTemplate, container: Option<&api::Container>) -> Value {
    let limits = container.and_then(|container| container.resources.as_ref());
    let limit = limits.and_then(|resources| Cpu::parse(resources.limits.get(GPU_LIMIT)?).ok());
    let accelerator = task
        .node_selector
        .as_ref()
        .map(|selector| selector.accelerator.as_str());
    let environment = task.execution_environment.as_deref();
    let enabled = limit == Cpu::parse(GPU_COUNT).ok()
        && accelerator.is_some()
        && environment.is_none_or(|environment| environment == GENERATION)
        && task.gpu_zonal_redundancy_disabled == Some(true);
    Value::from([
        ("enabled", Value::from(enabled)),
        ("type", Value::from(accelerator.unwrap_or(gpu::default().name))),
    ])
}

fn resources_state(container: Option<&api::Container>) -> Value {
    let limits = container
        .and_then(|container| container.resources.as_ref())
        .map(|resources| &resources.limits);
    let limit = |name: &str| Value::from(limits.and_then(|limits| limits.get(name)).cloned());
    Value::from([("cpu", limit("cpu")), ("memory", limit("memory"))])
}

/// A number that Google leaves out is zero, as everywhere in its APIs; and no parallelism means as much as there are
/// tasks: <https://cloud.google.com/run/docs/reference/rest/v2/ExecutionTemplate>.
fn settings_state(remote: &api::Job) -> Value {
    let number = |number: Option<i32>| Value::from(i64::from(number.unwrap_or(0)));
    let given = remote
        .template
        .parallelism
        .filter(|parallelism| *parallelism != 0);
    let parallelism = given.or(remote.template.task_count);
    Value::from([
        ("task_count", number(remote.template.task_count)),
        ("parallelism", number(parallelism)),
        ("max_retries", number(remote.template.template.max_retries)),
        (
            "task_timeout",
            Value::from(remote.template.template.timeout.clone()),
        ),
    ])
}

fn secrets_state(container: Option<&api::Container>, hint: &Value) -> Value {
    let told: Vec<Value> = variables(container)
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
    in_order_of(told, hint, "env_var")
}

/// A list whose order means nothing to a job: the written one stays, by the key of its elements. Google does not tell
/// an empty list from none either.
pub(super) fn in_order_of(mut told: Vec<Value>, hint: &Value, key: &str) -> Value {
    match (told.as_slice(), hint) {
        ([], Value::List(_)) => Value::List(Vec::new()),
        ([], _) => Value::Null,
        (_, Value::List(order)) => {
            let place = |one: &Value| order.iter().position(|written| written.get(key) == one.get(key));
            told.sort_by_key(|one| place(one).unwrap_or(usize::MAX));
            Value::List(told)
        }
        _ => Value::List(told),
    }
}

fn env_state(container: Option<&api::Container>, hint: &Value) -> Value {
    let told: BTreeMap<_, _> = variables(container)
        .filter(|variable| variable.value_source.is_none() && variable.has_known_source())
        .map(|variable| {
            (
                variable.name.as_str().into(),
                Value::from(variable.value.clone().unwrap_or_default()),
            )
        })
        .collect();
    if told.is_empty() && hint.is_null() {
        Value::Null
    } else {
        Value::Map(told)
    }
}

fn variables(container: Option<&api::Container>) -> impl Iterator<Item = &api::EnvVar> {
    container.into_iter().flat_map(|container| &container.env)
}

/// Which policy decides, as Google tells it; no, where it was not written, is not said.
fn binary_authorization_state(told: Option<&api::BinaryAuthorization>, hint: &Value) -> Value {
    let Some(told) = told.filter(|told| **told != api::BinaryAuthorization::default()) else {
        return Value::Null;
    };
    let use_default = match (told.use_default, hint.get("use_default")) {
        (false, Value::Null) => Value::Null,
        (told, _) => Value::from(told),
    };
    Value::from([
        ("use_default", use_default),
        ("policy", text(told.policy.as_ref())),
        (
            "breakglass_justification",
            text(told.breakglass_justification.as_ref()),
        ),
    ])
}

/// Of all labels or annotations those that the configuration knows; the others belong to somebody else.
fn ours(all: &BTreeMap<String, String>, known: &Value) -> Value {
    match known {
        Value::Map(known) => Value::Map(
            all.iter()
                .filter(|(key, _)| known.contains_key(key.as_str()))
                .map(|(key, value)| (key.into(), Value::from(value.as_str())))
                .collect(),
        ),
        // Only a planned job has them unknown, when they depend on something that was applied meanwhile.
        Value::Unknown => all
            .iter()
            .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
            .collect::<BTreeMap<_, _>>()
            .into(),
        _ => Value::Null,
    }
}
