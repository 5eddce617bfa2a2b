//! What one execution has instead of the job's definition: `GoogleCloudRunV2Overrides`.

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

use crate::redaction::Secret;

/// What one execution has instead of the job's definition. Any override needs the permission `run.jobs.runWithOverrides`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOverrides {
    /// The name of the container that `args` and `env` are for; `None` for a job with one container.
    pub container: Option<String>,
    /// The arguments; `None` keeps the job's, an empty list removes them.
    pub args: Option<Vec<String>>,
    /// Environment variables that are added to the job's, or replace those of the same name.
    pub env: BTreeMap<String, Secret>,
    /// The number of tasks.
    pub task_count: Option<i32>,
    /// The timeout of one attempt at a task, in the notation of the API, such as `600s`.
    pub timeout: Option<String>,
    /// Whether the execution may start later, when there is less load.
    pub delay_execution: Option<bool>,
}

impl RunOverrides {
    /// Whether the execution is as the job defines it.
    pub fn is_empty(&self) -> bool {
        self.args.is_none()
            && self.env.is_empty()
            && self.task_count.is_none()
            && self.timeout.is_none()
            && self.delay_execution.is_none()
    }

    /// The `RunJobRequest`.
    pub(crate) fn body(&self) -> Json {
        if self.is_empty() {
            return json!({});
        }
        let mut overrides = json!({});
        if self.args.is_some() || !self.env.is_empty() {
            overrides["containerOverrides"] = json!([self.container_override()]);
        }
        if let Some(count) = self.task_count {
            overrides["taskCount"] = json!(count);
        }
        if let Some(timeout) = &self.timeout {
            overrides["timeout"] = json!(timeout);
        }
        if let Some(delay) = self.delay_execution {
            overrides["delayExecution"] = json!(delay);
        }
        json!({ "overrides": overrides })
    }

    fn container_override(&self) -> Json {
        let mut container = json!({});
        if let Some(name) = &self.container {
            container["name"] = json!(name);
        }
        match self.args.as_deref() {
            // An empty list is the default, which keeps the job's arguments.
            Some([]) => container["clearArgs"] = json!(true),
            Some(args) => container["args"] = json!(args),
            None => {}
        }
        if !self.env.is_empty() {
            let env = self.env.iter();
            container["env"] = env
                .map(|(name, value)| json!({ "name": name, "value": value.expose_secret() }))
                .collect();
        }
        container
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics unless the API has each member.
    fn check(body: &Json, schema: &str) {
        let surface = include_str!("../../../emulator/src/types/surface.json");
        let surface: Json = serde_json::from_str(surface).unwrap_or_default();
        for (name, value) in body.as_object().into_iter().flatten() {
            let property = &surface["schemas"][format!("GoogleCloudRunV2{schema}")]["properties"][name];
            assert!(property.is_object(), "{schema} has no {name}");
            let reference = property["$ref"].as_str().or(property["items"]["$ref"].as_str());
            let reference = reference.and_then(|reference| reference.strip_prefix("GoogleCloudRunV2"));
            let items = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            for (item, schema) in items
                .iter()
                .flat_map(|item| reference.map(|schema| (item, schema)))
            {
                check(item, schema);
            }
        }
    }

    #[test]
    fn body_has_what_is_overridden() {
        let overrides = RunOverrides::default;
        for (overrides, body) in [
            (overrides(), json!({})),
            (
                RunOverrides {
                    container: Some("main".to_owned()),
                    ..overrides()
                },
                json!({}),
            ),
            (
                RunOverrides {
                    args: Some(Vec::new()),
                    delay_execution: Some(false),
                    ..overrides()
                },
                json!({"overrides": {"containerOverrides": [{"clearArgs": true}], "delayExecution": false}}),
            ),
            (
                RunOverrides {
                    container: Some("main".to_owned()),
                    args: Some(vec!["a".to_owned()]),
                    env: BTreeMap::from([("K".to_owned(), Secret::new("v"))]),
                    task_count: Some(3),
                    timeout: Some("60s".to_owned()),
                    delay_execution: Some(true),
                },
                json!({"overrides": {
                    "containerOverrides": [{"name": "main", "args": ["a"], "env": [{"name": "K", "value": "v"}]}],
                    "taskCount": 3, "timeout": "60s", "delayExecution": true,
                }}),
            ),
        ] {
            assert_eq!(overrides.body(), body);
            check(&body, "RunJobRequest");
        }
    }
}
