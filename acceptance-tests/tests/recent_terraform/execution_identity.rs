//! The identity of executions, which Terraform 1.12 and later store in the state and import by.

use serde_json::{Value, json};

use crate::harness::{Feature, Terraform, requires};
use crate::tests::{job, setup};

const RUN: &str = "facets_gpu_cloudrun_job_execution.run";

fn config(day: &str) -> String {
    format!(
        r#"{}
resource "facets_gpu_cloudrun_job_execution" "run" {{
  job      = facets_gpu_cloudrun_job.render.id
  triggers = {{ day = "{day}" }}
}}
"#,
        job("")
    )
}

/// The identity of the execution in the state file.
fn stored_identity(terraform: &Terraform) -> Value {
    let state: Value = serde_json::from_str(&terraform.state_file()).expect("a state");
    let resources = state["resources"].as_array().expect("resources");
    let run = resources.iter().find(|resource| resource["name"] == "run");
    run.expect("the execution")["instances"][0]["identity"].clone()
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_is_imported_by_its_identity() {
    if !requires(Feature::ResourceIdentity) {
        return;
    }
    let (emulator, terraform) = setup();
    terraform.write("main.tf", &config("1"));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    terraform.write("main.tf", &config("2"));
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    let name = terraform.state(RUN)["name"].clone();
    let identity =
        json!({ "project": "acme-batch", "location": "us-central1", "job": "render", "name": name });
    assert_eq!(stored_identity(&terraform), identity);

    terraform.run(&["state", "rm", RUN]).succeeds();
    let import = format!(
        "import {{\n  to = {RUN}\n  identity = {{ location = \"us-central1\", job = \"render\", name = {name} }}\n}}\n"
    );
    terraform.write("import.tf", &import);
    terraform
        .apply()
        .succeeds()
        .prints("Warning: Imported execution")
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    assert_eq!(stored_identity(&terraform), identity);
    terraform.assert_no_changes();
    assert_eq!(emulator.executions().len(), 2);
}
