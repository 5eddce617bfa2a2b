//! What others do to a job behind Terraform's back.

use serde_json::json;

use super::{RENDER, cloud, job, with_job};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_change_by_others_is_seen_and_mended() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "job = { task_count = 4, parallelism = 2 }");
    terraform.apply().succeeds();
    cloud.edit_job("render", |job| job["template"]["parallelism"] = json!(4));

    let plan = terraform.planned();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["update"]));
    assert_eq!(change["before"]["job"]["parallelism"], 4);
    assert_eq!(change["after"]["job"]["parallelism"], 2);
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(
        cloud.job("render").expect("the job")["template"]["parallelism"],
        2
    );
    terraform.has_nothing_to_do();

    cloud.delete_job("render");
    let plan = terraform.planned();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], json!(["create"]));
    terraform.apply().succeeds().says("1 added");
    assert_eq!(cloud.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn labels_and_annotations_of_others_stay() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, r#"labels = { team = "media" }"#);
    terraform.apply().succeeds();
    cloud.edit_job("render", |job| {
        job["labels"]["scanned-by"] = json!("security");
        job["annotations"] = json!({ "acme.example/ticket": "4711" });
    });
    terraform.has_nothing_to_do();

    terraform.write("main.tf", &job(r#"labels = { team = "rendering" }"#));
    terraform.apply().succeeds().says("1 changed");
    let now = cloud.job("render").expect("the job");
    assert_eq!(
        now["labels"],
        json!({ "team": "rendering", "scanned-by": "security" })
    );
    assert_eq!(now["annotations"]["acme.example/ticket"], "4711");

    // A label of ours that is no longer configured goes, theirs still stays.
    terraform.write("main.tf", &job(""));
    terraform.apply().succeeds().says("1 changed");
    assert_eq!(
        cloud.job("render").expect("the job")["labels"],
        json!({ "scanned-by": "security" })
    );
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_execution_is_no_drift() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let state = terraform.state(RENDER);
    let path = state["execution_url"]
        .as_str()
        .and_then(|url| url.strip_prefix("https://run.googleapis.com"));
    cloud.arm("execution-fails", 1);
    let (status, answer) = cloud.api("POST", path.expect("a URL of Google's"), Some(&json!({})));
    assert_eq!(status, 200, "{answer}");
    terraform.has_nothing_to_do();
    terraform
        .run(&["apply", "-refresh-only", "-auto-approve"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["execution_count"], 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_change_shows_what_changes_and_nothing_of_the_executions() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    with_job(&terraform, "job = { task_count = 2 }");
    let plan = terraform.planned();
    let change = &plan["resource_changes"][0]["change"];
    let differing: Vec<&String> = change["before"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, before)| change["after"][name.as_str()] != **before)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        differing,
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

    // One begins between the plan and its apply: it is seen by the next refresh.
    let url = "/v2/projects/acme-batch/locations/us-central1/jobs/render:run";
    let (status, answer) = cloud.api("POST", url, Some(&json!({})));
    assert_eq!(status, 200, "{answer}");
    terraform
        .run(&["apply", "-input=false", "plan.tfplan"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["execution_count"], 0);
    terraform.has_nothing_to_do();
    terraform
        .run(&["apply", "-refresh-only", "-auto-approve"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["execution_count"], 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_whose_gpu_was_taken_away_gets_it_back() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    cloud.edit_job("render", |job| {
        let task = &mut job["template"]["template"];
        task.as_object_mut().expect("a task").remove("nodeSelector");
        task.as_object_mut()
            .expect("a task")
            .remove("gpuZonalRedundancyDisabled");
        task["containers"][0]["resources"] = json!({ "limits": { "cpu": "4", "memory": "8Gi" } });
    });
    terraform.apply().succeeds().says("1 changed");
    let job = cloud.job("render").expect("the job");
    assert_eq!(
        job["template"]["template"]["nodeSelector"]["accelerator"],
        "nvidia-rtx-pro-6000"
    );
    terraform.has_nothing_to_do();
}
