//! What Terraform can do since 1.12: identities, and since 1.14: queries. Each test drives the version that it names, which
//! `make test` has fetched to `target/terraform/`, and not that of the PATH.

mod generate_config;
mod identity;
mod query;
mod query_pages;

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Emulator, Terraform};

/// As [`super::cloud`], for a Terraform of that version.
fn cloud(version: &str) -> (Emulator, Terraform) {
    let cloud = Emulator::start();
    let terraform = terraform(version).against(&cloud);
    (cloud, terraform)
}

fn terraform(version: &str) -> Terraform {
    Terraform::newer(version, &super::installation()).unwrap_or_else(|reason| panic!("{reason}"))
}

/// A job with the GPU as others have made it.
fn job_with_gpu(labels: &Value) -> Value {
    json!({
        "labels": labels,
        "launchStage": "ALPHA",
        "template": { "template": {
            "nodeSelector": { "accelerator": "nvidia-rtx-pro-6000" },
            "gpuZonalRedundancyDisabled": true,
            "containers": [{
                "image": super::IMAGE,
                "resources": { "limits": { "cpu": "20", "memory": "80Gi", "nvidia.com/gpu": "1" } },
            }],
        } },
    })
}

/// A file of `examples/`.
fn example(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
