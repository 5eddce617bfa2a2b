//! Errors of the data source, and what it reads of a response.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::from_json;

const JOB: &str = "projects/p/locations/us-central1/jobs/train";

fn config(name: &str) -> Value {
    let config = format!(r#"{{"job": "{JOB}", "name": {name}}}"#);
    SCHEMA
        .coerce(from_json(config.as_bytes()).unwrap(), ExtraAttributes::Error)
        .unwrap()
}

/// Each message once.
#[test]
fn name_is_that_of_an_execution_of_the_job() {
    let validate = |name: &str| CloudRunJobExecutionData.validate(&config(name));
    for name in [
        "null".to_owned(),
        r#""train-x7k2p""#.to_owned(),
        format!(r#""{JOB}/executions/train-x7k2p""#),
        r#""projects/123/locations/us-central1/jobs/train/executions/train-x7k2p""#.to_owned(),
    ] {
        assert_eq!(validate(&name), [], "{name}");
    }
    let mut texts = Vec::new();
    for name in [
        r#""""#,
        r#""a b""#,
        r#""train/train-x7k2p""#,
        r#""projects/p/locations/us-central1/jobs/other/executions/other-x7k2p""#,
    ] {
        let diagnostics = validate(name);
        assert_eq!(diagnostics.len(), 1, "{name}");
        texts.push(diagnostics[0].to_string());
    }
    texts.push(unknown("name").to_string());
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn missing_execution_is_all_null() {
    let execution = r#"{"name": "e", "taskCount": 3, "failedCount": 1, "logUri": "", "createTime": "t",
        "conditions": [{"type": "Completed", "state": "CONDITION_FAILED", "executionReason": "NON_ZERO_EXIT_CODE"}]}"#;
    let execution = serde_json::from_str(execution).unwrap();
    let name = ExecutionName::parse(&format!("{JOB}/executions/train-x7k2p")).unwrap();
    let found = value(&config("null"), Some((name.clone(), execution)));
    for (attribute, expected) in [
        ("job", Value::from(JOB)),
        ("id", Value::from(name.to_string())),
        ("name", Value::from("train-x7k2p")),
        ("state", Value::from("FAILED")),
        ("reason", Value::from("NON_ZERO_EXIT_CODE")),
        ("task_count", Value::from(3)),
        ("failed_count", Value::from(1)),
        ("running_count", Value::from(0)),
        ("create_time", Value::from("t")),
        ("log_uri", Value::Null),
    ] {
        assert_eq!(found.get(attribute), &expected, "{attribute}");
    }
    assert_eq!(SCHEMA.coerce(found.clone(), ExtraAttributes::Error), Ok(found));
    assert_eq!(value(&config("null"), None), config("null"));
}
