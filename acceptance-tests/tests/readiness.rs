//! A write that failed is not forgotten: `ready` says so, and the next apply goes on.

use serde_json::json;

use super::{IMAGE, RENDER, cloud, job, with_job};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_update_that_is_not_in_effect_is_planned_again() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    for fault in ["operation-error", "job-not-ready-quota"] {
        terraform.write("main.tf", &job(&format!("env = {{ MODE = \"{fault}\" }}")));
        cloud.arm(fault, 1);
        terraform.apply().fails_with("render");
        let state = terraform.state(RENDER);
        assert_eq!(state["ready"], false, "{fault}");
        assert_eq!(state["condition"]["state"], "CONDITION_FAILED", "{fault}");

        let plan = terraform.planned();
        let change = &plan["resource_changes"][0]["change"];
        assert_eq!(change["actions"], json!(["update"]), "{fault}");
        assert_eq!(change["after"]["ready"], true, "{fault}");
        cloud.clear_requests();
        terraform.apply().succeeds().says("1 changed");
        assert_eq!(cloud.writes().len(), 1, "the definition is sent again: {fault}");
        assert_eq!(terraform.state(RENDER)["ready"], true);
        terraform.has_nothing_to_do();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_recovers_by_itself_plans_nothing() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.write("main.tf", &job("env = { MODE = \"next\" }"));
    cloud.arm("job-not-ready-secret", 1);
    terraform.apply().fails_with("secret");
    // Another write of the same definition succeeds.
    cloud.edit_job("render", |_| {});
    assert_eq!(terraform.plan(&[]).code, Some(0), "nothing is left to do");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_failed_creation_can_be_untainted_and_is_sent_again() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    cloud.arm("job-not-ready-image", 1);
    terraform
        .apply()
        .fails_with("CONTAINER_MISSING")
        .says("terraform untaint");
    let uid = terraform.state(RENDER)["uid"].clone();
    terraform.run(&["untaint", RENDER]).succeeds();
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    assert_eq!(terraform.state(RENDER)["uid"], uid);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_imported_job_that_is_not_ready_is_sent_again() {
    let (cloud, terraform) = cloud();
    cloud.arm("job-not-ready-image", 1);
    let limits = json!({ "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" });
    cloud.create_job(
        "render",
        &json!({ "launchStage": "ALPHA", "template": { "taskCount": 1, "parallelism": 1, "template": {
            "timeout": "3600s", "gpuZonalRedundancyDisabled": true, "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
            "containers": [{ "image": IMAGE, "resources": { "limits": limits } }] } } }),
    );
    with_job(&terraform, "");
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["ready"], false);
    terraform
        .apply()
        .succeeds()
        .says("0 added, 1 changed, 0 destroyed");
    terraform.has_nothing_to_do();
}
