//! What the Facets platform does around a module: it takes the folder, makes outputs of its two locals, and
//! writes a root that calls the module with what blueprint, environment and wired inputs say.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{PROJECT, REGION, Terraform};

/// The root as Terraform's JSON, open to a story that wants another one. Its texts are templates.
pub(crate) struct Root(pub(crate) Value);

impl Root {
    /// A root with the provider that a cloud account gives, under an alias as the platform has it.
    pub(crate) fn new() -> Self {
        Self(json!({
            "terraform": { "required_providers": { "facets": { "source": "facets-cloud/facets-gpu" } } },
            "provider": { "facets": [{ "alias": "cloud_account_gcp", "project": PROJECT, "region": REGION }] },
            "module": {},
            "output": {},
        }))
    }

    /// Calls the module for one resource of the blueprint; the output of the same name has what it gives.
    pub(crate) fn calling(mut self, name: &str, call: &Call) -> Self {
        self.add(name, call.arguments());
        self
    }

    /// Calls the module once for each of several cases, whatever the shapes of their values.
    pub(crate) fn calling_each(mut self, name: &str, cases: &[(String, Call)]) -> Self {
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
        block["providers"] = json!({ "facets": "facets.cloud_account_gcp" });
        self.0["module"][name] = block;
        self.0["output"][name] = json!({ "value": format!("${{module.{name}}}") });
    }

    /// Lays the module and writes this root beside it.
    pub(crate) fn lay(&self, terraform: &Terraform) {
        let folder = terraform.folder().join("gpu-job");
        copy(&module(), &folder);
        fs::write(folder.join("platform.tf"), OUTPUTS).expect("the module's folder takes files");
        terraform.write("main.tf.json", &format!("{:#}", self.0));
    }
}

/// What the platform sets for one resource: the four variables of the module.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) instance: Value,
    pub(crate) instance_name: String,
    pub(crate) environment: Value,
    pub(crate) inputs: Value,
}

impl Call {
    /// A resource in an environment of a project, with no network wired to it.
    pub(crate) fn new(instance_name: &str, instance: Value) -> Self {
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
pub(crate) fn module() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("modules/cloudrun/gpu-job/1.0")
}

/// Copies the files of a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    let entries = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        let name = path.file_name().expect("a file has a name");
        fs::copy(&path, to.join(name)).expect("the file can be copied");
    }
}

const VARIABLES: [&str; 4] = ["instance", "instance_name", "environment", "inputs"];
const OUTPUTS: &str = "output \"attributes\" {\n  value = local.output_attributes\n}\n\noutput \"interfaces\" {\n  \
                       value = local.output_interfaces\n}\n";
