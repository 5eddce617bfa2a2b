//! Configurations of the action: errors at validation and invocation, and the examples.

use serde_json::json;

use super::{INVOKE, config, runs, setup};
use crate::harness::{Emulator, Feature, requires};
use crate::tests::recent_terraform::example;
use crate::tests::terraform;

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn invalid_value_is_an_error_at_its_attribute() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "");
    terraform.write("main.tf", &config("", "task_count = 0"));
    let result = terraform.validate();
    let error = &result["diagnostics"][0];
    assert_eq!(error["summary"], "Invalid number", "{result}");
    assert_eq!(error["snippet"]["code"], "task_count = 0", "{result}");
    // A value that is known only when the action is invoked.
    let trigger = r"
  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.facets_gpu_cloudrun_job_run.run]
    }
  }
  job = { task_count = 2 }";
    let unknown = "task_count = 0 * facets_gpu_cloudrun_job.render.generation";
    terraform.write("main.tf", &config(trigger, unknown));
    terraform
        .apply()
        .fails_with("Invalid number: task_count must be an integer between 1 and 100, got 0.");
    assert_eq!(runs(&emulator), 0);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn examples_run_the_job() {
    if !requires(Feature::Actions) {
        return;
    }
    let emulator = Emulator::start();
    for (file, action, tasks) in [("action.tf", "train", 1), ("overrides/main.tf", "evaluate", 4)] {
        let terraform = terraform().with_emulator(&emulator);
        let example = example(&format!("actions/facets_gpu_cloudrun_job_run/{file}"));
        terraform.write("main.tf", &example);
        terraform.init().succeeds();
        terraform.apply().succeeds();
        let invoke = format!("-invoke=action.facets_gpu_cloudrun_job_run.{action}");
        let arguments = [&INVOKE[..3], &[invoke.as_str()]].concat();
        terraform.run(&arguments).succeeds();
        let latest = emulator.executions().pop().unwrap_or_default();
        assert_eq!(latest["succeededCount"], json!(tasks), "{file}: {latest}");
    }
}
