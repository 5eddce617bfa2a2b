//! Runs the job from a blueprint as `docs/guides/facets.md` describes: by a `POST` to its URL, and by the module in
//! `examples/run-module`.

use serde_json::{Value, json};

use super::guide_blueprint::{ProviderSource, block_with, setup};
use crate::harness::{Emulator, Terraform};
use crate::tests::guides::shell::{Programs, output_text};

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn run_module_gets_provider_of_cloud_account() {
    assert_job_runs(ProviderSource::CloudAccount);
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn run_module_gets_provider_of_separate_module() {
    assert_job_runs(ProviderSource::SeparateModule);
}

/// Once for a new job, again for a new image, again by a `POST`, and not otherwise.
fn assert_job_runs(source: ProviderSource) {
    let (emulator, _tokens, terraform) = setup();
    let mut blueprint = source.blueprint(&["cloudrun", "gpu_job_run"]);
    blueprint.write_to(&terraform, &with_outputs(blueprint.root()));
    terraform.init().succeeds();
    terraform.apply().succeeds().prints("2 added");
    let first = assert_latest_succeeded(&emulator, &terraform, 1);
    terraform.assert_no_changes();

    for resource in &mut blueprint.resources {
        for image in ["/spec/container/image", "/spec/triggers/image"] {
            if let Some(image) = resource.pointer_mut(image) {
                *image = json!(NEW_IMAGE);
            }
        }
    }
    blueprint.write_to(&terraform, &with_outputs(blueprint.root()));
    terraform
        .apply()
        .succeeds()
        .prints("1 added, 1 changed, 1 destroyed");
    let second = assert_latest_succeeded(&emulator, &terraform, 2);
    assert_ne!(image(&first), NEW_IMAGE);
    assert_eq!(image(&second), NEW_IMAGE, "the run is before the update");

    let job = terraform.output("my_video_processor");
    let operation = post(&emulator, &terraform, &job["attributes"]["execution_url"]);
    assert_eq!(operation["metadata"]["taskCount"], 10, "{operation}");
    assert_eq!(emulator.executions().len(), 3);
    terraform.assert_no_changes();

    terraform.destroy().succeeds().prints("2 destroyed");
    assert_eq!(emulator.jobs(), Vec::<Value>::new());
}

fn with_outputs(mut root: Value) -> Value {
    for module in ["my_video_processor", "my_video_run"] {
        root["output"][module] = json!({ "value": format!("${{module.{module}}}") });
    }
    root
}

/// Asserts the number of executions, and that the module's output has the latest. Returns it.
#[track_caller]
fn assert_latest_succeeded(emulator: &Emulator, terraform: &Terraform, count: usize) -> Value {
    let executions = emulator.executions();
    assert_eq!(executions.len(), count);
    let latest = &executions[count - 1];
    let output = &terraform.output("my_video_run")["attributes"];
    assert_eq!(output["execution"], latest["name"]);
    assert_eq!(output["state"], "SUCCEEDED");
    latest.clone()
}

fn image(execution: &Value) -> &Value {
    &execution["template"]["containers"][0]["image"]
}

/// Runs the command of the guide, and returns the response.
fn post(emulator: &Emulator, terraform: &Terraform, url: &Value) -> Value {
    let variables = [("EXECUTION_URL", url.as_str().expect("a URL"))];
    let programs = Programs::new().with_emulator(emulator);
    let output = programs.run(terraform, &variables, &block_with("sh", "EXECUTION_URL"));
    assert!(output.status.success(), "{}", output_text(&output));
    serde_json::from_slice(&output.stdout).expect("a response in JSON")
}

const NEW_IMAGE: &str = "us-docker.pkg.dev/acme-batch/media/renderer:1.5";
