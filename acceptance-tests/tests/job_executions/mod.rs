//! The resource and the data source `facets_gpu_cloudrun_job_execution`, in one configuration with the job.

mod cancellation;
mod data_source;
mod import;
mod interruption;
mod outcomes;
mod replacement;

use serde_json::{Value, json};

use super::job;
use crate::harness::{Emulator, Terraform};

const RUN: &str = "facets_gpu_cloudrun_job_execution.run";

/// The job `render`, and an execution `run` of it with further arguments.
fn config(arguments: &str) -> String {
    config_of_job("job = { max_retries = 0 }", arguments)
}

fn config_of_job(job_arguments: &str, arguments: &str) -> String {
    format!(
        r#"{}
resource "facets_gpu_cloudrun_job_execution" "run" {{
  job = facets_gpu_cloudrun_job.render.id
{arguments}
}}
"#,
        job(job_arguments)
    )
}

/// Triggers that hold the `uid` of the job.
const UID: &str = "triggers = { uid = facets_gpu_cloudrun_job.render.uid }";

/// An emulator whose next executions follow the scripts, and an initialized working directory.
fn setup(scripts: &[Value], arguments: &str) -> (Emulator, Terraform) {
    let (emulator, terraform) = super::setup();
    for script in scripts {
        emulator.script_execution(script.clone());
    }
    terraform.write("main.tf", &config(arguments));
    terraform.init().succeeds();
    (emulator, terraform)
}

/// An execution that does not end before the clock is advanced.
fn long() -> Value {
    json!({ "pending": "0s", "time": "5m" })
}

fn failing() -> Value {
    json!({ "tasks": [{ "attempts": ["exit 3"] }] })
}

/// The number of requests since the last clearing that run the job.
fn runs(emulator: &Emulator) -> usize {
    let lines = emulator.request_lines();
    lines.iter().filter(|line| line.ends_with(":run")).count()
}

fn cancellations(emulator: &Emulator) -> usize {
    let lines = emulator.request_lines();
    lines.iter().filter(|line| line.ends_with(":cancel")).count()
}

/// Whether the provider reads the execution that it has started.
fn is_followed(emulator: &Emulator) -> bool {
    let lines = emulator.request_lines();
    let mut after_run = lines.iter().skip_while(|line| !line.ends_with(":run"));
    after_run.any(|line| line.starts_with("GET /jobs/render/executions/"))
}

fn is_tainted(terraform: &Terraform) -> bool {
    terraform.state_file().contains("\"tainted\"")
}

/// Runs the job outside of Terraform and returns the execution's full name.
fn run_job(emulator: &Emulator) -> String {
    let path = "/v2/projects/acme-batch/locations/us-central1/jobs/render:run";
    let (status, operation) = emulator.api("POST", path, Some(&json!({})));
    assert_eq!(status, 200, "{operation}");
    let name = operation["metadata"]["name"].as_str().expect("an execution");
    name.to_owned()
}
