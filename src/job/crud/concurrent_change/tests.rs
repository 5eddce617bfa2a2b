//! Which changes outside of Terraform an update refuses to overwrite.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::job::convert::tests::answered;
use crate::job::convert::{desired, name_of, state};
use crate::job::model::Job;
use crate::job::plan::plan;
use crate::job::plan::tests::defaults;
use crate::job::validate::tests::config;

const BEFORE: &str = r#"{"labels": {"a": "1"}, "env": {"E": "1"}, "job": {"task_count": 3}, "resources": {"cpu": "20000m"},
    "secrets": [{"env_var": "S", "secret_name": "s"}, {"env_var": "T", "secret_name": "t"}],
    "volumes": [{"name": "v", "gcs": {"bucket": "b"}}],
    "container": {"image": "gcr.io/p/i", "volume_mounts": [{"name": "v", "mount_path": "/v"}]}}"#;

/// What is refused when the configuration goes from `BEFORE` to `after`, and somebody made `outside` of the job meanwhile.
fn changes(after: &str, outside: &str) -> Vec<String> {
    let create = |changes: &str| plan(&Value::Null, &config(changes), &defaults()).planned;
    let before = create(BEFORE);
    let name = name_of(&before).unwrap();
    let prior = state(&answered(&desired(&Job::read(&before))), &name, &before);
    let planned = plan(&prior, &config(after), &defaults()).planned;
    let mut seen = answered(&desired(&Job::read(&create(outside))));
    assert_eq!(
        outside_changes(&seen, &name, &prior, &planned),
        [""; 0],
        "the same generation"
    );
    seen.generation = Some(2);
    outside_changes(&seen, &name, &prior, &planned)
}

fn with(from: &str, to: &str) -> String {
    assert!(BEFORE.contains(from), "{from}");
    BEFORE.replace(from, to)
}

#[test]
fn what_the_plan_does_not_show_is_found_where_it_is() {
    let image = with("gcr.io/p/i", "gcr.io/p/new");
    for (outside, found) in [
        (with(r#""task_count": 3"#, r#""task_count": 4"#), "job.task_count"),
        (with("gcr.io/p/i", "gcr.io/p/theirs"), "container.image"),
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
        assert_eq!(changes(&image, &outside).join(", "), found);
    }
}

#[test]
fn what_is_as_before_or_as_planned_is_no_conflict() {
    let tasks = with(r#""task_count": 3"#, r#""task_count": 4, "max_retries": 1"#);
    for outside in [
        BEFORE.to_owned(),
        // The planned value, also beside another change of the same object.
        tasks.clone(),
        with(r#""task_count": 3"#, r#""task_count": 4"#),
        // Another spelling.
        with("20000m", "20"),
        // What is nobody's business: labels of others.
        with(r#"{"a": "1"}"#, r#"{"a": "1", "theirs": "1"}"#),
    ] {
        assert_eq!(changes(&tasks, &outside), [""; 0], "{outside}");
    }
}

#[test]
fn a_key_that_both_add_is_a_conflict_when_the_values_differ() {
    let label = |value: &str| with(r#"{"a": "1"}"#, &format!(r#"{{"a": "1", "b": "{value}"}}"#));
    assert_eq!(changes(&label("ours"), &label("theirs")), ["effective_labels.b"]);
    assert_eq!(changes(&label("same"), &label("same")), [""; 0]);
    let volume = |bucket: &str| {
        let more = format!(
            r#"{{"name": "v", "gcs": {{"bucket": "b"}}}}, {{"name": "x", "gcs": {{"bucket": "{bucket}"}}}}"#
        );
        with(r#"{"name": "v", "gcs": {"bucket": "b"}}"#, &more)
    };
    assert_eq!(
        changes(&volume("ours"), &volume("theirs")),
        ["volumes.x.gcs.bucket"]
    );
}

#[test]
fn without_a_generation_there_is_nothing_to_compare() {
    let planned = plan(&Value::Null, &config(BEFORE), &defaults()).planned;
    let name = name_of(&planned).unwrap();
    let mut seen = answered(&desired(&Job::read(&planned)));
    let mut prior = state(&seen, &name, &planned);
    seen.generation = Some(2);
    seen.template.task_count = Some(9);
    assert_eq!(
        outside_changes(&seen, &name, &prior, &planned),
        ["job.task_count"]
    );
    prior.set("generation", Value::Null);
    assert_eq!(outside_changes(&seen, &name, &prior, &planned), [""; 0]);
}
