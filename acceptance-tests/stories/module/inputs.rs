//! What the platform says beyond what the module reads: ignored, and credentials are kept nowhere.

use serde_json::{Value, json};

use super::super::cloud;
use super::spec;
use crate::harness::platform::{Call, Root};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_the_module_does_not_read_changes_nothing_and_is_kept_nowhere() {
    let (cloud, mut terraform) = cloud();
    terraform.set("TF_VAR_credentials", CREDENTIALS);
    let plain = Call::new("plain", json!({ "spec": spec(&one_of_each()) }));
    let mut root = Root::new().calling("plain", &plain).calling("full", &full());
    root.0["variable"] = json!({ "credentials": { "type": "string", "sensitive": true } });
    root.lay(&terraform);
    terraform.init().succeeds();

    let plan = terraform.planned();
    for part in [
        "planned_values",
        "prior_state",
        "resource_changes",
        "output_changes",
        "configuration",
    ] {
        assert!(
            !plan[part].to_string().contains(CREDENTIALS),
            "the credentials are in {part}"
        );
    }
    let applied = terraform.apply().succeeds();
    assert!(
        !applied.words().contains(CREDENTIALS),
        "the credentials are in the output"
    );
    let state = terraform.state_file();
    assert!(state.contains("media-demo-full"), "the state is the right one");
    assert!(!state.contains(CREDENTIALS), "the credentials are in the state");
    for request in cloud.requests() {
        assert!(
            !request.0.to_string().contains(CREDENTIALS),
            "the credentials are in a request"
        );
    }

    let [plain, full] = ["plain", "full"].map(|name| {
        cloud
            .job(&format!("media-demo-{name}"))
            .expect("the job of the call")
    });
    assert_eq!(full["template"], plain["template"]);
    assert_eq!(
        full["labels"],
        json!({ "managed-by": "facets", "instance": "full", "environment": "media-demo" })
    );
    terraform.has_nothing_to_do();
}

/// The same job with everything around it that a platform may know.
fn full() -> Call {
    let extra = json!({ "of_another_version": { "a": [1, "b", null] } });
    let mut spec = spec(&one_of_each());
    extend(&mut spec, &extra);
    for group in ["container", "gpu", "resources", "job", "vpc_access"] {
        extend(&mut spec[group], &extra);
    }
    extend(&mut spec["secrets"][0], &extra);
    // A resource that is disabled is not called at all: what reaches the module is never a reason to stop.
    let instance = json!({
        "kind": "cloudrun", "flavor": "gpu-job", "version": "1.0", "disabled": true,
        "metadata": { "name": "another-name", "labels": { "team": "media" } },
        "advanced": {}, "out": null, "lifecycle": "ENVIRONMENT", "provided": false, "depends_on": [],
        "spec": spec,
    });
    let mut call = Call::new("full", instance);
    extend(
        &mut call.environment,
        &json!({ "namespace": "demo", "cloud": "GCP", "timezone": "UTC", "deployment_id": "d-1", "secrets": {} }),
    );
    call.inputs = json!({
        "cloud_account": {
            "attributes": {
                "project_id": crate::harness::PROJECT,
                "region": crate::harness::REGION,
                "credentials": "${var.credentials}",
                "secrets": ["credentials"],
            },
            "interfaces": {},
        },
        "network_details": {
            "attributes": { "vpc_id": "vpc-1", "private_subnet_ids": ["a"], "secrets": ["${var.credentials}"] },
            "interfaces": { "default": { "host": "10.0.0.1" } },
        },
        "kubernetes_details": { "attributes": { "cluster_ca": "${var.credentials}" } },
    });
    call
}

fn one_of_each() -> Value {
    json!({
        "container": { "command": ["render"], "args": ["--all"] },
        "gpu": { "enabled": true },
        "resources": { "cpu": "24" },
        "job": { "task_count": 4, "parallelism": 4 },
        "secrets": [{ "env_var": "API_KEY", "secret_name": "my-api-key" }],
        "vpc_access": { "egress": "private-ranges-only" },
        "env": { "QUALITY": "high" },
        "service_account": "runner@acme-batch.iam.gserviceaccount.com",
    })
}

fn extend(object: &mut Value, more: &Value) {
    let more = more.as_object().expect("an object").clone();
    object.as_object_mut().expect("an object").extend(more);
}

/// Occurs nowhere else, so that a search for it is worth something.
const CREDENTIALS: &str = "heron-key-nobody-may-keep";
