//! Ctrl-C during a run: Terraform 1.14 to 1.15.9 crashes if the provider reports progress after it.
#![cfg(target_os = "linux")]

use serde_json::{Value, json};

use super::{INVOKE, executions, runs, setup};
use crate::harness::{Emulator, Feature, Run, Terraform, requires};

const WAITING: &str = "0 of 1 task succeeded, 1 running";

/// Invokes the action and interrupts it while the execution runs.
fn interrupt(emulator: &Emulator, terraform: &Terraform) -> Run {
    emulator.script_execution(json!({ "pending": "0s", "time": "1h" }));
    let run = terraform.start(INVOKE).wait_until_printed(WAITING);
    run.interrupt();
    run.finish()
        .fails_with("Error when invoking action Run interrupted")
        .prints("-invoke=action.facets_gpu_cloudrun_job_run.NAME")
        .does_not_print("TERRAFORM CRASH")
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_continues_after_an_interruption() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "");
    let run = interrupt(&emulator, &terraform).prints("The execution continues.");
    let name = executions(&emulator, "name")[0].as_str().unwrap().to_owned();
    let id = name.rsplit('/').next().unwrap();
    run.prints(&name).prints(&format!(
        "gcloud run jobs executions cancel {id} --region us-central1"
    ));
    assert_eq!(executions(&emulator, "completionTime"), [Value::Null]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_is_cancelled_with_cancel_on_stop() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "cancel_on_stop = true");
    interrupt(&emulator, &terraform).prints("The provider cancelled the execution");
    assert_eq!(executions(&emulator, "cancelledCount"), [json!(1)]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_that_cannot_be_cancelled_is_named() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "cancel_on_stop = true");
    emulator.deny("run.executions.cancel", 100);
    interrupt(&emulator, &terraform)
        .prints("The execution was not cancelled and may continue.")
        .prints("gcloud run jobs executions cancel render-")
        .prints("the permission run.executions.cancel,");
    assert_eq!(executions(&emulator, "completionTime"), [Value::Null]);
}

/// The execution that the request starts is not lost.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn request_under_way_is_awaited() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "");
    emulator.script_execution(json!({ "time": "1h" }));
    emulator.inject_fault_for("POST", "slow-answer", 1);
    let run = terraform
        .start(INVOKE)
        .wait_until("the request is sent", || runs(&emulator) == 1);
    run.interrupt();
    let run = run
        .finish()
        .fails_with("Error when invoking action Run interrupted")
        .does_not_print("TERRAFORM CRASH");
    let name = executions(&emulator, "name")[0].as_str().unwrap().to_owned();
    run.prints(&name);
}
