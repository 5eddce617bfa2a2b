//! Moves of states of `google_cloud_run_v2_job`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use super::*;
use crate::job::plan::plan;
use crate::job::plan::tests::defaults;
use crate::job::schema::SCHEMA;
use crate::job::validate::tests::config;
use crate::provider::Defaults;
use proptest::prelude::*;
use serde_json::json;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::Field;

/// A GPU job with most attributes set, as version 7 of the google provider stores it.
fn full_state() -> Json {
    serde_json::from_str(include_str!("testdata/full.json")).unwrap()
}

/// The equal configuration of this resource.
const EQUAL: &str = r#"{
    "container": {"image": "gcr.io/p/i", "command": ["train"], "args": ["--fast", ""]}, "env": {"MODE": "fast", "EMPTY": ""},
    "job": {"task_count": 10, "parallelism": 2, "max_retries": 0, "task_timeout": "1h",
        "delay_execution": true},
    "secrets": [{"env_var": "KEY", "secret_name": "k"}], "vpc_access": {"connector": "c", "egress": "all-traffic"},
    "service_account": "a@p.iam.gserviceaccount.com", "labels": {"team": "render"},
    "annotations": {"example.com/owner": "render"}, "deletion_protection": true, "timeouts": {"create": "1800s"}}"#;

/// With the default labels of the google provider.
fn same_defaults() -> Defaults {
    Defaults {
        labels: Field::Known([("cost".to_owned(), Field::Known("7".to_owned()))].into()),
        ..defaults()
    }
}

