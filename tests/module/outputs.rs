//! The output type: outputs.yaml held against the locals it describes and the attributes they are taken from.

use facets_gpu::job::schema::SCHEMA;
use facets_gpu::schema::{Attribute, Type};
use hcl_edit::expr::Expression;
use serde_json::json;

use crate::rule::Rule;
use crate::{hcl, module, yaml};

const OUTPUTS: &str = "outputs/cloudrun_attributes/outputs.yaml";

#[test]
fn the_output_type_describes_what_the_module_gives() {
    let mut rule = Rule::new(
        "outputs.yaml has the keys of local.output_attributes, each with a description and the type of the provider's \
         attribute that it is taken from.",
        "Bring outputs.tf of the module and outputs.yaml together.",
    );
    let described = yaml::read(OUTPUTS)["properties"]["properties"]["attributes"]["properties"].clone();
    let outputs = hcl::read(&module("outputs.tf"));
    let given = hcl::members(local(&outputs, "output_attributes"));
    let mut names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    if names != yaml::keys(&described) {
        rule.broken(format!(
            "outputs.tf gives {names:?}, outputs.yaml describes {:?}",
            yaml::keys(&described)
        ));
    }
    for (name, value) in given {
        match kind(value) {
            None => rule.broken(format!(
                "{name} is {}, no attribute of the resource",
                hcl::written(value)
            )),
            Some(kind) if described[name]["type"] != kind => {
                rule.broken(format!(
                    "{name} is a {kind}, outputs.yaml says {}",
                    described[name]["type"]
                ));
            }
            Some(_) => {}
        }
        if yaml::keys(&described[name]) != ["description", "type"] || described[name]["description"] == "" {
            rule.broken(format!("{name} is described by {}", described[name]));
        }
    }
    rule.judge();
}

#[test]
fn the_output_type_is_that_of_the_module() {
    let described = yaml::read(OUTPUTS);
    let promised = yaml::read(&module("facets.yaml"))["outputs"].clone();
    assert_eq!(
        yaml::keys(&promised),
        ["attributes"],
        "the contract names one output"
    );
    assert_eq!(promised["attributes"]["type"], described["name"]);
    assert!(
        promised["attributes"]["title"].is_string(),
        "an output has a title"
    );
    let folder = OUTPUTS.split('/').nth(1).unwrap();
    assert_eq!(described["name"], format!("@facets/{folder}"));
    assert_eq!(described["providers"], json!([]));
}

#[test]
fn a_job_listens_nowhere() {
    let outputs = hcl::read(&module("outputs.tf"));
    assert_eq!(
        hcl::literal(local(&outputs, "output_interfaces")),
        Some(json!({}))
    );
    let described = &yaml::read(OUTPUTS)["properties"];
    assert_eq!(
        described["properties"]["interfaces"],
        json!({"type": "object", "properties": {}})
    );
    assert_eq!(described["type"], "object");
    assert_eq!(described["properties"]["attributes"]["type"], "object");
    assert_eq!(yaml::keys(&described["properties"]), ["attributes", "interfaces"]);
}

fn local<'a>(outputs: &'a hcl_edit::structure::Body, name: &str) -> &'a Expression {
    let mut locals = outputs.get_blocks("locals");
    locals
        .find_map(|block| hcl::argument(&block.body, name))
        .expect(name)
}

/// The type of the attribute of the resource that the expression reads, in the words of a JSON Schema.
fn kind(value: &Expression) -> Option<&'static str> {
    let path = hcl::path(value)?;
    let steps = path.strip_prefix(&["facets_gpu_cloudrun_job", "this"])?;
    match attribute(&SCHEMA.attributes, steps)?.ty {
        Type::Bool => Some("boolean"),
        Type::Number => Some("number"),
        Type::String => Some("string"),
        _ => None,
    }
}

fn attribute<'a>(schema: &'a [Attribute], steps: &[&str]) -> Option<&'a Attribute> {
    let (first, rest) = steps.split_first()?;
    let found = schema.iter().find(|attribute| attribute.name == *first)?;
    if rest.is_empty() {
        Some(found)
    } else {
        attribute(found.ty.nested()?, rest)
    }
}

#[test]
fn the_type_of_an_output_is_looked_up() {
    let of = |text: &str| kind(hcl::argument(&hcl::parse("x", text), "a").unwrap());
    assert_eq!(
        of("a = facets_gpu_cloudrun_job.this.gpu.enabled\n"),
        Some("boolean")
    );
    assert_eq!(
        of("a = facets_gpu_cloudrun_job.this.generation\n"),
        Some("number")
    );
    assert_eq!(of("a = facets_gpu_cloudrun_job.this.job\n"), None);
    assert_eq!(of("a = facets_gpu_cloudrun_job.this.nothing\n"), None);
    assert_eq!(of("a = \"x\"\n"), None);
}
