//! The notes of creations: whose job they give away, whose not, and what goes on without them.

use std::fs;

use super::interrupts::APPLY;
use super::{RENDER, REQUIRED, cloud, job, with_job};
use crate::harness::Emulator;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_second_resource_never_takes_over_the_job_of_the_first() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let made = cloud.job("render");
    let other = job("")
        .replace(REQUIRED, "")
        .replace("\"render\" {", "\"other\" {");
    terraform.write("other.tf", &other);
    // A run with -target looks at nothing of the first resource.
    terraform
        .run(&[APPLY, &["-target=facets_gpu_cloudrun_job.other"]].concat())
        .fails_with("nothing shows that this configuration made it")
        .says("terraform import");
    assert_eq!(terraform.state_of("facets_gpu_cloudrun_job.other"), None);
    assert_eq!(cloud.job("render"), made);
    terraform.remove("other.tf");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_was_removed_from_the_state_is_not_taken_back() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    terraform.apply().fails_with("terraform import");
    assert_eq!(cloud.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn of_two_applies_at_once_in_one_folder_one_is_refused_by_terraforms_lock() {
    let cloud = Emulator::with(&["--operation-time", "2s"]);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let first = terraform
        .start(APPLY)
        .wait_until("the job is sent", || super::interrupts::sent(&cloud));
    terraform.apply().fails_with("Error acquiring the state lock");
    first.finish().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    terraform.has_nothing_to_do();
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
        run.fails_with("terraform import");
    }
    assert_eq!(cloud.jobs().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn where_nothing_can_be_noted_all_goes_on_and_the_log_says_so() {
    let (cloud, mut terraform) = cloud();
    with_job(&terraform, "");
    // For root too, whom permissions do not stop: a file stands where the folder of the notes would be.
    let notes = terraform.folder().join(".terraform/facets-gpu");
    fs::write(&notes, "no room").expect("the folder of Terraform takes files");
    terraform.set("TF_LOG_PROVIDER", "WARN");
    terraform.set("TF_LOG_PATH", "warn.log");
    cloud.arm("create-lost-answer", 1);
    terraform.apply().succeeds().does_not_say("Warning");
    let log = fs::read_to_string(terraform.folder().join("warn.log")).expect("the log");
    assert!(log.contains("the creation cannot be noted"), "{log}");
    assert_eq!(cloud.jobs().len(), 1);
    terraform.has_nothing_to_do();
    assert_eq!(fs::read_to_string(&notes).expect("the file"), "no room");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_apply_that_ended_well_leaves_no_note() {
    let (_cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let notes = terraform.folder().join(".terraform/facets-gpu/creations");
    let left = fs::read_dir(notes).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the state has the job");
}
