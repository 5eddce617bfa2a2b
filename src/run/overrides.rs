//! What one execution has instead of the job's definition, as configured.

use crate::duration;
use crate::gpu::{DELAYED_EXECUTION, JOB_LIMITS};
use crate::job::model::StringMap;
use crate::job::validate::{
    check_arguments, check_count, check_task_timeout, check_variables, unconfirmed_delay,
};
use cloud_run::{RunOverrides, Secret};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::record;
use terraform_plugin::schema::{Attribute, Type};
use terraform_plugin::value::{Field, Number, Path, Value};

record! {
    /// What one execution has instead of the job's definition.
    Overrides {
        args: Vec<Field<String>> = "args",
        env: StringMap = "env",
        task_count: Number = "task_count",
        task_timeout: String = "task_timeout",
        delay_execution: bool = "delay_execution",
    }
}

/// The attributes, all optional: one that is null leaves the job's definition.
pub fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::new(
            "args",
            Type::strings(),
            "Arguments of the entrypoint in this execution. An empty list removes the arguments of the job. Default: \
             the arguments of the job.",
        ),
        Attribute::new(
            "env",
            Type::string_map(),
            "Environment variables in plain text, by name, which this execution has in addition to those of the job. \
             They override variables of the job with the same name. Use `secrets` of the job for sensitive values.",
        ),
        Attribute::new(
            "task_count",
            Type::Number,
            format!(
                "Number of tasks of this execution, {} to {}. Default: `task_count` of the job.",
                JOB_LIMITS.task_count.start(),
                JOB_LIMITS.task_count.end()
            ),
        ),
        Attribute::new(
            "task_timeout",
            Type::String,
            format!(
                "Maximum duration of one attempt of a task, at most {}, such as `7200s`, `2h` or `1h30m`. Default: \
                 `task_timeout` of the job.",
                duration::to_human(JOB_LIMITS.task_timeout)
            ),
        ),
        Attribute::new(
            "delay_execution",
            Type::Bool,
            format!(
                "Whether Cloud Run may start this execution up to {} later, when it has more capacity. Default: the \
                 setting of the job. A public preview: see [delayed jobs]({}).",
                duration::to_human(DELAYED_EXECUTION.max_delay),
                DELAYED_EXECUTION.source.url
            ),
        ),
    ]
}

/// Errors and warnings, by the rules of the job's own attributes.
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let overrides = read(config);
    let mut diagnostics = Vec::new();
    check_arguments(&overrides.args, &Path::attribute("args"), &mut diagnostics);
    check_variables(&overrides.env, &Path::attribute("env"), &mut diagnostics);
    let path = Path::attribute("task_count");
    let limits = &JOB_LIMITS.task_count;
    check_count(&overrides.task_count, limits, path, KEEP.into(), &mut diagnostics);
    let path = Path::attribute("task_timeout");
    check_task_timeout(&overrides.task_timeout, path, KEEP, &mut diagnostics);
    if overrides.delay_execution == Field::Known(true) {
        diagnostics.push(unconfirmed_delay(Path::attribute("delay_execution")));
    }
    diagnostics
}

/// The overrides of a valid and known configuration.
pub fn expand(config: &Value) -> RunOverrides {
    let overrides = read(config);
    let timeout = overrides.task_timeout.known();
    let args = overrides.args.into_known();
    let env = overrides.env.into_known().unwrap_or_default();
    RunOverrides {
        // The core selects the container.
        container: None,
        args: args.map(|args| args.into_iter().filter_map(Field::into_known).collect()),
        env: env
            .into_iter()
            .filter_map(|(name, value)| Some((name, Secret::new(value.into_known()?))))
            .collect(),
        task_count: overrides
            .task_count
            .as_i64()
            .and_then(|count| i32::try_from(count).ok()),
        timeout: timeout
            .and_then(|text| duration::parse(text).ok())
            .map(duration::to_api),
        delay_execution: overrides.delay_execution.into_known(),
    }
}

fn read(config: &Value) -> Overrides {
    Field::read(config).into_known().unwrap_or_default()
}

/// The way out of an invalid value.
const KEEP: &str = "Omit it to use the value of the job.";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::collections::BTreeMap;
    use terraform_plugin::value::from_json;

    fn config(json: &str) -> Value {
        from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn null_keeps_and_empty_args_clear() {
        let none = RunOverrides::default;
        for (json, overrides) in [
            ("{}", none()),
            (r#"{"args": null, "env": null, "task_count": null}"#, none()),
            (r#"{"env": {}}"#, none()),
            (
                r#"{"args": []}"#,
                RunOverrides {
                    args: Some(Vec::new()),
                    ..none()
                },
            ),
            (
                r#"{"args": ["a", ""], "env": {"A": "", "B": "b"}, "task_count": 3, "task_timeout": "1m30s", "delay_execution": false}"#,
                RunOverrides {
                    container: None,
                    args: Some(vec!["a".to_owned(), String::new()]),
                    env: BTreeMap::from([
                        ("A".to_owned(), Secret::new("")),
                        ("B".to_owned(), Secret::new("b")),
                    ]),
                    task_count: Some(3),
                    timeout: Some("90s".to_owned()),
                    delay_execution: Some(false),
                },
            ),
        ] {
            assert_eq!(expand(&config(json)), overrides, "{json}");
            assert_eq!(validate(&config(json)), [], "{json}");
        }
    }

    #[test]
    fn unknown_values_are_not_checked() {
        for attribute in attributes() {
            let mut config = config("{}");
            config.set(attribute.name, Value::Unknown);
            assert_eq!(validate(&config), [], "{}", attribute.name);
        }
        assert_eq!(validate(&Value::Unknown), []);
    }

    /// Each message once.
    #[test]
    fn errors_have_rule_value_and_fix() {
        let reports: Vec<String> = [
            r#"{"args": ["a", null]}"#,
            r#"{"env": {"A": null}}"#,
            r#"{"env": {"PORT": "secret value"}}"#,
            r#"{"env": {"A=B": "secret value"}}"#,
            r#"{"task_count": 0}"#,
            r#"{"delay_execution": true}"#,
            r#"{"task_count": 1.5}"#,
            r#"{"task_timeout": "0s"}"#,
            r#"{"task_timeout": "soon"}"#,
            r#"{"task_timeout": "100h"}"#,
        ]
        .into_iter()
        .map(|json| {
            let diagnostics = validate(&config(json));
            let texts: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
            format!("{json}\n{}\n", texts.join("\n"))
        })
        .collect();
        insta::assert_snapshot!(reports.join("\n"));
    }
}
