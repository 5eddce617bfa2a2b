//! Each field of the spec reaches the job, and omitted fields have their defaults.

use serde_json::{Value, json};

use super::super::{IMAGE, setup};
use super::root_module::{ModuleCall, RootModule};
use super::{JOB, calls, spec, yaml};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn every_spec_field_reaches_the_job() {
    let (emulator, terraform) = setup();
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
    let schema = &yaml("modules/cloudrun/gpu-job/1.0/facets.yaml")["spec"];
    assert_has_all_fields(schema, &spec);

    let mut call = ModuleCall::new("render", json!({ "spec": spec }));
    call.inputs["network_details"] = json!({ "attributes": {} });
    RootModule::new().with_call("job", &call).write_to(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let state = terraform.state(&format!("module.job.{JOB}"));
    for (group, values) in spec.as_object().expect("groups") {
        match values.as_object() {
            Some(fields) => {
                for (field, values) in fields {
                    assert_eq!(&state[group][field], values, "{group}.{field}");
                }
            }
            None => assert_eq!(&state[group], values, "{group}"),
        }
    }
    let task = &emulator.job("media-demo-render").expect("the job")["template"]["template"];
    assert_eq!(
        task["vpcAccess"],
        json!({
            "connector": "projects/acme-batch/locations/us-central1/connectors/my-vpc-connector",
            "egress": "ALL_TRAFFIC",
        })
    );
    terraform.assert_no_changes();
}

/// Asserts that a spec has every field of the schema: Terraform silently drops those that variables.tf does not declare.
fn assert_has_all_fields(schema: &Value, spec: &Value) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let spec = spec.as_object().expect("an object");
    assert!(properties.keys().eq(spec.keys()), "{properties:?}");
    for (name, property) in properties {
        match property["type"].as_str() {
            Some("array") if property["items"]["properties"].is_object() => {
                assert_has_all_fields(&property["items"], &spec[name][0]);
            }
            _ => assert_has_all_fields(property, &spec[name]),
        }
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn null_and_absent_fields_have_defaults() {
    let (emulator, terraform) = setup();
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
    RootModule::new()
        .with_calls("job", &calls(&cases))
        .write_to(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let jobs = emulator.jobs();
    assert_eq!(jobs.len(), cases.len());
    for job in &jobs {
        assert_eq!(job["template"], jobs[0]["template"], "{}", job["name"]);
    }
    terraform.assert_no_changes();
}
