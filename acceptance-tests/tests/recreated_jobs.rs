//! Another job of the same name: somebody has deleted the one that the state knows, and made a new one since.
//! By its uid it is told from the old one, and it is not ours to touch before a plan has shown it.

use serde_json::{Value, json};

use super::{IMAGE, RENDER, cloud, job, with_job};
use crate::harness::{Emulator, Run, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_update_does_not_touch_a_job_that_was_made_anew_after_the_plan() {
    let (cloud, terraform) = planned(&job("job = { task_count = 9 }"), &[]);
    let theirs = made_anew(&cloud);
    applied(&terraform)
        .fails_with("another job of the same name")
        .says("Plan again");
    assert_eq!(cloud.job("render"), Some(theirs));
    assert_eq!(
        terraform.state(RENDER)["job"]["task_count"],
        1,
        "nothing of the change is claimed"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_destroy_does_not_touch_a_job_that_was_made_anew_after_the_plan() {
    let (cloud, terraform) = planned(&job(""), &["-destroy"]);
    let theirs = made_anew(&cloud);
    applied(&terraform).fails_with("render");
    assert_eq!(cloud.job("render"), Some(theirs));
    assert!(terraform.state_of(RENDER).is_some());
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_refresh_that_meets_a_job_that_was_made_anew_says_so() {
    let (cloud, terraform) = planned(&job(""), &[]);
    let theirs = made_anew(&cloud);
    // Whoever reads this plan, and applies it, takes the new job over knowingly.
    terraform
        .plan(&[])
        .says("Another job of the same name")
        .says("render");
    terraform.apply().succeeds();
    assert_eq!(terraform.state(RENDER)["uid"], theirs["uid"]);
    terraform.plan(&[]).does_not_say("Another job");
}

/// While this machine sleeps in the middle of a creation, somebody deletes the job and makes one of their own.
#[test]
#[cfg(unix)]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_create_does_not_take_a_job_that_somebody_else_made_meanwhile_for_its_own() {
    use rustix::process::Signal;
    let cloud = Emulator::with(&["--operation-time", "1s"]);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let apply = terraform
        .start(super::APPLY)
        .wait_until("the job is awaited", || {
            cloud.lines().iter().any(|line| line.ends_with(":wait"))
        });
    apply.signal(Signal::STOP);
    let theirs = made_anew(&cloud);
    apply.signal(Signal::CONT);
    apply.finish().fails_with("another job of the same name");
    assert_eq!(terraform.state_of(RENDER), None);
    terraform.apply().fails_with("already exists");
    assert_eq!(cloud.job("render"), Some(theirs));
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_update_whose_operation_failed_leaves_the_truth_in_the_state() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let uid = terraform.state(RENDER)["uid"].clone();
    terraform.write("main.tf", &job("job = { task_count = 9 }"));
    cloud.arm_for("PATCH", "operation-error", 1);
    terraform.apply().fails_with("Internal error.");
    let (state, now) = (terraform.state(RENDER), cloud.job("render").expect("the job"));
    for (told, is) in [
        (&state["job"]["task_count"], &now["template"]["taskCount"]),
        (&state["etag"], &now["etag"]),
        (&state["uid"], &uid),
    ] {
        assert_eq!(told, is, "{state:#}");
    }
    assert_eq!(
        state["generation"].to_string(),
        now["generation"].as_str().unwrap_or("1")
    );
    terraform.apply().succeeds();
    assert_eq!(terraform.state(RENDER)["uid"], uid, "it is mended, not made anew");
    terraform.has_nothing_to_do();
}

/// A job that was applied, and a plan of what comes next.
fn planned(next: &str, more: &[&str]) -> (Emulator, Terraform) {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.write("main.tf", next);
    terraform
        .run(&[&["plan", "-input=false", "-out=plan.tfplan"], more].concat())
        .succeeds();
    (cloud, terraform)
}

fn applied(terraform: &Terraform) -> Run {
    terraform.run(&["apply", "-input=false", "plan.tfplan"])
}

/// Somebody deletes the job and makes one of their own; how that one is.
fn made_anew(cloud: &Emulator) -> Value {
    cloud.delete_job("render");
    let theirs = json!({ "template": { "template": { "containers": [{ "image": IMAGE }] } } });
    cloud.create_job("render", &theirs);
    cloud.job("render").expect("their job")
}
