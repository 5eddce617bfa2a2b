//! Between Terraform's values and Cloud Run's: the only place that knows both.

mod blame;
mod import;
mod network;
mod state;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Job, SecretEnv, Texts};
use super::plan::is_sent_alike;
use super::private_state::Imported;
use super::semantic_equality::Place;
use crate::duration;
use crate::gpu;
use cloud_run::JobName;
use cloud_run::model::{self as api, GPU_LIMIT};
use terraform_plugin::value::{Field, Value};

pub use blame::{attribute_path, blamed};
pub use import::{found, import_warning, imported, is_foreign, moved, null_if_empty};
pub use state::state;

/// The job's name, where project, location and id are known.
pub fn name_of(job: &Value) -> Option<JobName> {
    let text = |attribute| job.get(attribute).as_str();
    Some(JobName::new(text("project")?, text("location")?, text("name")?))
}

/// The job that is created.
pub fn desired(job: &Job) -> api::Job {
    let settings = job.job.known().cloned().unwrap_or_default();
    api::Job {
        labels: texts(&job.effective_labels),
        annotations: texts(&job.annotations),
        client: Some("terraform".to_owned()),
        client_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        launch_stage: job.launch_stage.known().cloned(),
        binary_authorization: binary_authorization(job),
        template: api::ExecutionTemplate {
            task_count: as_i32(settings.task_count.as_i64()),
            parallelism: as_i32(settings.parallelism.as_i64()),
            template: task(job, settings.max_retries.as_i64(), settings.task_timeout.known()),
        },
        ..Default::default()
    }
}

/// The document of an update: the job as it is (`seen`) with what is planned laid over it, guarded by its etag. What neither
/// the state before (`prior`) nor the plan has stays as it is, and so do `imported` keys that the plan leaves out.
pub fn replacement(
    planned: &Value,
    prior: &Value,
    imported: &Imported,
    seen: &api::Job,
) -> serde_json::Value {
    let (job, before) = (Job::read(planned), Job::read(prior));
    let mut sent = desired(&job);
    sent.labels = kept(
        &seen.labels,
        &before.effective_labels,
        &imported.labels,
        sent.labels,
    );
    sent.annotations = kept(
        &seen.annotations,
        &before.annotations,
        &imported.annotations,
        sent.annotations,
    );
    sent.etag = seen.etag.clone();
    // Computed, so what a configuration no longer has is still planned; a state without one leaves the job's.
    let account = &mut sent.template.template.service_account;
    *account = account
        .take()
        .or_else(|| seen.template.template.service_account.clone());
    api::overlay(seen, &sent, &volume_names(prior))
}

/// Labels or annotations as sent, beside those of the job that the state before did not have, or that were imported.
fn kept(
    seen: &BTreeMap<String, String>,
    before: &Field<Texts>,
    imported: &BTreeSet<String>,
    sent: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = seen.clone();
    all.retain(|key, _| {
        imported.contains(key) || !before.known().is_some_and(|before| before.contains_key(key))
    });
    all.extend(sent);
    all
}

/// Whether the API is sent the same for both, but for `imported` keys that the plan leaves out.
pub fn sends_the_same(prior: &Value, planned: &Value, imported: &Imported) -> bool {
    let mut before = prior.clone();
    for (attribute, imported) in [
        ("effective_labels", &imported.labels),
        ("annotations", &imported.annotations),
    ] {
        if let Value::Map(members) = prior.get(attribute) {
            let mut members = members.clone();
            members.retain(|key, _| {
                !planned.get(attribute).get(key).is_null() || !imported.contains(key.as_str())
            });
            before.set(attribute, Value::Map(members));
        }
    }
    is_sent_alike(&before, planned)
}

/// The paths of what a job has and this resource does not manage, by the state of it.
pub fn unmanaged(remote: &api::Job, state: &Value) -> Vec<String> {
    api::unmanaged(remote, &volume_names(state))
}

/// The names of the volumes that a state has.
pub fn volume_names(job: &Value) -> BTreeSet<String> {
    match job.get("volumes") {
        Value::List(volumes) => volumes
            .iter()
            .filter_map(|volume| volume.get("name").as_str().map(str::to_owned))
            .collect(),
        _ => BTreeSet::new(),
    }
}

