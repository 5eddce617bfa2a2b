//! The planned state. It follows from configuration, prior state and provider defaults alone.
//!
//! Terraform plans twice: a plan turns unknown values into known ones only, and never changes a configured value.

mod defaults;
mod labels;

use super::attributes::{EXECUTIONS, PER_GENERATION, PER_JOB};
use super::gpu_hours::max_gpu_hours;
use super::identity::job_name;
use super::model::Job;
use super::schema::SCHEMA;
use super::semantic_equality::{preserve_prior, same_definition};
use super::validate;
use crate::provider::Defaults;
use cloud_run::JobName;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::Plan;
use terraform_plugin::value::{Field, Path, Value};

/// Plans a creation (`prior` is null), an update or a deletion (`config` is null).
pub fn plan(prior: &Value, config: &Value, defaults: &Defaults) -> Plan {
    if config.is_null() {
        let diagnostics = protection_error(prior, "destroyed").into_iter().collect();
        return Plan {
            diagnostics,
            ..Plan::default()
        };
    }
    let mut diagnostics = Vec::new();
    let mut planned = SCHEMA.with_defaults(config);
    defaults::set_defaults(&mut planned, prior, defaults, &mut diagnostics);
    set_derived(&mut planned, prior, defaults);
    diagnostics.extend(labels::too_many_labels(&planned));
    preserve_prior(&mut planned, prior);
    let requires_replace = requires_replace(prior, &planned);
    if !requires_replace.is_empty() {
        diagnostics.extend(protection_error(prior, "replaced"));
    }
    // Validation has checked a configured region; a replacement is planned again as a creation.
    if config.get("location").is_null()
        && requires_replace.is_empty()
        && let Some(region) = planned.get("location").as_str()
    {
        diagnostics.extend(validate::region_mismatches(&Job::read(&planned), region));
    }
    diagnostics.extend(defaults::replacement_warnings(
        prior,
        config,
        &planned,
        &requires_replace,
    ));
    let prior = if requires_replace.is_empty() {
        prior
    } else {
        &Value::Null
    };
    set_computed(&mut planned, prior);
    Plan {
        planned,
        requires_replace,
        diagnostics,
    }
}

/// Computed attributes that follow from others.
fn set_derived(planned: &mut Value, prior: &Value, defaults: &Defaults) {
    let full_name = job_name(planned).map_or(Field::Unknown, Field::Known);
    planned.set("id", full_name.as_ref().map(JobName::to_string));
    // A change of the endpoint does not change the job: a refresh updates the URL.
    let prior_url = prior.get("execution_url");
    if prior_url.as_str().is_some() && prior.get("id") == planned.get("id") {
        planned.set("execution_url", prior_url.clone());
    } else {
        planned.set(
            "execution_url",
            full_name.and_then(|name| defaults.run_url(&name)),
        );
    }
    planned.set("max_gpu_hours", max_gpu_hours(&Field::read(planned.get("job"))));
    planned.set("effective_labels", labels::effective_labels(planned, defaults));
}

/// The changed attributes that require replacement.
fn requires_replace(prior: &Value, planned: &Value) -> Vec<Path> {
    if prior.is_null() {
        return Vec::new();
    }
    let changed = SCHEMA
        .requiring_replace()
        .filter(|attribute| prior.get(attribute.name) != planned.get(attribute.name));
    changed.map(|attribute| Path::attribute(attribute.name)).collect()
}

/// Attributes that the API sets: prior values as long as the definition does not change.
fn set_computed(planned: &mut Value, prior: &Value) {
    let prior_value = |attribute: &str| {
        if prior.is_null() {
            Value::Unknown
        } else {
            prior.get(attribute).clone()
        }
    };
    if planned.get("service_account").is_null() {
        planned.set("service_account", prior_value("service_account"));
    }
    // A definition that is not in effect is sent again.
    let ready = prior.get("ready") != &Value::Bool(false);
    let unchanged = ready && same_definition(prior, planned);
    planned.set(
        "ready",
        if unchanged {
            prior_value("ready")
        } else {
            Value::from(true)
        },
    );
    for attribute in PER_JOB.into_iter().chain(EXECUTIONS) {
        planned.set(attribute, prior_value(attribute));
    }
    for attribute in PER_GENERATION {
        planned.set(
            attribute,
            if unchanged {
                prior_value(attribute)
            } else {
                Value::Unknown
            },
        );
    }
}

/// The error of destroying or replacing a protected job.
pub(super) fn protection_error(prior: &Value, action: &str) -> Option<Diagnostic> {
    if prior.get("deletion_protection") != &Value::Bool(true) {
        return None;
    }
    let job = prior.get("id").as_str().unwrap_or("the job");
    Some(Diagnostic::attribute_error(
        Path::attribute("deletion_protection"),
        "Deletion protection enabled",
        format!(
            "deletion_protection is true, so {job} cannot be {action}. Set it to false and apply first. If the job is \
             tainted, run terraform untaint before that."
        ),
    ))
}

#[cfg(test)]
pub(crate) mod tests;
