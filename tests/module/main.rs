//! Compares the files of the Facets module with its contract and the provider's catalog.
//!
//! `acceptance-tests/tests/module/` runs the module with Terraform, `make module-check` runs Facets' own checker, and `make lint`
//! runs `terraform fmt`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod contract;
mod provider_module;
mod spec_schema;

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

/// The contract, with which README.md starts.
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
fn versions_tf_allows_terraform_1_5() {
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
    assert!(
        !pins,
        "a provider version here could conflict with the root module"
    );
}

#[test]
fn facets_yaml_lists_all_terraform_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(MODULE);
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut existing: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    existing.retain(|name| name.ends_with(".tf"));
    existing.sort();
    let mut listed: Vec<String> =
        serde_json::from_value(facets_yaml()["iac"]["validated_files"].clone()).unwrap();
    listed.sort();
    assert_eq!(listed, existing);
}

#[test]
fn output_type_matches_contract() {
    let output_type = yaml(&read("outputs/cloudrun_attributes/outputs.yaml"));
    let outputs = &facets_yaml()["outputs"];
    // Beside the contract's `attributes`, `default` has the interfaces, too.
    assert!(outputs.as_object().unwrap().keys().eq(["attributes", "default"]));
    for output in ["attributes", "default"] {
        assert_eq!(outputs[output]["type"], "@facets/cloudrun_attributes");
    }
    assert_eq!(output_type["name"], "@facets/cloudrun_attributes");
    let properties = &output_type["properties"]["properties"];
    let interfaces = properties["interfaces"]["properties"].as_object().unwrap();
    assert!(interfaces.keys().eq(["jobs_api"]));
    for fields in [&properties["attributes"], &interfaces["jobs_api"]] {
        for (name, field) in fields["properties"].as_object().unwrap() {
            assert!(field["description"].is_string(), "{name}: {field}");
            let types = ["string", "number", "boolean"];
            assert!(types.iter().any(|one| field["type"] == *one), "{name}: {field}");
        }
    }
}

/// Facets' catalog has `@facets/cloudrun_job_attributes`, for which `docs/guides/facets.md` describes how to switch to it.
#[test]
fn output_type_has_fields_of_published_type() {
    let output_type = yaml(&read("outputs/cloudrun_attributes/outputs.yaml"));
    let attributes = &output_type["properties"]["properties"]["attributes"]["properties"];
    for name in ["job_name", "location", "project_id"] {
        assert_eq!(attributes[name]["type"], "string", "{name}");
    }
}
