//! The Facets module in a root like the one that the platform writes.

mod blueprint;
mod guide;
mod inputs;
mod migration;
mod names;
mod network;
mod providers;
mod refusals;
mod values;

use serde_json::{Value, json};

use crate::harness::platform::{Call, module};

/// The example blueprint of the contract as its page prints it, with the address of an image in the place of
/// the expression that the platform resolves.
fn blueprint() -> String {
    let page = std::fs::read_to_string(module().join("README.md")).expect("the module's page");
    let (_, example) = page
        .split_once("## Example Blueprint Resource\n\n```yaml\n")
        .expect("the page has an example");
    let (example, _) = example.split_once("```").expect("the example ends");
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
    let calls = specs.iter().map(|spec| Call::new("", json!({ "spec": spec })));
    numbered(&calls.collect::<Vec<_>>())
}

/// Calls whose instances are called `case-0` and so on.
fn numbered(calls: &[Call]) -> Vec<(String, Call)> {
    let named = calls.iter().enumerate().map(|(index, call)| {
        let instance_name = format!("case-{index}");
        (
            instance_name.clone(),
            Call {
                instance_name,
                ..call.clone()
            },
        )
    });
    named.collect()
}

/// The address of the job in a module.
const JOB: &str = "facets_gpu_cloudrun_job.this";
