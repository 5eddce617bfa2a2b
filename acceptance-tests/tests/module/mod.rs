//! The Facets module in a root module like the platform's.

mod blueprint;
mod guide_blueprint;
mod invalid_specs;
mod job_runs;
mod migration;
mod platform;
mod platform_inputs;
mod provider_overlays;
mod provider_passing;
mod root_module;
mod spec_values;

use std::path::Path;

use serde_json::{Value, json};

use root_module::ModuleCall;

/// The example blueprint of the contract, with an image in place of the expression that the platform resolves.
fn blueprint() -> String {
    let example = read("examples/module/blueprint.yaml");
    let expression = "${blueprint.self.artifacts.video-processor}";
    assert!(example.contains(expression), "{example}");
    example.replace(expression, super::IMAGE)
}

/// A `spec` with an image and additional values.
fn spec(values: &Value) -> Value {
    let mut spec = json!({ "container": { "image": super::IMAGE } });
    for (group, value) in values.as_object().expect("groups of a spec") {
        match (&mut spec[group], value) {
            (Value::Object(group), Value::Object(more)) => group.extend(more.clone()),
            (group, value) => *group = value.clone(),
        }
    }
    spec
}

/// A module call for each `spec`; the jobs are named `media-demo-case-0` and so on.
fn calls(specs: &[Value]) -> Vec<(String, ModuleCall)> {
    let calls = specs.iter().enumerate().map(|(index, spec)| {
        let name = format!("case-{index}");
        (name.clone(), ModuleCall::new(&name, json!({ "spec": spec })))
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

/// The address of the job within the module.
const JOB: &str = "facets_gpu_cloudrun_job.this";
