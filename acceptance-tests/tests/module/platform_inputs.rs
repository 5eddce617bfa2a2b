//! What the platform knows: names and labels come of it, what the module does not read is ignored, and credentials are
//! kept nowhere.

use serde_json::{Value, json};

use super::super::cloud;
use super::{JOB, spec};
use crate::harness::facets_platform::{Call, Root};
use crate::harness::{PROJECT, REGION};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn name_and_labels_come_of_instance_environment_and_tags() {
    let (cloud, terraform) = cloud();
    let mut demo = Call::new("first", json!({ "spec": spec(&json!({})) }));
    let mut live = demo.clone();
    live.environment["unique_name"] = json!("media-live");
    live.environment["cloud_tags"] = Value::Null;
    demo.environment["cloud_tags"] = json!({
        "FacetsControlPlane": "demo.console.facets.cloud",
        "managed-by": "somebody else",
        "9lives": "cat",
        "null": null,
        "number": 7,
    });
    Root::new()
        .calling("demo", &demo)
        .calling("live", &live)
        .lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds().says("2 added");
    let job = |environment: &str| {
        let job = cloud.job(&format!("media-{environment}-first")).expect("the job");
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
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_the_module_does_not_read_changes_nothing_and_is_kept_nowhere() {
    let (cloud, mut terraform) = cloud();
    terraform.set("TF_VAR_credentials", CREDENTIALS);
    let plain = Call::new(
        "plain",
        json!({ "spec": spec(&json!({ "job": { "task_count": 4 } })) }),
    );
    let mut root = Root::new().calling("plain", &plain).calling("full", &full());
    root.0["variable"] = json!({ "credentials": { "type": "string", "sensitive": true } });
    root.lay(&terraform);
    terraform.init().succeeds();

    let mut plan = terraform.planned();
    // A plan repeats the variables of the root.
    plan.as_object_mut().expect("a plan").remove("variables");
    let applied = terraform.apply().succeeds().words();
    let state = terraform.state_file();
    assert!(state.contains("media-demo-full"), "the state is the right one");
    let requests = cloud.requests().into_iter().map(|request| request.0.to_string());
    for text in requests.chain([plan.to_string(), applied, state]) {
        assert!(!text.contains(CREDENTIALS), "{text}");
    }

    let [plain, full] =
        ["plain", "full"].map(|name| cloud.job(&format!("media-demo-{name}")).expect("the job"));
    assert_eq!(full["template"], plain["template"]);
    terraform.has_nothing_to_do();
}

/// The same job with everything around it that a platform may know.
fn full() -> Call {
    let extra = json!({ "of_another_version": { "a": [1, "b", null] } });
    let mut spec = spec(&json!({ "job": { "task_count": 4 } }));
    for group in ["container", "job"] {
        extend(&mut spec[group], &extra);
    }
    extend(&mut spec, &extra);
    // A resource that is disabled is not called at all: what reaches the module is never a reason to stop.
    let instance = json!({
        "kind": "cloudrun", "flavor": "gpu-job", "version": "1.0", "disabled": true,
        "metadata": { "name": "another-name", "labels": { "team": "media" } },
        "advanced": {}, "out": null, "depends_on": [],
        "spec": spec,
    });
    let mut call = Call::new("full", instance);
    extend(
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

fn extend(object: &mut Value, more: &Value) {
    let more = more.as_object().expect("an object").clone();
    object.as_object_mut().expect("an object").extend(more);
}

/// Occurs nowhere else, so that a search for it is worth something.
const CREDENTIALS: &str = "heron-key-nobody-may-keep";
