//! The overrides of a run: environment variables are merged, arguments replaced.
//!
//! See <https://cloud.google.com/run/docs/execute/jobs#override-job-configuration>.

use serde_json::{Map, Value, json};

use crate::error::ApiError;

/// Applies overrides to an execution template.
pub(super) fn apply(overrides: &Value, template: &mut Map<String, Value>) -> Result<(), ApiError> {
    if let Some(count) = overrides["taskCount"].as_i64() {
        if !(0..=10_000).contains(&count) {
            return Err(ApiError::invalid_argument(
                "overrides.task_count: must be a number between 0 and 10000.",
            ));
        }
        template.insert("taskCount".to_owned(), json!(count));
    }
    // Not `optional` in the API: `false` is the same as absent, so an override cannot undo the job's `true`.
    if overrides["delayExecution"] == true {
        template.insert("delayExecution".to_owned(), json!(true));
    }
    let Some(task) = template.get_mut("template") else {
        return Ok(());
    };
    if overrides["timeout"].is_string() {
        task["timeout"] = overrides["timeout"].clone();
    }
    let container_overrides = overrides["containerOverrides"].as_array();
    for overrides in container_overrides.into_iter().flatten() {
        override_container(overrides, task)?;
    }
    Ok(())
}

/// Overrides without a name apply to the first container.
fn override_container(overrides: &Value, task: &mut Value) -> Result<(), ApiError> {
    let name = overrides["name"].as_str().unwrap_or_default();
    let containers = task["containers"].as_array_mut();
    let container = containers
        .into_iter()
        .flatten()
        .find(|container| name.is_empty() || container["name"] == name)
        .ok_or_else(|| {
            ApiError::invalid_argument(format!(
                "overrides.container_overrides.name: the job has no container '{name}'."
            ))
        })?;
    if overrides["clearArgs"] == true
        && let Some(container) = container.as_object_mut()
    {
        container.remove("args");
    }
    if overrides["args"].is_array() {
        container["args"] = overrides["args"].clone();
    }
    if let Some(added) = overrides["env"].as_array() {
        let mut env = container["env"].as_array().cloned().unwrap_or_default();
        env.retain(|old| added.iter().all(|new| new["name"] != old["name"]));
        env.extend(added.iter().cloned());
        container["env"] = Value::Array(env);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

    use super::*;

    fn template() -> Map<String, Value> {
        let template = json!({ "taskCount": 1, "template": { "timeout": "600s", "containers": [
            { "name": "main", "args": ["a"], "env": [{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }] },
            { "name": "sidecar" },
        ] } });
        template.as_object().unwrap().clone()
    }

    #[test]
    fn arguments_replaced_and_environment_merged() {
        let mut template = template();
        let overrides = json!({ "taskCount": 3, "timeout": "60s", "delayExecution": true, "containerOverrides": [
            { "args": ["x", "y"], "env": [{ "name": "B", "value": "3" }, { "name": "C", "value": "4" }] },
            { "name": "sidecar", "args": ["z"] },
        ] });
        apply(&overrides, &mut template).unwrap();
        let expected = json!({ "taskCount": 3, "delayExecution": true, "template": { "timeout": "60s", "containers": [
            { "name": "main", "args": ["x", "y"], "env": [
                { "name": "A", "value": "1" }, { "name": "B", "value": "3" }, { "name": "C", "value": "4" },
            ] },
            { "name": "sidecar", "args": ["z"] },
        ] } });
        assert_eq!(Value::Object(template), expected);
    }

    #[test]
    fn clear_args_removes_arguments() {
        let mut template = template();
        apply(
            &json!({ "containerOverrides": [{ "clearArgs": true }] }),
            &mut template,
        )
        .unwrap();
        assert!(template["template"]["containers"][0].get("args").is_none());
    }

    #[test]
    fn invalid_overrides_are_rejected() {
        for (overrides, message) in [
            (
                json!({ "containerOverrides": [{ "name": "other" }] }),
                "no container 'other'",
            ),
            (json!({ "taskCount": 10_001 }), "task_count"),
        ] {
            let error = apply(&overrides, &mut template()).unwrap_err();
            assert!(error.message.contains(message), "{}", error.message);
        }
    }
}
