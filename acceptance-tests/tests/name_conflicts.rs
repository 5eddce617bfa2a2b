//! Creating a job whose name exists: the existing job is never adopted, but can be imported as the error suggests.

use serde_json::json;

use super::{APPLY, RENDER, REQUIRED_PROVIDERS, init_job, job, setup};
use crate::harness::{Emulator, StateStore};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn error_describes_existing_job() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    terraform.apply().succeeds();
    terraform.run(&["state", "rm", RENDER]).succeeds();
    let job = emulator.job("render").expect("the job");
    terraform
        .apply()
        .fails_with("It was created by this provider")
        .prints(&format!("creator: {}", job["creator"]))
        .prints(&format!("create time: {}", job["createTime"]))
        .prints("generation: 1")
        .prints("executions: 0")
        .prints("an apply was interrupted")
        .prints("create_before_destroy");
    emulator.delete_job("render");
    let unmanaged = json!({ "template": { "template": { "containers": [{ "image": super::IMAGE }] } } });
    emulator.create_job("render", &unmanaged);
    terraform
        .apply()
        .fails_with("It was not created by this provider")
        .prints("import {")
        .does_not_print("create_before_destroy");
}

/// The job belongs to someone else, and the response with the 409 is lost.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn existing_job_is_reported_after_lost_response() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "");
    let unmanaged = json!({ "template": { "template": { "containers": [{ "image": super::IMAGE }] } } });
    emulator.create_job("render", &unmanaged);
    let before = emulator.job("render");
    emulator.inject_fault_for("POST", "connection-cut", 1);
    let run = terraform
        .apply()
        .fails_with("the connection was closed before the response was received")
        .prints("It was not created by this provider");
    assert_eq!(emulator.job("render"), before);
    terraform.write_imports(&run, |_| RENDER.to_owned());
    terraform.apply().succeeds().prints("1 imported");
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn create_before_destroy_error_names_cause() {
    let (emulator, terraform) = setup();
    init_job(&terraform, "lifecycle { create_before_destroy = true }");
    terraform.apply().succeeds();
    let created = emulator.jobs();
    let replace = [APPLY, &["-replace", RENDER]].concat();
    terraform
        .run(&replace)
        .fails_with("It was created by this provider")
        .prints("If create_before_destroy is the cause, remove it");
    assert_eq!(emulator.jobs(), created);
    terraform.assert_no_changes();
    terraform.write("main.tf", &job(""));
    terraform
        .run(&replace)
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn concurrent_applies_create_one_job() {
    let emulator = Emulator::with_flags(&["--latency", "100ms"]);
    let folders = [(); 2].map(|()| super::terraform().with_emulator(&emulator));
    for terraform in &folders {
        init_job(terraform, "");
    }
    let runs = folders.each_ref().map(|terraform| terraform.start(APPLY));
    let runs = runs.map(|running| running.finish());
    let (succeeded, failed): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.code == Some(0));
    assert_eq!(succeeded.len(), 1, "{succeeded:#?} {failed:#?}");
    for run in failed {
        run.fails_with("already exists");
    }
    assert_eq!(emulator.jobs().len(), 1);
}

/// A remote state is stored at intervals. Changes since then are lost when Terraform is killed.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn job_missing_from_remote_state_is_imported() {
    let (emulator, terraform) = setup();
    let store = StateStore::start();
    terraform.write("backend.tf", &store.backend());
    let other = job("")
        .replace(REQUIRED_PROVIDERS, "")
        .replace("\"render\"", "\"other\"");
    terraform.write("other.tf", &other);
    init_job(&terraform, "");
    // The other job cannot be created, so the apply keeps running.
    let fault = json!({ "fault": "create-500", "times": 1000, "jobs": "other" });
    assert_eq!(emulator.api("POST", "/_emulator/faults", Some(&fault)).0, 200);
    let apply = terraform.start(APPLY).wait_until_printed("Creation complete");
    apply.signal(rustix::process::Signal::KILL);
    apply.finish();
    let created = emulator.job("render");
    assert!(created.is_some() && emulator.jobs().len() == 1);
    emulator.clear_faults();
    terraform.apply_or_import(|name| format!("facets_gpu_cloudrun_job.{name}"));
    assert_eq!(emulator.job("render"), created, "the job was replaced or changed");
    assert_eq!(emulator.jobs().len(), 2);
    terraform.assert_no_changes();
}
