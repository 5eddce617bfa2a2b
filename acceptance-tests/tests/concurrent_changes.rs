//! Changes outside of Terraform between plan and apply.

use serde_json::{Value, json};

use super::{APPLY, RENDER, init_job, job, setup};
use crate::harness::{Emulator, Terraform};

/// A job and a saved plan that adds an environment variable.
fn setup_with_plan(arguments: &str) -> (Emulator, Terraform) {
    let (emulator, terraform) = setup();
    init_job(&terraform, arguments);
    terraform.apply().succeeds();
    terraform.write(
        "main.tf",
        &job(&format!("{arguments}\n  env = {{ MODE = \"next\" }}")),
    );
    terraform
        .run(&["plan", "-input=false", "-out=plan.tfplan"])
        .succeeds();
    (emulator, terraform)
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn saved_plan_does_not_overwrite_changes() {
    let (emulator, terraform) = setup_with_plan("job = { task_count = 3 }");
    emulator.edit_job("render", |job| job["template"]["taskCount"] = json!(5));
    emulator.clear_requests();
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .fails_with("Job changed outside of Terraform")
        .prints("job.task_count");
    assert_eq!(emulator.writes(), [""; 0]);
    // A new plan shows the change.
    let plan = terraform.plan_json();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["before"]["job"]["task_count"], 5);
    terraform.apply().succeeds().prints("1 changed");
    let job = emulator.job("render").expect("the job");
    assert_eq!(job["template"]["taskCount"], 3);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unmanaged_changes_do_not_conflict() {
    let (emulator, terraform) = setup_with_plan("");
    emulator.edit_job("render", |job| {
        job["labels"]["theirs"] = json!("1");
        job["annotations"]["acme.example/theirs"] = json!("1");
        // The same change as planned.
        job["template"]["template"]["containers"][0]["env"] = json!([{ "name": "MODE", "value": "next" }]);
        let containers = job["template"]["template"]["containers"].as_array_mut();
        let limits = json!({ "cpu": "1", "memory": "512Mi" });
        containers.expect("containers").push(
            json!({ "name": "sidecar", "image": "gcr.io/theirs/i", "resources": { "limits": limits } }),
        );
    });
    let url = "/v2/projects/acme-batch/locations/us-central1/jobs/render:run";
    let (status, response) = emulator.api("POST", url, Some(&json!({})));
    assert_eq!(status, 200, "{response}");
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .succeeds();
    let job: Value = emulator.job("render").expect("the job");
    assert_eq!(job["labels"]["theirs"], "1");
    assert_eq!(job["template"]["template"]["containers"][1]["name"], "sidecar");
    terraform.assert_no_changes();
}

/// Another resource delays the update until the job is changed.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn change_during_apply_is_not_overwritten() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "job = { task_count = 3 }");
    terraform.apply().succeeds();
    let delay = r#"
resource "terraform_data" "delay" {
  provisioner "local-exec" {
    command = "touch refreshed; until test -e deployed; do sleep 0.1; done"
  }
}
"#;
    let update =
        "job = { task_count = 3 }\n  env = { MODE = \"next\" }\n  depends_on = [terraform_data.delay]";
    terraform.write("main.tf", &(job(update) + delay));
    let folder = terraform.folder().to_owned();
    let running = terraform
        .start(APPLY)
        .wait_until("the job was refreshed", || folder.join("refreshed").exists());
    emulator.edit_job("render", |job| job["template"]["taskCount"] = json!(5));
    terraform.write("deployed", "");
    running
        .finish()
        .fails_with("Job changed outside of Terraform")
        .prints("job.task_count");
    let job = emulator.job("render").expect("the job");
    assert_eq!(job["template"]["taskCount"], 5);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn destroy_ignores_changes() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform
        .run(&["plan", "-input=false", "-destroy", "-out=plan.tfplan"])
        .succeeds();
    emulator.edit_job("render", |job| job["template"]["taskCount"] = json!(5));
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .succeeds();
    assert_eq!(terraform.state_of(RENDER), None);
    assert!(emulator.jobs().is_empty());
}
