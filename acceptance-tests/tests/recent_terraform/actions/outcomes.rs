//! Outcomes of a run that `-invoke` starts.

use serde_json::{Value, json};

use super::{INVOKE, executions, runs, setup};
use crate::harness::{Feature, Run, requires};

/// How to invoke the action again.
const INVOKE_AGAIN: &str = "terraform apply -invoke=action.facets_gpu_cloudrun_job_run.NAME";

/// Asserts a failure with this summary and text.
#[track_caller]
fn fails(run: Run, summary: &str, text: &str) -> Run {
    run.fails_with(&format!("Error when invoking action {summary}"))
        .prints(text)
        .prints(INVOKE_AGAIN)
        .does_not_print("TERRAFORM CRASH")
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn successful_run_reports_its_progress() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("job = { task_count = 2, parallelism = 2 }", "");
    emulator.script_execution(json!({ "pending": "5m", "time": "1h" }));
    let run = terraform
        .start(INVOKE)
        .wait_until_printed("pending, no task has started");
    emulator.advance_clock("5m");
    let run = run.wait_until_printed("0 of 2 tasks succeeded, 2 running");
    emulator.advance_clock("1h");
    let run = run.finish().succeeds();
    let name = emulator.executions()[0]["name"].as_str().unwrap().to_owned();
    run.prints(
        "The execution can use at most 8 GPU hours. The provider waits up to 4h15m for the execution to end.",
    )
    .prints("Access token may expire during the run")
    .prints(&format!(
        "Started {name}. Logs: https://console.cloud.google.com/"
    ))
    .prints("The execution succeeded: 2 of 2 tasks succeeded.")
    .prints("Actions: 1 invoked.");
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn failed_task_is_an_error() {
    if !requires(Feature::Actions) {
        return;
    }
    let arguments = "job = { task_count = 2, parallelism = 2, max_retries = 1 }";
    let (emulator, terraform) = setup(arguments, "");
    emulator.script_execution(json!({ "tasks": [{}, { "attempts": ["exit 3"] }] }));
    fails(
        terraform.run(INVOKE),
        "Execution failed",
        "task 1: exit code 3, 2 attempts",
    )
    .prints("The execution failed: 1 of 2 tasks succeeded, 1 failed, 1 retried.")
    .prints("NON_ZERO_EXIT_CODE")
    .prints("Logs: https://console.cloud.google.com/");
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn retried_task_is_reported() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("job = { max_retries = 1 }", "");
    emulator.script_execution(json!({ "tasks": [{ "attempts": ["signal 9", "success"] }] }));
    terraform
        .run(INVOKE)
        .succeeds()
        .prints("The execution succeeded: 1 of 1 task succeeded, 1 retried.");
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn execution_continues_after_the_timeout() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "timeout = \"1s\"");
    emulator.script_execution(json!({ "time": "1h" }));
    fails(
        terraform.run(INVOKE),
        "Timed out waiting for the execution",
        "did not end within 1s",
    )
    .prints("The execution continues.")
    .prints("gcloud run jobs executions cancel render-");
    assert_eq!(executions(&emulator, "completionTime"), [Value::Null]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn run_without_wait_only_starts_the_execution() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "wait = false");
    emulator.script_execution(json!({ "time": "1h", "tasks": [{ "attempts": ["exit 1"] }] }));
    terraform
        .run(INVOKE)
        .succeeds()
        .prints("The provider does not wait for the execution to end.")
        .prints("Started projects/")
        .does_not_print("Access token may expire");
    assert_eq!(executions(&emulator, "completionTime"), [Value::Null]);
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn run_has_the_overrides() {
    if !requires(Feature::Actions) {
        return;
    }
    let overrides = r#"
        args            = []
        env             = { KEY = sensitive("hidden-value"), EMPTY = "" }
        task_count      = 3
        task_timeout    = "1m"
        delay_execution = false
    "#;
    let job = r#"env = { KEY = "of the job", OTHER = "other" }"#;
    let (emulator, mut terraform) = setup(job, overrides);
    terraform.set("TF_LOG", "trace");
    emulator.script_execution(json!({ "tasks": [{ "attempts": ["exit 1"] }] }));
    terraform
        .run(INVOKE)
        .fails_with("Execution failed")
        .does_not_print("hidden-value");
    let requests = emulator.requests();
    let run = requests
        .iter()
        .find(|request| request.path().ends_with(":run"))
        .unwrap();
    assert_eq!(
        run.body()["overrides"],
        json!({
            "containerOverrides": [{
                "clearArgs": true,
                "env": [{ "name": "EMPTY", "value": "" }, { "name": "KEY", "value": "hidden-value" }],
            }],
            "taskCount": 3,
            "timeout": "60s",
            "delayExecution": false,
        })
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn missing_permission_is_named_before_anything_is_started() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "env = { KEY = \"value\" }");
    for (permission, summary) in [
        ("run.executions.list", "Execution listing failed"),
        ("run.jobs.runWithOverrides", "Job run failed"),
    ] {
        emulator.deny(permission, 1);
        fails(
            terraform.run(INVOKE),
            summary,
            &format!("the permission {permission},"),
        )
        .prints("No execution was started.");
    }
    assert_eq!(emulator.executions(), [Value::Null; 0]);
    // One execution is there, so that the permission to follow one is checked first.
    terraform.run(INVOKE).succeeds();
    emulator.deny("run.executions.get", 1);
    fails(
        terraform.run(INVOKE),
        "Execution read failed",
        "No execution was started.",
    );
    assert_eq!(emulator.executions().len(), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn lost_response_starts_one_execution() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "");
    // An execution of the same definition, which is not the one of the run.
    terraform.run(INVOKE).succeeds();
    emulator.clear_requests();
    emulator.inject_fault("run-lost-answer", 1);
    terraform
        .run(INVOKE)
        .succeeds()
        .prints("The execution succeeded: 1 of 1 task succeeded.");
    assert_eq!((runs(&emulator), emulator.executions().len()), (1, 2));
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn unknown_outcome_of_the_request_is_an_error() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "");
    emulator.inject_fault("run-500", 1);
    fails(
        terraform.run(INVOKE),
        "Unknown whether the job runs",
        "gcloud run jobs executions list --job render",
    );
    assert_eq!((runs(&emulator), emulator.executions().len()), (1, 0));
}
