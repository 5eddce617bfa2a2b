//! Rules for environment variables.

use serde_json::Value;

use super::task::CONTAINERS;
use super::{has_form, list, refuse, text};
use crate::error::Problem;

pub(super) fn check(containers: &[Value]) -> Result<(), Problem> {
    let all: usize = containers
        .iter()
        .map(|container| list(container, "env").len())
        .sum();
    if all > 1000 {
        return Err(refuse(
            CONTAINERS,
            "exceeds the limit on EnvVars across all containers: 1000.",
        ));
    }
    containers
        .iter()
        .try_for_each(|container| check_variables(list(container, "env")))
}

/// Also for the overrides of a run.
pub(super) fn check_variables(variables: &[Value]) -> Result<(), Problem> {
    let path = format!("{CONTAINERS}.env");
    let reserved: Vec<&str> = variables
        .iter()
        .map(|variable| text(variable, "name"))
        .filter(|name| RESERVED.contains(name))
        .collect();
    if !reserved.is_empty() {
        let text = format!(
            "The following reserved env names were provided: {}.",
            reserved.join(", ")
        );
        return Err(refuse(&path, text));
    }
    for variable in variables {
        let name = text(variable, "name");
        if name.is_empty() || name.len() > 32_768 {
            return Err(refuse(
                &format!("{path}.name"),
                "must have between 1 and 32768 characters.",
            ));
        }
        if text(variable, "value").len() > 32_768 {
            return Err(refuse(
                &format!("{path}.value"),
                format!("'{name}': length cannot exceed 32768."),
            ));
        }
        // A source without any is refused like a secret without a name; one kept unknown is taken.
        if let Some(source) = variable["valueSource"].as_object()
            && (source.is_empty() || source.contains_key("secretKeyRef"))
        {
            check_secret(&variable["valueSource"]["secretKeyRef"])?;
        }
    }
    Ok(())
}

fn check_secret(reference: &Value) -> Result<(), Problem> {
    let path = format!("{CONTAINERS}.env.value_source.secret_key_ref");
    let secret = text(reference, "secret");
    if !is_secret(secret) {
        return Err(refuse(
            &format!("{path}.secret"),
            "may only be {secret} or projects/{project}/secrets/{secret}.",
        ));
    }
    if !is_version(text(reference, "version")) {
        return Err(refuse(
            &format!("{path}.version"),
            "should have only alphanumeric characters, dashes or underscores.",
        ));
    }
    Ok(())
}

/// A secret by its name in the same project, or by its full name.
pub(super) fn is_secret(secret: &str) -> bool {
    let plain = |name: &str| {
        (1..=255).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    plain(secret)
        || (has_form(secret, "projects/*/secrets/*") && secret.rsplit('/').next().is_some_and(plain))
}

/// A version by its number or an alias, or none at all.
pub(super) fn is_version(version: &str) -> bool {
    version
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Set by the service in every task, see <https://cloud.google.com/run/docs/container-contract#env-vars>.
const RESERVED: &[&str] = &[
    "PORT",
    "CLOUD_RUN_JOB",
    "CLOUD_RUN_EXECUTION",
    "CLOUD_RUN_TASK_INDEX",
    "CLOUD_RUN_TASK_ATTEMPT",
    "CLOUD_RUN_TASK_COUNT",
];
