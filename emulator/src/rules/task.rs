//! Rules for the task's template.

use serde_json::Value;

use super::{container, environment, has_form, is_dns_label, list, network, refuse, text, volume};
use crate::error::Problem;

pub(super) fn check(task: &Value) -> Result<(), Problem> {
    if task["maxRetries"]
        .as_i64()
        .is_some_and(|retries| !(0..=10).contains(&retries))
    {
        return Err(refuse(
            "template.template.max_retries",
            "must be a number between 0 and 10.",
        ));
    }
    check_containers(list(task, "containers"))?;
    environment::check(list(task, "containers"))?;
    volume::check(task)?;
    check_environment_generation(task)?;
    let account = text(task, "serviceAccount");
    if !account.is_empty() && !is_account(account) {
        return Err(refuse(
            "template.template.service_account",
            format!("Unsupported service account '{account}'. An e-mail address is expected."),
        ));
    }
    let key = text(task, "encryptionKey");
    if !key.is_empty() && !has_form(key, KEY_FORM) {
        return Err(refuse(
            "template.template.encryption_key",
            format!("must conform to {KEY_FORM}."),
        ));
    }
    network::check(&task["vpcAccess"])
}

fn check_containers(containers: &[Value]) -> Result<(), Problem> {
    if containers.is_empty() {
        return Err(refuse(CONTAINERS, "must contain at least one container."));
    }
    if containers.len() > 10 {
        return Err(refuse(CONTAINERS, "at most 10 containers are allowed."));
    }
    let mut names: Vec<&str> = Vec::new();
    for container in containers {
        let name = text(container, "name");
        if !name.is_empty() && !is_dns_label(name) {
            return Err(refuse(
                &format!("{CONTAINERS}.name"),
                format!("'{name}' must conform to RFC 1123."),
            ));
        }
        if !name.is_empty() && names.contains(&name) {
            return Err(refuse(
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
        return Err(refuse(
            CONTAINERS,
            "exceeds the limit on args across all containers: 1000.",
        ));
    }
    Ok(())
}

/// A GPU needs the second generation, and jobs have no other.
fn check_environment_generation(task: &Value) -> Result<(), Problem> {
    if text(task, "executionEnvironment") != "EXECUTION_ENVIRONMENT_GEN1" {
        return Ok(());
    }
    if task["nodeSelector"].is_object() {
        return Err(refuse(
            "template.template.execution_environment",
            "Execution environment must be set to gen2 in order to set GPU.",
        ));
    }
    Err(refuse(
        "template.annotations",
        "Annotation 'run.googleapis.com/execution-environment' with value 'gen1' is not supported on resources of \
         kind Execution.",
    ))
}

fn is_account(account: &str) -> bool {
    account.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && !name.contains(':')
            && domain.contains('.')
            && !domain.contains('@')
            && !account.contains(char::is_whitespace)
    })
}

pub(super) const CONTAINERS: &str = "template.template.containers";
const KEY_FORM: &str = "projects/*/locations/*/keyRings/*/cryptoKeys/*";
