//! Outcomes of creations: success, failure, without waiting, lost responses.

use serde_json::json;

use super::{RUN, UID, config, config_of_job, failing, is_tainted, long, runs, setup};
use crate::tests::RENDER;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn job_runs_once_and_nothing_repeats_it() {
    let (emulator, terraform) = setup(
        &[],
        &format!("{UID}\n  task_count = 3\n  env = {{ MODE = \"draft\" }}"),
    );
    terraform.apply().succeeds().prints("2 added");
    let state = terraform.state(RUN);
    let execution = &emulator.executions()[0];
    assert_eq!(state["state"], "SUCCEEDED");
    assert_eq!(state["succeeded_count"], 3);
    assert_eq!(
        (&state["running_count"], &state["failed_count"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(state["job"], terraform.state(RENDER)["id"]);
    let id = format!(
        "{}/executions/{}",
        state["job"].as_str().expect("text"),
        state["name"].as_str().expect("text")
    );
    assert_eq!(state["id"], id);
    assert_eq!(state["log_uri"], execution["logUri"]);
    assert_eq!(state["completion_time"], execution["completionTime"]);
    assert_eq!(state["max_gpu_hours"], 3);
    assert_eq!(
        execution["template"]["containers"][0]["env"],
        json!([{ "name": "MODE", "value": "draft" }])
    );

    // A refresh reads no ended execution.
    emulator.clear_requests();
    terraform.assert_no_changes();
    assert!(
        emulator
            .request_lines()
            .iter()
            .all(|line| line == "GET /jobs/render"),
        "{:?}",
        emulator.request_lines()
    );
    // Neither a changed job nor an argument of the resource runs it again.
    let again = format!(
        "{UID}\n  task_count = 3\n  env = {{ MODE = \"draft\" }}\n  wait = false\n  timeouts = {{ delete = \"1m\" }}"
    );
    terraform.write("main.tf", &config_of_job("job = { max_retries = 1 }", &again));
    terraform
        .apply()
        .succeeds()
        .prints("0 added, 2 changed, 0 destroyed");
    terraform.assert_no_changes();
    assert_eq!(emulator.executions().len(), 1);
    terraform.destroy().succeeds();
    assert_eq!(runs(&emulator), 0);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_execution_is_tainted_and_runs_again() {
    let (emulator, terraform) = setup(&[failing()], "");
    terraform
        .apply()
        .fails_with("Execution failed")
        .prints("task 0: exit code 3, 1 attempt")
        .prints("Terraform marks the resource as tainted")
        .prints("Logs: https://");
    assert_eq!(terraform.state(RUN)["state"], "FAILED");
    assert!(is_tainted(&terraform));
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
fn outcome_without_wait_is_only_reported() {
    let script = json!({ "pending": "0s", "time": "5m", "tasks": [{ "attempts": ["exit 3"] }] });
    let (emulator, terraform) = setup(&[script], "wait = false");
    terraform.apply().succeeds();
    assert_eq!(terraform.state(RUN)["state"], "RUNNING");
    terraform.assert_no_changes();
    emulator.advance_clock("1h");
    assert_eq!(terraform.plan(&[]).code, Some(0));
    terraform
        .run(&["apply", "-refresh-only", "-auto-approve", "-input=false"])
        .succeeds();
    let state = terraform.state(RUN);
    assert_eq!(
        (&state["state"], &state["failed_count"]),
        (&json!("FAILED"), &json!(1))
    );
    terraform.assert_no_changes();
    // A postcondition stops there.
    let postcondition = "wait = false\n  lifecycle {\n    postcondition {\n      condition     = self.state != \"FAILED\"\n      error_message = \"The run ${self.name} failed.\"\n    }\n  }";
    terraform.write("main.tf", &config(postcondition));
    terraform.plan(&[]).fails_with("failed.");
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn lost_response_runs_the_job_once() {
    for fault in ["run-lost-answer", "run-accepted-500", "rate-limited"] {
        let (emulator, terraform) = setup(&[], "");
        // The creation of the job is a POST, too.
        terraform
            .run(&["apply", "-auto-approve", "-input=false", "-target", RENDER])
            .succeeds();
        emulator.inject_fault_for("POST", fault, 1);
        terraform.apply().succeeds();
        assert_eq!(emulator.executions().len(), 1, "{fault}");
        assert_eq!(terraform.state(RUN)["state"], "SUCCEEDED", "{fault}");
        terraform.assert_no_changes();
    }
}

/// Each finds its own execution, also when a response is lost.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn several_executions_of_a_job_start_once_each() {
    let (emulator, terraform) = setup(&[], "count = 5");
    terraform
        .run(&["apply", "-auto-approve", "-input=false", "-target", RENDER])
        .succeeds();
    emulator.inject_fault_for("POST", "run-lost-answer", 1);
    terraform.apply().succeeds().does_not_print("Similar execution");
    let executions = emulator.executions();
    assert_eq!(executions.len(), 5);
    for index in 0..5 {
        let id = terraform.state(&format!("{RUN}[{index}]"))["id"].clone();
        assert!(executions.iter().any(|execution| execution["name"] == id), "{id}");
    }
    let state = terraform.state_file();
    let is_stored = |name: &serde_json::Value| state.contains(name.as_str().expect("a name"));
    assert!(
        executions.iter().all(|execution| is_stored(&execution["name"])),
        "an execution is lost"
    );
    terraform.assert_no_changes();
}

/// Neither the log nor the output has the values of environment variables.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn values_of_env_are_not_logged() {
    let (emulator, mut terraform) = setup(
        &[failing()],
        "env = { MODE = var.mode }\n}\nvariable \"mode\" {\n  sensitive = true",
    );
    terraform.set("TF_VAR_mode", "umbrella-value");
    terraform.set("TF_LOG_PROVIDER", "DEBUG");
    let run = terraform.apply().fails_with("Execution failed");
    assert!(run.stderr.contains("running the job"), "the provider did not log");
    run.does_not_print("umbrella-value");
    let env = &emulator.executions()[0]["template"]["containers"][0]["env"][0];
    assert_eq!(env["value"], "umbrella-value");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn missing_permission_starts_nothing() {
    let (emulator, terraform) = setup(&[], "args = [\"--draft\"]");
    for permission in ["run.executions.list", "run.jobs.runWithOverrides"] {
        emulator.deny(permission, 1);
        terraform
            .apply()
            .fails_with(&format!("the permission {permission}"))
            .prints("No execution was started.");
        assert_eq!(terraform.state_of(RUN), None);
    }
    assert!(emulator.executions().is_empty());
    terraform.apply().succeeds();
    assert_eq!(
        emulator.executions()[0]["template"]["containers"][0]["args"],
        json!(["--draft"])
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn removed_execution_stays_in_the_state() {
    let (emulator, terraform) = setup(&[long()], "wait = false");
    terraform.apply().succeeds();
    emulator.advance_clock("1h");
    let (status, _) = emulator.api("DELETE", "/_emulator/executions", None);
    assert!((200..300).contains(&status));
    assert!(emulator.executions().is_empty());
    terraform.assert_no_changes();
    assert_eq!(terraform.state(RUN)["state"], "RUNNING");
    terraform.destroy().succeeds().prints("2 destroyed");
    assert_eq!(runs(&emulator), 1);
}
