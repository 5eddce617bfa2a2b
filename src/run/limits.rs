//! What an execution can use at most: GPU hours and time.

use std::time::Duration;

use super::definition::Definition;
use crate::duration;
use crate::gpu::DELAYED_EXECUTION;
use crate::job::gpu_hours::gpu_hours;
use crate::job::validate;
use cloud_run::model::{Execution, GPU_LIMIT, Job, TaskTemplate};
use cloud_run::{Client, RunOverrides};
use terraform_plugin::diagnostic::{self, Diagnostic};
use terraform_plugin::value::{Field, Number, Path};

/// What an execution can use at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// The GPU time of all attempts at all tasks, in hours; 0 without a GPU.
    pub max_gpu_hours: Number,
    /// How long it can last: the default timeout of a run.
    pub duration: Duration,
}

impl Limits {
    /// The limits of a run of the job.
    pub fn of_run(job: &Job, overrides: &RunOverrides) -> Limits {
        let definition = Definition::of_run(job, overrides);
        let tasks = definition.task_count;
        let parallelism = job.template.parallelism.and_then(|most| u32::try_from(most).ok());
        let parallelism = parallelism.filter(|most| *most > 0).unwrap_or(tasks);
        let attempts = attempts(&job.template.template);
        let rounds = tasks.div_ceil(parallelism);
        let of_tasks = definition
            .task_timeout
            .saturating_mul(rounds)
            .saturating_mul(attempts);
        let delay = if is_delayed(job, overrides) {
            DELAYED_EXECUTION.max_delay
        } else {
            Duration::ZERO
        };
        Limits {
            max_gpu_hours: hours(&job.template.template, &definition),
            duration: of_tasks
                .saturating_add(OVERHEAD)
                .saturating_add(delay)
                .min(MAX_TIMEOUT),
        }
    }

    /// The limits as text, for the start of a run that waits at most `timeout`.
    pub fn text(&self, timeout: Option<Duration>) -> String {
        let waits = match timeout {
            Some(timeout) => format!(
                "waits up to {} for the execution to end",
                duration::to_human(timeout)
            ),
            None => "does not wait for the execution to end".to_owned(),
        };
        if self.max_gpu_hours == Number::from(0_i64) {
            return format!("The provider {waits}.");
        }
        let hours = diagnostic::number(&self.max_gpu_hours);
        format!("The execution can use at most {hours} GPU hours. The provider {waits}.")
    }
}

/// Checks the configured timeout of a run.
pub fn check_timeout(given: &Field<String>, path: Path, diagnostics: &mut Vec<Diagnostic>) {
    let fix = "Omit it to wait as long as the execution can last.";
    validate::check_timeout(given, path, MAX_TIMEOUT, fix, diagnostics);
}

/// The GPU time that an execution can use at most, as [`Limits`] has it before the start.
pub fn max_gpu_hours(execution: &Execution) -> Number {
    hours(&execution.template, &Definition::of_execution(execution))
}

fn hours(task: &TaskTemplate, definition: &Definition<'_>) -> Number {
    if !has_gpu(task) {
        return Number::from(0_i64);
    }
    let (tasks, attempts) = (definition.task_count.into(), attempts(task).into());
    gpu_hours(tasks, attempts, definition.task_timeout)
}

/// How often a task can run.
fn attempts(task: &TaskTemplate) -> u32 {
    let retries = task.max_retries.unwrap_or(DEFAULT_MAX_RETRIES);
    u32::try_from(retries).unwrap_or_default().saturating_add(1)
}

/// The warning of a run that the access token may not outlast.
pub fn expiring_token(client: &Client, timeout: Duration) -> Option<Diagnostic> {
    (client.has_static_token() && timeout > TOKEN_LIFETIME).then(|| {
        Diagnostic::warning(
            "Access token may expire during the run",
            format!(
                "The credentials must outlast the run, which the provider waits for up to {}, got an access token that \
                 cannot be renewed. Google's access tokens expire after an hour by default. The execution continues after \
                 that, but the provider cannot read its outcome. Use credentials instead of access_token.",
                duration::to_human(timeout)
            ),
        )
    })
}

fn is_delayed(job: &Job, overrides: &RunOverrides) -> bool {
    overrides.delay_execution.unwrap_or(job.template.delay_execution)
}

fn has_gpu(task: &TaskTemplate) -> bool {
    let container = task.managed_container();
    let resources = container.and_then(|container| container.resources.as_ref());
    resources.is_some_and(|resources| resources.limits.contains_key(GPU_LIMIT))
}

/// How long starting an execution may take when its end is not waited for.
pub const START_TIMEOUT: Duration = Duration::from_secs(20 * 60);
/// The longest timeout of a run: a year.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Pulling the image, waiting for a GPU and between attempts.
const OVERHEAD: Duration = Duration::from_secs(15 * 60);
/// <https://cloud.google.com/docs/authentication/token-types#access>
const TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The default of the API: <https://cloud.google.com/run/docs/configuring/max-retries>.
const DEFAULT_MAX_RETRIES: i32 = 3;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::{Value as Json, json};

    fn job(template: Json, gpu: bool) -> Job {
        let mut template = template;
        let limits = if gpu { json!({ GPU_LIMIT: "1" }) } else { json!({}) };
        template["template"]["containers"] = json!([{ "image": "i", "resources": { "limits": limits } }]);
        serde_json::from_value(json!({ "name": "n", "template": template })).unwrap()
    }

    #[test]
    fn limits_are_rounds_times_attempts_times_timeout() {
        let overrides = RunOverrides::default;
        let task = |retries: i32, timeout: &str| json!({ "maxRetries": retries, "timeout": timeout });
        for (template, overrides, hours, duration) in [
            // One task of ten minutes with three retries.
            (json!({}), overrides(), "0.6667", "55m"),
            (json!({ "template": task(0, "3600s") }), overrides(), "1", "1h15m"),
            (
                json!({ "taskCount": 10, "parallelism": 4, "template": task(1, "3600s") }),
                overrides(),
                "20",
                "6h15m",
            ),
            (
                json!({ "taskCount": 10, "template": task(0, "3600s") }),
                overrides(),
                "10",
                "1h15m",
            ),
            (
                json!({ "taskCount": 10, "parallelism": 100, "template": task(0, "3600s") }),
                RunOverrides {
                    task_count: Some(3),
                    timeout: Some("60s".to_owned()),
                    ..overrides()
                },
                "0.05",
                "16m",
            ),
            (
                json!({ "delayExecution": true, "template": task(0, "60s") }),
                overrides(),
                "0.0167",
                "12h16m",
            ),
            (
                json!({ "delayExecution": true, "template": task(0, "60s") }),
                RunOverrides {
                    delay_execution: Some(false),
                    ..overrides()
                },
                "0.0167",
                "16m",
            ),
        ] {
            let limits = Limits::of_run(&job(template.clone(), true), &overrides);
            assert_eq!(diagnostic::number(&limits.max_gpu_hours), hours, "{template}");
            assert_eq!(duration::to_human(limits.duration), duration, "{template}");
            let without = Limits::of_run(&job(template, false), &overrides);
            assert_eq!(without.max_gpu_hours, Number::from(0_i64));
        }
    }
}
