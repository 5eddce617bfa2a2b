//! Resource identity, which Terraform 1.12 and later store in the state and import by.

use serde_json::{Value, json};

use super::{example, job_with_gpu};
use crate::harness::{Feature, Terraform, requires};
use crate::tests::{RENDER, init_job, job, setup};

/// The identity of a job of this name.
fn identity(name: &str) -> Value {
    json!({ "project": "acme-batch", "location": "us-central1", "name": name })
}

/// The identity in the state file.
fn stored_identity(terraform: &Terraform) -> Value {
    let state: Value = serde_json::from_str(&terraform.state_file()).expect("a state");
    let jobs = state["resources"].as_array().expect("resources");
    let job = jobs.iter().find(|resource| resource["name"] == "render");
    job.expect("the job")["instances"][0]["identity"].clone()
}

/// Makes the state file one of an earlier Terraform.
fn remove_identity(terraform: &Terraform) {
    let mut state: Value = serde_json::from_str(&terraform.state_file()).expect("a state");
    let instance = state["resources"][0]["instances"][0].as_object_mut();
    let instance = instance.expect("the job");
    assert!(instance.remove("identity").is_some());
    instance.remove("identity_schema_version");
    terraform.write("terraform.tfstate", &state.to_string());
}

fn import(identity: &str) -> String {
    format!("import {{\n  to = {RENDER}\n  identity = {{ {identity} }}\n}}\n")
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn identity_is_stored_and_changes_on_replace() {
    if !requires(Feature::ResourceIdentity) {
        return;
    }
    let (_emulator, terraform) = setup();
    init_job(&terraform, "");
    // Terraform itself rejects a changed identity after an apply or a refresh.
    terraform.apply().succeeds();
    assert_eq!(stored_identity(&terraform), identity("render"));
    terraform.assert_no_changes();
    terraform.write("main.tf", &job("").replace(r#"= "render""#, r#"= "weekly""#));
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    assert_eq!(stored_identity(&terraform), identity("weekly"));
    // There is no planned identity while the name is unknown.
    let unknown = r#"
resource "terraform_data" "name" {
  input = "monthly"
}
"#;
    let of_unknown = job("").replace(
        r#""render"
  container"#,
        "terraform_data.name.output\n  container",
    );
    terraform.write("main.tf", &(of_unknown + unknown));
    terraform.apply().succeeds();
    assert_eq!(stored_identity(&terraform), identity("monthly"));
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_create_stores_identity() {
    if !requires(Feature::IdentityOfFailedCreate) {
        return;
    }
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    emulator.inject_fault("permission-denied-on-write", 1);
    terraform.apply().fails_with("PERMISSION_DENIED");
    assert_eq!(terraform.state_of(RENDER), None);
    emulator.inject_fault("operation-error", 1);
    terraform.apply().fails_with(RENDER);
    assert_eq!(stored_identity(&terraform), identity("render"));
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn refresh_adds_identity_to_older_state() {
    if !requires(Feature::ResourceIdentity) {
        return;
    }
    let (_emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    remove_identity(&terraform);
    terraform.assert_no_changes();
    assert_eq!(stored_identity(&terraform), Value::Null);
    terraform
        .run(&["apply", "-auto-approve", "-refresh-only"])
        .succeeds();
    assert_eq!(stored_identity(&terraform), identity("render"));
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn import_by_identity() {
    if !requires(Feature::ResourceIdentity) {
        return;
    }
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let created = terraform.state(RENDER);
    emulator.clear_requests();
    for attributes in [
        r#"project = "acme-batch", location = "us-central1", name = "render""#,
        // The project defaults to the provider's.
        r#"location = "us-central1", name = "render""#,
    ] {
        terraform.run(&["state", "rm", RENDER]).succeeds();
        terraform.write("import.tf", &import(attributes));
        terraform
            .apply()
            .succeeds()
            .prints("1 imported, 0 added, 0 changed, 0 destroyed");
        assert_eq!(stored_identity(&terraform), identity("render"));
        assert_eq!(terraform.state(RENDER)["uid"], created["uid"]);
        terraform.assert_no_changes();
    }
    assert_eq!(emulator.writes(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn invalid_identities_are_rejected() {
    if !requires(Feature::ResourceIdentity) {
        return;
    }
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    for (attributes, expected) in [
        // An error of Terraform, from the identity schema.
        (r#"location = "us-central1""#, "attribute \"name\" is required"),
        (
            r#"location = "us-central1", name = "a/b""#,
            "it must have two, three or six parts",
        ),
        (
            r#"location = "..", name = "../../x?y#z""#,
            "Invalid import identity",
        ),
    ] {
        terraform.write("import.tf", &import(attributes));
        terraform.plan(&[]).fails_with(expected);
        assert_eq!(emulator.request_lines(), [""; 0], "{attributes}");
    }
    terraform.write(
        "import.tf",
        &import(r#"location = "us-central1", name = "weekly""#),
    );
    terraform.plan(&[]).fails_with("weekly");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn identity_import_example_applies() {
    if !requires(Feature::ResourceIdentity) {
        return;
    }
    let (emulator, terraform) = setup();
    emulator.create_job("video-processor", &job_with_gpu(&json!({ "team": "media" })));
    let body = job(r#"labels = { team = "media" }
  job = { task_timeout = "600s" }"#)
    .replace(r#""render""#, r#""video_processor""#)
    .replace(
        r#"name      = "video_processor""#,
        r#"name      = "video-processor""#,
    );
    terraform.write("main.tf", &body);
    terraform.write(
        "import.tf",
        &example("resources/facets_gpu_cloudrun_job/import-by-identity.tf"),
    );
    terraform.init().succeeds();
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.assert_no_changes();
}
