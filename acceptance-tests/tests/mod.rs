//! The tests by subject, and their shared fixtures.

mod api_errors;
mod changes;
mod concurrent_changes;
mod credentials;
mod data_sources;
mod delay;
mod demo;
mod drift;
mod examples;
mod fault_recovery;
mod guides;
mod import;
mod interrupts;
mod job_executions;
mod lifecycle;
mod load;
mod logging;
mod module;
mod move_state;
mod name_conflicts;
mod network;
mod outages;
mod plan_checks;
mod provider_config;
mod readiness;
mod recent_terraform;
mod recreated_jobs;
mod redaction;
mod refresh;
mod release;
mod retries;
mod sandbox;
mod semantic_equality;
mod unexpected_responses;
mod unknown_values;
mod unmanaged_settings;
mod volumes;
mod vpc_and_encryption;
mod warnings;
mod write_quota;

use std::sync::{Arc, Mutex, Weak};

use crate::harness::{Emulator, Installation, Request, Terraform};

/// The address of the job in most tests.
const RENDER: &str = "facets_gpu_cloudrun_job.render";

/// An emulator, and a working directory whose provider is configured by environment variables.
fn setup() -> (Emulator, Terraform) {
    let emulator = Emulator::start();
    let terraform = terraform().with_emulator(&emulator);
    (emulator, terraform)
}

/// A working directory without a provider configuration.
fn terraform() -> Terraform {
    Terraform::new(&installation()).unwrap_or_else(|reason| panic!("{reason}"))
}

/// One mirror shared by the running tests; the last one removes it.
fn installation() -> Arc<Installation> {
    static SHARED: Mutex<Weak<Installation>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let fresh = Arc::new(Installation::new().unwrap_or_else(|reason| panic!("{reason}")));
        *shared = Arc::downgrade(&fresh);
        fresh
    })
}

/// Asserts that one job exists, that it is in the state with a number of tasks, and that the plan is empty.
#[track_caller]
fn assert_one_job(emulator: &Emulator, terraform: &Terraform, tasks: u64) {
    let jobs = emulator.jobs();
    assert_eq!(jobs.len(), 1, "expected one job: {jobs:#?}");
    assert_eq!(terraform.state(RENDER)["uid"], jobs[0]["uid"]);
    assert_eq!(terraform.state(RENDER)["job"]["task_count"], tasks);
    assert_eq!(terraform.plan(&[]).code, Some(0), "the plan has changes");
}

/// Writes a configuration of the job `render` and runs `terraform init`.
fn init_job(terraform: &Terraform, arguments: &str) {
    terraform.write("main.tf", &job(arguments));
    terraform.init().succeeds();
}

/// Whether the emulator has received a create, update or delete request.
fn write_was_sent(emulator: &Emulator) -> bool {
    emulator.requests().iter().any(Request::is_write)
}

/// A configuration of the job `render` with additional arguments.
fn job(arguments: &str) -> String {
    format!(
        r#"{REQUIRED_PROVIDERS}
resource "facets_gpu_cloudrun_job" "render" {{
  name      = "render"
  container = {{ image = "{IMAGE}" }}
{arguments}
}}
"#
    )
}

/// The `terraform` block of each configuration.
const REQUIRED_PROVIDERS: &str = r#"terraform {
  required_providers {
    facets = { source = "facets-cloud/facets-gpu" }
  }
}
"#;
const APPLY: &[&str] = &["apply", "-auto-approve", "-input=false"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-input=false"];
const IMAGE: &str = "us-docker.pkg.dev/acme-batch/media/renderer:1.4";
