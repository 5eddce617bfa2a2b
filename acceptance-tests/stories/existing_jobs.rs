//! A create whose name is taken: the job that has it is never adopted, whoever made it, and is imported as the error says.

use serde_json::json;

use super::interrupts::{APPLY, sent};
use super::{RENDER, REQUIRED, cloud, job, with_job};
use crate::harness::{Emulator, StateStore, Terraform};

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
        .fails_with("already exists");
    assert_eq!(terraform.state_of("facets_gpu_cloudrun_job.other"), None);
    assert_eq!(cloud.job("render"), made);
    terraform.remove("other.tf");
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn of_two_resources_of_one_apply_with_one_name_one_is_refused() {
    let (cloud, terraform) = cloud();
    let both = job("").replace("\"render\" {", "\"other\" {") + job("").trim_start_matches(REQUIRED);
    terraform.write("main.tf", &both);
    terraform.init().succeeds();
    terraform.apply().fails_with("already exists");
    assert_eq!(cloud.jobs().len(), 1);
    let known =
        ["facets_gpu_cloudrun_job.other", RENDER].map(|address| terraform.state_of(address).is_some());
    assert_eq!(known.iter().filter(|known| **known).count(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn a_job_that_was_removed_from_the_state_is_imported_as_the_error_says() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    terraform.apply().succeeds();
    let made = cloud.jobs();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    let run = terraform.apply().fails_with("already exists");
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform
        .apply()
        .succeeds()
        .says("1 imported, 0 added, 0 changed");
    assert_eq!(cloud.jobs(), made);
    terraform.has_nothing_to_do();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn of_two_applies_at_once_in_one_folder_one_is_refused_by_terraforms_lock() {
    let cloud = Emulator::with(&["--operation-time", "2s"]);
    let terraform = super::terraform().against(&cloud);
    with_job(&terraform, "");
    let first = terraform
        .start(APPLY)
        .wait_until("the job is sent", || sent(&cloud));
    terraform.apply().fails_with("Error acquiring the state lock");
    first.finish().succeeds();
    assert_eq!(cloud.jobs().len(), 1);
    terraform.has_nothing_to_do();
}

/// They share the folder and `.terraform`, and no lock.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn an_apply_with_another_state_does_not_adopt_the_job_of_one_that_is_still_running() {
    let (cloud, terraform) = cloud();
    with_job(&terraform, "");
    cloud.arm("operation-never-ends", 100);
    let first = terraform
        .start(APPLY)
        .wait_until("the job is there", || !cloud.jobs().is_empty());
    let made = cloud.jobs();
    terraform
        .run(&[APPLY, &["-state=other.tfstate"]].concat())
        .fails_with("already exists");
    assert_eq!(cloud.jobs(), made);
    cloud.disarm();
    first.finish().succeeds();
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
        run.fails_with("already exists");
    }
    assert_eq!(cloud.jobs().len(), 1);
}

/// A state that lies elsewhere is stored now and then. What Terraform was told in between is lost when it is killed.
#[test]
#[cfg(unix)]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn what_was_made_and_not_stored_when_terraform_was_killed_is_imported() {
    let (cloud, _store, terraform) = two_jobs_one_of_them_without_end();
    let apply = terraform
        .start(APPLY)
        .wait_until_it("Terraform was told of one job", |apply| {
            cloud.jobs().len() == 2 && apply.has_said("Creation complete")
        });
    apply.signal(rustix::process::Signal::KILL);
    apply.finish();
    let made = cloud.jobs();
    cloud.disarm();
    terraform.apply_or_import(|name| format!("facets_gpu_cloudrun_job.{name}"));
    assert_eq!(cloud.jobs(), made, "nothing was made again, and nothing changed");
    terraform.has_nothing_to_do();
}

/// A state that lies elsewhere, and two jobs: `render` is made at once, `endless` never.
#[cfg(unix)]
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
