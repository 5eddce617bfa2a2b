//! Each setting of the form reaches the job, and each that is left out has its default.

use serde_json::{Value, json};

use super::super::{IMAGE, cloud};
use super::{JOB, each, spec, yaml};
use crate::harness::facets_platform::{Call, Root};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn every_setting_of_the_form_reaches_the_job() {
    let (cloud, terraform) = cloud();
    let spec = json!({
        "container": { "image": IMAGE, "command": ["render"], "args": ["--all"] },
        "gpu": { "enabled": true, "type": "nvidia-rtx-pro-6000" },
        "resources": { "cpu": "24", "memory": "96Gi" },
        "job": { "task_count": 100, "parallelism": 50, "max_retries": 0, "task_timeout": "45m" },
        "secrets": [{ "env_var": "API_KEY", "secret_name": "my-api-key", "version": "7" }],
        "vpc_access": { "connector": "my-vpc-connector", "egress": "all-traffic" },
        "env": { "QUALITY": "high" },
        "service_account": "runner@acme-batch.iam.gserviceaccount.com",
    });
    let form = &yaml("modules/cloudrun/gpu-job/1.0/facets.yaml")["spec"];
    has_the_fields_of(form, &spec);

    let mut call = Call::new("render", json!({ "spec": spec }));
    call.inputs["network_details"] = json!({ "attributes": {} });
    Root::new().calling("job", &call).lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let state = terraform.state(&format!("module.job.{JOB}"));
    for (group, given) in spec.as_object().expect("groups") {
        match given.as_object() {
            Some(fields) => {
                for (field, given) in fields {
                    assert_eq!(&state[group][field], given, "{group}.{field}");
                }
            }
            None => assert_eq!(&state[group], given, "{group}"),
        }
    }
    let task = &cloud.job("media-demo-render").expect("the job")["template"]["template"];
    assert_eq!(
        task["vpcAccess"],
        json!({
            "connector": "projects/acme-batch/locations/us-central1/connectors/my-vpc-connector",
            "egress": "ALL_TRAFFIC",
        })
    );
    terraform.has_nothing_to_do();
}

/// A key that the form offers and variables.tf does not declare would be dropped without a word.
fn has_the_fields_of(form: &Value, spec: &Value) {
    let Some(properties) = form["properties"].as_object() else {
        return;
    };
    let spec = spec.as_object().expect("an object");
    assert!(properties.keys().eq(spec.keys()), "{properties:?}");
    for (name, property) in properties {
        match property["type"].as_str() {
            Some("array") if property["items"]["properties"].is_object() => {
                has_the_fields_of(&property["items"], &spec[name][0]);
            }
            _ => has_the_fields_of(property, &spec[name]),
        }
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_is_absent_null_or_empty_has_the_default() {
    let (cloud, terraform) = cloud();
    let mut sample = yaml("modules/cloudrun/gpu-job/1.0/facets.yaml")["sample"]["spec"].clone();
    sample["container"]["image"] = json!(IMAGE);
    let mut cases = vec![spec(&json!({})), sample];
    for (group, fields) in [
        ("container", &["command", "args"][..]),
        ("gpu", &["enabled", "type"]),
        ("resources", &["cpu", "memory"]),
        (
            "job",
            &["task_count", "parallelism", "max_retries", "task_timeout"],
        ),
        ("vpc_access", &["connector", "egress"]),
    ] {
        let nulls: Value = fields
            .iter()
            .map(|field| ((*field).to_owned(), Value::Null))
            .collect();
        cases.push(spec(&json!({ group: nulls })));
    }
    for group in [
        "gpu",
        "resources",
        "job",
        "vpc_access",
        "secrets",
        "env",
        "service_account",
    ] {
        cases.push(spec(&json!({ group: null })));
    }
    Root::new().calling_each("job", &each(&cases)).lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let jobs = cloud.jobs();
    assert_eq!(jobs.len(), cases.len());
    for job in &jobs {
        assert_eq!(job["template"], jobs[0]["template"], "{}", job["name"]);
    }
    terraform.has_nothing_to_do();
}
