//! The planned state. It follows from configuration, prior state, private state and provider defaults alone.

use std::time::Duration;

use super::identity::execution_name;
use super::private_state::PrivateState;
use super::schema::SCHEMA;
use crate::duration;
use crate::provider::Defaults;
use crate::run::job_argument;
use crate::run::state::State;
use cloud_run::JobName;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::{Plan, PlanRequest};
use terraform_plugin::schema::Attribute;
use terraform_plugin::value::{Field, Path, Value};

/// Plans a creation (`prior` is null), a change or a deletion (`config` is null).
pub(super) fn plan(request: &PlanRequest<'_>, defaults: &Defaults) -> Plan {
    let PlanRequest { prior, config, .. } = *request;
    if config.is_null() {
        let diagnostics = cancellation_warning(prior, "The apply cancels it.");
        return Plan {
            diagnostics: diagnostics.into_iter().collect(),
            ..Plan::default()
        };
    }
    // Terraform also sends the private state of the replaced execution.
    let private = match prior {
        Value::Null => PrivateState::default(),
        _ => PrivateState::read(request.private),
    };
    let (job, mut diagnostics) = match job_argument::job_name(config, defaults) {
        Ok(job) => (job, Vec::new()),
        Err(errors) => (Field::Unknown, errors),
    };
    let mut planned = SCHEMA.with_defaults(config);
    if !prior.is_null() && !private.imported && prior.get("wait").is_null() {
        // The state of a version without the attribute. After an import the change is welcome: its apply ends the import.
        planned.set("wait", config.get("wait").clone());
    }
    let moved = is_moved(prior, &job);
    preserve_prior(&mut planned, prior, moved);
    let (mut requires_replace, taken_over) = changes(prior, &planned, &private);
    if moved == Some(true) && prior.get("job") == planned.get("job") {
        // Another project or region of the provider.
        requires_replace.push(Path::attribute("id"));
    }
    let failure = failed_after_interruption(prior, &private);
    if failure {
        requires_replace.push(Path::attribute("state"));
    }
    let replaces = !requires_replace.is_empty();
    for attribute in SCHEMA.computed() {
        let value = match prior {
            Value::Null => &Value::Unknown,
            _ if replaces => &Value::Unknown,
            prior => prior.get(attribute.name),
        };
        planned.set(attribute.name, value.clone());
    }
    if replaces {
        let action = "The apply cancels it, and runs the job again.";
        diagnostics.extend(cancellation_warning(prior, action));
        diagnostics.extend(failure.then(|| rerun_warning(prior, &private)));
    } else {
        diagnostics.extend(import_warning(prior, &taken_over));
    }
    Plan {
        planned,
        requires_replace,
        diagnostics,
    }
}

/// How long a planned run waits; `None` if nothing runs, if it does not wait, or if it depends on the job.
pub(super) fn timeout_of_run(prior: &Value, plan: &Plan) -> Option<Duration> {
    let runs = !plan.planned.is_null() && (prior.is_null() || !plan.requires_replace.is_empty());
    let waits = plan.planned.get("wait") != &Value::from(false);
    let timeout = plan.planned.get("timeouts").get("create").as_str();
    timeout
        .filter(|_| runs && waits)
        .and_then(|text| duration::parse(text).ok())
}

/// Whether the prior execution is of another job than the configured one; `None` where that is not known.
fn is_moved(prior: &Value, job: &Field<JobName>) -> Option<bool> {
    Some(execution_name(prior)?.job != *job.known()?)
}

/// Replaces planned values by prior ones that mean the same.
fn preserve_prior(planned: &mut Value, prior: &Value, moved: Option<bool>) {
    if moved == Some(false) && !prior.get("job").is_null() {
        planned.set("job", prior.get("job").clone());
    }
    preserve_duration(planned, prior, "task_timeout");
    if let Value::Map(members) = planned
        && let Some(timeouts) = members.get_mut("timeouts")
    {
        for name in ["create", "delete"] {
            preserve_duration(timeouts, prior.get("timeouts"), name);
        }
    }
}

fn preserve_duration(planned: &mut Value, prior: &Value, name: &str) {
    let parse = |value: &Value| value.as_str().and_then(|text| duration::parse(text).ok());
    let durations = (parse(planned.get(name)), parse(prior.get(name)));
    if matches!(durations, (Some(planned), Some(prior)) if planned == prior) {
        planned.set(name, prior.get(name).clone());
    }
}

/// The changed attributes that require replacement, and those that an imported execution takes over instead.
fn changes(prior: &Value, planned: &Value, private: &PrivateState) -> (Vec<Path>, Vec<&'static str>) {
    if prior.is_null() {
        return (Vec::new(), Vec::new());
    }
    let is_changed = |attribute: &&Attribute| {
        let (prior, planned) = (prior.get(attribute.name), planned.get(attribute.name));
        prior != planned && !(is_empty_map(prior) && is_empty_map(planned))
    };
    // The API does not return what a run was given.
    let (taken_over, replaced): (Vec<&str>, Vec<&str>) = SCHEMA
        .requiring_replace()
        .filter(is_changed)
        .map(|attribute| attribute.name)
        .partition(|name| private.imported && *name != "job");
    let replaced = replaced.into_iter().map(Path::attribute).collect();
    (replaced, taken_over)
}

/// Whether a map has no elements. An empty list of arguments differs from null: it removes the job's.
fn is_empty_map(value: &Value) -> bool {
    match value {
        Value::Map(members) => members.is_empty(),
        other => other.is_null(),
    }
}

/// Whether the execution failed or was cancelled after its apply had stopped waiting.
fn failed_after_interruption(prior: &Value, private: &PrivateState) -> bool {
    let state = prior.get("state").as_str().and_then(State::parse);
    private.interrupted && matches!(state, Some(State::Failed | State::Cancelled))
}

/// The warning of a plan that cancels a running execution.
fn cancellation_warning(prior: &Value, action: &str) -> Option<Diagnostic> {
    let state = State::parse(prior.get("state").as_str()?)?;
    (!state.is_final()).then(|| {
        let state = state.as_str();
        Diagnostic::warning(
            "Cancellation of an execution",
            format!("{} has not ended: its state is {state}. {action}", id(prior)),
        )
    })
}

/// The warning of a plan that runs a failed execution again.
fn rerun_warning(prior: &Value, private: &PrivateState) -> Diagnostic {
    let state = prior.get("state").as_str().unwrap_or_default();
    let reason = private
        .failure
        .as_ref()
        .map(|reason| format!(" Cloud Run reports {reason}"));
    Diagnostic::warning(
        "Failed execution runs again",
        format!(
            "The apply that started {} stopped waiting before its end. Its state is {state} now.{} This plan replaces it, \
             which runs the job again. To prevent that, remove the resource from the configuration.",
            id(prior),
            reason.unwrap_or_default()
        ),
    )
}

/// The warning of a plan that stores the configuration of an imported execution.
fn import_warning(prior: &Value, taken_over: &[&str]) -> Option<Diagnostic> {
    (!taken_over.is_empty()).then(|| {
        Diagnostic::warning(
            "Imported execution",
            format!(
                "{} was imported, and Cloud Run does not report with which values it was started. This apply stores {} in \
                 the state and runs nothing. Later changes run the job again.",
                id(prior),
                taken_over.join(", ")
            ),
        )
    })
}

fn id(prior: &Value) -> &str {
    prior.get("id").as_str().unwrap_or("the execution")
}

#[cfg(test)]
mod tests;
