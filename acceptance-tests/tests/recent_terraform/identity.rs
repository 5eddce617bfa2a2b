//! Which job a resource is, as Terraform 1.12 and later keep it beside the state, and as they import by it.

use serde_json::{Value, json};

use super::{cloud, example, job_with_gpu};
use crate::harness::Terraform;
use crate::tests::{RENDER, job, with_job};

const VERSION: &str = "1.12";

/// The identity of a job of this name.
fn identity(name: &str) -> Value {
    json!({ "project": "acme-batch", "location": "us-central1", "name": name })
}

/// What the state file says of which job it is.
fn stored(terraform: &Terraform) -> Value {
    let state: Value = serde_json::from_str(&terraform.state_file()).expect("a state");
    let jobs = state["resources"].as_array().expect("resources");
    let job = jobs.iter().find(|resource| resource["name"] == "render");
    job.expect("the job")["instances"][0]["identity"].clone()
}

fn import(identity: &str) -> String {
    format!("import {{\n  to = {RENDER}\n  identity = {{ {identity} }}\n}}\n")
}

#[test]
#[ignore = "needs Terraform 1.12, which make test fetches"]
fn a_job_has_an_identity_from_its_plan_on_and_another_job_has_another() {
    let (_cloud, terraform) = cloud(VERSION);
    with_job(&terraform, "");
    // Terraform itself refuses an apply or a refresh that comes to another identity.
    terraform.apply().succeeds();
    assert_eq!(stored(&terraform), identity("render"));
    terraform.has_nothing_to_do();
    terraform.write("main.tf", &job("").replace(r#"= "render""#, r#"= "weekly""#));
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
    assert_eq!(stored(&terraform), identity("weekly"));
    // A name that is not known before the apply: there is no identity until then.
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
    assert_eq!(stored(&terraform), identity("monthly"));
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs Terraform 1.15, which make test fetches"]
fn a_create_that_leaves_a_job_leaves_its_identity() {
    // Terraform 1.12 keeps the job without its identity then, which the next refresh brings.
    let (cloud, terraform) = cloud("1.15");
    with_job(&terraform, "");
    cloud.arm("permission-denied-on-write", 1);
    terraform.apply().fails_with("PERMISSION_DENIED");
    assert_eq!(terraform.state_of(RENDER), None);
    cloud.arm("operation-error", 1);
    terraform.apply().fails_with(RENDER);
    assert_eq!(stored(&terraform), identity("render"));
    terraform
        .apply()
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
}

#[test]
#[ignore = "needs Terraform 1.12, which make test fetches"]
fn a_state_of_an_older_terraform_gets_an_identity_when_it_is_read() {
    let (_cloud, mut terraform) = crate::tests::cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.turn_into(VERSION);
    terraform.has_nothing_to_do();
    terraform
        .run(&["apply", "-auto-approve", "-refresh-only"])
        .succeeds();
    assert_eq!(stored(&terraform), identity("render"));
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs Terraform 1.12, which make test fetches"]
fn a_job_is_imported_by_its_identity() {
    let (cloud, terraform) = cloud(VERSION);
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let made = terraform.state(RENDER);
    cloud.clear_requests();
    for given in [
        r#"project = "acme-batch", location = "us-central1", name = "render""#,
        // The provider's project completes it.
        r#"location = "us-central1", name = "render""#,
    ] {
        terraform.run(&["state", "rm", RENDER]).succeeds();
        terraform.write("import.tf", &import(given));
        terraform
            .apply()
            .succeeds()
            .says("1 imported, 0 added, 0 changed, 0 destroyed");
        assert_eq!(stored(&terraform), identity("render"));
        assert_eq!(terraform.state(RENDER)["uid"], made["uid"]);
        terraform.has_nothing_to_do();
    }
    assert_eq!(cloud.writes(), [""; 0]);
}

#[test]
#[ignore = "needs Terraform 1.12, which make test fetches"]
fn an_identity_that_names_no_job_is_refused() {
    let (cloud, terraform) = cloud(VERSION);
    with_job(&terraform, "");
    for (given, words) in [
        // Terraform's own words, by the identity's schema.
        (r#"location = "us-central1""#, "attribute \"name\" is required"),
        (
            r#"location = "us-central1", name = "a/b""#,
            "has another number of parts",
        ),
        (
            r#"location = "..", name = "../../x?y#z""#,
            "Invalid import identity",
        ),
    ] {
        terraform.write("import.tf", &import(given));
        terraform.plan(&[]).fails_with(words);
        assert_eq!(cloud.lines(), [""; 0], "{given}");
    }
    terraform.write(
        "import.tf",
        &import(r#"location = "us-central1", name = "weekly""#),
    );
    terraform.plan(&[]).fails_with("weekly");
}

#[test]
#[ignore = "needs Terraform 1.12, which make test fetches"]
fn the_example_of_an_import_by_identity_takes_the_job_over() {
    let (cloud, terraform) = cloud(VERSION);
    cloud.create_job("video-processor", &job_with_gpu(&json!({ "team": "media" })));
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
        .says("1 imported, 0 added, 0 changed, 0 destroyed");
    terraform.has_nothing_to_do();
}
