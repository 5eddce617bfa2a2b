//! What facets.yaml says of the Terraform files beside it: inputs, provider, import, and the files themselves.

use std::collections::BTreeSet;

use hcl_edit::expr::Expression;

use crate::rule::Rule;
use crate::{MODULE, hcl, module, repository, yaml};

#[test]
fn all_files_are_listed_for_validation() {
    let listed: BTreeSet<String> = yaml::texts(&yaml::read(&module("facets.yaml"))["iac"]["validated_files"])
        .into_iter()
        .map(module)
        .collect();
    let there: BTreeSet<String> = repository::files(MODULE, &[".tf"]).into_iter().collect();
    assert_eq!(
        listed, there,
        "iac.validated_files of facets.yaml lists every .tf file of the module"
    );
}

#[test]
fn inputs_and_provider_are_those_of_the_terraform_files() {
    let mut rule = Rule::new(
        "Inputs, provider and import address of facets.yaml are those that the module's Terraform files use.",
        "Bring facets.yaml and variables.tf, versions.tf or main.tf together.",
    );
    let facets = yaml::read(&module("facets.yaml"));
    let declared = declared_inputs();
    let mut asked: Vec<(String, bool)> = yaml::members(&facets["inputs"])
        .map(|(name, input)| (name.clone(), input["optional"].as_bool().unwrap_or_default()))
        .collect();
    asked.sort();
    if asked != declared {
        rule.broken(format!(
            "facets.yaml has the inputs (and optional) {asked:?}, variables.tf {declared:?}"
        ));
    }
    for (name, input) in yaml::members(&facets["inputs"]) {
        for key in ["type", "displayName", "description"] {
            if input[key].as_str().is_none_or(str::is_empty) {
                rule.broken(format!("the input {name} has no {key}"));
            }
        }
    }
    let wanted: Vec<&str> = yaml::members(&facets["inputs"])
        .flat_map(|(_, input)| yaml::texts(&input["providers"]))
        .collect();
    let required = required_providers();
    if wanted != required {
        rule.broken(format!(
            "the inputs give the providers {wanted:?}, versions.tf asks for {required:?}"
        ));
    }
    let address = &facets["imports"][0]["resource_address"];
    let main = hcl::read(&module("main.tf"));
    let resources = main.get_blocks("resource").map(hcl::title);
    let addresses: Vec<String> = resources
        .map(|title| title.replace("resource ", "").replace("\" \"", "."))
        .collect();
    if addresses != [address.to_string()] {
        rule.broken(format!("imports names {address}, main.tf has {addresses:?}"));
    }
    rule.judge();
}

#[test]
fn the_variable_instance_knows_its_own_kind() {
    let facets = yaml::read(&module("facets.yaml"));
    let variables = hcl::read(&module("variables.tf"));
    let instance = hcl::argument(&hcl::block(&variables, "variable", "instance").body, "type").unwrap();
    let (_, object) = hcl::call(instance).unwrap();
    for (key, of_head) in [("kind", "intent"), ("flavor", "flavor"), ("version", "version")] {
        let member = hcl::members(object[0]).into_iter().find(|(name, _)| *name == key);
        let (_, arguments) = member.and_then(|(_, ty)| hcl::call(ty)).expect(key);
        assert_eq!(
            hcl::literal(arguments[1]).as_ref(),
            Some(&facets[of_head]),
            "{key} in variables.tf"
        );
    }
}

/// The attributes of the variable `inputs`, and whether each may be left out.
fn declared_inputs() -> Vec<(String, bool)> {
    let variables = hcl::read(&module("variables.tf"));
    let ty = hcl::argument(&hcl::block(&variables, "variable", "inputs").body, "type").unwrap();
    let (_, object) = hcl::call(ty).unwrap();
    let optional = |ty: &Expression| hcl::call(ty).is_some_and(|(name, _)| name == "optional");
    let members = hcl::members(object[0]).into_iter();
    let mut inputs: Vec<(String, bool)> = members
        .map(|(name, ty)| (name.to_owned(), optional(ty)))
        .collect();
    inputs.sort();
    inputs
}

fn required_providers() -> Vec<String> {
    let versions = hcl::read(&module("versions.tf"));
    let terraform = versions.get_blocks("terraform");
    let required = terraform.flat_map(|block| block.body.get_blocks("required_providers"));
    let names = required.flat_map(|block| block.body.attributes());
    names.map(|provider| provider.key.as_str().to_owned()).collect()
}
