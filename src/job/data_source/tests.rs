//! What the data source has, whom it finds, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::job::convert;
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

fn faults(told: &[Diagnostic]) -> Vec<String> {
    let places = told.iter().map(|told| format!("{}: {}", told.path, told.summary));
    places.collect()
}

#[test]
fn what_is_left_out_is_the_provider_s() {
    let found =
        |members: &[(&str, &str)]| name_of(&config(members), &defaults()).map(|name| name.to_string());
    let place = defaults();
    let (project, region) = (place.project.known().unwrap(), place.region.known().unwrap());
    assert_eq!(
        found(&[("name", "n")]),
        Ok(format!("projects/{project}/locations/{region}/jobs/n"))
    );
    assert_eq!(
        found(&[
            ("name", "n"),
            ("location", "africa-south1"),
            ("project", "other-1")
        ]),
        Ok("projects/other-1/locations/africa-south1/jobs/n".to_owned())
    );
}

#[test]
fn what_cannot_be_is_refused_where_it_stands() {
    let refused = |members: &[(&str, &str)], defaults: &Defaults| {
        faults(&name_of(&config(members), defaults).unwrap_err())
    };
    assert_eq!(
        refused(&[("name", "n")], &Defaults::default()),
        ["project: Job without a project", "location: Job without a region"]
    );
    assert_eq!(refused(&[], &defaults()), ["name: Missing value"]);
    assert_eq!(
        refused(
            &[("name", "N"), ("location", "us"), ("project", "a/b")],
            &defaults()
        ),
        [
            "name: Invalid job name",
            "location: Invalid region",
            "project: Invalid project"
        ]
    );
    assert_eq!(
        refused(&[("name", "?"), ("location", "us-/1")], &defaults()),
        ["location: Invalid region", "name: Job not known yet"]
    );
    let later = Defaults {
        project: Field::Unknown,
        ..defaults()
    };
    assert_eq!(refused(&[("name", "n")], &later), ["project: Job not known yet"]);
    for whole in [Value::Null, Value::Unknown] {
        assert!(name_of(&whole, &defaults()).is_err());
        assert!(validate(&whole).len() < 2);
    }
    assert_eq!(validate(&config(&[("name", "?"), ("location", "?")])), []);
}

#[test]
fn a_job_is_told_with_all_of_its_labels_whatever_kind_it_is() {
    let told = |document: &str| {
        let remote = serde_json::from_str(document).unwrap();
        let told = state(&convert::found(&remote, &JobName::new("p", "l", "n")));
        assert_eq!(
            SCHEMA.coerce(told.clone(), ExtraAttributes::Error),
            Ok(told.clone())
        );
        assert!(told.is_wholly_known());
        told
    };
    let with_gpu = told(
        r#"{"labels": {"goog-x": "1", "a": "2"}, "annotations": {"run.googleapis.com/y": "3", "b": "4",
            "terraform-provider-facets-gpu/creation-id": "5"}, "launchStage": "GA",
            "template": {"taskCount": 2, "template": {"timeout": "3600s", "nodeSelector": {"accelerator": "some-gpu"},
            "gpuZonalRedundancyDisabled": true, "containers": [{"image": "i", "resources": {"limits": {"nvidia.com/gpu":
            "1"}}}]}}}"#,
    );
    let labels = Value::from([("a", Value::from("2")), ("goog-x", Value::from("1"))]);
    assert_eq!(with_gpu.get("labels"), &labels);
    assert_eq!(with_gpu.get("effective_labels"), &labels);
    assert_eq!(
        with_gpu.get("annotations"),
        &Value::from([("b", Value::from("4"))]),
        "what the resource would refuse is left out"
    );
    assert_eq!(with_gpu.get("launch_stage"), &Value::from("GA"));
    assert_eq!(with_gpu.get("gpu").get("type"), &Value::from("some-gpu"));
    assert_eq!(with_gpu.get("max_gpu_hours"), &Value::from(2));
    assert_eq!(with_gpu.get("facets"), &Value::Null);

    let without = told(
        r#"{"template": {"taskCount": 2, "template": {"timeout": "3600s", "containers": [{"image": "i"}]}}}"#,
    );
    assert_eq!(without.get("gpu").get("enabled"), &Value::from(false));
    assert_eq!(without.get("gpu").get("type"), &Value::Null);
    assert_eq!(without.get("max_gpu_hours"), &Value::from(0));
    told("{}");
}
