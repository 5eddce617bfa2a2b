//! `docs/guides/testing.md`: `terraform test` with plans, mocks, overrides and the emulator.

use super::shell::{Programs, blocks, output_text, section, steps};
use crate::harness::{Emulator, Feature, Terraform, requires};
use crate::tests::setup;

/// A working directory with the guide's configuration, and the test of one section.
fn setup_test(heading: &str) -> (Emulator, Terraform, String) {
    let (emulator, terraform) = setup();
    let (_, config) = &blocks(&section("testing", "The configuration"))[0];
    terraform.write("main.tf", config);
    terraform.init().succeeds();
    let script = steps(&section("testing", heading)).concat();
    (emulator, terraform, script)
}

/// Runs the steps of a section, whose test must pass.
#[track_caller]
fn assert_passes(terraform: &Terraform, script: &str) {
    let (succeeds, output) = run(terraform, script);
    assert!(
        succeeds && output.contains("Success! 1 passed, 0 failed."),
        "{output}"
    );
}

/// Runs the steps of a section, whose test must fail with a message.
#[track_caller]
fn assert_fails(terraform: &Terraform, script: &str, message: &str) {
    let (succeeds, output) = run(terraform, script);
    assert!(!succeeds && output.contains(message), "{output}");
}

fn run(terraform: &Terraform, script: &str) -> (bool, String) {
    let output = Programs::new().run(terraform, &[("TF_CLI_ARGS", "-no-color")], script);
    (output.status.success(), output_text(&output))
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn planned_gpu_hours_are_tested_without_a_request() {
    if !requires(Feature::Test) {
        return;
    }
    let (emulator, terraform, script) = setup_test("Plans");
    assert_passes(&terraform, &script);
    let smaller = script.replace("<= 20", "<= 19");
    assert_fails(&terraform, &smaller, "One execution may use 20 GPU hours.");
    assert_eq!(emulator.request_lines(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn mocks_validate_and_send_no_request() {
    if !requires(Feature::TestMocks) {
        return;
    }
    let (emulator, terraform, script) = setup_test("Applies with mocks");
    // Without the steps of the overrides.
    let (mocks, _) = script.split_once("cat > override.tftest.hcl").expect("two tests");
    assert_passes(&terraform, mocks);
    let too_many = format!("export TF_VAR_tasks=1000\n{mocks}");
    assert_fails(&terraform, &too_many, "Error: Invalid number");
    assert_eq!(emulator.request_lines(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn overrides_send_no_request() {
    if !requires(Feature::TestOverrides) {
        return;
    }
    let (emulator, terraform, script) = setup_test("Applies with mocks");
    let (_, overrides) = script.split_once("-filter=mock.tftest.hcl\n").expect("two tests");
    assert_passes(&terraform, overrides);
    assert_eq!(emulator.request_lines(), [""; 0]);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn emulator_runs_the_job() {
    if !requires(Feature::Test) {
        return;
    }
    let (emulator, terraform, script) = setup_test("Applies against the emulator");
    let script = script.replace("http://127.0.0.1:8085", emulator.address());
    assert_passes(&terraform, &script);
    assert_eq!(
        emulator.writes(),
        ["POST /jobs", "POST /jobs/render:run", "DELETE /jobs/render"]
    );
}
