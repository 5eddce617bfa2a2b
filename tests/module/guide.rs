//! The fragments of `docs/facets.md`, held against the provider's arguments, the module and the blueprint.

use facets_gpu::provider::SCHEMA;
use hcl_edit::structure::{Block, Body};
use serde_json::Value;

use crate::rule::Rule;
use crate::{hcl, module, repository, yaml};

const GUIDE: &str = "docs/facets.md";
/// Beside this one the guide shows the published provider whose local name is the same.
const OTHER: &str = "facets-cloud/facets";

#[test]
fn the_overlay_gives_arguments_that_the_provider_has() {
    let mut rule = Rule::new(
        "A fragment of docs/facets.md that offers the provider has its source, this version, and only arguments that it \
         takes, each out of an attribute of the account.",
        "Bring the fragment and src/provider/schema.rs or versions.tf together.",
    );
    let guide = repository::read(GUIDE);
    let fragments: Vec<Value> = yaml::blocks(&guide)
        .into_iter()
        .map(|block| yaml::parse(GUIDE, block))
        .collect();
    let offers = offers(&fragments);
    assert_eq!(offers.len(), 2, "the account's module and its type: {offers:?}");
    for offer in offers {
        if offer["source"] != source() || offer["version"] != env!("CARGO_PKG_VERSION") {
            rule.broken(format!("{} in version {}", offer["source"], offer["version"]));
        }
        for (argument, origin) in yaml::members(&offer["attributes"]) {
            if SCHEMA.attributes.iter().all(|known| known.name != argument) {
                rule.broken(format!("the provider has no argument {argument}"));
            }
            if !origin
                .as_str()
                .is_some_and(|origin| origin.starts_with("attributes."))
            {
                rule.broken(format!("{argument} comes from {origin}"));
            }
        }
    }
    rule.judge();
}

#[test]
fn the_guide_shows_the_module_as_it_is() {
    let guide = repository::read(GUIDE);
    let fragments: Vec<Value> = yaml::blocks(&guide)
        .into_iter()
        .map(|block| yaml::parse(GUIDE, block))
        .collect();
    let facets = yaml::read(&module("facets.yaml"));
    let asked = &facets["inputs"]["cloud_account"];
    let shown = fragments
        .iter()
        .map(|fragment| &fragment["inputs"]["cloud_account"]);
    assert!(
        shown
            .into_iter()
            .any(|shown| shown["type"] == asked["type"] && shown["providers"] == asked["providers"]),
        "docs/facets.md shows the type and the providers of the input cloud_account"
    );
    let mut blueprint = fragments
        .into_iter()
        .find(|fragment| fragment["kind"] == facets["intent"])
        .expect("a blueprint resource");
    let wired = blueprint
        .as_object_mut()
        .and_then(|resource| resource.remove("inputs"));
    assert!(
        wired.is_some(),
        "the blueprint of docs/facets.md wires its inputs"
    );
    assert_eq!(
        blueprint,
        yaml::read("examples/module/blueprint.yaml"),
        "the blueprint of docs/facets.md is that of examples/module/, wired"
    );
}

#[test]
fn roots_in_the_guide_call_the_provider_and_the_module_by_their_names() {
    let mut rule = Rule::new(
        "A root in docs/facets.md configures the provider by its own arguments, requires it by its source, and hands it to \
         the module with exactly the module's variables; its import block leads to the module's resource.",
        "Bring the fragment and the module together.",
    );
    let guide = repository::read(GUIDE);
    let bodies: Vec<Body> = blocks(&guide).map(|text| hcl::parse(GUIDE, text)).collect();
    let all = |kind: &'static str| bodies.iter().flat_map(move |body| body.get_blocks(kind));
    for provider in all("provider") {
        for argument in names(provider).filter(|name| name != "alias") {
            if SCHEMA.attributes.iter().all(|known| known.name != argument) {
                rule.broken(format!("the provider has no argument {argument}"));
            }
        }
    }
    for required in all("terraform").flat_map(|block| block.body.get_blocks("required_providers")) {
        for requirement in required.body.attributes() {
            let told = hcl::members(&requirement.value);
            let told = told
                .iter()
                .find(|(name, _)| *name == "source")
                .map(|(_, source)| source.as_str());
            if told != Some(Some(&source())) && told != Some(Some(OTHER)) {
                rule.broken(format!("{} has the source {told:?}", requirement.key.as_str()));
            }
        }
    }
    let variables = hcl::read(&module("variables.tf"));
    let mut declared: Vec<String> = variables
        .get_blocks("variable")
        .filter_map(|block| Some(block.labels.first()?.as_str().to_owned()))
        .chain(["source", "providers"].map(str::to_owned))
        .collect();
    declared.sort();
    let mut calls = 0;
    for call in all("module") {
        calls += 1;
        let mut given: Vec<String> = names(call).collect();
        given.sort();
        if given != declared {
            rule.broken(format!("a call of the module sets {given:?}"));
        }
    }
    let address = yaml::read(&module("facets.yaml"))["imports"][0]["resource_address"].clone();
    let address = format!(
        "module.my_video_processor.{}",
        address.as_str().unwrap_or_default()
    );
    for block in all("import") {
        let to = hcl::argument(&block.body, "to")
            .and_then(hcl::path)
            .unwrap_or_default();
        if to.join(".") != address {
            rule.broken(format!("an import leads to {to:?}"));
        }
    }
    assert_eq!(
        (calls, all("import").count()),
        (2, 1),
        "the roots of docs/facets.md are found"
    );
    rule.judge();
}

/// Everything in YAML that offers a provider: a mapping with its `source`, wherever it stands.
fn offers(fragments: &[Value]) -> Vec<&Value> {
    let mut found = Vec::new();
    for fragment in fragments {
        match fragment {
            Value::Object(members) if members.contains_key("source") => found.push(fragment),
            Value::Object(members) => {
                for member in members.values() {
                    found.extend(offers(std::slice::from_ref(member)));
                }
            }
            Value::Array(items) => found.extend(offers(items)),
            _ => {}
        }
    }
    found
}

/// The source of the provider that the module asks for.
fn source() -> String {
    let versions = hcl::read(&module("versions.tf"));
    let terraform = versions.get_blocks("terraform");
    let required = terraform.flat_map(|block| block.body.get_blocks("required_providers"));
    let mut sources = required
        .flat_map(|block| block.body.attributes())
        .flat_map(|provider| {
            let members = hcl::members(&provider.value);
            let source = members.iter().find(|(name, _)| *name == "source");
            source.and_then(|(_, source)| source.as_str().map(str::to_owned))
        });
    sources.next().expect("versions.tf names a source")
}

fn names(block: &Block) -> impl Iterator<Item = String> {
    block
        .body
        .attributes()
        .map(|argument| argument.key.as_str().to_owned())
}

/// The texts between HCL fences.
fn blocks(markdown: &str) -> impl Iterator<Item = &str> {
    let rests = markdown.split("```hcl\n").skip(1);
    rests.filter_map(|rest| rest.split("```").next())
}
