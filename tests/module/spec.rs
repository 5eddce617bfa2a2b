//! The spec of facets.yaml as a JSON Schema: what is shown in documents passes, and mistakes fail at their place.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::rule::Rule;
use crate::{module, repository, yaml};

#[test]
fn the_spec_is_a_json_schema() {
    let spec = &yaml::read(&module("facets.yaml"))["spec"];
    let mut rule = Rule::new(
        "The spec of facets.yaml is a JSON Schema of draft 7.",
        "Correct the keyword; https://json-schema.org/draft-07 lists them.",
    );
    for error in jsonschema::draft7::meta::validator().iter_errors(spec) {
        rule.broken(format!("{}: {error}", error.instance_path()));
    }
    rule.judge();
}

#[test]
fn what_documents_show_passes() {
    let mut rule = Rule::new(
        "The sample, the example's blueprint and each spec that README.md shows pass the spec of facets.yaml.",
        "Correct what is shown, or the spec.",
    );
    let validator = validator();
    for (place, spec) in shown() {
        for (path, keyword) in failures(&validator, &spec) {
            rule.broken(format!("{place}: {path} breaks {keyword}"));
        }
    }
    rule.judge();
}

#[test]
fn the_example_is_the_blueprint_of_the_contract() {
    let readme = repository::read(&module("README.md"));
    let shown = yaml::blocks(&readme)
        .into_iter()
        .find(|block| block.starts_with("kind: "));
    assert_eq!(
        shown,
        Some(repository::read("examples/module/blueprint.yaml").as_str())
    );
}

#[test]
fn a_mistake_fails_at_its_place() {
    let mut rule = Rule::new(
        "The form refuses a value that the contract does not offer, at the value.",
        "Restore the enum, bound, pattern or type in the spec of facets.yaml.",
    );
    let validator = validator();
    for (pointer, value, keyword) in mistakes() {
        let mut spec = good();
        place(&mut spec, pointer, value.clone());
        let found = failures(&validator, &spec);
        let seen = found
            .iter()
            .any(|failure| failure.0 == pointer && failure.1 == keyword);
        if !seen || found.iter().any(|(path, _)| path != pointer) {
            rule.broken(format!(
                "{pointer} = {value} should break {keyword}; it gives {found:?}"
            ));
        }
    }
    for needed in [
        "/container",
        "/container/image",
        "/secrets/0/env_var",
        "/secrets/0/secret_name",
    ] {
        let mut spec = good();
        let holder = remove(&mut spec, needed);
        let found = failures(&validator, &spec);
        if found != [(holder, "required".to_owned())] {
            rule.broken(format!(
                "a spec without {needed} should break required; it gives {found:?}"
            ));
        }
    }
    rule.judge();
}

/// What may not pass: where, which value, and the keyword of the schema that catches it.
fn mistakes() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/container", json!(null), "type"),
        ("/container/image", json!(""), "minLength"),
        ("/container/command", json!("bash"), "type"),
        ("/container/args/0", json!(1), "type"),
        ("/gpu/enabled", json!("true"), "type"),
        ("/gpu/type", json!("nvidia-l4"), "enum"),
        ("/resources/cpu", json!("8"), "enum"),
        ("/resources/cpu", json!(20), "type"),
        ("/resources/memory", json!(null), "type"),
        ("/resources/memory", json!("64Gi"), "enum"),
        ("/job/task_count", json!(0), "minimum"),
        ("/job/task_count", json!(101), "maximum"),
        ("/job/task_count", json!("10"), "type"),
        ("/job/parallelism", json!(0), "minimum"),
        ("/job/parallelism", json!(101), "maximum"),
        ("/job/parallelism", json!(1.5), "type"),
        ("/job/max_retries", json!(-1), "minimum"),
        ("/job/max_retries", json!(11), "maximum"),
        ("/job/task_timeout", json!("1 hour"), "pattern"),
        ("/job/task_timeout", json!(""), "minLength"),
        ("/job/task_timeout", json!("3600"), "pattern"),
        ("/job/task_timeout", json!("-1h"), "pattern"),
        ("/job/task_timeout", json!(3600), "type"),
        ("/secrets", json!({"A": {"secret_name": "a"}}), "type"),
        ("/secrets/0/env_var", json!(""), "minLength"),
        ("/secrets/0/version", json!(3), "type"),
        ("/vpc_access/connector", json!(""), "minLength"),
        ("/vpc_access/egress", json!("ALL_TRAFFIC"), "enum"),
        ("/env", json!(["A=1"]), "type"),
        ("/service_account", json!(null), "type"),
    ]
}

