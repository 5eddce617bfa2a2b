//! What an execution runs: the job's definition with the overrides of the run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::duration;
use cloud_run::RunOverrides;
use cloud_run::model::{EnvVarSource, Execution, Job, TaskTemplate};

/// What an execution runs, as far as a run can override it.
#[derive(PartialEq)]
pub(super) struct Definition<'a> {
    pub(super) task_count: u32,
    /// The timeout of one attempt at a task.
    pub(super) task_timeout: Duration,
    args: &'a [String],
    /// Values and sources by name.
    env: BTreeMap<&'a str, (&'a str, Option<&'a EnvVarSource>)>,
}

impl<'a> Definition<'a> {
    /// The definition of a run of the job.
    pub(super) fn of_run(job: &'a Job, overrides: &'a RunOverrides) -> Definition<'a> {
        let mut definition = Definition::of_template(&job.template.template, job.template.task_count);
        if let Some(count) = overrides.task_count {
            definition.task_count = positive(count);
        }
        if let Some(timeout) = &overrides.timeout {
            definition.task_timeout = timeout_or_default(Some(timeout));
        }
        if let Some(args) = &overrides.args {
            definition.args = args;
        }
        for (name, value) in &overrides.env {
            definition.env.insert(name, (value.expose_secret(), None));
        }
        definition
    }

    /// The definition of an execution.
    pub(super) fn of_execution(execution: &'a Execution) -> Definition<'a> {
        Definition::of_template(&execution.template, Some(execution.task_count))
    }

    fn of_template(template: &'a TaskTemplate, task_count: Option<i32>) -> Definition<'a> {
        let container = template.managed_container();
        let env = container.map_or(&[][..], |container| &container.env);
        Definition {
            task_count: positive(task_count.unwrap_or(1)),
            task_timeout: timeout_or_default(template.timeout.as_deref()),
            args: container.map_or(&[], |container| &container.args),
            env: env
                .iter()
                .map(|variable| {
                    // The API omits an empty value.
                    let value = variable.value.as_deref().unwrap_or_default();
                    (variable.name.as_str(), (value, variable.value_source.as_ref()))
                })
                .collect(),
        }
    }
}

/// The name of the container that overrides apply to; `None` for a job with one container.
pub(super) fn overridden_container(job: &Job) -> Option<String> {
    let task = &job.template.template;
    if task.containers.len() < 2 {
        return None;
    }
    let containers = job.document.pointer("/template/template/containers")?;
    let name = containers.get(task.managed_index())?.get("name")?.as_str()?;
    Some(name.to_owned())
}

fn positive(count: i32) -> u32 {
    u32::try_from(count).unwrap_or_default().max(1)
}

fn timeout_or_default(text: Option<&str>) -> Duration {
    text.and_then(|text| duration::parse(text).ok())
        .unwrap_or(DEFAULT_TASK_TIMEOUT)
}

/// The default of the API: <https://cloud.google.com/run/docs/configuring/task-timeout>.
const DEFAULT_TASK_TIMEOUT: Duration = Duration::from_secs(600);
