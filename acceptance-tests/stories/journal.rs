//! The notes of creations: whose job they give away, whose not, and what goes on without them.

use std::fs;

use serde_json::{Value, json};

use super::interrupts::APPLY;
use super::{RENDER, REQUIRED, cloud, job, with_job};
use crate::harness::{Emulator, Request, StateStore, Terraform};

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

/// A state that lies elsewhere is stored now and then. What Terraform was told in between is lost when it is killed.
#[test]
#[cfg(unix)]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_was_made_and_not_stored_when_terraform_was_killed_is_found_again() {
    let (cloud, store, terraform) = two_jobs_one_of_them_without_end();
    let apply = terraform
        .start(APPLY)
        .wait_until("one job is told to Terraform", || told(&cloud));
    apply.signal(rustix::process::Signal::KILL);
    apply.finish();
    assert!(
        !store.text().contains("/jobs/render"),
        "the story is about what no state has"
    );
    found_again(&cloud, &terraform);
}

/// The next apply has both jobs, and they are those that were made before.
fn found_again(cloud: &Emulator, terraform: &Terraform) {
    let made = cloud.jobs();
    assert_eq!(made.len(), 2);
    cloud.disarm();
    terraform.apply().succeeds();
    let uids = |jobs: Vec<Value>| jobs.iter().map(|job| job["uid"].to_string()).collect::<Vec<_>>();
    assert_eq!(uids(cloud.jobs()), uids(made));
    terraform.has_nothing_to_do();
}

/// A state that lies elsewhere, and two jobs: `render` is made at once, `endless` never.
fn two_jobs_one_of_them_without_end() -> (Emulator, StateStore, Terraform) {
    let (cloud, terraform) = cloud();
    let store = StateStore::start();
    terraform.write("backend.tf", &store.backend());
    let endless = job("").replace(REQUIRED, "").replace("\"render\"", "\"endless\"");
    terraform.write("endless.tf", &endless);
    with_job(&terraform, "");
    let wish = json!({ "fault": "operation-never-ends", "times": 100, "jobs": "endless" });
    assert_eq!(cloud.api("POST", "/_emulator/faults", Some(&wish)).0, 200);
    (cloud, store, terraform)
}

/// Whether Terraform was told of the job that is made at once: the end of its operation was told a while ago.
fn told(cloud: &Emulator) -> bool {
    let answered = |request: &Request| request.path().ends_with(":wait") && request.0["status"] == 200;
    let ended = cloud.requests().iter().any(answered);
    std::thread::sleep(std::time::Duration::from_millis(if ended { 300 } else { 0 }));
    ended
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
