//! The fragments of `docs/guides/facets.md`, held against the provider's arguments, the module and the blueprint.

use facets_gpu::provider::SCHEMA;
use hcl_edit::structure::{Block, Body};
use serde_json::Value;

use crate::rule::Rule;
use crate::{hcl, module, repository, yaml};

const GUIDE: &str = "docs/guides/facets.md";
/// Beside this one the guide shows the published provider whose local name is the same.
const OTHER: &str = "facets-cloud/facets";

#[test]
fn the_overlay_gives_arguments_that_the_provider_has() {
    let mut rule = Rule::new(
        "A fragment of docs/guides/facets.md that offers the provider has its source, this version, and only arguments that it \
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
        "docs/guides/facets.md shows the type and the providers of the input cloud_account"
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
        "the blueprint of docs/guides/facets.md wires its inputs"
    );
    assert_eq!(
        blueprint,
        yaml::read("examples/module/blueprint.yaml"),
        "the blueprint of docs/guides/facets.md is that of examples/module/, wired"
    );
}

#[test]
fn the_guide_requires_and_configures_the_provider_as_it_is() {
    let mut rule = Rule::new(
        "A root in docs/guides/facets.md requires the provider by its source and configures it by its own arguments.",
        "Bring the fragment and src/provider/schema.rs or versions.tf together.",
    );
    let bodies = fragments();
    for argument in all(&bodies, "provider").flat_map(names) {
        if argument != "alias" && SCHEMA.attributes.iter().all(|known| known.name != argument) {
            rule.broken(format!("the provider has no argument {argument}"));
        }
    }
    let sources: Vec<String> = all(&bodies, "terraform")
        .flat_map(|block| sources(&block.body))
        .collect();
    assert!(sources.len() > 2, "the requirements are found: {sources:?}");
    for source in sources.iter().filter(|told| **told != source() && *told != OTHER) {
        rule.broken(format!("a provider has the source {source}"));
    }
    rule.judge();
}

#[test]
fn the_guide_calls_the_module_with_its_variables_and_imports_its_resource() {
    let mut rule = Rule::new(
        "A root in docs/guides/facets.md calls the module with exactly its variables; its import block leads to the resource.",
        "Bring the fragment and variables.tf or facets.yaml together.",
    );
    let bodies = fragments();
    let variables = hcl::read(&module("variables.tf"));
    let declared = variables
        .get_blocks("variable")
        .flat_map(|block| block.labels.first());
    let mut declared: Vec<String> = declared.map(|label| label.as_str().to_owned()).collect();
    declared.extend(["source", "providers"].map(str::to_owned));
    declared.sort();
    for call in all(&bodies, "module") {
        let mut given: Vec<String> = names(call).collect();
        given.sort();
        if given != declared {
            rule.broken(format!("a call of the module sets {given:?}"));
        }
    }
    let facets = yaml::read(&module("facets.yaml"));
    let address = facets["imports"][0]["resource_address"]
        .as_str()
        .expect("an address");
    for block in all(&bodies, "import") {
        let to = hcl::argument(&block.body, "to").and_then(hcl::path);
        if to.as_ref().map(|to| to.join(".")) != Some(format!("module.my_video_processor.{address}")) {
            rule.broken(format!("an import leads to {to:?}"));
        }
    }
    assert_eq!(
        (all(&bodies, "module").count(), all(&bodies, "import").count()),
        (2, 1),
        "the roots of docs/guides/facets.md are found"
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
    let mut sources = versions
        .get_blocks("terraform")
        .flat_map(|block| sources(&block.body));
    sources.next().expect("versions.tf names a source")
}

/// The sources in the block `required_providers`.
fn sources(terraform: &Body) -> Vec<String> {
    let required = terraform.get_blocks("required_providers");
    let members = required
        .flat_map(|block| block.body.attributes())
        .flat_map(|provider| hcl::members(&provider.value));
    let sources = members.filter(|(name, _)| *name == "source");
    sources
        .filter_map(|(_, source)| source.as_str().map(str::to_owned))
        .collect()
}

/// The fragments in Terraform's language.
fn fragments() -> Vec<Body> {
    let guide = repository::read(GUIDE);
    let rests = guide.split("```hcl\n").skip(1);
    let texts = rests.filter_map(|rest| rest.split("```").next());
    texts.map(|text| hcl::parse(GUIDE, text)).collect()
}

fn all<'a>(bodies: &'a [Body], kind: &'a str) -> impl Iterator<Item = &'a Block> {
    bodies.iter().flat_map(move |body| body.get_blocks(kind))
}

fn names(block: &Block) -> impl Iterator<Item = String> {
    block
        .body
        .attributes()
        .map(|argument| argument.key.as_str().to_owned())
}
