//! Rules for the task template.

use serde_json::Value;

use super::definition::{CONTAINERS, invalid, list, string};
use super::format::{is_dns_label, matches_pattern};
use super::{container, environment, network, volume};
use crate::error::ApiError;

pub(super) fn check(task: &Value) -> Result<(), ApiError> {
    if task["maxRetries"]
        .as_i64()
        .is_some_and(|retries| !(0..=10).contains(&retries))
    {
        return Err(invalid(
            "template.template.max_retries",
            "must be a number between 0 and 10.",
        ));
    }
    check_containers(list(task, "containers"))?;
    environment::check(list(task, "containers"))?;
    volume::check(task)?;
    check_execution_environment(task)?;
    let account = string(task, "serviceAccount");
    if !account.is_empty() && !is_service_account(account) {
        return Err(invalid(
            "template.template.service_account",
            format!("Unsupported service account '{account}'. An e-mail address is expected."),
        ));
    }
    let key = string(task, "encryptionKey");
    if !key.is_empty() && !matches_pattern(key, KEY_PATTERN) {
        return Err(invalid(
            "template.template.encryption_key",
            format!("must conform to {KEY_PATTERN}."),
        ));
    }
    network::check(&task["vpcAccess"])
}

fn check_containers(containers: &[Value]) -> Result<(), ApiError> {
    if containers.is_empty() {
        return Err(invalid(CONTAINERS, "must contain at least one container."));
    }
    if containers.len() > 10 {
        return Err(invalid(CONTAINERS, "at most 10 containers are allowed."));
    }
    let mut names: Vec<&str> = Vec::new();
    for container in containers {
        let name = string(container, "name");
        if !name.is_empty() && !is_dns_label(name) {
            return Err(invalid(
                &format!("{CONTAINERS}.name"),
                format!("'{name}' must conform to RFC 1123."),
            ));
        }
        if !name.is_empty() && names.contains(&name) {
            return Err(invalid(
                CONTAINERS,
                format!("duplicate container names are not allowed: {name}."),
            ));
        }
        names.push(name);
        container::check(container)?;
    }
    let args: usize = containers
        .iter()
        .map(|container| list(container, "args").len())
        .sum();
    if args > 1000 {
        return Err(invalid(
            CONTAINERS,
            "exceeds the limit on args across all containers: 1000.",
        ));
    }
    Ok(())
}

/// GPUs require the second generation, and so do all jobs; the messages differ.
fn check_execution_environment(task: &Value) -> Result<(), ApiError> {
    if string(task, "executionEnvironment") != "EXECUTION_ENVIRONMENT_GEN1" {
        return Ok(());
    }
    if task["nodeSelector"].is_object() {
        return Err(invalid(
            "template.template.execution_environment",
            "Execution environment must be set to gen2 in order to set GPU.",
        ));
    }
    Err(invalid(
        "template.annotations",
        "Annotation 'run.googleapis.com/execution-environment' with value 'gen1' is not supported on resources of \
         kind Execution.",
    ))
}

fn is_service_account(account: &str) -> bool {
    account.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && !name.contains(':')
            && domain.contains('.')
            && !domain.contains('@')
            && !account.contains(char::is_whitespace)
    })
}

const KEY_PATTERN: &str = "projects/*/locations/*/keyRings/*/cryptoKeys/*";