fn task(job: &Job, max_retries: Option<i64>, timeout: Option<&String>) -> api::TaskTemplate {
    let accelerator = job.gpu.known().and_then(|gpu| gpu.kind.known().cloned());
    api::TaskTemplate {
        containers: vec![container(job)],
        volumes: volumes::desired(job),
        max_retries: as_i32(max_retries),
        timeout: timeout
            .and_then(|text| duration::parse(text).ok())
            .map(duration::to_api),
        service_account: job.service_account.known().cloned(),
        execution_environment: Some(GENERATION.to_owned()),
        encryption_key: job.encryption_key.known().cloned(),
        vpc_access: network::desired(job),
        node_selector: Some(api::NodeSelector {
            accelerator: accelerator.unwrap_or_else(|| gpu::default().name.to_owned()),
        }),
        gpu_zonal_redundancy_disabled: Some(true),
    }
}

fn container(job: &Job) -> api::Container {
    let container = job.container.known().cloned().unwrap_or_default();
    let resources = job.resources.known().cloned().unwrap_or_default();
    let limits = [("cpu", resources.cpu), ("memory", resources.memory)]
        .into_iter()
        .filter_map(|(name, amount)| Some((name.to_owned(), amount.known()?.clone())))
        .chain([(GPU_LIMIT.to_owned(), GPU_COUNT.to_owned())]);
    api::Container {
        image: container.image.known().cloned().unwrap_or_default(),
        command: words(&container.command),
        args: words(&container.args),
        env: environment(job),
        resources: Some(api::ResourceRequirements {
            limits: limits.collect(),
        }),
        working_dir: container.working_dir.known().cloned(),
        volume_mounts: volumes::desired_mounts(&container),
    }
}

/// Which policy decides, as Google is asked for it.
fn binary_authorization(job: &Job) -> Option<api::BinaryAuthorization> {
    let given = job.binary_authorization.known()?;
    Some(api::BinaryAuthorization {
        use_default: given.use_default == Field::Known(true),
        policy: given.policy.known().cloned(),
        breakglass_justification: given.breakglass_justification.known().cloned(),
    })
}

/// Plain variables by name, then secrets in the order of the configuration.
fn environment(job: &Job) -> Vec<api::EnvVar> {
    let plain = texts(&job.env).into_iter().map(|(name, value)| api::EnvVar {
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
        .map(secret);
    plain.chain(secrets).collect()
}

fn secret(secret: &SecretEnv) -> api::EnvVar {
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

/// What is left of a planned job whose reading back failed: everything known, and null for the rest.
pub fn named(planned: &Value) -> Value {
    match planned {
        Value::Unknown => Value::Null,
        Value::List(items) => Value::List(items.iter().map(named).collect()),
        Value::Map(members) => Value::Map(
            members
                .iter()
                .map(|(key, member)| (key.clone(), named(member)))
                .collect(),
        ),
        known => known.clone(),
    }
}

fn words(words: &Field<Vec<Field<String>>>) -> Vec<String> {
    let words = words.known().into_iter().flatten();
    words.filter_map(|word| word.known().cloned()).collect()
}

/// Google's word for one of our choices; without one, for the first, which is the default.
fn to_google(choices: &[(&str, &'static str)], name: &Field<String>) -> String {
    let chosen = name
        .known()
        .and_then(|name| choices.iter().find(|(ours, _)| ours == name));
    chosen.unwrap_or(&choices[0]).1.to_owned()
}

/// Our word for one of Google's choices; nothing is the default, and one that is new to us stays as it is.
fn from_google(choices: &[(&str, &str)], told: Option<&str>) -> Value {
    let told = told.filter(|told| !told.is_empty()).unwrap_or(choices[0].1);
    let known = choices.iter().find(|(_, theirs)| *theirs == told);
    Value::from(known.map_or(told, |(ours, _)| ours))
}

fn place_of(job: &Job) -> Place<'_> {
    Place {
        project: job.project.known().map_or("", String::as_str),
        location: job.location.known().map_or("", String::as_str),
    }
}

fn texts(map: &Field<Texts>) -> BTreeMap<String, String> {
    let members = map.known().into_iter().flatten();
    members
        .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
        .collect()
}

/// Numbers of this resource are checked to be at most a hundred.
fn as_i32(number: Option<i64>) -> Option<i32> {
    number.and_then(|number| i32::try_from(number).ok())
}

/// The only generation of sandboxes in which there are GPUs.
const GENERATION: &str = "EXECUTION_ENVIRONMENT_GEN2";
/// How many GPUs a task has.
const GPU_COUNT: &str = "1";

#[cfg(test)]
pub(crate) mod tests;
