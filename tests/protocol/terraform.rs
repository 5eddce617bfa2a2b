//! A Terraform of a given version, as far as its provider can tell: one process, and each call that it makes.

use std::collections::BTreeSet;

use facets_gpu::wire::proto::{
    plugin::{Empty, grpc_controller_client::GrpcControllerClient},
    tfplugin6::{
        Diagnostic, DynamicValue, RawState, ResourceIdentityData, Schema, apply_resource_change,
        configure_provider, diagnostic::Severity, generate_resource_config, get_provider_schema,
        get_resource_identity_schemas, import_resource_state, list_resource, move_resource_state,
        plan_resource_change, provider_client::ProviderClient, read_data_source, read_resource,
        schema::Attribute, upgrade_resource_identity, upgrade_resource_state, validate_data_resource_config,
        validate_list_resource_config, validate_provider_config, validate_resource_config,
    },
};
use serde_json::Value;
use tonic::{Streaming, transport::Channel};

use crate::{
    codec,
    core::{self, Aged as _},
    process::{Launch, PATIENCE, Process},
    version::Version,
};

pub(crate) const JOB: &str = "facets_gpu_cloudrun_job";
pub(crate) const CATALOGUE: &str = "facets_gpu_catalogue";

/// A running provider and its client.
pub(crate) struct Terraform {
    pub(crate) client: ProviderClient<Channel>,
    pub(crate) version: Version,
    /// Fields in which the provider told something that this version does not know.
    pub(crate) forgotten: BTreeSet<&'static str>,
    /// The attributes of a job's identity; none before they were asked for, and none of an older version.
    pub(crate) identity: Vec<Attribute>,
    pub(crate) process: Process,
    channel: Channel,
}

/// Calls a method, and takes out of its answer what this version does not know.
macro_rules! ask {
    ($this:ident.$method:ident($request:expr)) => {{
        let mut answer = $this.client.$method($request).await.unwrap().into_inner();
        $this.forgotten.extend(answer.forget($this.version.protocol));
        answer
    }};
}

impl Terraform {
    pub(crate) async fn start(version: Version) -> Self {
        Self::launch(version, &Launch::by_terraform()).await
    }

    pub(crate) async fn launch(version: Version, launch: &Launch) -> Self {
        let process = launch.start();
        let channel = process.connect().await;
        Self {
            // As much as Terraform takes.
            client: ProviderClient::new(channel.clone()).max_decoding_message_size(i32::MAX as usize),
            version,
            forgotten: BTreeSet::new(),
            identity: Vec::new(),
            channel,
            process,
        }
    }

    /// Ends the process as every walk ends, and gives back what it wrote to stderr.
    pub(crate) async fn end(mut self) -> String {
        let mut controller = GrpcControllerClient::new(self.channel.clone());
        controller.shutdown(Empty {}).await.unwrap();
        let (status, time) = self.process.ended().await;
        assert!(status.success() && time < PATIENCE, "{status} after {time:?}");
        self.process.stderr()
    }

    pub(crate) async fn schemas(&mut self) -> get_provider_schema::Response {
        let schemas = ask!(self.get_provider_schema(get_provider_schema::Request {}));
        if self.version.knows_identity() {
            let answer = ask!(self.get_resource_identity_schemas(get_resource_identity_schemas::Request {}));
            assert_eq!(answer.diagnostics, []);
            self.identity = core::identity_attributes(&answer.identity_schemas[JOB]);
        }
        schemas
    }

    pub(crate) async fn validate_provider(&mut self, schema: &Schema, config: &Value) -> Vec<Diagnostic> {
        let request = validate_provider_config::Request {
            config: Some(codec::object(attributes(schema), config)),
        };
        ask!(self.validate_provider_config(request)).diagnostics
    }

    /// Configures the provider with `config`, and gives back what it says about it.
    pub(crate) async fn configure(&mut self, schema: &Schema, config: &Value) -> Vec<Diagnostic> {
        let request = configure_provider::Request {
            terraform_version: self.version.name.to_owned(),
            config: Some(codec::object(attributes(schema), config)),
            client_capabilities: self.version.capabilities,
        };
        ask!(self.configure_provider(request)).diagnostics
    }

    pub(crate) async fn validate(&mut self, schema: &Schema, config: &Value) -> Vec<Diagnostic> {
        self.validate_value(Some(codec::object(attributes(schema), config)))
            .await
    }

    /// Validates a configuration that is sent as it is.
    pub(crate) async fn validate_value(&mut self, config: Option<DynamicValue>) -> Vec<Diagnostic> {
        let request = validate_resource_config::Request {
            type_name: JOB.to_owned(),
            config,
            client_capabilities: self.version.capabilities.filter(|_| self.version.protocol >= 8),
        };
        ask!(self.validate_resource_config(request)).diagnostics
    }

    /// Plans from `prior` to `config`, proposing the configuration; null stands for no object, as in a creation and
    /// a deletion.
    pub(crate) async fn plan(
        &mut self,
        schema: &Schema,
        prior: &Value,
        config: &Value,
    ) -> plan_resource_change::Response {
        let value = |value| Some(codec::object(attributes(schema), value));
        self.plan_change(plan_resource_change::Request {
            prior_state: value(prior),
            proposed_new_state: value(config),
            config: value(config),
            ..Default::default()
        })
        .await
    }

