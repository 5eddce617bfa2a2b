//! Jobs that exist already come under Terraform's care.

use serde_json::json;

use super::{IMAGE, RENDER, cloud, job, with_job};
use crate::harness::{StandIn, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_is_imported_by_each_form_of_its_id() {
    let (cloud, terraform) = cloud();
    let arguments = r#"job = { task_count = 3, task_timeout = "45m" }
        env = { MODE = "final" }
        secrets = [{ env_var = "API_KEY", secret_name = "my-api-key", version = "2" }]"#;
    with_job(&terraform, arguments);
    terraform.apply().succeeds();
    let made = terraform.state(RENDER);
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
                imported[attribute], made[attribute],
                "{attribute} after the import of {id}"
            );
        }
        terraform.has_nothing_to_do();
    }
    assert_eq!(cloud.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_import_block_is_planned_without_a_change() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    cloud.clear_requests();
    terraform.write("import.tf", &block("us-central1/render"));
    let plan = terraform.planned();
    assert_eq!(plan["resource_changes"][0]["change"]["actions"], json!(["no-op"]));
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.has_nothing_to_do();
    assert_eq!(cloud.writes(), [""; 0], "an import changes nothing");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_does_not_exist_cannot_be_imported() {
    let (_cloud, terraform) = cloud();
    with_job(&terraform, "");
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
fn what_can_be_no_job_is_refused_without_a_question() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    for (id, words) in [
        (
            "projects/acme-batch/locations/us-central1/services/z",
            "it has \"services\" where \"jobs\" must be",
        ),
        ("us-central1/services/z", "it has \"services\" where"),
        (
            "us-central1/Render",
            "start with a letter and not end with a hyphen, got \"Render\"",
        ),
        ("us-central1/render-", "got \"render-\""),
        ("us-central1/my_job", "got \"my_job\""),
    ] {
        terraform
            .run(&["import", "-input=false", RENDER, id])
            .fails_with("Invalid import id")
            .says(words);
        terraform.write("import.tf", &block(id));
        terraform.plan(&[]).fails_with("Invalid import id").says(words);
        terraform.remove("import.tf");
    }
    assert_eq!(cloud.lines(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_is_being_deleted_is_not_imported() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    let mut job = cloud.job("render").expect("the job");
    job["deleteTime"] = json!("2026-11-28T12:00:00Z");
    let google = StandIn::new(move |_| (200, job.clone()));
    let endpoint = format!("{}/v2/", google.address());
    let run = terraform.run_with(
        &[("GOOGLE_CLOUD_RUN_V2_CUSTOM_ENDPOINT", &endpoint)],
        &["import", "-input=false", RENDER, "us-central1/render"],
    );
    run.fails_with("Job to import is being deleted")
        .says("whose deletion began at 2026-11-28T12:00:00Z");
    assert_eq!(terraform.state_of(RENDER), None);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_without_a_gpu_is_imported_with_a_warning() {
    let (cloud, terraform) = cloud();
    cloud.create_job(
        "plain",
        &json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } }),
    );
    with_job(&terraform, "");
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/plain"])
        .succeeds()
        .says("Warning")
        .says("GPU");
    assert_eq!(terraform.state(RENDER)["gpu"]["enabled"], false);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_configuration_is_generated_for_an_imported_job() {
    let (_cloud, terraform) = cloud();
    with_job(&terraform, r#"labels = { team = "media" }"#);
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.write("main.tf", super::REQUIRED);
    let generated = generate(&terraform);
    assert!(generated.contains("media"), "{generated}");
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_imported_job_that_differs_is_changed_to_the_configuration() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.write("main.tf", &job("job = { task_count = 7 }"));
    terraform.write("import.tf", &block("us-central1/render"));
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 1 changed, 0 destroyed");
    assert_eq!(cloud.job("render").expect("the job")["template"]["taskCount"], 7);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn labels_that_an_import_found_stay_on_the_job() {
    let (cloud, terraform) = cloud();
    let both = r#"labels = { team = "media", cost = "7" }
  annotations = { "acme.example/owner" = "ada" }"#;
    with_job(&terraform, both);
    terraform.apply().succeeds();
    let labels = || cloud.job("render").expect("the job")["labels"].clone();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds();
    terraform.has_nothing_to_do();

    terraform.write("main.tf", &job(r#"labels = { team = "film" }"#));
    terraform
        .plan(&[])
        .says("Warning: Imported labels stay on the job")
        .says("\"cost\"")
        .says("Warning: Imported annotations stay on the job");
    // Also when the first update fails.
    cloud.arm("operation-error", 1);
    terraform.apply().fails_with("render");
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(labels(), json!({ "team": "film", "cost": "7" }));
    let annotations = &cloud.job("render").expect("the job")["annotations"];
    assert_eq!(annotations["acme.example/owner"], "ada");
    assert_eq!(terraform.state(RENDER)["labels"], json!({ "team": "film" }));
    terraform.has_nothing_to_do();

    // The same within one apply of a block.
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.write("import.tf", &block("us-central1/render"));
    terraform
        .apply()
        .succeeds()
        .says("Warning: Imported labels stay on the job")
        .says("1 imported, 0 added, 1 changed, 0 destroyed");
    assert_eq!(labels(), json!({ "team": "film", "cost": "7" }));
    terraform.has_nothing_to_do();

    // From now on a label that the configuration gives up is removed.
    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().does_not_say("Imported labels");
    assert_eq!(labels(), json!({ "cost": "7" }));
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_annotations_of_a_data_source_can_be_set() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, r#"annotations = { "acme.example/owner" = "ada" }"#);
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
    terraform.apply().succeeds().says("1 added");
    assert_eq!(cloud.jobs().len(), 2);
    terraform.has_nothing_to_do();
    terraform.write(
        "copy.tf",
        &job(r#"annotations = { "terraform-provider-facets-gpu/creation-id" = "x" }"#)
            .replace(super::REQUIRED, "")
            .replace("\"render\"", "\"copy\""),
    );
    terraform.plan(&[]).fails_with("Invalid annotation");
}

/// Has the configuration of the job `render` written while it is imported, to `generated.tf`; gives back what was written.
pub(super) fn generate(terraform: &Terraform) -> String {
    let plain = block("us-central1/render");
    // Terraform 1.16 takes the first word of the type for the provider where the block does not name it; beside the written
    // resource no version takes it.
    let for_now = if terraform.is_at_least((1, 16), (u32::MAX, 0)) {
        plain.replace("  id =", "  provider = facets\n  id =")
    } else {
        plain.clone()
    };
    terraform.write("import.tf", &for_now);
    terraform
        .run(&["plan", "-input=false", "-generate-config-out=generated.tf"])
        .succeeds()
        .does_not_say("Warning: Imported job will change");
    let written = std::fs::read_to_string(terraform.folder().join("generated.tf")).expect("the file");
    terraform.write("import.tf", &plain);
    mend(terraform, "generated.tf");
    written
}

/// Takes a line out of a generated file: until 1.16 Terraform writes the last word of the source address for the provider's
/// local name, which is "facets" here; a user removes that line too.
pub(super) fn mend(terraform: &Terraform, file: &str) {
    let generated = std::fs::read_to_string(terraform.folder().join(file)).expect("the generated file");
    let kept: Vec<&str> = generated
        .lines()
        .filter(|line| !line.trim_start().starts_with("provider "))
        .collect();
    terraform.write(file, &kept.join("\n"));
}

/// A block that imports the job of most stories.
pub(super) fn block(id: &str) -> String {
    format!("import {{\n  to = {RENDER}\n  id = \"{id}\"\n}}\n")
}
