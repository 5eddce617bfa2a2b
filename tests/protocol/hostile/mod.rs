//! Bad input: every attribute of every schema in turn with a value that is absent, unknown, empty, huge or of another
//! kind, and bytes that are no value at all.
//!
//! The places come from the schema that the provider sends, so that a new attribute is tried without an edit here. What
//! is demanded of each answer: there is one; the provider has met no fault of its own; a value that cannot be is an error
//! at its place; and what is planned obeys the rules of Terraform's core.

mod bytes;
mod data;
mod fit;
mod id;
mod identity;
mod moved;
mod place;
mod query;
mod stored;
mod unfit;
mod values;

use facets_gpu::wire::proto::tfplugin6::{AttributePath, Diagnostic, attribute_path::step::Selector};
use serde_json::{Value, json};

use self::place::Place;
use crate::terraform::errors;

/// A configuration of the provider with nothing wrong in it.
fn provider() -> Value {
    json!({ "project": "example-project", "region": "us-central1", "access_token": "token" })
}

/// A job with nothing wrong in it, and with something in most places.
fn job() -> Value {
    json!({
        "name": "nightly",
        "facets": { "instance_name": "video", "environment": "demo", "cloud_tags": { "tier": "batch" } },
        "project": "example-project",
        "location": "us-central1",
        "container": {
            "image": "us-docker.pkg.dev/example-project/jobs/train:1", "command": ["train"], "args": ["--fast"],
        },
        "gpu": { "enabled": true, "type": "nvidia-rtx-pro-6000" },
        "resources": { "cpu": "20", "memory": "80Gi" },
        "job": { "task_count": 10, "parallelism": 2, "max_retries": 3, "task_timeout": "3600s" },
        "secrets": [{ "env_var": "API_KEY", "secret_name": "my-api-key", "version": "latest" }],
        "env": { "MODE": "fast" },
        "vpc_access": { "connector": "my-connector", "egress": "all-traffic" },
        "service_account": "runner@example-project.iam.gserviceaccount.com",
        "launch_stage": "BETA",
        "labels": { "team": "render" },
        "annotations": { "example.com/owner": "render" },
        "deletion_protection": false,
        "timeouts": { "create": "10m", "update": "10m", "delete": "10m" },
    })
}

/// The job that has something put into this place: what would exclude whatever is there is out of it.
fn job_with(place: &Place) -> Value {
    let mut job = job();
    let words = place.words();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["vpc_access", "network" | "subnetwork" | "tags", ..] => {
            job["vpc_access"] = json!({ "network": "my-network", "egress": "all-traffic" });
        }
        ["volumes", "0", "name"] => job["volumes"] = json!([{ "empty_dir": {} }]),
        _ => {}
    }
    job
}

/// What is wrong with what was told, whatever was asked: a fault of the provider's own, or more than anybody reads.
fn improper(told: &[Diagnostic]) -> Vec<String> {
    let mut found: Vec<String> = told
        .iter()
        .filter(|diagnostic| diagnostic.summary == "The provider met a fault of its own")
        .map(|diagnostic| format!("a panic: {}", diagnostic.detail))
        .collect();
    let length: usize = told
        .iter()
        .map(|diagnostic| diagnostic.summary.len() + diagnostic.detail.len())
        .sum();
    if length > LONGEST_WORDS {
        found.push(format!("{} diagnostics of {length} bytes together", told.len()));
    }
    found
}

/// The places of the errors, as words.
fn blamed(told: &[Diagnostic]) -> Vec<Vec<String>> {
    errors(told)
        .into_iter()
        .map(|error| in_words(error.attribute.as_ref()))
        .collect()
}

/// A path step by step; none leads nowhere.
fn in_words(path: Option<&AttributePath>) -> Vec<String> {
    let steps = path.into_iter().flat_map(|path| &path.steps);
    steps
        .filter_map(|step| step.selector.as_ref())
        .map(|selector| match selector {
            Selector::AttributeName(name) | Selector::ElementKeyString(name) => name.clone(),
            Selector::ElementKeyInt(at) => at.to_string(),
        })
        .collect()
}

/// Much more than all rules together say of a job that breaks every one of them.
const LONGEST_WORDS: usize = 100_000;
