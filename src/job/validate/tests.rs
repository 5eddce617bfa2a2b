//! Each rule with what it refuses, what it says and where.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod images;
mod network;
mod volumes;

use crate::job::model::Job;
use crate::job::schema::SCHEMA;
use crate::schema::Extra;
use crate::value::{Value, from_json};
use std::fmt::Write as _;

/// The configuration of a job that nothing is wrong with, with some attributes changed.
pub(crate) fn config(changes: &str) -> Value {
    let mut config = from_json(
        br#"{"name": "render", "project": "p", "location": "us-central1", "container": {"image": "gcr.io/p/i"}}"#,
    )
    .unwrap();
    let Value::Map(changes) = from_json(changes.as_bytes()).expect(changes) else {
        panic!("{changes} is no object")
    };
    for (name, change) in changes {
        config.set(&name, change);
    }
    unknowns(&mut config);
    SCHEMA.conform(config, Extra::Refuse).unwrap()
}

/// `"?"` stands for a value that is not known yet.
fn unknowns(value: &mut Value) {
    match value {
        Value::String(text) if text == "?" => *value = Value::Unknown,
        Value::List(items) => items.iter_mut().for_each(unknowns),
        Value::Map(members) => members.values_mut().for_each(unknowns),
        _ => {}
    }
}

fn check(changes: &str, expected: &str) {
    let mut told = String::new();
    for diagnostic in super::validate(&Job::read(&config(changes))) {
        writeln!(told, "{diagnostic}").unwrap();
    }
    let start = told.lines().next().unwrap_or_default();
    if expected.is_empty() {
        assert_eq!(told, "", "{changes}");
    } else {
        assert!(
            start.starts_with(expected),
            "{changes}\n  expected: {expected}\n  told: {told}"
        );
    }
}

