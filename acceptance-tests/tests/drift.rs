//! Changes of a job outside of Terraform.

use serde_json::json;

use super::{RENDER, init_job, job, setup};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn outside_change_is_reverted() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "job = { task_count = 4, parallelism = 2 }");
    terraform.apply().succeeds();
    emulator.edit_job("render", |job| job["template"]["parallelism"] = json!(4));

    let plan = terraform.plan_json();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["update"]));
    assert_eq!(change["before"]["job"]["parallelism"], 4);
    assert_eq!(change["after"]["job"]["parallelism"], 2);
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(
        emulator.job("render").expect("the job")["template"]["parallelism"],
        2
    );
    terraform.assert_no_changes();

    emulator.delete_job("render");
    let plan = terraform.plan_json();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["create"]));
    terraform.apply().succeeds().prints("1 added");
    assert_eq!(emulator.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unmanaged_labels_and_annotations_are_kept() {
    let (emulator, terraform) = setup();
    init_job(&terraform, r#"labels = { team = "media" }"#);
    terraform.apply().succeeds();
    emulator.edit_job("render", |job| {
        job["labels"]["scanned-by"] = json!("security");
        job["annotations"] = json!({ "acme.example/ticket": "4711" });
    });
    terraform.assert_no_changes();

    terraform.write("main.tf", &job(r#"labels = { team = "rendering" }"#));
    terraform.apply().succeeds().prints("1 changed");
    let updated = emulator.job("render").expect("the job");
    assert_eq!(
        updated["labels"],
        json!({ "team": "rendering", "scanned-by": "security" })
    );
    assert_eq!(updated["annotations"]["acme.example/ticket"], "4711");

    // A label removed from the configuration is removed from the job; unmanaged labels are kept.
    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().prints("1 changed");
    assert_eq!(
        emulator.job("render").expect("the job")["labels"],
        json!({ "scanned-by": "security" })
    );
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_is_not_drift() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let state = terraform.state(RENDER);
    let path = state["execution_url"]
        .as_str()
        .and_then(|url| url.strip_prefix("https://run.googleapis.com"));
    emulator.inject_fault("execution-fails", 1);
    let (status, response) = emulator.api(
        "POST",
        path.expect("a URL of the Cloud Run API"),
        Some(&json!({})),
    );
    assert_eq!(status, 200, "{response}");
    terraform.assert_no_changes();
    terraform
        .run(&["apply", "-refresh-only", "-auto-approve"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["execution_count"], 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn plan_shows_only_changed_attributes() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    init_job(&terraform, "job = { task_count = 2 }");
    let plan = terraform.plan_json();
    let change = &plan["resource_changes"][0]["change"];
    let changed: Vec<&String> = change["before"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, before)| change["after"][name.as_str()] != **before)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        changed,
        [
            "condition",
            "etag",
            "generation",
            "job",
            "last_modifier",
            "max_gpu_hours",
            "update_time"
        ]
    );

    // An execution started between plan and apply appears with the next refresh.
    let url = "/v2/projects/acme-batch/locations/us-central1/jobs/render:run";
    let (status, response) = emulator.api("POST", url, Some(&json!({})));
    assert_eq!(status, 200, "{response}");
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["execution_count"], 0);
    terraform.assert_no_changes();
    terraform
        .run(&["apply", "-refresh-only", "-auto-approve"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["execution_count"], 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn removed_gpu_is_restored() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    emulator.edit_job("render", |job| {
        let task = &mut job["template"]["template"];
        task.as_object_mut().expect("a task").remove("nodeSelector");
        task.as_object_mut()
            .expect("a task")
            .remove("gpuZonalRedundancyDisabled");
        task["containers"][0]["resources"] = json!({ "limits": { "cpu": "4", "memory": "8Gi" } });
    });
    terraform.apply().succeeds().prints("1 changed");
    let job = emulator.job("render").expect("the job");
    assert_eq!(
        job["template"]["template"]["nodeSelector"]["accelerator"],
        "nvidia-rtx-pro-6000"
    );
    terraform.assert_no_changes();
}
