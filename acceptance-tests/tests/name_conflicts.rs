//! A create whose name is taken: the job that has it is never adopted, whoever made it, and is imported as the error says.

use serde_json::json;

use super::{APPLY, RENDER, REQUIRED, cloud, job, with_job};
use crate::harness::{Emulator, StateStore};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn the_error_describes_the_job_that_has_the_name() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    let ours = cloud.job("render").expect("the job");
    terraform
        .apply()
        .fails_with("It was created by this provider")
        .says(&format!("creator: {}", ours["creator"]))
        .says(&format!("create time: {}", ours["createTime"]))
        .says("generation: 1")
        .says("executions so far: 0")
        .says("an earlier apply was killed or interrupted")
        .says("create_before_destroy");
    cloud.delete_job("render");
    let theirs = json!({ "template": { "template": { "containers": [{ "image": super::IMAGE }] } } });
    cloud.create_job("render", &theirs);
    terraform
        .apply()
        .fails_with("It was not created by this provider")
        .says("import {")
        .does_not_say("create_before_destroy");
}

/// The name is somebody else's, and the answer that would have told it is lost.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_of_somebody_else_is_described_also_after_a_lost_answer() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    let theirs = json!({ "template": { "template": { "containers": [{ "image": super::IMAGE }] } } });
    cloud.create_job("render", &theirs);
    let before = cloud.job("render");
    cloud.arm_for("POST", "connection-cut", 1);
    let run = terraform
        .apply()
        .fails_with("the connection ended before the answer came")
        .says("It was not created by this provider");
    assert_eq!(cloud.job("render"), before);
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform.apply().succeeds().says("1 imported");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_replacement_that_creates_before_it_destroys_says_why_it_fails() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "lifecycle { create_before_destroy = true }");
    terraform.apply().succeeds();
    let made = cloud.jobs();
    let replace = [APPLY, &["-replace", RENDER]].concat();
    terraform
        .run(&replace)
        .fails_with("It was created by this provider")
        .says("If create_before_destroy is the cause, do not import");
    assert_eq!(cloud.jobs(), made);
    terraform.has_nothing_to_do();
    terraform.write("main.tf", &job(""));
    terraform
        .run(&replace)
        .succeeds()
        .says("1 added, 0 changed, 1 destroyed");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn of_two_applies_at_once_in_two_folders_one_makes_the_job_and_the_other_is_told() {
    let cloud = Emulator::with(&["--latency", "100ms"]);
    let folders = [(); 2].map(|()| super::terraform().against(&cloud));
    for terraform in &folders {
        with_job(terraform, "");
    }
    let runs = folders.each_ref().map(|terraform| terraform.start(APPLY));
    let runs = runs.map(|running| running.finish());
    let (good, bad): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.code == Some(0));
    assert_eq!(good.len(), 1, "{good:#?} {bad:#?}");
    for run in bad {
        run.fails_with("already exists");
    }
    assert_eq!(cloud.jobs().len(), 1);
}

/// A state that lies elsewhere is stored now and then. What Terraform was told in between is lost when it is killed.
#[test]
#[cfg(unix)]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_was_made_and_not_stored_when_terraform_was_killed_is_imported() {
    let (cloud, terraform) = cloud();
    let store = StateStore::start();
    terraform.write("backend.tf", &store.backend());
    let other = job("").replace(REQUIRED, "").replace("\"render\"", "\"other\"");
    terraform.write("other.tf", &other);
    with_job(&terraform, "");
    // Google fails each time that it is to create the other job, so that the apply goes on.
    let wish = json!({ "fault": "create-500", "times": 1000, "jobs": "other" });
    assert_eq!(cloud.api("POST", "/_emulator/faults", Some(&wish)).0, 200);
    let apply = terraform
        .start(APPLY)
        .wait_until_it("Terraform was told of the job", |apply| {
            apply.has_said("Creation complete")
        });
    apply.signal(rustix::process::Signal::KILL);
    apply.finish();
    let made = cloud.job("render");
    assert!(made.is_some() && cloud.jobs().len() == 1);
    cloud.disarm();
    terraform.apply_or_import(|name| format!("facets_gpu_cloudrun_job.{name}"));
    assert_eq!(
        cloud.job("render"),
        made,
        "it was not made again, and not changed"
    );
    assert_eq!(cloud.jobs().len(), 2);
    terraform.has_nothing_to_do();
}
