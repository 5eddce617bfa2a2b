//! What the Facets platform asks of facets.yaml and its own offline check does not look at.

use serde_json::Value;

use crate::rule::Rule;
use crate::{MODULE, module, yaml};

#[test]
fn every_property_explains_itself() {
    let mut rule = Rule::new(
        "Every property of the spec has a title and a description, and x-ui-order lists exactly the properties.",
        "Add what is missing; the form shows it.",
    );
    for (path, schema) in schemas() {
        if path != "spec" && !path.ends_with("[]") {
            for key in ["title", "description"] {
                if schema[key].as_str().is_none_or(str::is_empty) {
                    rule.broken(format!("{path} has no {key}"));
                }
            }
        }
        let mut order = yaml::texts(&schema["x-ui-order"]);
        order.sort_unstable();
        if order != yaml::keys(&schema["properties"]) {
            rule.broken(format!("{path} orders {order:?}"));
        }
    }
    rule.judge();
}

#[test]
fn the_platform_can_read_the_spec() {
    let mut rule = Rule::new(
        "The spec has no additionalProperties, no null, no lookaround in a pattern and no value twice in an enum; each \
         array says x-ui-override-disable: true, since overrides replace arrays whole.",
        "Take it out, or add the key.",
    );
    for (path, schema) in schemas() {
        if schema["type"] == "array" && schema["x-ui-override-disable"] != true {
            rule.broken(format!("{path} is an array without x-ui-override-disable: true"));
        }
        if schema.get("additionalProperties").is_some() {
            rule.broken(format!("{path} has additionalProperties"));
        }
        if yaml::members(&schema).any(|(_, value)| value.is_null()) {
            rule.broken(format!("{path} has a key without a value"));
        }
        for pattern in patterns(&schema) {
            if ["(?=", "(?!", "(?<"]
                .iter()
                .any(|around| pattern.contains(around))
            {
                rule.broken(format!("{path} looks around in {pattern}"));
            }
        }
        let accepted: Vec<&Value> = schema["enum"].as_array().into_iter().flatten().collect();
        if accepted
            .iter()
            .enumerate()
            .any(|(index, value)| accepted[..index].contains(value))
        {
            rule.broken(format!("{path} has a value twice in {accepted:?}"));
        }
    }
    rule.judge();
}

#[test]
fn the_head_is_complete() {
    let mut rule = Rule::new(
        "facets.yaml names intent, flavor, version, clouds and intentDetails as the platform wants them, and no metadata.",
        "Correct the head of facets.yaml.",
    );
    let facets = yaml::read(&module("facets.yaml"));
    let head = ["intent", "flavor", "version"].map(|key| facets[key].as_str().unwrap_or("(no text)"));
    if !MODULE.ends_with(&format!("/{}", head.join("/"))) {
        rule.broken(format!("{MODULE} holds {}", head.join("/")));
    }
    if facets["clouds"] != serde_json::json!(["gcp"]) {
        rule.broken(format!("clouds is {}", facets["clouds"]));
    }
    let details = &facets["intentDetails"];
    for key in ["type", "description", "displayName", "iconUrl"] {
        if details[key].as_str().is_none_or(str::is_empty) {
            rule.broken(format!("intentDetails has no {key}"));
        }
    }
    if !INTENT_TYPES.contains(&details["type"].as_str().unwrap_or_default()) {
        rule.broken(format!(
            "intentDetails.type is {}, none of {INTENT_TYPES:?}",
            details["type"]
        ));
    }
    let image = &facets["artifact_inputs"]["primary"]["attribute_path"];
    if image != "spec.container.image" {
        rule.broken(format!("artifact_inputs.primary is put at {image}"));
    }
    if facets.get("metadata").is_some() {
        rule.broken("there is metadata");
    }
    rule.judge();
}

#[test]
fn the_sample_is_the_module_left_alone() {
    let mut rule = Rule::new(
        "The sample has kind, flavor and version of the head, disabled: false, and of the spec only fields that have \
         a default, each at its default.",
        "Correct the sample in facets.yaml.",
    );
    let facets = yaml::read(&module("facets.yaml"));
    let sample = &facets["sample"];
    if yaml::keys(sample) != ["disabled", "flavor", "kind", "spec", "version"] {
        rule.broken(format!("the sample has {:?}", yaml::keys(sample)));
    }
    for (key, wanted) in [("kind", "intent"), ("flavor", "flavor"), ("version", "version")] {
        if sample[key] != facets[wanted] {
            rule.broken(format!(
                "sample.{key} is {}, {wanted} is {}",
                sample[key], facets[wanted]
            ));
        }
    }
    if sample["disabled"] != false {
        rule.broken(format!("sample.disabled is {}", sample["disabled"]));
    }
    for (path, value) in yaml::leaves("", &sample["spec"]) {
        let property = path.replace('.', "/properties/");
        let default = facets["spec"].pointer(&format!("/properties/{property}/default"));
        if default != Some(&value) {
            rule.broken(format!(
                "sample.spec has {value} at {path}, the default is {default:?}"
            ));
        }
    }
    rule.judge();
}

/// The kinds of intent that the platform has a place for.
const INTENT_TYPES: [&str; 5] = [
    "Cloud & Infrastructure",
    "Datastores",
    "Kubernetes",
    "Monitoring & Observability",
    "Operators",
];

/// Every schema inside the spec and where it stands; `[]` marks the items of an array.
fn schemas() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    collect(
        "spec".to_owned(),
        &yaml::read(&module("facets.yaml"))["spec"],
        &mut found,
    );
    assert!(found.len() > 20, "{found:?}");
    found
}

fn collect(path: String, schema: &Value, found: &mut Vec<(String, Value)>) {
    for (name, property) in yaml::members(&schema["properties"]) {
        collect(format!("{path}.{name}"), property, found);
    }
    for (pattern, property) in yaml::members(&schema["patternProperties"]) {
        collect(format!("{path}.<{pattern}>"), property, found);
    }
    if schema["items"].is_object() {
        collect(format!("{path}[]"), &schema["items"], found);
    }
    found.push((path, schema.clone()));
}

fn patterns(schema: &Value) -> Vec<&str> {
    let of_keys = yaml::members(&schema["patternProperties"]).map(|(pattern, _)| pattern.as_str());
    of_keys.chain(schema["pattern"].as_str()).collect()
}
