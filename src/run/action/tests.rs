//! Rules of the action's own attributes, and its plan.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::from_json;

fn config(json: &str) -> Value {
    from_json(json.as_bytes()).unwrap()
}

/// The diagnostics of a plan by a provider with this configuration.
fn planned(provider: &str, json: &str) -> Vec<Diagnostic> {
    let (data, errors) = ProviderData::new(&config(provider), "", &|_| None, &Redactor::default());
    assert_eq!(errors, []);
    CloudRunJobRun.plan(Some(&data), &config(json))
}

/// Each message of the action's own attributes once; those of the job and of overrides are tested there.
#[test]
fn messages_have_rule_value_and_fix() {
    let mut reports = String::new();
    for json in [
        "{}",
        r#"{"job": "n", "timeout": "later"}"#,
        r#"{"job": "n", "timeout": "10000h"}"#,
        r#"{"job": "n", "timeout": "0s"}"#,
        r#"{"job": "n", "wait": false, "timeout": "1h", "cancel_on_stop": true}"#,
        r#"{"job": "n", "task_count": 0}"#,
    ] {
        reports.push_str(&format!("{json}\n"));
        for diagnostic in CloudRunJobRun.validate(&config(json)) {
            reports.push_str(&format!("{diagnostic}\n"));
        }
    }
    insta::assert_snapshot!(reports);
}

#[test]
fn valid_and_unknown_configurations_pass() {
    for json in [
        r#"{"job": "n"}"#,
        r#"{"job": "n", "wait": false, "cancel_on_stop": false}"#,
        r#"{"job": "n", "wait": true, "cancel_on_stop": true, "timeout": "1h"}"#,
    ] {
        assert_eq!(CloudRunJobRun.validate(&config(json)), [], "{json}");
    }
    let attributes = SCHEMA.attributes.iter();
    let unknown = attributes.map(|attribute| (attribute.name.into(), Value::Unknown));
    let unknown = Value::Map(unknown.collect());
    assert_eq!(CloudRunJobRun.validate(&unknown), []);
    let (data, _) = ProviderData::new(&config("{}"), "", &|_| None, &Redactor::default());
    assert_eq!(CloudRunJobRun.plan(Some(&data), &unknown), []);
    assert_eq!(CloudRunJobRun.plan(None, &unknown), []);
}

#[test]
fn plan_needs_the_job_and_warns_about_a_token() {
    let summaries = |provider, json| -> Vec<String> {
        let diagnostics = planned(provider, json).into_iter();
        diagnostics.map(|diagnostic| diagnostic.summary).collect()
    };
    assert_eq!(
        summaries("{}", r#"{"job": "n"}"#),
        ["Missing project", "Missing region"]
    );
    let provider = r#"{"project": "p", "region": "us-central1", "access_token": "t"}"#;
    for quiet in [
        r#"{"job": "n", "timeout": "1h"}"#,
        r#"{"job": "n", "timeout": "61m", "wait": false}"#,
    ] {
        assert_eq!(summaries(provider, quiet), [""; 0], "{quiet}");
    }
    assert_eq!(
        summaries(provider, r#"{"job": "n", "timeout": "61m"}"#),
        ["Access token may expire during the run"]
    );
}
