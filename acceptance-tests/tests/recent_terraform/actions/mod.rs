//! The action `facets_gpu_cloudrun_job_run` with Terraform 1.14.1 and later.

mod configurations;
mod interrupts;
mod outcomes;
mod triggers;

use serde_json::Value;

use crate::harness::{Emulator, Terraform};
use crate::tests::{job, terraform};

const INVOKE: &[&str] = &[
    "apply",
    "-auto-approve",
    "-input=false",
    "-invoke=action.facets_gpu_cloudrun_job_run.run",
];

/// An emulator with the job `render`, and the action `run` with further arguments.
fn setup(job_arguments: &str, arguments: &str) -> (Emulator, Terraform) {
    let emulator = Emulator::start();
    let terraform = terraform().with_emulator(&emulator);
    terraform.write("main.tf", &config(job_arguments, arguments));
    terraform.init().succeeds();
    terraform.apply().succeeds();
    emulator.clear_requests();
    (emulator, terraform)
}

fn config(job_arguments: &str, arguments: &str) -> String {
    format!(
        r#"{}
action "facets_gpu_cloudrun_job_run" "run" {{
  config {{
    job = facets_gpu_cloudrun_job.render.id
{arguments}
  }}
}}
"#,
        job(job_arguments)
    )
}

/// The number of requests that run a job.
fn runs(emulator: &Emulator) -> usize {
    let writes = emulator.writes();
    writes.iter().filter(|write| write.ends_with(":run")).count()
}

/// A member of each execution, oldest first.
fn executions(emulator: &Emulator, member: &str) -> Vec<Value> {
    let executions = emulator.executions();
    executions
        .iter()
        .map(|execution| execution[member].clone())
        .collect()
}
