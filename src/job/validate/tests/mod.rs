//! Rules: values that pass, and the diagnostics of others.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod images;
mod network;
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

#[test]
fn errors_are_reported_at_their_attributes() {
    let reports = report(
        "…",
        r#"
            {"container": null}
            {"container": {"image": null}}
            {"secrets": [{"env_var": "A", "secret_name": null}]}
            {"facets": {"instance_name": null, "environment": "e"}}
            {"name": "Render"}
            {"name": "render-"}
            {"name": ""}
            {"name": null}
            {"facets": {"instance_name": "", "environment": "e"}}
            {"project": "p/q"}
            {"project": "p\u0000"}
            {"location": "us-east4"}
            {"launch_stage": "alpha"}
            {"service_account": "runner"}
            {"service_account": "alice@example..com"}
            {"gpu": {"enabled": false}}
            {"gpu": {"type": "nvidia-l4"}}
            {"container": {"image": "i", "args": [null]}}
            {"job": {"task_count": 0}}
            {"job": {"task_count": 101}}
            {"job": {"task_count": 1.5}}
            {"job": {"task_count": 1e40}}
            {"job": {"task_count": 5, "parallelism": 101}}
            {"job": {"parallelism": 0}}
            {"job": {"max_retries": 11}}
            {"job": {"max_retries": -1}}
            {"job": {"task_timeout": "169h"}}
            {"job": {"task_timeout": "0s"}}
            {"job": {"task_timeout": "1 hour"}}
            {"job": {"task_timeout": ""}}
            {"job": {"task_timeout": "3600"}}
            {"timeouts": {"create": "soon"}}
            {"timeouts": {"delete": "0s"}}
            {"resources": {"cpu": "8"}}
            {"resources": {"cpu": "20.5"}}
            {"resources": {"cpu": "-1"}}
            {"resources": {"cpu": ""}}
            {"resources": {"cpu": "99999999999999999999"}}
            {"resources": {"memory": "64Gi"}}
            {"resources": {"memory": "80GB"}}
            {"env": {"PORT": "1"}}
            {"env": {"CLOUD_RUN_JOB": "1"}}
            {"env": {"A=B": "1"}}
            {"env": {"A": null}}
            {"secrets": [{"env_var": "A", "secret_name": "a/b"}]}
            {"secrets": [{"env_var": "", "secret_name": "a"}]}
            {"secrets": [{"env_var": "A", "secret_name": "a", "version": "?!"}]}
            {"env": {"A": "1"}, "secrets": [{"env_var": "A", "secret_name": "a"}]}
            {"secrets": [{"env_var": "A", "secret_name": "a"}, {"env_var": "A", "secret_name": "b"}]}
            {"secrets": [null]}
            {"vpc_access": {"connector": ""}}
            {"vpc_access": {"connector": "projects/p/c"}}
            {"vpc_access": {"connector": "c", "egress": "ALL_TRAFFIC"}}
            {"labels": {"Team": "a"}}
            {"labels": {"team": "A.B"}}
            {"labels": {"9環境": "a"}}
            {"labels": {"_環境": "a"}}
            {"labels": {"Ñu": "a"}}
            {"annotations": {"run.googleapis.com/x": "a"}}
            {"resources": {"cpu": "8", "memory": "80GB"}, "job": {"task_count": 101}, "location": "us-east4"}
        "#,
    );
    insta::assert_snapshot!(reports);
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
            {"job": {"parallelism": 2}}
            {"vpc_access": {"egress": "all-traffic"}}
        "#,
    );
    insta::assert_snapshot!(reports);
}

/// The message shows the address in another form of the account.
#[test]
fn service_account_is_an_address() {
    let account = r#"{"service_account": "…"}"#;
    passes(
        account,
        "
            runner@p.iam.gserviceaccount.com
            123-compute@developer.gserviceaccount.com
            p.example.com@appspot.gserviceaccount.com
            ?
        ",
    );
    let reports = report(
        r#"{"service_account": …}"#,
        r#"
            "serviceAccount:runner@p.iam.gserviceaccount.com"
            "serviceaccount:runner@p.iam.gserviceaccount.com"
            "user:runner@p.iam.gserviceaccount.com"
            "group:runner@p.iam.gserviceaccount.com"
            "deleted:serviceAccount:runner@p.iam.gserviceaccount.com?uid=123456789"
            "projects/p/serviceAccounts/runner@p.iam.gserviceaccount.com"
            "projects/-/serviceAccounts/runner@p.iam.gserviceaccount.com"
            "principal://iam.googleapis.com/projects/-/serviceAccounts/runner@p.iam.gserviceaccount.com"
            " runner@p.iam.gserviceaccount.com"
            "runner@p.iam.gserviceaccount.com\n"
            "allUsers"
            "domain:example.com"
            "serviceAccount:runner"
            "a@b"
            "@p.iam.gserviceaccount.com"
            ""
        "#,
    );
    insta::assert_snapshot!(reports);
}

/// In variables and in the items of a volume.
#[test]
fn secret_version_is_latest_number_or_alias() {
    let alias = format!("a{}", "-".repeat(62));
    for (template, at) in [
        (
            r#"{"secrets": [{"env_var": "A", "secret_name": "a", "version": …}]}"#,
            "secrets[0]",
        ),
        (SECRET_FILE, "volumes[0]"),
    ] {
        let valid = format!(
            r#"
                "latest"
                "1"
                "10"
                "99999999999999999999"
                "prod"
                "Blue_2-x"
                "v0"
                "?"
                "{alias}"
            "#
        );
        passes(template, &valid);
        let invalid = format!(
            r#"
                "0"
                "00"
                "01"
                "-1"
                "+1"
                "1.0"
                "1a"
                "_a"
                "-a"
                ""
                " 1"
                "é"
                "versions/1"
                "{alias}x"
            "#
        );
        fails(
            &format!("error at {at}: Invalid secret version"),
            template,
            &invalid,
        );
    }
}

/// In variables and volumes, short and in a full name.
#[test]
fn secret_name_length_is_limited() {
    for (length, is_valid) in [(255, true), (256, false), (300, false)] {
        for prefix in ["", "projects/p/secrets/"] {
            let name = format!("{prefix}{}", "s".repeat(length));
            let changes = format!(
                r#"{{"secrets": [{{"env_var": "A", "secret_name": "{name}"}}],
                    "container": {{"image": "i", "volume_mounts": [{{"name": "k", "mount_path": "/k"}}]}},
                    "volumes": [{{"name": "k", "secret": {{"secret": "{name}"}}}}]}}"#
            );
            let errors = super::validate(&Job::read(&config(&changes)));
            let limit = format!("the name has {length} characters, and the limit is 255");
            assert_eq!(errors.len(), if is_valid { 0 } else { 2 }, "{errors:?}");
            assert!(
                errors
                    .iter()
                    .all(|error| error.summary == "Invalid secret name" && error.detail.contains(&limit)),
                "{errors:?}"
            );
        }
    }
}

/// A job with a secret of this version as a file.
const SECRET_FILE: &str = r#"{
    "container": {"image": "i", "volume_mounts": [{"name": "k", "mount_path": "/k"}]},
    "volumes": [{"name": "k", "secret": {"secret": "s", "items": [{"path": "a", "version": …}]}}]
}"#;
