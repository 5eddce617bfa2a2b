//! `ready` is false after a failed write, and the next apply sends it again.

use serde_json::json;

use super::{IMAGE, RENDER, init_job, job, setup};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_update_is_planned_again() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    for fault in ["operation-error", "job-not-ready-quota"] {
        terraform.write("main.tf", &job(&format!("env = {{ MODE = \"{fault}\" }}")));
        emulator.inject_fault(fault, 1);
        terraform.apply().fails_with("render");
        let state = terraform.state(RENDER);
        assert_eq!(state["ready"], false, "{fault}");
        assert_eq!(state["condition"]["state"], "CONDITION_FAILED", "{fault}");

        let plan = terraform.plan_json();
        let change = &plan["resource_changes"][0]["change"];
        assert_eq!(change["actions"], json!(["update"]), "{fault}");
        assert_eq!(change["after"]["ready"], true, "{fault}");
        emulator.clear_requests();
        terraform.apply().succeeds().prints("1 changed");
        assert_eq!(
            emulator.writes().len(),
            1,
            "{fault}: the update is not sent again"
        );
        assert_eq!(terraform.state(RENDER)["ready"], true);
        terraform.assert_no_changes();
    }
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn recovered_job_plans_no_change() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.write("main.tf", &job("env = { MODE = \"next\" }"));
    emulator.inject_fault("job-not-ready-secret", 1);
    terraform.apply().fails_with("secret");
    // Another write of the same job succeeds.
    emulator.edit_job("render", |_| {});
    assert_eq!(terraform.plan(&[]).code, Some(0), "the plan has changes");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn untainted_job_is_updated() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    emulator.inject_fault("job-not-ready-image", 1);
    terraform
        .apply()
        .fails_with("CONTAINER_MISSING")
        .prints("terraform untaint");
    let uid = terraform.state(RENDER)["uid"].clone();
    terraform.run(&["untaint", RENDER]).succeeds();
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    assert_eq!(terraform.state(RENDER)["uid"], uid);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn imported_unready_job_is_updated() {
    let (emulator, terraform) = setup();
    emulator.inject_fault("job-not-ready-image", 1);
    let limits = json!({ "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" });
    emulator.create_job(
        "render",
        &json!({ "launchStage": "ALPHA", "template": { "taskCount": 1, "parallelism": 1, "template": {
            "timeout": "3600s", "gpuZonalRedundancyDisabled": true, "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
            "containers": [{ "image": IMAGE, "resources": { "limits": limits } }] } } }),
    );
    init_job(&terraform, "");
    terraform
        .run(&["import", "-input=false", RENDER, "us-central1/render"])
        .succeeds();
    assert_eq!(terraform.state(RENDER)["ready"], false);
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 1 changed, 0 destroyed");
    terraform.assert_no_changes();
}
