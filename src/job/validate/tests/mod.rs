//! Rules: values that pass, and the diagnostics of others.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod images;
mod network;
mod secrets;
mod volumes;

use crate::job::model::Job;
use crate::job::schema::SCHEMA;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::{Value, from_json};

/// A valid configuration with these changes.
pub(crate) fn config(changes: &str) -> Value {
    let mut config = from_json(
        br#"{"name": "render", "project": "p", "location": "us-central1", "container": {"image": "gcr.io/p/i"}}"#,
    )
    .unwrap();
    let Value::Map(changes) = from_json(changes.as_bytes()).expect(changes) else {
        panic!("{changes} is not an object")
    };
    for (name, change) in changes {
        config.set(&name, change);
    }
    unknowns(&mut config);
    SCHEMA.coerce(config, ExtraAttributes::Error).unwrap()
}

/// Replaces `"?"` by unknown values.
pub(crate) fn unknowns(value: &mut Value) {
    match value {
        Value::String(text) if text == "?" => *value = Value::Unknown,
        Value::List(items) => items.iter_mut().for_each(unknowns),
        Value::Map(members) => members.values_mut().for_each(unknowns),
        _ => {}
    }
}

/// The diagnostics of a configuration with these changes.
fn diagnostics(changes: &str) -> String {
    let diagnostics = super::validate(&Job::read(&config(changes)));
    diagnostics
        .iter()
        .map(|diagnostic| format!("{diagnostic}\n"))
        .collect()
}

/// The lines of a text, each in the template in place of `…`.
fn cases<'a>(template: &'a str, lines: &'a str) -> impl Iterator<Item = (&'a str, String)> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| (line, template.replace('…', line)))
}

/// Asserts that there are no diagnostics.
fn passes(template: &str, lines: &str) {
    for (line, changes) in cases(template, lines) {
        assert_eq!(diagnostics(&changes), "", "{line}");
    }
}

/// Asserts the start of the first diagnostic.
fn fails(expected: &str, template: &str, lines: &str) {
    for (line, changes) in cases(template, lines) {
        let diagnostics = diagnostics(&changes);
        assert!(diagnostics.starts_with(expected), "{line}: {diagnostics}");
    }
}

/// The cases with their diagnostics, for a snapshot.
fn report(template: &str, lines: &str) -> String {
    let reports = cases(template, lines).map(|(line, changes)| format!("{line}\n{}", diagnostics(&changes)));
    reports.collect::<Vec<_>>().join("\n")
}

#[test]
fn valid_configurations_pass() {
    passes(
        "…",
        r#"
            {}
            {"resources": {"cpu": "24", "memory": "96Gi"}}
            {"resources": {"cpu": "20000m", "memory": "81920Mi"}}
            {"job": {"task_count": 10, "parallelism": 2, "max_retries": 0, "task_timeout": "30m"}}
            {"job": {"task_timeout": "12h"}}
            {"job": {"task_timeout": "12h"}, "launch_stage": "BETA"}
            {"job": {"task_timeout": "12h"}, "launch_stage": "?"}
            {"job": {"task_timeout": "1h"}, "launch_stage": "GA"}
            {"job": {"delay_execution": false}, "launch_stage": "GA"}
            {"job": {"delay_execution": "?"}, "launch_stage": "GA"}
            {"secrets": [{"env_var": "A", "secret_name": "a"}, {"env_var": "B", "secret_name": "projects/p/secrets/b", "version": "7"}]}
            {"vpc_access": {"connector": "c", "egress": "all-traffic"}}
            {"vpc_access": {"connector": "projects/p/locations/us-central1/connectors/c"}}
            {"vpc_access": {}}
            {"name": null, "facets": {"instance_name": "i", "environment": "e"}}
            {"labels": {"team": "größe", "empty": "", "環境": "本番", "ßa": "9-_"}, "annotations": {"example.com/a": "b"}}
            {"timeouts": {"create": "1h"}, "service_account": "a@p.iam.gserviceaccount.com"}
            {"name": "?", "project": "?", "location": "?", "container": {"image": "?", "args": ["?"]}, "gpu": "?"}
            {"resources": {"cpu": "?", "memory": "96Gi"}, "job": {"task_count": "?", "parallelism": 7}, "vpc_access": "?"}
            {"secrets": ["?", {"env_var": "?", "secret_name": "?"}], "env": {"A": "?"}, "labels": "?"}
        "#,
    );
}

