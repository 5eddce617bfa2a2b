//! A Terraform of a given version, as far as its provider can tell.

use facets_gpu::wire::proto::tfplugin6::{
    ClientCapabilities, Diagnostic, Schema, configure_provider, diagnostic::Severity, get_provider_schema,
    plan_resource_change, provider_client::ProviderClient, schema::Attribute, validate_resource_config,
};
use serde_json::Value;
use tonic::transport::Channel;

use crate::{
    codec,
    process::{Launch, Process},
};

pub(crate) const JOB: &str = "facets_gpu_cloudrun_job";

/// What a version of Terraform calls itself, and what it says it can do.
#[derive(Clone, Copy)]
pub(crate) struct Version {
    pub(crate) name: &'static str,
    pub(crate) capabilities: Option<ClientCapabilities>,
}

/// Protocol 6.3: knows of no client capabilities, so it sends none.
pub(crate) const V1_5_7: Version = Version {
    name: "1.5.7",
    capabilities: None,
};
/// Protocol 6.8.
pub(crate) const V1_11_4: Version = Version {
    name: "1.11.4",
    capabilities: Some(CAN_WRITE_ONLY),
};
/// Protocol 6.11.
pub(crate) const V1_16_0: Version = Version {
    name: "1.16.0",
    capabilities: Some(ClientCapabilities {
        store_planned_private: true,
        computed_blocks_allowed: true,
        ..CAN_WRITE_ONLY
    }),
};

const CAN_WRITE_ONLY: ClientCapabilities = ClientCapabilities {
    deferral_allowed: false,
    write_only_attributes_allowed: true,
    store_planned_private: false,
    computed_blocks_allowed: false,
};

/// A running provider and its client.
pub(crate) struct Terraform {
    pub(crate) client: ProviderClient<Channel>,
    version: Version,
    _process: Process,
}

impl Terraform {
    pub(crate) async fn start(version: Version) -> Self {
        let process = Launch::by_terraform().start();
        let client = ProviderClient::new(process.connect().await);
        Self {
            client,
            version,
            _process: process,
        }
    }

    pub(crate) async fn schemas(&mut self) -> get_provider_schema::Response {
        self.client
            .get_provider_schema(get_provider_schema::Request {})
            .await
            .unwrap()
            .into_inner()
    }

    /// Configures the provider with `config`, and gives back what it says about it.
    pub(crate) async fn configure(&mut self, schema: &Schema, config: &Value) -> Vec<Diagnostic> {
        let request = configure_provider::Request {
            terraform_version: self.version.name.to_owned(),
            config: Some(codec::object(attributes(schema), config)),
            client_capabilities: self.version.capabilities,
        };
        self.client
            .configure_provider(request)
            .await
            .unwrap()
            .into_inner()
            .diagnostics
    }

    pub(crate) async fn validate(&mut self, schema: &Schema, config: &Value) -> Vec<Diagnostic> {
        let request = validate_resource_config::Request {
            type_name: JOB.to_owned(),
            config: Some(codec::object(attributes(schema), config)),
            client_capabilities: self.version.capabilities,
        };
        self.client
            .validate_resource_config(request)
            .await
            .unwrap()
            .into_inner()
            .diagnostics
    }

    /// Plans from `prior` to `config`; null stands for no object, as in a creation and a deletion.
    pub(crate) async fn plan(
        &mut self,
        schema: &Schema,
        prior: &Value,
        config: &Value,
    ) -> plan_resource_change::Response {
        let value = |value| Some(codec::object(attributes(schema), value));
        let request = plan_resource_change::Request {
            type_name: JOB.to_owned(),
            prior_state: value(prior),
            proposed_new_state: value(config),
            config: value(config),
            client_capabilities: self.version.capabilities,
            ..Default::default()
        };
        self.client
            .plan_resource_change(request)
            .await
            .unwrap()
            .into_inner()
    }
}

pub(crate) fn attributes(schema: &Schema) -> &[Attribute] {
    &schema.block.as_ref().unwrap().attributes
}

/// The errors among what the provider said.
pub(crate) fn errors(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity() == Severity::Error)
        .collect()
}
