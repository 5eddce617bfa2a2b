//! Runs by the `action_trigger` of a resource.

use serde_json::json;

use super::{INVOKE, config, executions, runs, setup};
use crate::harness::{Emulator, Feature, Terraform, requires};
use crate::tests::recent_terraform::example;
use crate::tests::terraform;

fn apply(terraform: &Terraform) {
    terraform.apply().succeeds();
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn action_of_a_new_job_is_unknown_at_plan() {
    if !requires(Feature::Actions) {
        return;
    }
    let trigger = r"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.facets_gpu_cloudrun_job_run.run]
    }
  }";
    let emulator = Emulator::start();
    let terraform = terraform().with_emulator(&emulator);
    let uid = "env = { UID = facets_gpu_cloudrun_job.render.uid }";
    terraform.write("main.tf", &config(trigger, uid));
    terraform.init().succeeds();
    terraform
        .plan(&[])
        .prints("Actions: 1 to invoke")
        .prints("\"UID\" = (known after apply)");
    assert_eq!(emulator.request_lines(), [""; 0], "the plan sends no request");
    // Terraform itself does not invoke it now.
    terraform.run(INVOKE).fails_with("contains unknown values");
    apply(&terraform);
    let uid = emulator.job("render").unwrap()["uid"].clone();
    let templates = executions(&emulator, "template");
    assert_eq!(
        templates[0]["containers"][0]["env"],
        json!([{ "name": "UID", "value": uid }])
    );
    // The next apply runs nothing.
    apply(&terraform);
    assert_eq!(runs(&emulator), 1);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn run_before_terraform_data_is_repeated_until_it_succeeds() {
    if !requires(Feature::Actions) {
        return;
    }
    let emulator = Emulator::start();
    let terraform = terraform().with_emulator(&emulator);
    let example = example("actions/facets_gpu_cloudrun_job_run/run-on-image-change/main.tf");
    let dependent = "\nresource \"terraform_data\" \"after\" {\n  depends_on = [terraform_data.trained]\n}\n";
    terraform.write("main.tf", &format!("{example}{dependent}"));
    terraform.init().succeeds();
    emulator.script_execution(json!({ "tasks": [{ "attempts": ["exit 1"] }] }));
    terraform.apply().fails_with("Execution failed");
    assert_eq!(terraform.state_of("terraform_data.after"), None);
    terraform.apply().succeeds().prints("Actions: 1 invoked.");
    assert_ne!(terraform.state_of("terraform_data.after"), None);
    assert_eq!(runs(&emulator), 2);
    apply(&terraform);
    assert_eq!(runs(&emulator), 2, "nothing has changed");
    terraform.write("main.tf", &example.replace("train:1.4", "train:1.5"));
    terraform.apply().succeeds().prints("Actions: 1 invoked.");
    let templates = executions(&emulator, "template");
    assert_eq!(
        templates[2]["containers"][0]["image"],
        "us-docker.pkg.dev/acme-batch/ml/train:1.5"
    );
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn condition_with_a_known_value_decides() {
    if !requires(Feature::Actions) {
        return;
    }
    let (emulator, terraform) = setup("", "");
    let trigger = r#"
variable "run" {
  type = bool
}

resource "terraform_data" "release" {
  input = var.run

  lifecycle {
    action_trigger {
      events    = [before_create, before_update]
      condition = var.run
      actions   = [action.facets_gpu_cloudrun_job_run.run]
    }
  }
}
"#;
    terraform.write("trigger.tf", trigger);
    for (run, count) in [("false", 0), ("true", 1)] {
        terraform
            .run_with(&[("TF_VAR_run", run)], super::super::super::APPLY)
            .succeeds();
        assert_eq!(runs(&emulator), count, "run = {run}");
    }
}
