//! The Facets module as Terraform 1.5.7 deploys it, against the emulator: the resource block that the module makes of
//! the contract's example blueprint, from the first plan to the destruction.
//!
//! The platform runs 1.5.7, whose binary is not to be had everywhere. So [`core`](crate::core) stands for it.

mod faults;
mod life;
mod same_as_binary;
mod unknowns;

use serde_json::{Value, json};

use crate::harness::{Emulator, PROJECT, REGION, TOKEN};

/// What the job of the example is called.
const NAME: &str = "media-demo-my-video-processor";

/// A provider block like the platform's, with the emulator in Google's place.
fn provider(emulator: &Emulator) -> Value {
    json!({
        "project": PROJECT,
        "region": REGION,
        "access_token": TOKEN,
        "cloud_run_endpoint": emulator.endpoint(),
    })
}

/// What the module's resource block evaluates to for the contract's example blueprint.
fn job() -> Value {
    json!({
        "facets": {
            "instance_name": "my-video-processor",
            "environment": "media-demo",
            "cloud_tags": { "FacetsControlPlane": "demo.console.facets.cloud" },
        },
        "project": PROJECT,
        "location": REGION,
        "container": {
            "image": "us-docker.pkg.dev/acme-batch/media/video-processor:1.4",
            "command": [],
            "args": [],
        },
        "gpu": { "enabled": true, "type": "nvidia-rtx-pro-6000" },
        "resources": { "cpu": "20", "memory": "80Gi" },
        "job": { "task_count": 10, "parallelism": 2, "max_retries": 3, "task_timeout": "3600s" },
        "secrets": [{ "env_var": "API_KEY", "secret_name": "my-api-key", "version": "latest" }],
        "vpc_access": null,
        "env": {},
        "service_account": null,
    })
}

/// The example with some attributes changed.
fn job_with(changes: Value) -> Value {
    let mut job = job();
    merge(&mut job, changes);
    job
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(into.entry(name).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change,
    }
}

/// The changes that the emulator was asked to make, since the last time.
fn writes(emulator: &Emulator) -> Vec<String> {
    let requests = emulator.requests();
    emulator.clear_requests();
    requests
        .iter()
        .filter(|request| request.is_write())
        .map(crate::harness::Request::line)
        .collect()
}
