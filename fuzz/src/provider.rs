//! Calls the provider's gRPC methods in process, without a socket.

use facets_gpu::FacetsGpu;
use terraform_plugin::Server;
use terraform_plugin::go_plugin::StopSignal;
use terraform_plugin::proto::tfplugin6::{
    Diagnostic, DynamicValue, RawState, configure_provider, diagnostic::Severity, move_resource_state,
    plan_resource_change, provider_server::Provider as _, upgrade_resource_state, validate_provider_config,
    validate_resource_config,
};
use terraform_plugin::redact::Redactor;
use terraform_plugin::value::{Value, to_msgpack};
use tokio::runtime::Runtime;
use tonic::Request;

use crate::job;

/// A configured provider. None of these methods sends an API request.
pub struct Provider {
    server: Server<FacetsGpu>,
    runtime: Runtime,
}

/// Calls a method and asserts that it responds without an internal error.
macro_rules! call {
    ($this:ident.$method:ident($request:expr)) => {{
        let response = $this
            .runtime
            .block_on($this.server.$method(Request::new($request)));
        let response = response.expect("a response").into_inner();
        check_diagnostics(&response.diagnostics);
        response
    }};
}

impl Default for Provider {
    fn default() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let this = Provider {
            server: Server::new(
                FacetsGpu::new(Redactor::default()),
                StopSignal::permanent(),
                Redactor::default(),
            ),
            runtime,
        };
        let config = Some(dynamic_value(&job::provider()));
        let request = configure_provider::Request {
            config,
            ..Default::default()
        };
        assert_eq!(call!(this.configure_provider(request)).diagnostics, []);
        this
    }
}

impl Provider {
    /// Whether this is a valid provider configuration.
    pub fn validate_provider(&self, msgpack: &[u8]) -> bool {
        let request = validate_provider_config::Request {
            config: Some(raw_value(msgpack)),
        };
        is_valid(&call!(self.validate_provider_config(request)).diagnostics)
    }

    /// Whether this is a valid job configuration.
    pub fn validate(&self, msgpack: &[u8]) -> bool {
        let request = validate_resource_config::Request {
            type_name: facets_gpu::job::TYPE_NAME.to_owned(),
            config: Some(raw_value(msgpack)),
            ..Default::default()
        };
        is_valid(&call!(self.validate_resource_config(request)).diagnostics)
    }

    /// The planned state, if there is no error.
    pub fn plan(&self, prior: &[u8], config: &[u8]) -> Option<Vec<u8>> {
        let request = plan_resource_change::Request {
            type_name: facets_gpu::job::TYPE_NAME.to_owned(),
            prior_state: Some(raw_value(prior)),
            proposed_new_state: Some(raw_value(config)),
            config: Some(raw_value(config)),
            ..Default::default()
        };
        let response = call!(self.plan_resource_change(request));
        is_valid(&response.diagnostics).then(|| response.planned_state.expect("a plan").msgpack)
    }

    /// The upgraded state, if there is no error.
    pub fn upgrade(&self, json: &[u8]) -> Option<Vec<u8>> {
        let request = upgrade_resource_state::Request {
            type_name: facets_gpu::job::TYPE_NAME.to_owned(),
            raw_state: Some(RawState {
                json: json.to_vec(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let response = call!(self.upgrade_resource_state(request));
        is_valid(&response.diagnostics).then(|| response.upgraded_state.expect("a state").msgpack)
    }

    /// The state moved from `google_cloud_run_v2_job`, if there is no error.
    pub fn move_state(&self, json: &[u8]) -> Option<Vec<u8>> {
        let request = move_resource_state::Request {
            source_provider_address: "registry.terraform.io/hashicorp/google".to_owned(),
            source_type_name: "google_cloud_run_v2_job".to_owned(),
            source_state: Some(RawState {
                json: json.to_vec(),
                ..Default::default()
            }),
            target_type_name: facets_gpu::job::TYPE_NAME.to_owned(),
            ..Default::default()
        };
        let response = call!(self.move_resource_state(request));
        is_valid(&response.diagnostics).then(|| response.target_state.expect("a state").msgpack)
    }
}

fn is_valid(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .all(|diagnostic| diagnostic.severity() != Severity::Error)
}

fn check_diagnostics(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        assert_ne!(diagnostic.summary, "Internal provider error");
        assert!(diagnostic.detail.len() < 10_000, "{}", diagnostic.detail);
    }
    assert!(diagnostics.len() <= 101, "{} diagnostics", diagnostics.len());
}

fn dynamic_value(value: &Value) -> DynamicValue {
    raw_value(&to_msgpack(value))
}

fn raw_value(msgpack: &[u8]) -> DynamicValue {
    DynamicValue {
        msgpack: msgpack.to_vec(),
        json: Vec::new(),
    }
}
