//! The modules beside `cloudrun / gpu-job / 1.0`: the one that passes the provider, and the example that runs a job.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::{read, yaml};

const PROVIDER_MODULE: &str = "modules/facets_gpu_provider/default/1.0";
const RUN_MODULE: &str = "examples/run-module";
/// The folder of each module, and its output type.
const MODULES: [(&str, &str); 2] = [
    (PROVIDER_MODULE, "outputs/facets_gpu_provider/outputs.yaml"),
    (RUN_MODULE, "examples/run-module/outputs.yaml"),
];

#[test]
fn facets_yaml_matches_terraform_files() {
    for (folder, _) in MODULES {
        let facets = yaml(&read(&format!("{folder}/facets.yaml")));
        let mut listed: Vec<String> =
            serde_json::from_value(facets["iac"]["validated_files"].clone()).unwrap();
        listed.sort();
        let mut files: Vec<String> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".tf"))
            .collect();
        files.sort();
        assert_eq!(listed, files, "{folder}");

        let variables = read(&format!("{folder}/variables.tf"));
        let names: Vec<&str> = variables
            .lines()
            .filter_map(|line| line.strip_prefix("variable \"")?.strip_suffix("\" {"))
            .collect();
        assert_eq!(names, ["instance", "instance_name", "environment", "inputs"]);
        for input in facets["inputs"].as_object().unwrap().keys() {
            assert!(variables.contains(&format!("    {input} = object({{")), "{input}");
        }
    }
}

#[test]
fn sample_is_valid_and_has_defaults() {
    for (folder, _) in MODULES {
        let facets = yaml(&read(&format!("{folder}/facets.yaml")));
        let sample = &facets["sample"];
        assert_eq!(
            [&sample["kind"], &sample["flavor"], &sample["version"]],
            [&facets["intent"], &facets["flavor"], &facets["version"]]
        );
        let validator = jsonschema::draft7::new(&facets["spec"]).unwrap();
        assert!(validator.is_valid(&sample["spec"]), "{folder}");
        for (field, schema) in facets["spec"]["properties"].as_object().unwrap() {
            assert_eq!(sample["spec"].get(field), schema.get("default"), "{field}");
        }
    }
}

#[test]
fn output_type_matches_outputs() {
    for (folder, output_type) in MODULES {
        let facets = yaml(&read(&format!("{folder}/facets.yaml")));
        let output_type = yaml(&read(output_type));
        assert_eq!(facets["outputs"]["default"]["type"], output_type["name"]);
        let outputs = read(&format!("{folder}/outputs.tf"));
        let (_, outputs) = outputs.split_once("output_attributes = {\n").unwrap();
        let outputs = outputs.lines().map_while(|line| line.split_once(" = "));
        // The platform reads `secrets`; it is no part of the type.
        let mut outputs: Vec<&str> = outputs
            .map(|(name, _)| name.trim())
            .filter(|name| *name != "secrets")
            .collect();
        outputs.sort_unstable();
        let attributes = &output_type["properties"]["properties"]["attributes"]["properties"];
        assert!(attributes.as_object().unwrap().keys().eq(outputs), "{folder}");
    }
}

#[test]
fn provider_has_version_of_this_release() {
    let facets = yaml(&read(&format!("{PROVIDER_MODULE}/facets.yaml")));
    let output_type = yaml(&read("outputs/facets_gpu_provider/outputs.yaml"));
    let mut provider = facets["outputs"]["default"]["providers"]["facets"].clone();
    let arguments = provider.as_object_mut().unwrap().remove("attributes").unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        provider,
        json!({ "source": "facets-cloud/facets-gpu", "version": version })
    );
    provider["name"] = json!("facets");
    assert_eq!(output_type["providers"], json!([provider]));

    let attributes = &output_type["properties"]["properties"]["attributes"]["properties"];
    let used: Vec<&str> = arguments
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_str)
        .filter_map(|path| path.strip_prefix("attributes."))
        .collect();
    assert_eq!(used.len(), 3);
    assert!(used.iter().all(|name| attributes[name].is_object()), "{used:?}");
}