fn read(state: &Json) -> StateResponse {
    from_google_state(state.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn equal_configuration_plans_no_change() {
    let moved = read(&full_state());
    assert_eq!(moved.diagnostics, []);
    let again = plan(&moved.state, &config(EQUAL), &same_defaults());
    assert_eq!((again.planned, again.requires_replace), (moved.state, vec![]));
}

#[test]
fn computed_attributes_are_moved() {
    let state = read(&full_state()).state;
    assert_eq!(
        SCHEMA.coerce(state.clone(), ExtraAttributes::Error),
        Ok(state.clone())
    );
    for (attribute, expected) in [
        ("uid", Value::from("u")),
        ("generation", Value::from(3)),
        ("etag", Value::from("\"e\"")),
        ("creator", Value::from("ann@example.com")),
        ("create_time", Value::from("2026-01-01T00:00:00Z")),
        ("update_time", Value::from("2026-01-03T00:00:00Z")),
        ("execution_count", Value::from(4)),
        ("latest_execution", Value::from("render-x7")),
        ("max_gpu_hours", Value::from(10)),
    ] {
        assert_eq!(state.get(attribute), &expected, "{attribute}");
    }
}

#[test]
fn difference_is_planned_as_update() {
    let moved = read(&full_state());
    let mut changed = config(EQUAL);
    changed.set("job", Value::from([("task_count", Value::from(7))]));
    let planned = plan(&moved.state, &changed, &same_defaults());
    assert_eq!(planned.requires_replace, vec![]);
    assert_eq!(planned.planned.get("job").get("task_count"), &Value::from(7));
    assert_eq!(
        moved.state.get("effective_labels"),
        &Value::from([("cost", Value::from("7")), ("team", Value::from("render"))])
    );
    assert_eq!(
        moved.state.get("annotations"),
        &Value::from([("example.com/owner", Value::from("render"))])
    );
}

/// Before version 5 `labels` had all labels; before 6 there was no deletion protection, and the variables were a list.
#[test]
fn state_of_older_version_is_moved() {
    let state = json!({
        "id": "projects/p/locations/us-central1/jobs/render",
        "labels": { "team": "render", "goog-managed": "x" }, "annotations": null, "timeouts": null, "generation": 1,
        "template": [{ "task_count": 1, "parallelism": 1, "template": [{
            "containers": [{
                "image": "gcr.io/p/i",
                "resources": [{ "limits": { "cpu": "20000m", "memory": "81920Mi", "nvidia.com/gpu": "1" } }],
            }],
            "node_selector": [{ "accelerator": "nvidia-rtx-pro-6000" }], "max_retries": 3, "timeout": "3600s", "vpc_access": [null],
        }] }],
    });
    let moved = read(&state);
    assert_eq!(moved.diagnostics, []);
    assert_eq!(moved.state.get("deletion_protection"), &Value::from(false));
    let again = plan(
        &moved.state,
        &config(r#"{"labels": {"team": "render"}}"#),
        &defaults(),
    );
    assert_eq!((again.planned, again.requires_replace), (moved.state, vec![]));
}

#[test]
fn lost_settings_are_warned_about() {
    let mut state = full_state();
    state["deletion_policy"] = json!("ABANDON");
    state["start_execution_token"] = json!("t");
    let task = &mut state["template"][0]["template"][0];
    task["node_selector"] = json!([]);
    task["containers"][0]["resources"] = json!([]);
    let sidecar = json!({ "image": "gcr.io/p/proxy", "name": "proxy", "env": [] });
    task["containers"].as_array_mut().unwrap().push(sidecar);
    task["volumes"] = json!([{ "name": "cloudsql", "cloud_sql_instance": [{ "instances": ["p:r:i"] }], "secret": [], "empty_dir": [] }]);
    let moved = read(&state);
    assert_eq!(moved.state.get("gpu").get("enabled"), &Value::from(false));

    let mut prevented = full_state();
    prevented["deletion_policy"] = json!("PREVENT");
    let prevented = read(&prevented).diagnostics;
    let shown = moved
        .diagnostics
        .iter()
        .chain(&prevented)
        .map(ToString::to_string);
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"));
}

#[test]
fn long_names_make_short_messages() {
    let mut state = full_state();
    state["id"] = json!(format!("projects/p/locations/l/jobs/{}", "n".repeat(1000)));
    state["name"] = json!("");
    assert!(
        from_google_state(state.to_string().as_bytes())
            .unwrap_err()
            .detail
            .len()
            < 1000
    );
}

#[test]
fn document_is_as_the_api_returns_it() {
    let state = json!({
        "name": "n", "id": "i", "effective_labels": { "Snake_case": "1", "none": null }, "labels": {},
        "template": [{ "template": [{
            "containers": [{
                "volume_mounts": [{ "name": "v", "mount_path": "/v", "sub_path": "" }], "depends_on": ["b"],
                "startup_probe": [{ "tcp_socket": [{ "port": 80 }], "initial_delay_seconds": 0 }],
            }],
            "volumes": [
                { "name": "v", "empty_dir": [null], "gcs": [] },
                { "name": "g", "gcs": [{ "bucket": "b", "read_only": true, "mount_options": ["o"] }] },
                { "name": "s", "secret": [{ "secret": "s", "default_mode": 292, "items": [{ "path": "p", "version": "1", "mode": 0 }] }] },
            ],
            "vpc_access": [{ "network_interfaces": [{ "network": "n", "tags": ["a"] }], "connector": "" }],
        }] }],
    });
    let expected = json!({
        "labels": { "Snake_case": "1" },
        "template": { "template": {
            "containers": [{
                "volumeMounts": [{ "name": "v", "mountPath": "/v" }], "dependsOn": ["b"],
                "startupProbe": { "tcpSocket": { "port": 80 } },
            }],
            "volumes": [
                { "name": "v", "emptyDir": {} },
                { "name": "g", "gcs": { "bucket": "b", "readOnly": true, "mountOptions": ["o"] } },
                { "name": "s", "secret": { "secret": "s", "defaultMode": 292, "items": [{ "path": "p", "version": "1" }] } },
            ],
            "vpcAccess": { "networkInterfaces": [{ "network": "n", "tags": ["a"] }] },
        } },
    });
    assert_eq!(document::of(state.as_object().unwrap()), expected);
}

#[test]
fn job_name_is_from_id_or_parts() {
    let name = |state: Json| job_name(state.as_object().unwrap()).map(|name| name.to_string());
    let full = Some("projects/p/locations/l/jobs/n".to_owned());
    assert_eq!(name(json!({ "id": "projects/p/locations/l/jobs/n" })), full);
    assert_eq!(
        name(json!({ "project": "p", "location": "l", "name": "n" })),
        full
    );
    let long = json!({ "id": "n", "project": "p", "location": "l", "name": "projects/p/locations/l/jobs/n" });
    assert_eq!(name(long), full);
    assert_eq!(
        name(json!({ "location": "l", "name": "n", "project": null })),
        None
    );
}

#[test]
fn only_google_jobs_can_be_moved() {
    for provider in ["hashicorp/google", "hashicorp/google-beta"] {
        for registry in [
            "registry.terraform.io",
            "registry.opentofu.org",
            "mirror.example.com",
        ] {
            assert_eq!(check_source(&format!("{registry}/{provider}"), SOURCE), Ok(()));
        }
    }
    assert_eq!(check_source("google", SOURCE), Ok(()), "OpenTofu 1.11");
    let errors = [
        ("registry.terraform.io/hashicorp/google", "google_cloud_run_job"),
        ("registry.terraform.io/hashicorp/aws", SOURCE),
        ("hashicorp", SOURCE),
        ("", ""),
    ]
    .map(|(address, kind)| check_source(address, kind).unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn invalid_state_is_an_error() {
    let mut invalid = full_state();
    invalid["template"][0]["task_count"] = json!("many");
    let errors = [
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        invalid.to_string(),
        "[".repeat(100_000),
    ]
    .map(|state| from_google_state(state.as_bytes()).unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"));
}

proptest! {
    #[test]
    fn any_state_is_refused_or_moved(
        index in any::<proptest::sample::Index>(), choice in 0..14usize, text in "\\PC{0,12}",
    ) {
        let mut state = full_state();
        let anything = json!([
            null, true, 0, -1, 1.5, 1e300, i64::MAX, text, "", [], {}, [{ "name": text }], { "a": [text] }, [null, text]
        ]);
        let all = crate::job::flatten::tests::pointers("", &state);
        *state.pointer_mut(&all[index.index(all.len())]).unwrap() = anything[choice].clone();
        if let Ok(moved) = from_google_state(state.to_string().as_bytes()) {
            let state = moved.state;
            prop_assert_eq!(SCHEMA.coerce(state.clone(), ExtraAttributes::Error), Ok(state.clone()));
            prop_assert!(state.is_wholly_known());
        }
    }
}
