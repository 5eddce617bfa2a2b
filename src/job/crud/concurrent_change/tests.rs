//! Which concurrent changes an update refuses to overwrite.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::job::expand::expand;
use crate::job::flatten::flatten;
use crate::job::flatten::tests::job_response;
use crate::job::identity::job_name;
use crate::job::model::Job;
use crate::job::plan::plan;
use crate::job::plan::tests::defaults;
use crate::job::validate::tests::config;

const BEFORE: &str = r#"{"labels": {"a": "1"}, "env": {"E": "1"}, "job": {"task_count": 3}, "resources": {"cpu": "20000m"},
    "secrets": [{"env_var": "S", "secret_name": "s"}, {"env_var": "T", "secret_name": "t"}],
    "volumes": [{"name": "v", "gcs": {"bucket": "b"}}],
    "container": {"image": "gcr.io/p/i", "volume_mounts": [{"name": "v", "mount_path": "/v"}]}}"#;

/// What is refused when the configuration changes from `BEFORE` to `after`, and the job was changed to `outside` meanwhile.
fn changes(after: &str, outside: &str) -> Vec<String> {
    let create = |changes: &str| plan(&Value::Null, &config(changes), &defaults()).planned;
    let before = create(BEFORE);
    let name = job_name(&before).unwrap();
    let prior = flatten(&job_response(&expand(&Job::read(&before))), &name, &before);
    let planned = plan(&prior, &config(after), &defaults()).planned;
    let mut current = job_response(&expand(&Job::read(&create(outside))));
    assert_eq!(
        concurrent_changes(&current, &name, &prior, &planned),
        [""; 0],
        "the same generation"
    );
    current.generation = Some(2);
    concurrent_changes(&current, &name, &prior, &planned)
}

fn with(from: &str, to: &str) -> String {
    assert!(BEFORE.contains(from), "{from}");
    BEFORE.replace(from, to)
}

#[test]
fn unplanned_change_is_found_at_its_path() {
    let image = with("gcr.io/p/i", "gcr.io/p/new");
    for (outside, path) in [
        (with(r#""task_count": 3"#, r#""task_count": 4"#), "job.task_count"),
        (with("gcr.io/p/i", "gcr.io/p/other"), "container.image"),
        (with(r#""E": "1""#, r#""E": "2""#), "env.E"),
        (with(r#""E": "1""#, r#""E": "1", "F": "1""#), "env.F"),
        (with(r#"{"a": "1"}"#, r#"{"a": "2"}"#), "effective_labels.a"),
        (
            with(r#""secret_name": "t""#, r#""secret_name": "u""#),
            "secrets.T.secret_name",
        ),
        (
            with(r#""bucket": "b""#, r#""bucket": "c""#),
            "volumes.v.gcs.bucket",
        ),
        (
            with(r#""/v""#, r#""/w""#),
            "container.volume_mounts./v, container.volume_mounts./w",
        ),
    ] {
        assert_eq!(changes(&image, &outside).join(", "), path);
    }
}

#[test]
fn prior_and_planned_values_do_not_conflict() {
    let tasks = with(r#""task_count": 3"#, r#""task_count": 4, "max_retries": 1"#);
    for outside in [
        BEFORE.to_owned(),
        // The planned value, also beside another change of the same object.
        tasks.clone(),
        with(r#""task_count": 3"#, r#""task_count": 4"#),
        // Another notation.
        with("20000m", "20"),
        // An unmanaged label.
        with(r#"{"a": "1"}"#, r#"{"a": "1", "other": "1"}"#),
    ] {
        assert_eq!(changes(&tasks, &outside), [""; 0], "{outside}");
    }
}

#[test]
fn key_added_twice_conflicts_when_values_differ() {
    let label = |value: &str| with(r#"{"a": "1"}"#, &format!(r#"{{"a": "1", "b": "{value}"}}"#));
    assert_eq!(
        changes(&label("planned"), &label("other")),
        ["effective_labels.b"]
    );
    assert_eq!(changes(&label("same"), &label("same")), [""; 0]);
    let volume = |bucket: &str| {
        let more = format!(
            r#"{{"name": "v", "gcs": {{"bucket": "b"}}}}, {{"name": "x", "gcs": {{"bucket": "{bucket}"}}}}"#
        );
        with(r#"{"name": "v", "gcs": {"bucket": "b"}}"#, &more)
    };
    assert_eq!(
        changes(&volume("planned"), &volume("other")),
        ["volumes.x.gcs.bucket"]
    );
}

#[test]
fn state_without_generation_has_no_conflict() {
    let planned = plan(&Value::Null, &config(BEFORE), &defaults()).planned;
    let name = job_name(&planned).unwrap();
    let mut current = job_response(&expand(&Job::read(&planned)));
    let mut prior = flatten(&current, &name, &planned);
    current.generation = Some(2);
    current.template.task_count = Some(9);
    assert_eq!(
        concurrent_changes(&current, &name, &prior, &planned),
        ["job.task_count"]
    );
    prior.set("generation", Value::Null);
    assert_eq!(concurrent_changes(&current, &name, &prior, &planned), [""; 0]);
}