    /// Plans a change that the caller describes.
    pub(crate) async fn plan_change(
        &mut self,
        change: plan_resource_change::Request,
    ) -> plan_resource_change::Response {
        ask!(self.plan_resource_change(plan_resource_change::Request {
            type_name: JOB.to_owned(),
            client_capabilities: self.version.capabilities,
            ..change
        }))
    }

    /// Makes a change that the caller describes.
    pub(crate) async fn apply_change(
        &mut self,
        change: apply_resource_change::Request,
    ) -> apply_resource_change::Response {
        ask!(self.apply_resource_change(apply_resource_change::Request {
            type_name: JOB.to_owned(),
            ..change
        }))
    }

    /// Hands over a state as it lies in the state file.
    pub(crate) async fn upgrade(&mut self, state: &[u8]) -> upgrade_resource_state::Response {
        let request = upgrade_resource_state::Request {
            type_name: JOB.to_owned(),
            raw_state: Some(RawState {
                json: state.to_vec(),
                ..RawState::default()
            }),
            ..Default::default()
        };
        ask!(self.upgrade_resource_state(request))
    }

    /// Hands over an identity as it lies in the state file.
    pub(crate) async fn upgrade_identity(
        &mut self,
        version: i64,
        identity: &[u8],
    ) -> upgrade_resource_identity::Response {
        let request = upgrade_resource_identity::Request {
            type_name: JOB.to_owned(),
            version,
            raw_identity: Some(RawState {
                json: identity.to_vec(),
                ..RawState::default()
            }),
        };
        ask!(self.upgrade_resource_identity(request))
    }

    pub(crate) async fn read(
        &mut self,
        schema: &Schema,
        state: &Value,
        identity: Option<&Value>,
        private: Vec<u8>,
    ) -> read_resource::Response {
        let request = read_resource::Request {
            type_name: JOB.to_owned(),
            current_state: Some(codec::object(attributes(schema), state)),
            current_identity: self.encoded(identity),
            private,
            client_capabilities: self.version.capabilities,
            ..Default::default()
        };
        ask!(self.read_resource(request))
    }

    /// Has a state read that the caller has put together.
    pub(crate) async fn read_value(&mut self, state: Option<DynamicValue>) -> read_resource::Response {
        ask!(self.read_resource(read_resource::Request {
            type_name: JOB.to_owned(),
            current_state: state,
            ..Default::default()
        }))
    }

    /// Hands over a state of another resource.
    pub(crate) async fn moved(
        &mut self,
        request: move_resource_state::Request,
    ) -> move_resource_state::Response {
        ask!(self.move_resource_state(request))
    }

    pub(crate) async fn validate_data(
        &mut self,
        type_name: &str,
        config: Option<DynamicValue>,
    ) -> Vec<Diagnostic> {
        let request = validate_data_resource_config::Request {
            type_name: type_name.to_owned(),
            config,
        };
        ask!(self.validate_data_resource_config(request)).diagnostics
    }

    pub(crate) async fn read_data(
        &mut self,
        type_name: &str,
        config: Option<DynamicValue>,
    ) -> read_data_source::Response {
        let request = read_data_source::Request {
            type_name: type_name.to_owned(),
            config,
            client_capabilities: self.version.capabilities,
            ..Default::default()
        };
        ask!(self.read_data_source(request))
    }

    pub(crate) async fn import(&mut self, id: &str) -> import_resource_state::Response {
        self.import_value(id, None).await
    }

    /// Imports by an identity.
    pub(crate) async fn import_identity(&mut self, identity: &Value) -> import_resource_state::Response {
        let identity = self.encoded(Some(identity));
        assert!(identity.is_some(), "{} knows identities", self.version.name);
        self.import_value("", identity).await
    }

    /// Imports by what the caller has put together.
    pub(crate) async fn import_value(
        &mut self,
        id: &str,
        identity: Option<ResourceIdentityData>,
    ) -> import_resource_state::Response {
        let request = import_resource_state::Request {
            type_name: JOB.to_owned(),
            id: id.to_owned(),
            identity,
            client_capabilities: self.version.capabilities,
        };
        ask!(self.import_resource_state(request))
    }

    /// Has a configuration written for a state.
    pub(crate) async fn generate(
        &mut self,
        state: Option<DynamicValue>,
    ) -> generate_resource_config::Response {
        let request = generate_resource_config::Request {
            type_name: JOB.to_owned(),
            state: state.filter(|_| self.version.sends_state_to_be_written()),
        };
        ask!(self.generate_resource_config(request))
    }

    /// Validates a query that is sent as it is.
    pub(crate) async fn validate_query(&mut self, config: Option<DynamicValue>) -> Vec<Diagnostic> {
        let request = validate_list_resource_config::Request {
            type_name: JOB.to_owned(),
            config,
            ..Default::default()
        };
        ask!(self.validate_list_resource_config(request)).diagnostics
    }

    /// Asks for objects; they come one by one, as long as the answer is kept.
    pub(crate) async fn list(
        &mut self,
        config: Option<DynamicValue>,
        limit: i64,
        include_resource_object: bool,
    ) -> Streaming<list_resource::Event> {
        let request = list_resource::Request {
            type_name: JOB.to_owned(),
            config,
            include_resource_object,
            limit,
        };
        self.client.list_resource(request).await.unwrap().into_inner()
    }

    /// An identity as this version sends it: never, when it is too old.
    pub(crate) fn encoded(&self, identity: Option<&Value>) -> Option<ResourceIdentityData> {
        let identity = identity.filter(|_| self.version.knows_identity())?;
        Some(core::encoded_identity(&self.identity, identity))
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
