//! The promise behind all others: whichever fault of the emulator's catalogue strikes while a job is made,
//! changed or destroyed, the next run mends it, and there is never an orphan nor a double.

use serde_json::Value;

use super::{job, with_job};
use crate::harness::{Emulator, Run, Terraform};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn whatever_strikes_a_create_the_next_apply_mends() {
    for_every_fault(|fault, cloud, terraform| {
        let struck = strike(fault, cloud, || terraform.apply());
        if fault == "already-exists" {
            struck.fails_with("already exists");
            cloud.delete_job("render");
        }
        mended(fault, cloud, terraform, 1);
    });
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn whatever_strikes_an_update_the_next_apply_mends() {
    for_every_fault(|fault, cloud, terraform| {
        terraform.apply().succeeds();
        let uid = cloud.job("render").map(|job| job["uid"].clone());
        terraform.write(
            "main.tf",
            &job(&format!("{TIMEOUTS}\njob = {{ task_count = 7 }}")),
        );
        strike(fault, cloud, || terraform.apply());
        if fault != "deleted-in-between" {
            assert_eq!(
                cloud.job("render").map(|job| job["uid"].clone()),
                uid,
                "{fault}: it is the same job"
            );
        }
        mended(fault, cloud, terraform, 7);
    });
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn whatever_strikes_a_destroy_the_next_one_mends() {
    for_every_fault(|fault, cloud, terraform| {
        if fault == GUESSED {
            return;
        }
        terraform.apply().succeeds();
        let struck = strike(fault, cloud, || terraform.destroy());
        if let Some(job) = cloud.job("render").filter(|_| struck.code != Some(0)) {
            let uid = job["uid"].as_str().expect("a uid");
            assert!(
                terraform.state_file().contains(uid),
                "{fault}: a job that is there is in the state\n{struck}"
            );
        }
        terraform.destroy().succeeds();
        assert_eq!(cloud.jobs(), Vec::<Value>::new(), "{fault}: a job is left");
    });
}

/// Tells a story for each fault of the catalogue, each time from nothing.
fn for_every_fault(story: impl Fn(&str, &Emulator, &Terraform)) {
    let cloud = Emulator::start();
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, TIMEOUTS);
    let faults = cloud.faults();
    assert!(faults.len() > 20, "only {faults:?} were found");
    for fault in &faults {
        terraform.write("main.tf", &job(TIMEOUTS));
        story(fault, &cloud, &terraform);
        if cloud.job("render").is_some() {
            cloud.delete_job("render");
            terraform.remove("terraform.tfstate");
        }
    }
}

/// An apply makes everything right: one job, which the state knows, as configured.
fn mended(fault: &str, cloud: &Emulator, terraform: &Terraform, tasks: u64) {
    let run = terraform.apply();
    assert_eq!(run.code, Some(0), "the apply after {fault} should mend it\n{run}");
    let plan = terraform.plan(&[]);
    assert_eq!(
        plan.code,
        Some(0),
        "{fault}: nothing should be left to do\n{plan}"
    );
    let jobs = cloud.jobs();
    assert_eq!(jobs.len(), 1, "{fault}: {jobs:#?}");
    assert_eq!(jobs[0]["template"]["taskCount"], tasks, "{fault}");
    let uid = jobs[0]["uid"].as_str().expect("a uid");
    assert!(
        terraform.state_file().contains(uid),
        "{fault}: the state knows another job"
    );
}

/// Runs a command with one fault waiting for it. However it ends, the provider lives and speaks for itself.
fn strike(fault: &str, cloud: &Emulator, command: impl FnOnce() -> Run) -> Run {
    cloud.arm(fault, 1);
    let run = command();
    cloud.disarm();
    assert_eq!(run.sign_of_death(), None, "{fault}\n{run}");
    if run.code != Some(0) {
        assert!(
            run.words().contains("Error: "),
            "{fault}: it failed without a word\n{run}"
        );
    }
    run
}

/// What Google leaves of a job whose deletion it accepted and then failed is known to nobody here: the emulator
/// leaves the mark of a deletion, and the provider takes the mark for the deed. Two guesses make no story.
const GUESSED: &str = "operation-error";
/// Short enough for operations that never end.
const TIMEOUTS: &str = r#"timeouts = { create = "2s", update = "2s", delete = "2s" }"#;
