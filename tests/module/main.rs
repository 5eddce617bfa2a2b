//! The files of the Facets module against its contract and the provider's catalogue.
//!
//! What Terraform makes of them is tested in `acceptance-tests/tests/module/`; Facets' own checker runs in
//! `make module-check`, and `terraform fmt` in `make lint`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod contract;
mod form;

use std::fs;
use std::path::Path;

use serde_json::Value;

const MODULE: &str = "modules/cloudrun/gpu-job/1.0";

/// A file of the repository.
fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn facets_yaml() -> Value {
    yaml(&read(&format!("{MODULE}/facets.yaml")))
}

/// The whole contract, which README.md begins with.
fn contract() -> String {
    let readme = read(&format!("{MODULE}/README.md"));
    readme[..contract::LENGTH].to_owned()
}

/// The YAML blocks of a Markdown document.
fn blocks(markdown: &str) -> Vec<&str> {
    let rests = markdown.split("```yaml\n").skip(1);
    rests.filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn versions_tf_allows_terraform_1_5_and_leaves_the_provider_version_to_the_root() {
    let versions = read(&format!("{MODULE}/versions.tf"));
    assert!(
        versions.contains(r#"required_version = ">= 1.5.0, < 2.0.0""#),
        "{versions}"
    );
    assert!(
        versions.contains(r#"source = "facets-cloud/facets-gpu""#),
        "{versions}"
    );
    let pins = versions.lines().any(|line| line.trim().starts_with("version"));
    assert!(!pins, "a version here could conflict with the root's");
}

#[test]
fn facets_yaml_lists_all_terraform_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(MODULE);
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut there: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    there.retain(|name| name.ends_with(".tf"));
    there.sort();
    let mut listed: Vec<String> =
        serde_json::from_value(facets_yaml()["iac"]["validated_files"].clone()).unwrap();
    listed.sort();
    assert_eq!(listed, there);
}

#[test]
fn the_output_type_is_the_one_of_the_contract() {
    let described = yaml(&read("outputs/cloudrun_attributes/outputs.yaml"));
    let promised = &facets_yaml()["outputs"];
    assert_eq!(promised.as_object().unwrap().len(), 1);
    assert_eq!(promised["attributes"]["type"], "@facets/cloudrun_attributes");
    assert_eq!(described["name"], promised["attributes"]["type"]);
    let properties = &described["properties"]["properties"];
    assert_eq!(properties["interfaces"]["properties"], serde_json::json!({}));
    for (name, attribute) in properties["attributes"]["properties"].as_object().unwrap() {
        assert!(attribute["description"].is_string(), "{name}: {attribute}");
        let types = ["string", "number", "boolean"];
        assert!(
            types.iter().any(|one| attribute["type"] == *one),
            "{name}: {attribute}"
        );
    }
}