#[test]
fn a_good_configuration_is_told_nothing() {
    check("{}", "");
    check(r#"{"resources": {"cpu": "24", "memory": "96Gi"}}"#, "");
    check(r#"{"resources": {"cpu": "20000m", "memory": "81920Mi"}}"#, "");
    check(
        r#"{"job": {"task_count": 10, "parallelism": 2, "max_retries": 0, "task_timeout": "30m"}}"#,
        "",
    );
    check(
        r#"{"secrets": [{"env_var": "A", "secret_name": "a"}, {"env_var": "B", "secret_name": "projects/p/secrets/b", "version": "7"}]}"#,
        "",
    );
    check(
        r#"{"vpc_access": {"connector": "c", "egress": "all-traffic"}}"#,
        "",
    );
    check(
        r#"{"vpc_access": {"connector": "projects/p/locations/us-central1/connectors/c"}}"#,
        "",
    );
    check(r#"{"vpc_access": {}}"#, "");
    check(
        r#"{"name": null, "facets": {"instance_name": "i", "environment": "e"}}"#,
        "",
    );
    check(
        r#"{"labels": {"team": "größe", "empty": "", "環境": "本番", "ßa": "9-_"}, "annotations": {"example.com/a": "b"}}"#,
        "",
    );
    check(
        r#"{"timeouts": {"create": "1h"}, "service_account": "a@p.iam.gserviceaccount.com"}"#,
        "",
    );
}

#[test]
fn every_mistake_is_told_at_its_attribute() {
    for (changes, expected) in [
        (r#"{"container": null}"#, "error at container: Missing value"),
        (
            r#"{"container": {"image": null}}"#,
            "error at container.image: Missing value",
        ),
        (
            r#"{"secrets": [{"env_var": "A", "secret_name": null}]}"#,
            "error at secrets[0].secret_name: Missing value",
        ),
        (
            r#"{"facets": {"instance_name": null, "environment": "e"}}"#,
            "error at facets.instance_name: Missing value",
        ),
        (r#"{"name": "Render"}"#, "error at name: Invalid job name"),
        (r#"{"name": "render-"}"#, "error at name: Invalid job name"),
        (r#"{"name": ""}"#, "error at name: Invalid job name"),
        (r#"{"name": null}"#, "error at name: Job without a name"),
        (
            r#"{"facets": {"instance_name": "", "environment": "e"}}"#,
            "error at facets.instance_name: Empty name",
        ),
        (r#"{"project": "p/q"}"#, "error at project: Invalid project"),
        (r#"{"project": "p\u0000"}"#, "error at project: Invalid project"),
        (
            r#"{"location": "us-east4"}"#,
            "error at location: Region without this GPU",
        ),
        (
            r#"{"launch_stage": "alpha"}"#,
            "error at launch_stage: Unknown launch stage",
        ),
        (
            r#"{"service_account": "runner"}"#,
            "error at service_account: Invalid service account",
        ),
        (
            r#"{"service_account": "alice@example..com"}"#,
            "error at service_account: Invalid service account",
        ),
        (
            r#"{"gpu": {"enabled": false}}"#,
            "error at gpu.enabled: Job without a GPU",
        ),
        (
            r#"{"gpu": {"type": "nvidia-l4"}}"#,
            "error at gpu.type: Unsupported GPU type",
        ),
        (
            r#"{"container": {"image": "i", "args": [null]}}"#,
            "error at container.args: Element without a value",
        ),
        (
            r#"{"job": {"task_count": 0}}"#,
            "error at job.task_count: Number out of range",
        ),
        (
            r#"{"job": {"task_count": 101}}"#,
            "error at job.task_count: Number out of range",
        ),
        (
            r#"{"job": {"task_count": 1.5}}"#,
            "error at job.task_count: Not a whole number",
        ),
        (
            r#"{"job": {"task_count": 1e40}}"#,
            "error at job.task_count: Not a whole number",
        ),
        (
            r#"{"job": {"task_count": 5, "parallelism": 101}}"#,
            "error at job.parallelism: Number out of range",
        ),
        (
            r#"{"job": {"parallelism": 0}}"#,
            "error at job.parallelism: Number out of range",
        ),
        (
            r#"{"job": {"max_retries": 11}}"#,
            "error at job.max_retries: Number out of range",
        ),
        (
            r#"{"job": {"max_retries": -1}}"#,
            "error at job.max_retries: Number out of range",
        ),
        (
            r#"{"job": {"task_timeout": "169h"}}"#,
            "error at job.task_timeout: Task timeout out of range",
        ),
        (
            r#"{"job": {"task_timeout": "0s"}}"#,
            "error at job.task_timeout: Task timeout out of range",
        ),
        (
            r#"{"job": {"task_timeout": "1 hour"}}"#,
            "error at job.task_timeout: Malformed duration",
        ),
        (
            r#"{"job": {"task_timeout": ""}}"#,
            "error at job.task_timeout: Malformed duration",
        ),
        (
            r#"{"job": {"task_timeout": "3600"}}"#,
            "error at job.task_timeout: Malformed duration",
        ),
        (
            r#"{"timeouts": {"create": "soon"}}"#,
            "error at timeouts.create: Malformed duration",
        ),
        (
            r#"{"timeouts": {"delete": "0s"}}"#,
            "error at timeouts.delete: Timeout out of range",
        ),
        (
            r#"{"resources": {"cpu": "8"}}"#,
            "error at resources.cpu: Unsupported number of vCPUs",
        ),
        (
            r#"{"resources": {"cpu": "20.5"}}"#,
            "error at resources.cpu: Malformed CPU quantity",
        ),
        (
            r#"{"resources": {"cpu": "-1"}}"#,
            "error at resources.cpu: Malformed CPU quantity",
        ),
        (
            r#"{"resources": {"cpu": ""}}"#,
            "error at resources.cpu: Malformed CPU quantity",
        ),
        (
            r#"{"resources": {"cpu": "99999999999999999999"}}"#,
            "error at resources.cpu: Malformed CPU quantity",
        ),
        (
            r#"{"resources": {"memory": "64Gi"}}"#,
            "error at resources.memory: Unsupported amount of memory",
        ),
        (
            r#"{"resources": {"memory": "80GB"}}"#,
            "error at resources.memory: Malformed memory quantity",
        ),
        (
            r#"{"env": {"PORT": "1"}}"#,
            "error at env.PORT: Reserved environment variable",
        ),
        (
            r#"{"env": {"CLOUD_RUN_JOB": "1"}}"#,
            "error at env.CLOUD_RUN_JOB: Reserved environment variable",
        ),
        (
            r#"{"env": {"A=B": "1"}}"#,
            "error at env[\"A=B\"]: Invalid environment variable",
        ),
        (
            r#"{"env": {"A": null}}"#,
            "error at env.A: Element without a value",
        ),
        (
            r#"{"secrets": [{"env_var": "A", "secret_name": "a/b"}]}"#,
            "error at secrets[0]: Invalid secret name",
        ),
        (
            r#"{"secrets": [{"env_var": "", "secret_name": "a"}]}"#,
            "error at secrets[0]: Invalid environment variable",
        ),
        (
            r#"{"secrets": [{"env_var": "A", "secret_name": "a", "version": "?!"}]}"#,
            "error at secrets[0]: Invalid secret version",
        ),
        (
            r#"{"env": {"A": "1"}, "secrets": [{"env_var": "A", "secret_name": "a"}]}"#,
            "error at secrets[0]: Environment variable set twice",
        ),
        (
            r#"{"secrets": [{"env_var": "A", "secret_name": "a"}, {"env_var": "A", "secret_name": "b"}]}"#,
            "error at secrets[1]: Environment variable set twice",
        ),
        (
            r#"{"secrets": [null]}"#,
            "error at secrets[0]: Element without a value",
        ),
        (
            r#"{"vpc_access": {"connector": ""}}"#,
            "error at vpc_access.connector: Invalid VPC connector",
        ),
        (
            r#"{"vpc_access": {"connector": "projects/p/c"}}"#,
            "error at vpc_access.connector: Invalid VPC connector",
        ),
        (
            r#"{"vpc_access": {"connector": "c", "egress": "ALL_TRAFFIC"}}"#,
            "error at vpc_access.egress: Unknown VPC egress",
        ),
        (
            r#"{"labels": {"Team": "a"}}"#,
            "error at labels.Team: Invalid label",
        ),
        (
            r#"{"labels": {"team": "A.B"}}"#,
            "error at labels.team: Invalid label",
        ),
        (
            r#"{"labels": {"9環境": "a"}}"#,
            "error at labels[\"9環境\"]: Invalid label",
        ),
        (
            r#"{"labels": {"_環境": "a"}}"#,
            "error at labels[\"_環境\"]: Invalid label",
        ),
        (
            r#"{"labels": {"Ñu": "a"}}"#,
            "error at labels[\"Ñu\"]: Invalid label",
        ),
        (
            r#"{"annotations": {"run.googleapis.com/x": "a"}}"#,
            "error at annotations[\"run.googleapis.com/x\"]: Invalid annotation",
        ),
    ] {
        check(changes, expected);
    }
}

#[test]
fn what_google_may_refuse_is_a_warning() {
    for (changes, expected) in [
        (
            r#"{"resources": {"cpu": "32"}}"#,
            "warning at resources.cpu: Google may refuse",
        ),
        (
            r#"{"resources": {"memory": "96Gi"}}"#,
            "warning at resources.memory: Google may refuse",
        ),
        (
            r#"{"resources": {"cpu": "24", "memory": "128Gi"}}"#,
            "warning at resources.memory: Google may refuse",
        ),
        (
            r#"{"job": {"task_timeout": "168h"}}"#,
            "warning at job.task_timeout: Google may refuse",
        ),
        (
            r#"{"job": {"parallelism": 2}}"#,
            "warning at job.parallelism: More parallelism than tasks",
        ),
        (
            r#"{"vpc_access": {"egress": "all-traffic"}}"#,
            "warning at vpc_access.egress: VPC egress without",
        ),
    ] {
        check(changes, expected);
    }
}

/// The address is shown wherever it is in another form of the account.
#[test]
fn a_service_account_is_given_by_its_address() {
    let address = "runner@p.iam.gserviceaccount.com";
    for account in [
        address,
        "123-compute@developer.gserviceaccount.com",
        "p.example.com@appspot.gserviceaccount.com",
        "?",
    ] {
        check(&format!(r#"{{"service_account": "{account}"}}"#), "");
    }
    for (before, after) in [
        ("serviceAccount:", ""),
        ("serviceaccount:", ""),
        ("user:", ""),
        ("group:", ""),
        ("deleted:serviceAccount:", "?uid=123456789"),
        ("projects/p/serviceAccounts/", ""),
        ("projects/-/serviceAccounts/", ""),
        ("principal://iam.googleapis.com/projects/-/serviceAccounts/", ""),
        (" ", ""),
        ("", "\\n"),
    ] {
        let account = format!("{before}{address}{after}");
        let config = config(&format!(r#"{{"service_account": "{account}"}}"#));
        let told: Vec<_> = super::validate(&Job::read(&config))
            .iter()
            .map(ToString::to_string)
            .collect();
        let told = told.join("\n");
        assert!(
            told.starts_with("error at service_account: Invalid service account"),
            "{account}: {told}"
        );
        assert!(
            told.contains(&format!("Set service_account = \"{address}\".")),
            "{account}: {told}"
        );
    }
    for account in [
        "allUsers",
        "domain:example.com",
        "serviceAccount:runner",
        "a@b",
        "@p.iam.gserviceaccount.com",
        "",
    ] {
        let changes = format!(r#"{{"service_account": "{account}"}}"#);
        check(&changes, "error at service_account: Invalid service account");
    }
}

/// The same in variables and in the items of a volume.
#[test]
fn a_secret_version_is_latest_a_number_or_an_alias() {
    let everywhere = |version: &str| {
        [
            format!(r#"{{"secrets": [{{"env_var": "A", "secret_name": "a", "version": "{version}"}}]}}"#),
            format!(
                r#"{{"container": {{"image": "i", "volume_mounts": [{{"name": "k", "mount_path": "/k"}}]}}, "volumes": [
                    {{"name": "k", "secret": {{"secret": "s", "items": [{{"path": "a", "version": "{version}"}}]}}}}]}}"#
            ),
        ]
    };
    let alias = format!("a{}", "-".repeat(62));
    for version in [
        "latest",
        "1",
        "10",
        "99999999999999999999",
        "prod",
        "Blue_2-x",
        "v0",
        "?",
        alias.as_str(),
    ] {
        for changes in everywhere(version) {
            check(&changes, "");
        }
    }
    let too_long = format!("{alias}x");
    for version in [
        "0",
        "00",
        "01",
        "-1",
        "+1",
        "1.0",
        "1a",
        "_a",
        "-a",
        "",
        " 1",
        "é",
        "versions/1",
        too_long.as_str(),
    ] {
        let [variable, item] = everywhere(version);
        check(&variable, "error at secrets[0]: Invalid secret version");
        check(&item, "error at volumes[0]: Invalid secret version");
    }
}

/// The same in variables and volumes, by itself and in a full name.
#[test]
fn the_name_of_a_secret_has_a_limit_that_is_named() {
    for (length, is_sound) in [(255, true), (256, false), (300, false)] {
        for prefix in ["", "projects/p/secrets/"] {
            let name = format!("{prefix}{}", "s".repeat(length));
            let changes = format!(
                r#"{{"secrets": [{{"env_var": "A", "secret_name": "{name}"}}],
                    "container": {{"image": "i", "volume_mounts": [{{"name": "k", "mount_path": "/k"}}]}},
                    "volumes": [{{"name": "k", "secret": {{"secret": "{name}"}}}}]}}"#
            );
            let told: Vec<_> = super::validate(&Job::read(&config(&changes)))
                .iter()
                .map(ToString::to_string)
                .collect();
            let limit = format!("the name has {length} characters, and the limit is 255");
            assert_eq!(told.len(), if is_sound { 0 } else { 2 }, "{told:?}");
            assert!(
                told.iter()
                    .all(|told| told.contains("Invalid secret name") && told.contains(&limit)),
                "{told:?}"
            );
        }
    }
}

#[test]
fn an_unknown_value_postpones_its_rules() {
    let changes = r#"{"name": "?", "project": "?", "location": "?", "container": {"image": "?", "args": ["?"]},
        "gpu": "?", "resources": {"cpu": "?", "memory": "96Gi"}, "job": {"task_count": "?", "parallelism": 7},
        "secrets": ["?", {"env_var": "?", "secret_name": "?"}], "env": {"A": "?"}, "vpc_access": "?", "labels": "?"}"#;
    check(changes, "");
}

#[test]
fn the_words_say_rule_finding_and_way_out() {
    let told: Vec<String> = super::validate(&Job::read(&config(
        r#"{"resources": {"cpu": "8", "memory": "80GB"}, "job": {"task_count": 101, "task_timeout": "168h"}, "location": "us-east4"}"#,
    )))
    .iter()
    .map(ToString::to_string)
    .collect();
    insta::assert_snapshot!(told.join("\n"));
}
