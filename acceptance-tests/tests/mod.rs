//! The stories by subject, and what all of them begin with.

mod api_errors;
mod changes;
mod concurrent_changes;
mod credentials;
mod data_sources;
mod demo;
mod drift;
mod examples;
mod fault_recovery;
mod guides;
mod import;
mod interrupts;
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

/// The address of the job in most stories.
const RENDER: &str = "facets_gpu_cloudrun_job.render";

/// An emulator, and a working directory that is configured by environment variables alone.
fn cloud() -> (Emulator, Terraform) {
    let cloud = Emulator::start();
    let terraform = terraform().against(&cloud);
    (cloud, terraform)
}

/// A working directory without any configuration of the provider.
fn terraform() -> Terraform {
    Terraform::new(&installation()).unwrap_or_else(|reason| panic!("{reason}"))
}

/// One mirror for all stories that run at the same time; the last one removes it.
fn installation() -> Arc<Installation> {
    static SHARED: Mutex<Weak<Installation>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let fresh = Arc::new(Installation::new().unwrap_or_else(|reason| panic!("{reason}")));
        *shared = Arc::downgrade(&fresh);
        fresh
    })
}

/// Asserts that there is one job, which the state knows, with so many tasks.
#[track_caller]
fn as_configured(cloud: &Emulator, terraform: &Terraform, tasks: u64) {
    let jobs = cloud.jobs();
    assert_eq!(jobs.len(), 1, "no orphan and no double: {jobs:#?}");
    assert_eq!(terraform.state(RENDER)["uid"], jobs[0]["uid"]);
    assert_eq!(terraform.state(RENDER)["job"]["task_count"], tasks);
    assert_eq!(terraform.plan(&[]).code, Some(0), "nothing is left to do");
}

/// A working directory that holds one job, `render`, and is initialised.
fn with_job(terraform: &Terraform, arguments: &str) {
    terraform.write("main.tf", &job(arguments));
    terraform.init().succeeds();
}

/// Whether the emulator has met a creation, a change or a deletion.
fn sent(cloud: &Emulator) -> bool {
    cloud.requests().iter().any(Request::is_write)
}

/// A configuration of one job, `render`, with more arguments than it must have.
fn job(arguments: &str) -> String {
    format!(
        r#"{REQUIRED}
resource "facets_gpu_cloudrun_job" "render" {{
  name      = "render"
  container = {{ image = "{IMAGE}" }}
{arguments}
}}
"#
    )
}

/// What every configuration begins with.
const REQUIRED: &str = r#"terraform {
  required_providers {
    facets = { source = "facets-cloud/facets-gpu" }
  }
}
"#;
const APPLY: &[&str] = &["apply", "-auto-approve", "-input=false"];
const DESTROY: &[&str] = &["destroy", "-auto-approve", "-input=false"];
const IMAGE: &str = "us-docker.pkg.dev/acme-batch/media/renderer:1.4";
