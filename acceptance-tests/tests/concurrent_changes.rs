//! What somebody else changes between a plan and its apply.

use serde_json::{Value, json};

use super::{APPLY, RENDER, cloud, job, with_job};
use crate::harness::{Emulator, Terraform};

/// A job, and a saved plan that gives it another environment variable.
fn planned(arguments: &str) -> (Emulator, Terraform) {
    let (cloud, terraform) = cloud();
    with_job(&terraform, arguments);
    terraform.apply().succeeds();
    terraform.write(
        "main.tf",
        &job(&format!("{arguments}\n  env = {{ MODE = \"next\" }}")),
    );
    terraform
        .run(&["plan", "-input=false", "-out=plan.tfplan"])
        .succeeds();
    (cloud, terraform)
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_saved_plan_does_not_overwrite_them() {
    let (cloud, terraform) = planned("job = { task_count = 3 }");
    cloud.edit_job("render", |job| job["template"]["taskCount"] = json!(5));
    cloud.clear_requests();
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .fails_with("Job changed outside of Terraform")
        .says("job.task_count");
    assert_eq!(cloud.writes(), [""; 0]);
    // A new plan shows it.
    let plan = terraform.planned();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["before"]["job"]["task_count"], 5);
    terraform.apply().succeeds().says("1 changed");
    let job = cloud.job("render").expect("the job");
    assert_eq!(job["template"]["taskCount"], 3);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_is_not_managed_is_no_such_change() {
    let (cloud, terraform) = planned("");
    cloud.edit_job("render", |job| {
        job["labels"]["theirs"] = json!("1");
        job["annotations"]["acme.example/theirs"] = json!("1");
        // As planned already.
        job["template"]["template"]["containers"][0]["env"] = json!([{ "name": "MODE", "value": "next" }]);
        let containers = job["template"]["template"]["containers"].as_array_mut();
        let limits = json!({ "cpu": "1", "memory": "512Mi" });
        containers.expect("containers").push(
            json!({ "name": "sidecar", "image": "gcr.io/theirs/i", "resources": { "limits": limits } }),
        );
    });
    let url = "/v2/projects/acme-batch/locations/us-central1/jobs/render:run";
    let (status, answer) = cloud.api("POST", url, Some(&json!({})));
    assert_eq!(status, 200, "{answer}");
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .succeeds();
    let job: Value = cloud.job("render").expect("the job");
    assert_eq!(job["labels"]["theirs"], "1");
    assert_eq!(job["template"]["template"]["containers"][1]["name"], "sidecar");
    terraform.has_nothing_to_do();
}

/// Another resource of the same apply holds the update back until the job is changed.
#[test]
#[cfg(unix)]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_deploy_between_the_refresh_and_the_update_of_one_apply_is_not_overwritten() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "job = { task_count = 3 }");
    terraform.apply().succeeds();
    let held_back = r#"
resource "terraform_data" "held_back" {
  provisioner "local-exec" {
    command = "touch refreshed; until test -e deployed; do sleep 0.1; done"
  }
}
"#;
    let update =
        "job = { task_count = 3 }\n  env = { MODE = \"next\" }\n  depends_on = [terraform_data.held_back]";
    terraform.write("main.tf", &(job(update) + held_back));
    let folder = terraform.folder().to_owned();
    let running = terraform
        .start(APPLY)
        .wait_until("the job was refreshed", || folder.join("refreshed").exists());
    cloud.edit_job("render", |job| job["template"]["taskCount"] = json!(5));
    terraform.write("deployed", "");
    running
        .finish()
        .fails_with("Job changed outside of Terraform")
        .says("job.task_count");
    let job = cloud.job("render").expect("the job");
    assert_eq!(job["template"]["taskCount"], 5);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_destroy_goes_on() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform
        .run(&["plan", "-input=false", "-destroy", "-out=plan.tfplan"])
        .succeeds();
    cloud.edit_job("render", |job| job["template"]["taskCount"] = json!(5));
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .succeeds();
    assert_eq!(terraform.state_of(RENDER), None);
    assert!(cloud.jobs().is_empty());
}