/// Each message once.
#[test]
fn errors_have_rule_value_and_fix() {
    let reports = report(
        "…",
        r#"
            {"container": null}
            {"secrets": [null]}
            {"name": "Render_"}
            {"name": null}
            {"facets": {"instance_name": " ", "environment": "e"}}
            {"project": "p/q"}
            {"location": "us-east4"}
            {"launch_stage": "alpha"}
            {"gpu": {"enabled": false}}
            {"gpu": {"type": "nvidia-l4"}}
            {"job": {"task_count": 101}}
            {"job": {"task_timeout": "169h"}}
            {"job": {"task_timeout": ""}}
            {"job": {"task_timeout": "3600"}}
            {"job": {"task_timeout": "-1s"}}
            {"job": {"task_timeout": "99999999999999999999h"}}
            {"job": {"task_timeout": "1 day"}}
            {"timeouts": {"create": "soon"}}
            {"timeouts": {"delete": "25h"}}
            {"resources": {"cpu": "8"}}
            {"resources": {"cpu": "20.5"}}
            {"resources": {"cpu": ""}}
            {"resources": {"cpu": "99999999999999999999"}}
            {"resources": {"memory": "64Gi"}}
            {"resources": {"memory": "80GB"}}
            {"env": {"PORT": "1"}}
            {"secrets": [{"env_var": "X_GOOGLE_A", "secret_name": "a"}]}
            {"env": {"A=B": "1"}}
            {"secrets": [{"env_var": "", "secret_name": "a"}]}
            {"secrets": [{"env_var": "A", "secret_name": "a/b"}]}
            {"secrets": [{"env_var": "A", "secret_name": "projects/p/secrets/a/versions/1"}]}
            {"secrets": [{"env_var": "A", "secret_name": "a", "version": "01"}]}
            {"env": {"A": "1"}, "secrets": [{"env_var": "A", "secret_name": "a"}]}
            {"labels": {"Team": "a"}}
            {"labels": {"team": "A.B"}}
            {"annotations": {"": "a"}}
            {"annotations": {"run.googleapis.com/x": "a"}}
            {"annotations": {"terraform-provider-facets-gpu/creation-id": "a"}}
        "#,
    );
    insta::assert_snapshot!(reports);
}

