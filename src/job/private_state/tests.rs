//! Private state, and the warnings that follow from it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::job::flatten::{for_import, unmanaged_settings};
use crate::job::plan::plan;
use crate::job::plan::tests::defaults;
use crate::job::validate::tests::config;
use crate::provider::Defaults;
use cloud_run::{JobName, model as api};

const REMOTE: &str = r#"{"generation": "1", "observedGeneration": "1", "labels": {"team": "render", "cost": "7"},
    "annotations": {"a": "1"}, "template": {"template": {"workloadIdentityConfig": {"audience": "a"}, "maxRetries": 3, "timeout": "3600s",
    "containers": [{"image": "i"}, {"image": "gcr.io/p/i", "resources": {"limits": {"nvidia.com/gpu": "1", "cpu": "20",
    "memory": "80Gi"}}}]}}}"#;

/// An imported job, with its private state as Terraform returns it.
fn imported() -> (Value, PrivateState) {
    let remote: api::Job = serde_json::from_str(REMOTE).unwrap();
    let name = JobName::new("p", "us-central1", "render");
    let state = for_import(&remote, &name, &Defaults::default());
    let private = PrivateState::of_import(&state, unmanaged_settings(&remote, &state));
    let returned = PrivateState::read(&private.to_bytes());
    assert_eq!(returned, private);
    (state, private)
}

fn warnings(private: &PrivateState, prior: &Value, changes: &str) -> Vec<String> {
    let plan = plan(prior, &config(changes), &defaults());
    let warnings = private.warnings(prior, &plan);
    assert!(warnings.iter().all(|warning| !warning.is_error()));
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn omitted_imported_keys_are_warned_about() {
    let (state, private) = imported();
    let both = r#"{"labels": {"team": "render", "cost": "7"}, "annotations": {"a": "1"}}"#;
    assert_eq!(warnings(&private, &state, both), [""; 0]);
    let shown = warnings(&private, &state, r#"{"labels": {"team": "film"}}"#).join("\n");
    insta::assert_snapshot!(shown);
    assert_eq!(
        warnings(&PrivateState::default(), &state, "{}"),
        [""; 0],
        "no import"
    );
}

#[test]
fn label_from_another_source_is_managed() {
    let (state, private) = imported();
    let provided = [(
        "cost".to_owned(),
        terraform_plugin::value::Field::Known("8".to_owned()),
    )];
    let defaults = Defaults {
        labels: terraform_plugin::value::Field::Known(provided.into()),
        ..defaults()
    };
    let plan = plan(
        &state,
        &config(r#"{"labels": {"team": "render"}, "annotations": {"a": "1"}}"#),
        &defaults,
    );
    assert_eq!(private.warnings(&state, &plan), []);
}

#[test]
fn replacement_warns_about_lost_settings() {
    let (state, private) = imported();
    let shown = warnings(&private, &state, r#"{"name": "other"}"#).join("\n");
    insta::assert_snapshot!(shown);
    let plan = plan(&state, &Value::Null, &defaults());
    assert_eq!(private.warnings(&state, &plan), [], "the job is destroyed");
}

#[test]
fn launch_stage_error_names_kept_settings() {
    let (_, private) = imported();
    let hint = |message: &str| private.launch_stage_hint(message).unwrap_or_default();
    let feature = "The feature 'Workload Identity Config' is not supported in the declared launch stage";
    let other = "The feature 'X' is not supported in the declared launch stage";
    insta::assert_snapshot!([hint(feature), hint(other)].join("\n"));
    assert_eq!(hint("Permission denied."), "");
    assert_eq!(PrivateState::default().launch_stage_hint(feature), None);
}

#[test]
fn any_bytes_can_be_read() {
    for bytes in [
        &b""[..],
        b"{",
        b"null",
        b"[]",
        b"\xff",
        br#"{"imported": 3}"#,
        br#"{"later": 1}"#,
    ] {
        assert_eq!(PrivateState::read(bytes), PrivateState::default(), "{bytes:?}");
    }
    assert_eq!(PrivateState::default().to_bytes(), [0; 0]);
}
