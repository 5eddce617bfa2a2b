//! The optional network: only a job that goes through a connector needs it.

use serde_json::{Value, json};

use super::super::{cloud, terraform};
use super::{numbered, spec};
use crate::harness::platform::{Call, Root};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_connector_without_a_network_is_refused_at_plan() {
    let terraform = terraform();
    let connector = json!({ "connector": "my-vpc-connector" });
    let networks = [
        Some(Value::Null),
        None,
        Some(json!({})),
        Some(json!({ "attributes": null })),
    ];
    let cases: Vec<_> = networks
        .iter()
        .map(|network| call(&connector, network.as_ref()))
        .collect();
    Root::new().calling_each("job", &numbered(&cases)).lay(&terraform);
    terraform.init().succeeds();
    let told = terraform.run(&["plan", "-input=false", "-json"]).errors();
    assert_eq!(told.len(), cases.len(), "{told:#?}");
    for error in &told {
        assert_eq!(
            error,
            "Resource precondition failed: spec.vpc_access.connector needs the input network_details. It names a \
             connector, and no network is wired to this resource. Wire network_details to the network of the \
             connector, or leave spec.vpc_access out."
        );
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn each_way_into_a_network_is_applied_and_stays() {
    let (cloud, terraform) = cloud();
    let short = "my-vpc-connector";
    let full = "projects/acme-batch/locations/us-central1/connectors/my-vpc-connector";
    let shared = "projects/acme-network/locations/us-central1/connectors/shared";
    let private = json!({ "connector": full, "egress": "PRIVATE_RANGES_ONLY" });
    let cases = [
        (json!({ "connector": short }), private.clone()),
        (json!({ "connector": full }), private.clone()),
        (json!({ "connector": short, "egress": null }), private.clone()),
        (
            json!({ "connector": short, "egress": "private-ranges-only" }),
            private,
        ),
        (
            json!({ "connector": short, "egress": "all-traffic" }),
            json!({ "connector": full, "egress": "ALL_TRAFFIC" }),
        ),
        (
            json!({ "connector": shared }),
            json!({ "connector": shared, "egress": "PRIVATE_RANGES_ONLY" }),
        ),
    ];
    // What the network has to say beyond its presence is not read.
    let network = json!({
        "attributes": { "vpc_id": "vpc-1", "vpc_connector_name": short, "subnets": ["a", "b"], "secrets": [] },
        "interfaces": {},
    });
    let mut calls: Vec<_> = cases
        .iter()
        .map(|(access, _)| call(access, Some(&network)))
        .collect();
    calls.push(call(
        &json!({ "connector": short }),
        Some(&json!({ "attributes": {} })),
    ));
    let sent: Vec<&Value> = cases.iter().map(|(_, sent)| sent).chain([&cases[0].1]).collect();
    Root::new().calling_each("job", &numbered(&calls)).lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    for (index, sent) in sent.into_iter().enumerate() {
        let job = cloud
            .job(&format!("media-demo-case-{index}"))
            .expect("the job of the case");
        assert_eq!(
            &job["template"]["template"]["vpcAccess"], sent,
            "{:#}",
            calls[index].instance
        );
    }
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn without_a_connector_no_network_is_needed_or_entered() {
    let (cloud, terraform) = cloud();
    let network = json!({ "attributes": { "vpc_id": "vpc-1" } });
    let cases = [
        call(&Value::Null, None),
        call(&json!({}), Some(&Value::Null)),
        call(&json!({ "connector": null }), Some(&json!({}))),
        call(&json!({ "egress": "all-traffic" }), None),
        call(&json!({}), Some(&network)),
    ];
    Root::new().calling_each("job", &numbered(&cases)).lay(&terraform);
    terraform.init().succeeds();
    terraform.apply().succeeds();
    let jobs = cloud.jobs();
    assert_eq!(jobs.len(), cases.len());
    for job in jobs {
        assert_eq!(
            job["template"]["template"]["vpcAccess"],
            Value::Null,
            "{}",
            job["name"]
        );
    }
    terraform.has_nothing_to_do();
}

/// A call with this way into the VPC and, unless it is to be absent, this network.
fn call(access: &Value, network: Option<&Value>) -> Call {
    let mut call = Call::new("", json!({ "spec": spec(&json!({ "vpc_access": access })) }));
    let inputs = call.inputs.as_object_mut().expect("inputs");
    match network {
        Some(network) => inputs.insert("network_details".to_owned(), network.clone()),
        None => inputs.remove("network_details"),
    };
    call
}
