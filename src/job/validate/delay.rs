//! Rules about delayed executions.

use std::time::Duration;

use crate::duration;
use crate::gpu::DELAYED_EXECUTION;
use crate::job::model::Job;
use crate::job::schema::LAUNCH_STAGES;
use crate::validators::choices;
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    if !is_delayed(job) {
        return;
    }
    let source = &DELAYED_EXECUTION.source;
    diagnostics.push(unconfirmed(Path::attribute("job").key("delay_execution")));
    let [alpha, beta, ga] = LAUNCH_STAGES;
    if job.launch_stage.known().is_some_and(|stage| stage == ga) {
        let warning = InvalidValue {
            path: Path::attribute("launch_stage"),
            must: format!(
                "be {} on Cloud Run with job.delay_execution = true",
                choices(&[alpha, beta])
            ),
            got: quoted(ga),
            fix: format!("Cloud Run may reject the job. If it does, omit launch_stage. Source: {source}."),
        };
        diagnostics.push(warning.warning("Launch stage may be rejected"));
    }
}

/// The warning of a delay, of the job or of one run.
pub(crate) fn unconfirmed(path: Path) -> Diagnostic {
    Diagnostic::attribute_warning(
        path,
        "Unconfirmed delay of GPU jobs",
        format!(
            "Google's documentation does not state whether executions of jobs with a GPU can be delayed, or whether the price \
             of the GPU is lower. Cloud Run may reject it. If it does, omit delay_execution. Source: {}.",
            DELAYED_EXECUTION.source
        ),
    )
}

/// Warns about a timeout that is too long for a delayed execution.
pub(super) fn long_timeout(job: &Job, timeout: Duration, text: &str) -> Option<Diagnostic> {
    let limit = DELAYED_EXECUTION.max_duration;
    if !is_delayed(job) || timeout <= limit {
        return None;
    }
    let limit = duration::to_human(limit);
    let warning = InvalidValue {
        path: Path::attribute("job").key("task_timeout"),
        must: format!("be at most {limit} on Cloud Run with job.delay_execution = true"),
        got: quoted(text),
        fix: format!(
            "Cloud Run may reject the job. If it does, set task_timeout = \"{limit}\" and divide the work among more tasks. \
             Source: {}.",
            DELAYED_EXECUTION.source
        ),
    };
    Some(warning.warning("Task timeout may be rejected"))
}

fn is_delayed(job: &Job) -> bool {
    let settings = job.job.known();
    settings.is_some_and(|settings| settings.delay_execution == Field::Known(true))
}
