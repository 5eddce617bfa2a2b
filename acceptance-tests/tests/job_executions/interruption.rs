//! Waits that end before the execution: Ctrl-C, a timeout, a lost permission, a killed apply.
#![cfg(target_os = "linux")]

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{RUN, UID, is_followed, is_tainted, long, runs, setup};
use crate::harness::process::signal_children;
use crate::harness::{Emulator, Running, Terraform};
use crate::tests::{APPLY, RENDER};

/// An execution that ends after five minutes, with this exit code.
fn long_with_exit(code: u32) -> Value {
    match code {
        0 => long(),
        code => json!({ "pending": "0s", "time": "5m", "tasks": [{ "attempts": [format!("exit {code}")] }] }),
    }
}

/// An apply that waits for its execution.
fn following(emulator: &Emulator, terraform: &Terraform) -> Running {
    let apply = terraform.start(APPLY);
    apply.wait_until("the execution is followed", || is_followed(emulator))
}

/// An apply that was interrupted while it waited.
fn interrupted(code: u32) -> (Emulator, Terraform) {
    let (emulator, terraform) = setup(&[long_with_exit(code)], UID);
    let apply = following(&emulator, &terraform);
    apply.interrupt();
    apply
        .finish()
        .prints("Warning: Run interrupted")
        .prints("The execution is in the state")
        .prints("gcloud run jobs executions cancel");
    assert_eq!(terraform.state(RUN)["state"], "RUNNING");
    assert!(!is_tainted(&terraform));
    terraform.assert_no_changes();
    (emulator, terraform)
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn interrupted_wait_is_completed_by_a_refresh() {
    let (emulator, terraform) = interrupted(0);
    emulator.advance_clock("1h");
    terraform.assert_no_changes();
    terraform
        .run(&["apply", "-refresh-only", "-auto-approve", "-input=false"])
        .succeeds();
    assert_eq!(terraform.state(RUN)["state"], "SUCCEEDED");
    terraform.assert_no_changes();
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failure_after_an_interrupted_wait_runs_again() {
    let (emulator, terraform) = interrupted(3);
    emulator.advance_clock("1h");
    terraform
        .plan(&[])
        .prints("Warning: Failed execution runs again")
        .prints("NON_ZERO_EXIT_CODE")
        .prints("forces replacement");
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 0 changed, 1 destroyed");
    assert_eq!(terraform.state(RUN)["state"], "SUCCEEDED");
    assert_eq!(runs(&emulator), 2);
    terraform.assert_no_changes();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn timeout_is_a_warning() {
    let (emulator, terraform) = setup(&[long()], "timeouts = { create = \"1s\" }");
    terraform
        .apply()
        .succeeds()
        .prints("Warning: Timed out waiting for the execution")
        .prints("did not end within 1s");
    assert_eq!(terraform.state(RUN)["state"], "RUNNING");
    terraform.assert_no_changes();
    emulator.advance_clock("1h");
    terraform.assert_no_changes();
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn permission_lost_while_waiting_is_a_warning() {
    let (emulator, terraform) = setup(&[long()], "");
    let apply = following(&emulator, &terraform);
    emulator.deny("run.executions.get", 1);
    apply
        .finish()
        .succeeds()
        .prints("Warning: Waiting for the execution failed")
        .prints("the permission run.executions.get");
    assert!(!is_tainted(&terraform));
    // At a refresh it is an error.
    emulator.deny("run.executions.get", 1);
    terraform.plan(&[]).fails_with("Execution read failed");
    terraform.assert_no_changes();
    assert_eq!(terraform.state(RUN)["job"], terraform.state(RENDER)["id"]);
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn token_expired_while_waiting_is_a_warning() {
    let (emulator, terraform) = setup(&[long()], "");
    let apply = following(&emulator, &terraform);
    let fault = json!({ "fault": "token-expired", "permission": "run.executions.get", "times": 10 });
    let (status, response) = emulator.api("POST", "/_emulator/faults", Some(&fault));
    assert!((200..300).contains(&status), "{response}");
    apply
        .finish()
        .succeeds()
        .prints("Warning: Waiting for the execution failed")
        .prints("Warning: Access token may expire during the run");
    emulator.clear_faults();
    assert!(!is_tainted(&terraform));
    terraform.assert_no_changes();
    emulator.advance_clock("1h");
    terraform.assert_no_changes();
    assert_eq!(runs(&emulator), 1);
}

/// Its execution is not in the state, and the next apply names it.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_of_a_killed_apply_is_named() {
    let (emulator, terraform) = setup(&[long()], "");
    let apply = following(&emulator, &terraform);
    assert!(signal_children(apply.id(), Signal::KILL) > 0);
    apply.finish().fails_with("");
    assert_eq!(terraform.state_of(RUN), None);
    let name = emulator.executions()[0]["name"]
        .as_str()
        .expect("a name")
        .to_owned();
    terraform
        .apply()
        .succeeds()
        .prints("Warning: Similar execution not ended")
        .prints(&name);
    assert_eq!(emulator.executions().len(), 2);
}
