//! Platform inputs: job name and labels derive from them, unused inputs are ignored, and credentials are not stored.

use serde_json::{Value, json};

use super::super::setup;
use super::root_module::{ModuleCall, RootModule};
use super::{JOB, spec};
use crate::harness::{PROJECT, REGION};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn name_and_labels_come_from_platform_inputs() {
    let (emulator, terraform) = setup();
    let mut demo = ModuleCall::new("first", json!({ "spec": spec(&json!({})) }));
    let mut live = demo.clone();
    live.environment["unique_name"] = json!("media-live");
    live.environment["cloud_tags"] = Value::Null;
    demo.environment["cloud_tags"] = json!({
        "FacetsControlPlane": "demo.console.facets.cloud",
        "managed-by": "someone else",
        "9lives": "cat",
        "null": null,
        "number": 7,
    });
    RootModule::new()
        .with_call("demo", &demo)
        .with_call("live", &live)
        .write_to(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("2 added");
    let job = |environment: &str| {
        let job = emulator
            .job(&format!("media-{environment}-first"))
            .expect("the job");
        let state = terraform.state(&format!("module.{environment}.{JOB}"));
        assert_eq!(state["uid"], job["uid"]);
        job
    };
    assert_eq!(
        job("demo")["labels"],
        json!({
            "managed-by": "facets",
            "instance": "first",
            "environment": "media-demo",
            "facetscontrolplane": "demo-console-facets-cloud",
            "x-9lives": "cat",
            "number": "7",
        })
    );
    assert_eq!(
        job("live")["labels"],
        json!({ "managed-by": "facets", "instance": "first", "environment": "media-live" })
    );
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unused_inputs_are_ignored_and_not_stored() {
    let (emulator, mut terraform) = setup();
    terraform.set("TF_VAR_credentials", CREDENTIALS);
    let plain = ModuleCall::new(
        "plain",
        json!({ "spec": spec(&json!({ "job": { "task_count": 4 } })) }),
    );
    let mut root = RootModule::new()
        .with_call("plain", &plain)
        .with_call("full", &full());
    root.0["variable"] = json!({ "credentials": { "type": "string", "sensitive": true } });
    root.write_to(&terraform);
    terraform.init().succeeds();

    let mut plan = terraform.plan_json();
    // Terraform itself stores the root module's variables there.
    plan.as_object_mut().expect("a plan").remove("variables");
    let applied = terraform.apply().succeeds().output();
    let state = terraform.state_file();
    assert!(state.contains("media-demo-full"), "the state has the job");
    let requests = emulator
        .requests()
        .into_iter()
        .map(|request| request.0.to_string());
    for text in requests.chain([plan.to_string(), applied, state]) {
        assert!(!text.contains(CREDENTIALS), "{text}");
    }

    let [plain, full] =
        ["plain", "full"].map(|name| emulator.job(&format!("media-demo-{name}")).expect("the job"));
    assert_eq!(full["template"], plain["template"]);
    terraform.assert_no_changes();
}

/// The same job with all other values that a platform may pass.
fn full() -> ModuleCall {
    let extra = json!({ "of_another_version": { "a": [1, "b", null] } });
    let mut spec = spec(&json!({ "job": { "task_count": 4 } }));
    for group in ["container", "job"] {
        merge(&mut spec[group], &extra);
    }
    merge(&mut spec, &extra);
    // The platform does not call the module for a disabled resource, so the module ignores this value.
    let instance = json!({
        "kind": "cloudrun", "flavor": "gpu-job", "version": "1.0", "disabled": true,
        "metadata": { "name": "another-name", "labels": { "team": "media" } },
        "advanced": {}, "out": null, "depends_on": [],
        "spec": spec,
    });
    let mut call = ModuleCall::new("full", instance);
    merge(
        &mut call.environment,
        &json!({ "namespace": "demo", "cloud": "GCP", "deployment_id": "d-1", "secrets": {} }),
    );
    call.inputs = json!({
        "cloud_account": {
            "attributes": {
                "project_id": PROJECT, "region": REGION, "credentials": "${var.credentials}", "secrets": ["credentials"],
            },
            "interfaces": {},
        },
        "network_details": {
            "attributes": { "vpc_id": "vpc-1", "secrets": ["${var.credentials}"] },
            "interfaces": { "default": { "host": "10.0.0.1" } },
        },
        "kubernetes_details": { "attributes": { "cluster_ca": "${var.credentials}" } },
    });
    call
}

fn merge(object: &mut Value, more: &Value) {
    let more = more.as_object().expect("an object").clone();
    object.as_object_mut().expect("an object").extend(more);
}

/// Unique, so that output can be searched for it.
const CREDENTIALS: &str = "heron-key-must-not-be-stored";
