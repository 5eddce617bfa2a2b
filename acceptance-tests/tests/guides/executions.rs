//! The configurations of `docs/guides/executions.md`.

use serde_json::json;

use super::shell::{blocks, guide};
use crate::harness::{Emulator, Terraform};
use crate::tests::{init_job, job, setup};

/// The code block that starts with a text.
fn block(start: &str) -> String {
    let blocks = blocks(&guide("executions"));
    let found = blocks.into_iter().find(|(_, code)| code.starts_with(start));
    found.unwrap_or_else(|| panic!("no block starts with {start}")).1
}

/// A working directory with the job `render`, and blocks of the guide.
fn setup_with(parts: &[&str]) -> (Emulator, Terraform) {
    let (emulator, terraform) = setup();
    terraform.write("guide.tf", &parts.concat());
    init_job(&terraform, "");
    terraform.apply().succeeds();
    (emulator, terraform)
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn postcondition_and_check_report_a_failed_execution() {
    let resources = block("resource \"facets_gpu_cloudrun_job_execution\" \"render\" {\n  job      =");
    let check = block("check \"last_run\"");
    let (emulator, terraform) = setup();
    terraform.write("guide.tf", &resources);
    init_job(&terraform, "");
    emulator.script_execution(json!({ "tasks": [{ "attempts": ["exit 1", "exit 1", "exit 1", "exit 1"] }] }));
    terraform.apply().succeeds();
    emulator.advance_clock("1h");
    terraform
        .plan(&[])
        .fails_with("Resource postcondition failed")
        .prints("ended as FAILED");

    terraform.write("guide.tf", &check);
    terraform
        .plan(&[])
        .prints("The last execution of the job failed.");
    assert_eq!(emulator.executions().len(), 1);
}

mod recent_terraform {
    use super::*;
    use crate::harness::{Feature, requires};

    #[test]
    #[ignore = "needs terraform on the PATH; make test runs it"]
    fn action_runs_by_trigger_and_by_invoke() {
        if !requires(Feature::Actions) {
            return;
        }
        let action = block("action \"facets_gpu_cloudrun_job_run\"");
        let trigger = block("resource \"terraform_data\" \"rendered\"");
        let (emulator, terraform) = setup_with(&[&action, &trigger]);
        assert_eq!(emulator.executions().len(), 1);
        terraform.apply().succeeds();
        assert_eq!(emulator.executions().len(), 1, "nothing has changed");
        terraform.write("main.tf", &job("").replace(":1.4", ":1.5"));
        terraform.apply().succeeds();
        assert_eq!(emulator.executions().len(), 2);

        let command = block("terraform apply -invoke");
        let invoke = command.split_whitespace().last().expect("an argument");
        terraform.run(&["apply", "-auto-approve", invoke]).succeeds();
        assert_eq!(emulator.executions().len(), 3);
    }
}
