//! The data source: the job it reads, errors, and the state of any job.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::job::plan::tests::defaults;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::Field;

fn config(members: &[(&str, &str)]) -> Value {
    let members = members.iter().map(|(name, text)| {
        let value = match *text {
            "?" => Value::Unknown,
            text => Value::from(text),
        };
        ((*name).into(), value)
    });
    let config = Value::Map(members.collect());
    SCHEMA.coerce(config, ExtraAttributes::Error).unwrap()
}

#[test]
fn omitted_project_and_region_are_the_providers() {
    let defaults = defaults();
    let name = |members: &[(&str, &str)]| job_name(&config(members), &defaults).map(|name| name.to_string());
    let (project, region) = (
        defaults.project.known().unwrap(),
        defaults.region.known().unwrap(),
    );
    assert_eq!(
        name(&[("name", "n")]),
        Ok(format!("projects/{project}/locations/{region}/jobs/n"))
    );
    assert_eq!(
        name(&[
            ("name", "n"),
            ("location", "africa-south1"),
            ("project", "other-1")
        ]),
        Ok("projects/other-1/locations/africa-south1/jobs/n".to_owned())
    );
}

#[test]
fn errors_are_reported_at_their_attributes() {
    let errors = |members: &[(&str, &str)], defaults: &Defaults| {
        let errors = job_name(&config(members), defaults).unwrap_err();
        errors
            .iter()
            .map(|error| format!("{error}\n"))
            .collect::<String>()
    };
    let unknown = Defaults {
        project: Field::Unknown,
        ..defaults()
    };
    let shown = [
        errors(&[("name", "n")], &Defaults::default()),
        errors(&[], &defaults()),
        errors(
            &[("name", "N"), ("location", "us"), ("project", "a/b")],
            &defaults(),
        ),
        errors(&[("name", "?"), ("location", "us-/1")], &defaults()),
        errors(&[("name", "n")], &unknown),
        format!("{}\n", not_found(&JobName::new("p", "us-central1", "n"))),
    ];
    insta::assert_snapshot!(shown.concat());
    for value in [Value::Null, Value::Unknown] {
        assert!(job_name(&value, &defaults()).is_err());
        assert!(validate(&value).len() < 2);
    }
    assert_eq!(validate(&config(&[("name", "?"), ("location", "?")])), []);
}

#[test]
fn any_job_is_read_with_all_labels() {
    let read = |document: &str| {
        let remote = serde_json::from_str(document).unwrap();
        let state = schema_attributes(&for_data_source(&remote, &JobName::new("p", "l", "n")));
        assert_eq!(
            SCHEMA.coerce(state.clone(), ExtraAttributes::Error),
            Ok(state.clone())
        );
        assert!(state.is_wholly_known());
        state
    };
    let with_gpu = read(
        r#"{"labels": {"goog-x": "1", "a": "2"}, "annotations": {"run.googleapis.com/y": "3", "b": "4",
            "terraform-provider-facets-gpu/creation-id": "5"}, "launchStage": "GA",
            "template": {"taskCount": 2, "delayExecution": true, "template": {"timeout": "3600s", "nodeSelector": {"accelerator": "some-gpu"},
            "gpuZonalRedundancyDisabled": true, "containers": [{"image": "i", "resources": {"limits": {"nvidia.com/gpu":
            "1"}}}]}}}"#,
    );
    let labels = Value::from([("a", Value::from("2")), ("goog-x", Value::from("1"))]);
    assert_eq!(with_gpu.get("labels"), &labels);
    assert_eq!(with_gpu.get("effective_labels"), &labels);
    assert_eq!(
        with_gpu.get("annotations"),
        &Value::from([("b", Value::from("4"))]),
        "keys that the resource refuses are omitted"
    );
    assert_eq!(with_gpu.get("launch_stage"), &Value::from("GA"));
    assert_eq!(with_gpu.get("gpu").get("type"), &Value::from("some-gpu"));
    assert_eq!(with_gpu.get("max_gpu_hours"), &Value::from(2));
    assert_eq!(with_gpu.get("job").get("delay_execution"), &Value::from(true));
    assert_eq!(with_gpu.get("facets"), &Value::Null);

    let without = read(
        r#"{"template": {"taskCount": 2, "template": {"timeout": "3600s", "containers": [{"image": "i"}]}}}"#,
    );
    assert_eq!(without.get("gpu").get("enabled"), &Value::from(false));
    assert_eq!(without.get("gpu").get("type"), &Value::Null);
    assert_eq!(without.get("max_gpu_hours"), &Value::from(0));
    assert_eq!(without.get("job").get("delay_execution"), &Value::from(false));
    read("{}");
}