/// A spec that sets everything, so that each value can be replaced by a mistake.
fn good() -> Value {
    json!({
        "container": {"image": "x", "command": ["a"], "args": ["b"]},
        "gpu": {"enabled": true, "type": "nvidia-rtx-pro-6000"},
        "resources": {"cpu": "24", "memory": "96Gi"},
        "job": {"task_count": 100, "parallelism": 100, "max_retries": 0, "task_timeout": "1h30m"},
        "secrets": [{"env_var": "A", "secret_name": "a", "version": "3"}],
        "vpc_access": {"connector": "c", "egress": "all-traffic"},
        "env": {"B": "b"},
        "service_account": "runner@acme-batch.iam.gserviceaccount.com",
    })
}

#[test]
fn a_spec_that_sets_everything_passes() {
    assert_eq!(failures(&validator(), &good()), []);
    let form = &yaml::read(&module("facets.yaml"))["spec"]["properties"];
    assert_eq!(yaml::keys(&good()), yaml::keys(form));
}

/// Every spec that somebody can read and copy, and where it stands. Fragments get the image they leave out.
fn shown() -> Vec<(String, Value)> {
    let readme = repository::read(&module("README.md"));
    let mut all = vec![
        (
            "sample of facets.yaml".to_owned(),
            yaml::read(&module("facets.yaml"))["sample"].clone(),
        ),
        (
            "examples/module/blueprint.yaml".to_owned(),
            yaml::read("examples/module/blueprint.yaml"),
        ),
    ];
    let blocks = yaml::blocks(&readme);
    let specs = blocks
        .iter()
        .filter(|block| block.starts_with("spec:") || block.starts_with("kind: cloudrun"));
    all.extend(specs.map(|block| (format!("README.md, {block:?}"), yaml::parse("README.md", block))));
    assert!(all.len() >= 9, "README.md shows too little: {all:?}");
    all.into_iter()
        .map(|(place, resource)| (place, with_image(&resource["spec"])))
        .collect()
}

fn with_image(spec: &Value) -> Value {
    let mut spec = spec.clone();
    if spec["container"]["image"].is_null() {
        spec["container"]["image"] = json!("us-docker.pkg.dev/acme-batch/media/encoder:1.4");
    }
    spec
}

fn validator() -> Validator {
    jsonschema::draft7::new(&yaml::read(&module("facets.yaml"))["spec"]).unwrap()
}

/// Where the value fails, and by which keyword.
fn failures(validator: &Validator, spec: &Value) -> Vec<(String, String)> {
    let failures = validator.iter_errors(spec);
    failures
        .map(|error| {
            (
                error.instance_path().to_string(),
                error.kind().keyword().to_owned(),
            )
        })
        .collect()
}

fn place(spec: &mut Value, pointer: &str, value: Value) {
    *spec
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("the good spec has no {pointer}")) = value;
}

/// Takes a value out, and says where from.
fn remove(spec: &mut Value, pointer: &str) -> String {
    let (holder, key) = pointer.rsplit_once('/').unwrap();
    let members = spec.pointer_mut(holder).and_then(Value::as_object_mut).unwrap();
    assert!(members.remove(key).is_some(), "the good spec has no {pointer}");
    holder.to_owned()
}
