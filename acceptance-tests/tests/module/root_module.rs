//! Uses the module as the Facets platform does: copies its folder, exposes its two locals as outputs, and writes a root
//! module that calls it with blueprint, environment and inputs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::harness::{PROJECT, REGION, Terraform};

/// The root module in Terraform's JSON syntax. Its strings are templates.
pub(super) struct RootModule(pub(super) Value);

impl RootModule {
    /// A root module with the provider of a cloud account, under the platform's alias.
    pub(super) fn new() -> Self {
        Self(json!({
            "terraform": { "required_providers": { "facets": { "source": "facets-cloud/facets-gpu" } } },
            "provider": { "facets": [{ "alias": "provider_cloud_account_gcp", "project": PROJECT, "region": REGION }] },
            "module": {},
            "output": {},
        }))
    }

    /// Adds a module call and an output of the same name.
    pub(super) fn with_call(mut self, name: &str, call: &ModuleCall) -> Self {
        self.add(name, call.arguments());
        self
    }

    /// Adds a module call with `for_each`.
    pub(super) fn with_calls(mut self, name: &str, cases: &[(String, ModuleCall)]) -> Self {
        let each: Map<String, Value> = cases
            .iter()
            .map(|(case, call)| (case.clone(), call.arguments()))
            .collect();
        let arguments = VARIABLES.map(|variable| (variable, format!("${{each.value.{variable}}}")));
        let mut block: Map<String, Value> = arguments
            .into_iter()
            .map(|(variable, value)| (variable.to_owned(), json!(value)))
            .collect();
        block.insert("for_each".to_owned(), Value::Object(each));
        self.add(name, Value::Object(block));
        self
    }

    fn add(&mut self, name: &str, mut block: Value) {
        block["source"] = json!("./gpu-job");
        block["providers"] = json!({ "facets": "facets.provider_cloud_account_gcp" });
        self.0["module"][name] = block;
        self.0["output"][name] = json!({ "value": format!("${{module.{name}}}") });
    }

    /// Copies the module and writes this root module next to it.
    pub(super) fn write_to(&self, terraform: &Terraform) {
        let folder = terraform.folder().join("gpu-job");
        copy(&module(), &folder);
        fs::write(folder.join("platform.tf"), OUTPUTS).expect("the module's folder is writable");
        terraform.write("main.tf.json", &format!("{:#}", self.0));
    }
}

/// The four variables of the module.
#[derive(Clone)]
pub(super) struct ModuleCall {
    pub(super) instance: Value,
    pub(super) instance_name: String,
    pub(super) environment: Value,
    pub(super) inputs: Value,
}

impl ModuleCall {
    /// A call without a network input.
    pub(super) fn new(instance_name: &str, instance: Value) -> Self {
        Self {
            instance,
            instance_name: instance_name.to_owned(),
            environment: json!({ "name": "demo", "unique_name": "media-demo", "cloud_tags": {} }),
            inputs: json!({
                "cloud_account": { "attributes": { "project_id": PROJECT, "region": REGION } },
                "network_details": null,
            }),
        }
    }

    fn arguments(&self) -> Value {
        json!({
            "instance": self.instance,
            "instance_name": self.instance_name,
            "environment": self.environment,
            "inputs": self.inputs,
        })
    }
}

/// The module's folder in this repository.
pub(super) fn module() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("modules/cloudrun/gpu-job/1.0")
}

/// Copies the files of a folder.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be created");
    let entries = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        let name = path.file_name().expect("a file has a name");
        fs::copy(&path, to.join(name)).expect("the file can be copied");
    }
}

const VARIABLES: [&str; 4] = ["instance", "instance_name", "environment", "inputs"];
/// The outputs that the platform adds to a module.
pub(super) const OUTPUTS: &str = "output \"attributes\" {\n  value = local.output_attributes\n}\n\noutput \"interfaces\" {\n  \
                       value = local.output_interfaces\n}\n";
