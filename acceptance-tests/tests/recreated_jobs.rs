//! A job that was deleted and created again outside of Terraform. It is recognized by its uid, and not changed until a plan has
//! shown it.

use serde_json::{Value, json};

use super::{IMAGE, RENDER, init_job, job, setup};
use crate::harness::{Emulator, Run, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn update_rejects_recreated_job() {
    let (emulator, terraform) = setup_with_plan(&job("job = { task_count = 9 }"), &[]);
    let unmanaged = recreate_job(&emulator);
    apply_plan(&terraform)
        .fails_with("another job of the same name")
        .prints("Run terraform plan again");
    assert_eq!(emulator.job("render"), Some(unmanaged));
    assert_eq!(
        terraform.state(RENDER)["job"]["task_count"],
        1,
        "the state has the failed update"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn destroy_rejects_recreated_job() {
    let (emulator, terraform) = setup_with_plan(&job(""), &["-destroy"]);
    let unmanaged = recreate_job(&emulator);
    apply_plan(&terraform).fails_with("render");
    assert_eq!(emulator.job("render"), Some(unmanaged));
    assert!(terraform.state_of(RENDER).is_some());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn refresh_warns_about_recreated_job() {
    let (emulator, terraform) = setup_with_plan(&job(""), &[]);
    let unmanaged = recreate_job(&emulator);
    // The plan reports the new job, so applying it is allowed.
    terraform
        .plan(&[])
        .prints("Job recreated outside of Terraform")
        .prints("render");
    terraform.apply().succeeds();
    assert_eq!(terraform.state(RENDER)["uid"], unmanaged["uid"]);
    terraform.plan(&[]).does_not_print("Job recreated");
}

/// The job is recreated while Terraform is suspended during the create.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn create_does_not_adopt_recreated_job() {
    use rustix::process::Signal;
    let emulator = Emulator::with_flags(&["--operation-time", "1s"]);
    let terraform = super::terraform().with_emulator(&emulator);
    init_job(&terraform, "");
    let apply = terraform
        .start(super::APPLY)
        .wait_until("the operation is polled", || {
            emulator
                .request_lines()
                .iter()
                .any(|line| line.ends_with(":wait"))
        });
    apply.signal(Signal::STOP);
    let unmanaged = recreate_job(&emulator);
    apply.signal(Signal::CONT);
    apply.finish().fails_with("another job of the same name");
    assert_eq!(terraform.state_of(RENDER), None);
    terraform.apply().fails_with("already exists");
    assert_eq!(emulator.job("render"), Some(unmanaged));
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_update_stores_actual_state() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    let uid = terraform.state(RENDER)["uid"].clone();
    terraform.write("main.tf", &job("job = { task_count = 9 }"));
    emulator.inject_fault_for("PATCH", "operation-error", 1);
    terraform.apply().fails_with("Internal error.");
    let (state, job_after) = (terraform.state(RENDER), emulator.job("render").expect("the job"));
    for (actual, expected) in [
        (&state["job"]["task_count"], &job_after["template"]["taskCount"]),
        (&state["etag"], &job_after["etag"]),
        (&state["uid"], &uid),
    ] {
        assert_eq!(actual, expected, "{state:#}");
    }
    assert_eq!(
        state["generation"].to_string(),
        job_after["generation"].as_str().unwrap_or("1")
    );
    terraform.apply().succeeds();
    assert_eq!(terraform.state(RENDER)["uid"], uid, "the job was replaced");
    terraform.assert_no_changes();
}

/// An applied job, and a saved plan for another configuration.
fn setup_with_plan(config: &str, arguments: &[&str]) -> (Emulator, Terraform) {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.write("main.tf", config);
    terraform
        .run(&[&["plan", "-input=false", "-out=plan.tfplan"], arguments].concat())
        .succeeds();
    (emulator, terraform)
}

fn apply_plan(terraform: &Terraform) -> Run {
    terraform.run(&["apply", "-input=false", "plan.tfplan"])
}

/// Deletes the job and creates another one with the same name, which is returned.
fn recreate_job(emulator: &Emulator) -> Value {
    emulator.delete_job("render");
    let unmanaged = json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } });
    emulator.create_job("render", &unmanaged);
    emulator.job("render").expect("the new job")
}
