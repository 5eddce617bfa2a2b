//! The Facets module in a root like the one that the platform writes.

mod blueprint;

use crate::harness::platform::module;

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

/// The address of the job of a module call.
const JOB: &str = "facets_gpu_cloudrun_job.this";
