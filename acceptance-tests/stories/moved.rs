//! A job of `google_cloud_run_v2_job` becomes this resource's by a `moved` block, which takes Terraform 1.8. The job in
//! Google is not touched.
//!
//! Terraform starts every provider that the state names and asks it for its schemas, so the Google provider must be
//! installed. It need not know the resource any longer: core hands the state over as it is stored. So this provider's own
//! binary stands in for it.

use serde_json::{Value, json};

use super::{IMAGE, RENDER, REQUIRED, installation};
use crate::harness::{Emulator, Installation, Terraform};
use std::sync::Arc;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_is_as_the_configuration_says_moves_without_a_write() {
    let stage = Stage::new();
    stage.terraform.write("main.tf", &configuration("google_cloud_run_v2_job", ""));
    println!("{}", stage.terraform.init());
    println!("{}", stage.terraform.plan(&[]));
    panic!();
}

struct Stage { cloud: Emulator, terraform: Terraform }
impl Stage {
    fn new() -> Self {
        let cloud = Emulator::start();
        let installation = Arc::new(Installation::new().unwrap_or_else(|reason| panic!("{reason}")));
        let terraform = Terraform::new(&installation).unwrap_or_else(|reason| panic!("{reason}")).against(&cloud);
        cloud.create_job("render", &json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } }));
        let state = state("google_cloud_run_v2_job", json!({"id": "projects/acme-batch/locations/us-central1/jobs/render"}));
        terraform.write("terraform.tfstate", &state.to_string());
        Stage { cloud, terraform }
    }
}

fn configuration(from: &str, arguments: &str) -> String {
    format!("{}\nmoved {{\n  from = {from}.render\n  to = {RENDER}\n}}\n", super::job(arguments))
}

fn state(kind: &str, attributes: Value) -> Value {
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "0f5b7c9e-5a43-4d0c-8d6a-6a1d6d5d9a11",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": kind,
            "name": "render",
            "provider": "provider[\"registry.terraform.io/hashicorp/google\"]",
            "instances": [{ "schema_version": 0, "attributes": attributes, "sensitive_attributes": [] }],
        }],
        "check_results": null,
    })
}
