//! Destruction of an execution that has not ended.

use super::{RUN, cancellations, long, setup};
use crate::tests::DESTROY;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn destroy_cancels_a_running_execution() {
    let (emulator, terraform) = setup(&[long()], "wait = false");
    terraform.apply().succeeds();
    emulator.deny("run.executions.cancel", 1);
    let target = [DESTROY, &["-target", RUN]].concat();
    terraform
        .run(&target)
        .fails_with("Execution cancellation failed")
        .prints("the permission run.executions.cancel");
    assert_eq!(terraform.state(RUN)["state"], "RUNNING");
    terraform
        .run(&["plan", "-destroy", "-input=false"])
        .succeeds()
        .prints("Warning: Cancellation of an execution");
    terraform.destroy().succeeds().prints("2 destroyed");
    assert_eq!(cancellations(&emulator), 2);
    assert_eq!(
        emulator.executions().len(),
        0,
        "the job is deleted with its executions"
    );
}

/// The job and its executions were deleted outside of Terraform.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn destroy_of_a_missing_execution_succeeds() {
    let (emulator, terraform) = setup(&[long()], "wait = false");
    terraform.apply().succeeds();
    let path = format!(
        "/v2/{}:cancel",
        terraform.state(RUN)["id"].as_str().expect("an id")
    );
    let (status, response) = emulator.api("POST", &path, Some(&serde_json::json!({})));
    assert_eq!(status, 200, "{response}");
    emulator.wait_for_operation(&response);
    emulator.delete_job("render");
    terraform.destroy().succeeds();
    assert_eq!(terraform.state_of(RUN), None);
}
