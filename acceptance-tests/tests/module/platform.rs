//! Generates a root module from a blueprint as the Facets platform does: it calls the module of each resource, wires the
//! inputs, and configures and passes the providers that facets.yaml declares.
//!
//! The form of the root module is taken from Facets' published modules and rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::root_module::OUTPUTS;
use crate::harness::Terraform;

/// A module: its facets.yaml and its Terraform files by name.
#[derive(Clone)]
pub(super) struct Module {
    pub(super) facets: Value,
    pub(super) files: BTreeMap<String, String>,
}

impl Module {
    /// A module of this repository.
    pub(super) fn read(folder: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut files: BTreeMap<String, String> = entries
            .map(|entry| entry.expect("a readable folder"))
            .map(|entry| {
                let text = fs::read_to_string(entry.path()).expect("a text file");
                (entry.file_name().to_string_lossy().into_owned(), text)
            })
            .collect();
        let facets = files.remove("facets.yaml").expect("facets.yaml");
        files.retain(|name, _| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "tf")
        });
        Self {
            facets: serde_saphyr::from_str(&facets).unwrap_or_else(|error| panic!("{error}: {facets}")),
            files,
        }
    }
}

/// Resources in the form of a blueprint, and their modules.
#[derive(Clone)]
pub(super) struct Blueprint {
    pub(super) modules: Vec<Module>,
    pub(super) resources: Vec<Value>,
}

impl Blueprint {
    /// The root module in Terraform's JSON syntax, without outputs.
    pub(super) fn root(&self) -> Value {
        let mut root = json!({ "terraform": { "required_providers": {} }, "provider": {}, "module": {} });
        for resource in &self.resources {
            let label = label(resource);
            for (name, provider) in providers(&self.module(resource).facets) {
                root["terraform"]["required_providers"][name] =
                    json!({ "source": provider["source"], "version": provider["version"] });
                let mut block = arguments(&provider["attributes"], &label);
                let mut blocks = Vec::new();
                if resource["metadata"]["name"] == "default" {
                    blocks.push(block.clone());
                }
                block["alias"] = json!(alias(resource));
                blocks.push(block);
                root["provider"][name] = json!(blocks);
            }
            root["module"][&label] = self.call(resource);
        }
        root
    }

    /// The resource of a kind.
    pub(super) fn of_kind(&mut self, kind: &str) -> &mut Value {
        let mut resources = self.resources.iter_mut();
        let resource = resources.find(|resource| resource["kind"] == kind);
        resource.unwrap_or_else(|| panic!("no resource of kind {kind}"))
    }

    /// Writes the root module and the modules.
    pub(super) fn write_to(&self, terraform: &Terraform, root: &Value) {
        for resource in &self.resources {
            let folder = format!("modules/{}", label(resource));
            fs::create_dir_all(terraform.folder().join(&folder)).expect("the folder is writable");
            for (file, text) in &self.module(resource).files {
                terraform.write(&format!("{folder}/{file}"), text);
            }
            terraform.write(&format!("{folder}/platform.tf"), OUTPUTS);
        }
        terraform.write("main.tf.json", &format!("{root:#}"));
    }

    /// The call of a resource's module.
    fn call(&self, resource: &Value) -> Value {
        let facets = &self.module(resource).facets;
        let mut call = json!({
            "source": format!("./modules/{}", label(resource)),
            "instance": resource,
            "instance_name": resource["metadata"]["name"],
            "environment": { "name": "demo", "unique_name": "media-demo", "cloud_tags": {} },
            "inputs": {},
        });
        for (input, declared) in facets["inputs"].as_object().into_iter().flatten() {
            let wired = &resource["inputs"][input];
            if wired.is_null() {
                assert_eq!(declared["optional"], true, "{input} of {resource:#} is not wired");
                call["inputs"][input] = Value::Null;
                continue;
            }
            let source = self.resource(wired);
            let outputs = &self.module(source).facets;
            let output = wired["output_name"].as_str().unwrap_or("default");
            assert_eq!(outputs["outputs"][output]["type"], declared["type"], "{wired:#}");
            // The output `default` is an object of `attributes` and `interfaces`.
            let reference = match output {
                "default" => format!("${{module.{}}}", label(source)),
                other => format!("${{module.{}.{other}}}", label(source)),
            };
            call["inputs"][input] = json!(reference);
            for name in declared["providers"].as_array().into_iter().flatten() {
                let name = name.as_str().expect("the name of a provider");
                assert!(
                    providers(outputs).any(|(offered, _)| offered == name),
                    "{wired:#} passes no provider {name}"
                );
                // A module inherits the block without alias of a resource named `default`.
                if source["metadata"]["name"] != "default" {
                    call["providers"][name] = json!(format!("{name}.{}", alias(source)));
                }
            }
        }
        call
    }

    fn module(&self, resource: &Value) -> &Module {
        let mut modules = self.modules.iter();
        modules
            .find(|module| {
                module.facets["intent"] == resource["kind"] && module.facets["flavor"] == resource["flavor"]
            })
            .unwrap_or_else(|| panic!("no module for {resource:#}"))
    }

    /// The resource to which an input is wired.
    fn resource(&self, wired: &Value) -> &Value {
        let mut resources = self.resources.iter();
        resources
            .find(|resource| {
                resource["kind"] == wired["resource_type"]
                    && resource["metadata"]["name"] == wired["resource_name"]
            })
            .unwrap_or_else(|| panic!("no resource for {wired:#}"))
    }
}

/// The providers of all outputs of a module.
fn providers(facets: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let outputs = facets["outputs"].as_object().into_iter().flatten();
    outputs.flat_map(|(_, output)| output["providers"].as_object().into_iter().flatten())
}

/// The arguments of a provider block.
fn arguments(attributes: &Value, label: &str) -> Value {
    let attributes = attributes.as_object().expect("attributes").iter();
    attributes
        .map(|(argument, path)| {
            let path = path.as_str().expect("a path");
            (argument.clone(), json!(format!("${{module.{label}.{path}}}")))
        })
        .collect()
}

/// The label of a module call, such as `my_video_processor`.
fn label(resource: &Value) -> String {
    let name = resource["metadata"]["name"].as_str().expect("a name");
    name.replace('-', "_")
}

fn alias(resource: &Value) -> String {
    let kind = resource["kind"].as_str().expect("a kind");
    format!("provider_{kind}_{}", label(resource))
}
