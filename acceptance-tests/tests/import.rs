//! Import of existing jobs.

use serde_json::json;

use super::{IMAGE, RENDER, init_job, job, setup};
use crate::harness::{MockServer, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn each_import_id_form_works() {
    let (emulator, terraform) = setup();
    let arguments = r#"job = { task_count = 3, task_timeout = "45m" }
        env = { MODE = "final" }
        secrets = [{ env_var = "API_KEY", secret_name = "my-api-key", version = "2" }]"#;
    init_job(&terraform, arguments);
    terraform.apply().succeeds();
    let created = terraform.state(RENDER);
    for id in [
        "projects/acme-batch/locations/us-central1/jobs/render",
        "acme-batch/us-central1/render",
        "us-central1/render",
    ] {
        terraform.run(&["state", "rm", RENDER]).succeeds();
        terraform.run(&["import", "-input=false", RENDER, id]).succeeds();
        let imported = terraform.state(RENDER);
        for attribute in [
            "id",
            "uid",
            "name",
            "project",
            "location",
            "container",
            "resources",
            "secrets",
            "env",
        ] {
            assert_eq!(
                imported[attribute], created[attribute],
                "{attribute} after the import of {id}"
            );
        }
        terraform.assert_no_changes();
    }
    assert_eq!(emulator.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn import_block_plans_no_change() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    emulator.clear_requests();
    terraform.write("import.tf", &import_block("us-central1/render"));
    let plan = terraform.plan_json();
    assert_eq!(plan["resource_changes"][0]["change"]["actions"], json!(["no-op"]));
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.assert_no_changes();
    assert_eq!(emulator.writes(), [""; 0], "the import sent a write");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn missing_job_fails_import() {
    let (_emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .fails_with("render");
    terraform
        .run(&["import", "-input=false", RENDER, "a/b/c/d/e"])
        .fails_with("projects/");
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn malformed_import_ids_send_no_request() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    for (id, expected) in [
        (
            "projects/acme-batch/locations/us-central1/services/z",
            "it must have jobs instead of \"services\"",
        ),
        (
            "us-central1/services/z",
            "it must have a region instead of \"services\"",
        ),
        (
            "us-central1/Render",
            "start with a letter and not end with a hyphen, got \"Render\"",
        ),
        ("us-central1/render-", "got \"render-\""),
        ("us-central1/my_job", "got \"my_job\""),
    ] {
        terraform
            .run(&["import", "-input=false", RENDER, id])
            .fails_with("Invalid import ID")
            .prints(expected);
        terraform.write("import.tf", &import_block(id));
        terraform
            .plan(&[])
            .fails_with("Invalid import ID")
            .prints(expected);
        terraform.remove("import.tf");
    }
    assert_eq!(emulator.request_lines(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn job_being_deleted_fails_import() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    let mut job = emulator.job("render").expect("the job");
    job["deleteTime"] = json!("2026-11-28T12:00:00Z");
    let server = MockServer::new(move |_| (200, job.clone()));
    let endpoint = format!("{}/v2/", server.address());
    let run = terraform.run_with(
        &[("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &endpoint)],
        &["import", "-input=false", RENDER, "us-central1/render"],
    );
    run.fails_with("Job is being deleted")
        .prints("whose deletion began at 2026-11-28T12:00:00Z");
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn importing_job_without_gpu_warns() {
    let (emulator, terraform) = setup();
    emulator.create_job(
        "plain",
        &json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } }),
    );
    init_job(&terraform, "");
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/plain"])
        .succeeds()
        .prints("Warning")
        .prints("GPU");
    assert_eq!(terraform.state(RENDER)["gpu"]["enabled"], false);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn generated_config_imports_job() {
    let (_emulator, terraform) = setup();
    init_job(&terraform, r#"labels = { team = "media" }"#);
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.write("main.tf", super::REQUIRED_PROVIDERS);
    let generated = generate(&terraform);
    assert!(generated.contains("media"), "{generated}");
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn import_block_updates_differing_job() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.write("main.tf", &job("job = { task_count = 7 }"));
    terraform.write("import.tf", &import_block("us-central1/render"));
    terraform
        .apply()
        .succeeds()
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    assert_eq!(
        emulator.job("render").expect("the job")["template"]["taskCount"],
        7
    );
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn imported_labels_are_kept() {
    let (emulator, terraform) = setup();
    let both = r#"labels = { team = "media", cost = "7" }
  annotations = { "acme.example/owner" = "ada" }"#;
    init_job(&terraform, both);
    terraform.apply().succeeds();
    let labels = || emulator.job("render").expect("the job")["labels"].clone();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds();
    terraform.assert_no_changes();

    terraform.write("main.tf", &job(r#"labels = { team = "film" }"#));
    terraform
        .plan(&[])
        .prints("Warning: Unmanaged imported labels")
        .prints("\"cost\"")
        .prints("Warning: Unmanaged imported annotations");
    // Also when the first update fails.
    emulator.inject_fault("operation-error", 1);
    terraform.apply().fails_with("render");
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(labels(), json!({ "team": "film", "cost": "7" }));
    let annotations = &emulator.job("render").expect("the job")["annotations"];
    assert_eq!(annotations["acme.example/owner"], "ada");
    assert_eq!(terraform.state(RENDER)["labels"], json!({ "team": "film" }));
    terraform.assert_no_changes();

    // The same with an import block.
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.write("import.tf", &import_block("us-central1/render"));
    terraform
        .apply()
        .succeeds()
        .prints("Warning: Unmanaged imported labels")
        .prints("1 imported, 0 added, 1 changed, 0 destroyed");
    assert_eq!(labels(), json!({ "team": "film", "cost": "7" }));
    terraform.assert_no_changes();

    // A label that was configured before is removed.
    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().does_not_print("imported labels");
    assert_eq!(labels(), json!({ "cost": "7" }));
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn data_source_annotations_can_be_copied() {
    let (emulator, terraform) = setup();
    init_job(&terraform, r#"annotations = { "acme.example/owner" = "ada" }"#);
    terraform.apply().succeeds();
    let copy = format!(
        r#"
data "facets_gpu_cloudrun_job" "source" {{
  name = "render"
}}
resource "facets_gpu_cloudrun_job" "copy" {{
  name        = "copy"
  container   = {{ image = "{IMAGE}" }}
  labels      = data.facets_gpu_cloudrun_job.source.labels
  annotations = data.facets_gpu_cloudrun_job.source.annotations
}}
"#
    );
    terraform.write("copy.tf", &copy);
    terraform.apply().succeeds().prints("1 added");
    assert_eq!(emulator.jobs().len(), 2);
    terraform.assert_no_changes();
    terraform.write(
        "copy.tf",
        &job(r#"annotations = { "terraform-provider-facets-gpu/creation-id" = "x" }"#)
            .replace(super::REQUIRED_PROVIDERS, "")
            .replace("\"render\"", "\"copy\""),
    );
    terraform.plan(&[]).fails_with("Invalid annotation");
}

/// Generates the configuration of the job `render` to `generated.tf`, and returns it as generated.
pub(super) fn generate(terraform: &Terraform) -> String {
    generate_for(terraform, &import_block("us-central1/render"))
}

/// As [`generate`], for an import block.
pub(super) fn generate_for(terraform: &Terraform, import: &str) -> String {
    // Terraform 1.16 needs the provider in the import block while there is no resource block; with one, no version allows it.
    terraform.write(
        "import.tf",
        &import.replace("  id =", "  provider = facets\n  id ="),
    );
    terraform
        .run(&["plan", "-input=false", "-generate-config-out=generated.tf"])
        .succeeds()
        .does_not_print("Warning: Missing GPU");
    let generated = std::fs::read_to_string(terraform.folder().join("generated.tf")).expect("the file");
    terraform.write("import.tf", import);
    remove_provider_argument(terraform, "generated.tf");
    generated
}

/// Removes the `provider` argument from a generated file, as `docs/guides/importing.md` describes.
pub(super) fn remove_provider_argument(terraform: &Terraform, file: &str) {
    let generated = std::fs::read_to_string(terraform.folder().join(file)).expect("the generated file");
    let lines: Vec<&str> = generated
        .lines()
        .filter(|line| !line.trim_start().starts_with("provider "))
        .collect();
    terraform.write(file, &lines.join("\n"));
}

/// An import block for [`RENDER`].
pub(super) fn import_block(id: &str) -> String {
    format!("import {{\n  to = {RENDER}\n  id = \"{id}\"\n}}\n")
}
