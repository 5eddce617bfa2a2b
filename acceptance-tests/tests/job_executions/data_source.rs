//! The data source.

use serde_json::{Value, json};

use super::{failing, run_job};
use crate::tests::{IMAGE, REQUIRED_PROVIDERS, setup};

/// The data source `latest` of the job `render`, with further arguments.
fn config(arguments: &str) -> String {
    format!(
        r#"{REQUIRED_PROVIDERS}
data "facets_gpu_cloudrun_job_execution" "latest" {{
  job = "render"
{arguments}
}}
output "latest" {{
  value = data.facets_gpu_cloudrun_job_execution.latest
}}
"#
    )
}

#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn latest_or_named_execution_is_read() {
    let (emulator, terraform) = setup();
    terraform.write("main.tf", &config(""));
    terraform.init().succeeds();
    let latest = || {
        terraform.apply().succeeds();
        terraform.output("latest")
    };
    let nulls = |value: &Value| {
        let members = value.as_object().expect("an object");
        members
            .iter()
            .filter(|(name, _)| *name != "job")
            .all(|(_, value)| value.is_null())
    };
    assert!(nulls(&latest()), "the job does not exist");
    let template = json!({ "maxRetries": 0, "containers": [{ "image": IMAGE }] });
    emulator.create_job(
        "render",
        &json!({ "template": { "taskCount": 2, "template": template } }),
    );
    assert!(nulls(&latest()), "the job never ran");

    emulator.script_execution(failing());
    let failed = run_job(&emulator);
    emulator.advance_clock("1h");
    let value = latest();
    for (attribute, expected) in [
        ("id", json!(failed)),
        ("name", json!(failed.rsplit('/').next())),
        ("state", json!("FAILED")),
        ("reason", json!("NON_ZERO_EXIT_CODE")),
        ("task_count", json!(2)),
        ("failed_count", json!(1)),
        ("succeeded_count", json!(1)),
    ] {
        assert_eq!(value[attribute], expected, "{attribute}");
    }
    let second = run_job(&emulator);
    assert_eq!(latest()["id"], second);
    for name in [failed.as_str(), failed.rsplit('/').next().expect("a name")] {
        terraform.write("main.tf", &config(&format!("name = \"{name}\"")));
        assert_eq!(latest()["id"], failed);
        assert_eq!(latest()["name"], name);
    }
    for (name, expected) in [
        ("render-missing", "Execution not found"),
        ("no name", "Invalid execution name"),
        (
            "projects/acme-batch/locations/us-central1/jobs/other/executions/e",
            "Invalid execution name",
        ),
    ] {
        terraform.write("main.tf", &config(&format!("name = \"{name}\"")));
        terraform.plan(&[]).fails_with(expected);
    }
}

/// The id of a job is known before the job exists.
#[test]
#[ignore = "needs terraform on the PATH; make test runs it"]
fn check_block_reports_a_failed_execution() {
    let (emulator, terraform) = setup();
    let check = r#"
check "last_run" {
  data "facets_gpu_cloudrun_job_execution" "last" {
    job = facets_gpu_cloudrun_job.render.id
  }
  assert {
    condition     = data.facets_gpu_cloudrun_job_execution.last.state != "FAILED"
    error_message = "The last run failed: ${coalesce(data.facets_gpu_cloudrun_job_execution.last.reason, "unknown")}."
  }
}
"#;
    let job = crate::tests::job("job = { max_retries = 0 }");
    terraform.write("main.tf", &format!("{job}{check}"));
    terraform.init().succeeds();
    terraform.apply().succeeds().does_not_print("The last run failed");
    emulator.script_execution(failing());
    run_job(&emulator);
    emulator.advance_clock("1h");
    terraform
        .plan(&[])
        .prints("Warning: Check block assertion failed")
        .prints("The last run failed: NON_ZERO_EXIT_CODE.");
}