#[test]
fn invalid_values_are_errors_at_their_attributes() {
    for (expected, template, values) in [
        (
            "container.image: Missing value",
            r#"{"container": {"image": …}}"#,
            "null",
        ),
        (
            "secrets[0].secret_name: Missing value",
            r#"{"secrets": [{"env_var": "A", "secret_name": …}]}"#,
            "null",
        ),
        (
            "facets.instance_name: Missing value",
            r#"{"facets": {"instance_name": …, "environment": "e"}}"#,
            "null",
        ),
        (
            "container.args[1]: Null element",
            r#"{"container": {"image": "i", "args": ["a", …]}}"#,
            "null",
        ),
        ("env.A: Null element", r#"{"env": {"A": …}}"#, "null"),
        ("labels.a: Null element", r#"{"labels": {"a": …}}"#, "null"),
        (
            "annotations.a: Null element",
            r#"{"annotations": {"a": …}}"#,
            "null",
        ),
        (
            "name: Invalid job name",
            r#"{"name": …}"#,
            r#"
                "Render"
                "render-"
                "9"
                ""
            "#,
        ),
        (
            "project: Invalid project",
            r#"{"project": …}"#,
            r#"
                ""
                "p\u0000"
            "#,
        ),
        (
            "job.task_count: Invalid number",
            r#"{"job": {"task_count": …}}"#,
            "
                0
                101
                1.5
                1e40
            ",
        ),
        (
            "job.parallelism: Invalid number",
            r#"{"job": {"task_count": 5, "parallelism": …}}"#,
            "
                0
                101
            ",
        ),
        (
            "job.max_retries: Invalid number",
            r#"{"job": {"max_retries": …}}"#,
            "
                -1
                11
            ",
        ),
        (
            "job.task_timeout: Timeout out of range",
            r#"{"job": {"task_timeout": …}}"#,
            r#""0s""#,
        ),
        (
            "timeouts.delete: Timeout out of range",
            r#"{"timeouts": {"delete": …}}"#,
            r#""0s""#,
        ),
        (
            "resources.cpu: Malformed CPU quantity",
            r#"{"resources": {"cpu": …}}"#,
            r#""-1""#,
        ),
        (
            "env.CLOUD_RUN_JOB: Reserved environment variable",
            r#"{"env": {"CLOUD_RUN_JOB": …}}"#,
            r#""1""#,
        ),
        (
            "secrets[1].env_var: Duplicate environment variable",
            r#"{"secrets": [{"env_var": "A", "secret_name": "a"}, {"env_var": …, "secret_name": "b"}]}"#,
            r#""A""#,
        ),
    ] {
        fails(&format!("error at {expected}\n"), template, values);
    }
    for key in ["9環境", "_環境", "Ñu"] {
        fails(
            &format!("error at labels[\"{key}\"]: Invalid label\n"),
            "{\"labels\": {\"…\": \"a\"}}",
            key,
        );
    }
}

#[test]
fn all_errors_are_reported() {
    let changes = r#"{"resources": {"cpu": "8", "memory": "80GB"}, "job": {"task_count": 101}, "location": "us-east4"}"#;
    let errors = super::validate(&Job::read(&config(changes)));
    let paths: Vec<_> = errors.iter().map(|error| error.path.to_string()).collect();
    assert_eq!(
        paths,
        ["location", "resources.cpu", "resources.memory", "job.task_count"]
    );
}

#[test]
fn sizes_are_limited() {
    let map = |length: usize| {
        let elements: Vec<_> = (0..length).map(|index| format!(r#""a{index}": "1""#)).collect();
        format!("{{{}}}", elements.join(", "))
    };
    let list = |length: usize| vec![r#""a""#; length].join(", ");
    let config = |labels: usize, env: usize, args: usize, value: usize| {
        format!(
            r#"{{"labels": {}, "env": {}, "container": {{"image": "i", "args": [{}]}},
                "secrets": [{{"env_var": "S", "secret_name": "s"}}]}}"#,
            map(labels),
            map(env).replacen(r#""1""#, &format!("{:?}", "v".repeat(value)), 1),
            list(args),
        )
    };
    assert_eq!(diagnostics(&config(64, 999, 1000, 32_768)), "");
    insta::assert_snapshot!(diagnostics(&config(65, 1000, 1001, 32_769)));
}

#[test]
fn reported_limits_are_warnings() {
    let reports = report(
        "…",
        r#"
            {"resources": {"cpu": "32"}}
            {"resources": {"memory": "96Gi"}}
            {"resources": {"cpu": "24", "memory": "128Gi"}}
            {"job": {"task_timeout": "168h"}}
            {"job": {"task_timeout": "12h1s"}, "launch_stage": "BETA"}
            {"job": {"task_timeout": "12h"}, "launch_stage": "GA"}
            {"job": {"task_timeout": "12h1s"}, "launch_stage": "GA"}
            {"job": {"delay_execution": true}}
            {"job": {"delay_execution": true}, "launch_stage": "GA"}
            {"job": {"delay_execution": true, "task_timeout": "13h"}, "launch_stage": "BETA"}
            {"job": {"parallelism": 2}}
            {"vpc_access": {"egress": "all-traffic"}}
        "#,
    );
    insta::assert_snapshot!(reports);
}

#[test]
fn service_account_is_an_address() {
    let account = r#"{"service_account": …}"#;
    passes(
        account,
        r#"
            "runner@p.iam.gserviceaccount.com"
            "123-compute@developer.gserviceaccount.com"
            "p.example.com@appspot.gserviceaccount.com"
            "?"
        "#,
    );
    fails(
        "error at service_account: Invalid service account\n",
        account,
        r#"
            "runner"
            "alice@example..com"
            "domain:example.com"
            "serviceAccount:runner"
            "a@b"
            "@p.iam.gserviceaccount.com"
            ""
        "#,
    );
    // The message shows the address in another form of the account.
    for (_, changes) in cases(
        account,
        r#"
            "serviceaccount:runner@p.iam.gserviceaccount.com"
            "user:runner@p.iam.gserviceaccount.com"
            "group:runner@p.iam.gserviceaccount.com"
            "deleted:serviceAccount:runner@p.iam.gserviceaccount.com?uid=123456789"
            "projects/p/serviceAccounts/runner@p.iam.gserviceaccount.com"
            "projects/-/serviceAccounts/runner@p.iam.gserviceaccount.com"
            "principal://iam.googleapis.com/projects/-/serviceAccounts/runner@p.iam.gserviceaccount.com"
            " runner@p.iam.gserviceaccount.com"
            "runner@p.iam.gserviceaccount.com\n"
        "#,
    ) {
        let error = diagnostics(&changes);
        assert!(
            error.ends_with("Use \"runner@p.iam.gserviceaccount.com\".\n"),
            "{error}"
        );
    }
    insta::assert_snapshot!(report(
        account,
        r#"
            "serviceAccount:runner@p.iam.gserviceaccount.com"
            "allUsers"
        "#,
    ));
}
