//! The Facets module in a root like the one that the platform writes.

mod blueprint;
mod invalid_specs;
mod migration;
mod platform_inputs;
mod provider_passing;
mod spec_values;

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::facets_platform::Call;

/// The example blueprint of the contract as its page prints it, with the address of an image in the place of
/// the expression that the platform resolves.
fn blueprint() -> String {
    let example = read("examples/module/blueprint.yaml");
    let artifact = "${blueprint.self.artifacts.video-processor}";
    assert!(example.contains(artifact), "{example}");
    example.replace(artifact, super::IMAGE)
}

/// A `spec` with an image and what else is given.
fn spec(given: &Value) -> Value {
    let mut spec = json!({ "container": { "image": super::IMAGE } });
    for (group, value) in given.as_object().expect("groups of a spec") {
        match (&mut spec[group], value) {
            (Value::Object(group), Value::Object(more)) => group.extend(more.clone()),
            (group, value) => *group = value.clone(),
        }
    }
    spec
}

/// A call of the module for each `spec`; the jobs are called `media-demo-case-0` and so on.
fn each(specs: &[Value]) -> Vec<(String, Call)> {
    let calls = specs.iter().enumerate().map(|(index, spec)| {
        let name = format!("case-{index}");
        (name.clone(), Call::new(&name, json!({ "spec": spec })))
    });
    calls.collect()
}

/// A file of the repository.
fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The address of the job in a module.
const JOB: &str = "facets_gpu_cloudrun_job.this";
