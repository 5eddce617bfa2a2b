//! Features of recent Terraform versions: resource identity (1.12), queries and generated configuration (1.14). Each test runs
//! a version that `make test` downloads to `target/terraform/`, not the one on the PATH.

mod actions;
mod execution_identity;
mod generate_config;
mod identity;
mod query;
mod query_pages;

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Emulator, Terraform};

/// As [`super::setup`], with a version of Terraform.
fn setup(version: &str) -> (Emulator, Terraform) {
    let emulator = Emulator::start();
    let terraform = terraform(version).with_emulator(&emulator);
    (emulator, terraform)
}

fn terraform(version: &str) -> Terraform {
    Terraform::with_version(version, &super::installation()).unwrap_or_else(|reason| panic!("{reason}"))
}

/// A GPU job as created outside of Terraform.
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
