//! Rules for environment variables.

use serde_json::Value;

use super::definition::{CONTAINERS, invalid, list, string};
use super::format::{is_secret, is_secret_version};
use crate::error::ApiError;

pub(super) fn check(containers: &[Value]) -> Result<(), ApiError> {
    let count: usize = containers
        .iter()
        .map(|container| list(container, "env").len())
        .sum();
    if count > 1000 {
        return Err(invalid(
            CONTAINERS,
            "exceeds the limit on EnvVars across all containers: 1000.",
        ));
    }
    containers
        .iter()
        .try_for_each(|container| check_variables(list(container, "env")))
}

fn check_variables(variables: &[Value]) -> Result<(), ApiError> {
    let path = format!("{CONTAINERS}.env");
    let reserved: Vec<&str> = variables
        .iter()
        .map(|variable| string(variable, "name"))
        .filter(|name| RESERVED.contains(name))
        .collect();
    if !reserved.is_empty() {
        let text = format!(
            "The following reserved env names were provided: {}.",
            reserved.join(", ")
        );
        return Err(invalid(&path, text));
    }
    for variable in variables {
        let name = string(variable, "name");
        if name.is_empty() || name.len() > 32_768 {
            return Err(invalid(
                &format!("{path}.name"),
                "must have between 1 and 32768 characters.",
            ));
        }
        if string(variable, "value").len() > 32_768 {
            return Err(invalid(
                &format!("{path}.value"),
                format!("'{name}': length cannot exceed 32768."),
            ));
        }
        // An empty source is rejected like a secret without a name; an unknown source (--keep-unknown-fields) is accepted.
        if let Some(source) = variable["valueSource"].as_object()
            && (source.is_empty() || source.contains_key("secretKeyRef"))
        {
            check_secret(&variable["valueSource"]["secretKeyRef"])?;
        }
    }
    Ok(())
}

fn check_secret(reference: &Value) -> Result<(), ApiError> {
    let path = format!("{CONTAINERS}.env.value_source.secret_key_ref");
    let secret = string(reference, "secret");
    if !is_secret(secret) {
        return Err(invalid(
            &format!("{path}.secret"),
            "may only be {secret} or projects/{project}/secrets/{secret}.",
        ));
    }
    if !is_secret_version(string(reference, "version")) {
        return Err(invalid(
            &format!("{path}.version"),
            "should have only alphanumeric characters, dashes or underscores.",
        ));
    }
    Ok(())
}

/// Set by the service in every task: <https://cloud.google.com/run/docs/container-contract#env-vars>.
const RESERVED: &[&str] = &[
    "PORT",
    "CLOUD_RUN_JOB",
    "CLOUD_RUN_EXECUTION",
    "CLOUD_RUN_TASK_INDEX",
    "CLOUD_RUN_TASK_ATTEMPT",
    "CLOUD_RUN_TASK_COUNT",
];
