//! The blueprint and the overlays of `docs/guides/facets.md`, with a cloud account in place of the platform's.

use serde_json::{Value, json};

use super::platform::{Blueprint, Module};
use crate::harness::{Emulator, MockServer, PROJECT, REGION, TOKEN, Terraform};
use crate::tests::guides::shell::{blocks, guide};
use crate::tests::{IMAGE, terraform};

/// How the provider reaches the modules.
#[derive(Clone, Copy)]
pub(super) enum ProviderSource {
    CloudAccount,
    SeparateModule,
}

impl ProviderSource {
    /// The alias of the provider in the root module.
    pub(super) fn alias(self) -> &'static str {
        match self {
            Self::CloudAccount => "facets.provider_cloud_account_gcp",
            Self::SeparateModule => "facets.provider_facets_gpu_provider_gpu",
        }
    }

    /// The cloud account, the resources of these kinds in the guide, and with [`SeparateModule`](Self::SeparateModule) the
    /// resource of that module.
    pub(super) fn blueprint(self, kinds: &[&str]) -> Blueprint {
        let mut account_module = cloud_account();
        let account = json!({
            "kind": "cloud_account", "flavor": "gcp_provider", "metadata": { "name": "gcp" },
            "spec": { "project": PROJECT, "region": REGION },
        });
        let mut consumer_modules = ["modules/cloudrun/gpu-job/1.0", "examples/run-module"].map(Module::read);
        let mut consumers: Vec<Value> = kinds
            .iter()
            .map(|kind| yaml_with(&format!("kind: {kind}\n")))
            .collect();
        let mut separate = None;
        match self {
            Self::CloudAccount => {
                let overlay = yaml_with("outputs:\n  default:\n    type: \"@facets/gcp_cloud_account\"");
                merge(&mut account_module.facets, &overlay);
            }
            Self::SeparateModule => {
                for module in &mut consumer_modules {
                    merge(&mut module.facets, &yaml_with("    providers: []\n"));
                    declare_input(module);
                }
                let wiring = yaml_with("inputs:\n  facets_gpu_provider:\n    resource_type");
                for resource in &mut consumers {
                    merge(resource, &wiring);
                }
                separate = Some(yaml_with("kind: facets_gpu_provider\n"));
            }
        }
        let separate_module = Module::read("modules/facets_gpu_provider/default/1.0");
        Blueprint {
            modules: [vec![account_module, separate_module], consumer_modules.into()].concat(),
            resources: [vec![account], consumers, separate.into_iter().collect()].concat(),
        }
    }
}

/// An emulator that accepts only the token of the cloud account's credentials, the token server, and a working directory
/// without credentials, project and region in the environment.
pub(super) fn setup() -> (Emulator, MockServer, Terraform) {
    let times = ["--operation-time", "50ms", "--execution-time", "200ms"];
    let emulator = Emulator::with_flags(&[&times[..], &["--token", TOKEN]].concat());
    let tokens = MockServer::new(|_| (200, json!({ "access_token": TOKEN, "expires_in": 3600 })));
    let mut terraform = terraform().with_emulator(&emulator);
    for variable in ["GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_PROJECT", "GOOGLE_REGION"] {
        terraform.unset(variable);
    }
    let credentials = json!({
        "type": "authorized_user", "client_id": "client", "client_secret": "any", "refresh_token": REFRESH_TOKEN,
        "token_uri": format!("{}/token", tokens.address()),
    });
    terraform.write("credentials.json", &credentials.to_string());
    (emulator, tokens, terraform)
}

/// A module in place of Facets' cloud account, without the provider `google`. It has the same attributes and reads the
/// credentials from a file, so that the state has none.
fn cloud_account() -> Module {
    let variables = ["instance", "instance_name", "environment", "inputs"]
        .map(|variable| format!("variable \"{variable}\" {{\n  type = any\n}}\n"));
    let outputs = "locals {\n  output_attributes = {\n    project_id  = var.instance.spec.project\n    region      = \
                   var.instance.spec.region\n    credentials = file(\"${path.root}/credentials.json\")\n    secrets     \
                   = [\"credentials\"]\n  }\n  output_interfaces = {}\n}\n";
    Module {
        facets: json!({
            "intent": "cloud_account", "flavor": "gcp_provider",
            "outputs": { "default": { "type": "@facets/gcp_cloud_account" } },
        }),
        files: [
            ("variables.tf".to_owned(), variables.concat()),
            ("outputs.tf".to_owned(), outputs.to_owned()),
        ]
        .into(),
    }
}

/// Adds the guide's declaration to the type of the variable `inputs`.
fn declare_input(module: &mut Module) {
    let declaration = block_with("hcl", "facets_gpu_provider = object");
    let variables = module.files.get_mut("variables.tf").expect("variables.tf");
    let (before, inputs) = variables
        .split_once("variable \"inputs\" {")
        .expect("the variable inputs");
    let inputs = inputs.replacen("object({\n", &format!("object({{\n    {declaration}"), 1);
    *variables = format!("{before}variable \"inputs\" {{{inputs}");
}

/// The YAML block of the guide that contains a text, with an image in place of the artifact.
fn yaml_with(text: &str) -> Value {
    let block = block_with("yaml", text).replace("${blueprint.self.artifacts.video-processor}", IMAGE);
    serde_saphyr::from_str(&block).unwrap_or_else(|error| panic!("{error}: {block}"))
}

/// The first block of the guide that contains a text.
pub(super) fn block_with(language: &str, text: &str) -> String {
    let mut blocks = blocks(&guide("facets")).into_iter();
    let block = blocks.find(|(block, code)| block == language && code.contains(text));
    block
        .unwrap_or_else(|| panic!("the guide has no {language} with {text:?}"))
        .1
}

/// Merges maps; other values are replaced.
fn merge(value: &mut Value, overlay: &Value) {
    match (value, overlay) {
        (Value::Object(value), Value::Object(overlay)) => {
            for (key, overlay) in overlay {
                merge(value.entry(key).or_insert(Value::Null), overlay);
            }
        }
        (value, overlay) => *value = overlay.clone(),
    }
}

/// Unique, so that output can be searched for it.
pub(super) const REFRESH_TOKEN: &str = "1-plover-token-must-not-be-stored";
