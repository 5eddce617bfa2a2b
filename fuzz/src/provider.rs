//! The provider as Terraform meets it, but for the socket: every method with its envelope, in this process.

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

/// A configured provider. It has an address of Google's, and no call here ever goes there.
pub struct Provider {
    server: Server<FacetsGpu>,
    runtime: Runtime,
}

/// Asks, and sees to it that there is an answer and no fault of the provider's own in it.
macro_rules! ask {
    ($this:ident.$method:ident($request:expr)) => {{
        let answer = $this
            .runtime
            .block_on($this.server.$method(Request::new($request)));
        let answer = answer.expect("an answer").into_inner();
        sound(&answer.diagnostics);
        answer
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
        let config = Some(packed(&job::provider()));
        let request = configure_provider::Request {
            config,
            ..Default::default()
        };
        assert_eq!(ask!(this.configure_provider(request)).diagnostics, []);
        this
    }
}

impl Provider {
    /// Whether the provider takes this for a configuration of its own.
    pub fn validate_provider(&self, msgpack: &[u8]) -> bool {
        let request = validate_provider_config::Request {
            config: Some(raw(msgpack)),
        };
        is_good(&ask!(self.validate_provider_config(request)).diagnostics)
    }

    /// Whether the provider takes this for the configuration of a job.
    pub fn validate(&self, msgpack: &[u8]) -> bool {
        let request = validate_resource_config::Request {
            type_name: facets_gpu::job::TYPE_NAME.to_owned(),
            config: Some(raw(msgpack)),
            ..Default::default()
        };
        is_good(&ask!(self.validate_resource_config(request)).diagnostics)
    }

    /// What is planned, if nothing is wrong with it.
    pub fn plan(&self, prior: &[u8], config: &[u8]) -> Option<Vec<u8>> {
        let request = plan_resource_change::Request {
            type_name: facets_gpu::job::TYPE_NAME.to_owned(),
            prior_state: Some(raw(prior)),
            proposed_new_state: Some(raw(config)),
            config: Some(raw(config)),
            ..Default::default()
        };
        let answer = ask!(self.plan_resource_change(request));
        is_good(&answer.diagnostics).then(|| answer.planned_state.expect("a plan").msgpack)
    }

    /// A stored state as this version has it, if it can be read.
    pub fn upgrade(&self, json: &[u8]) -> Option<Vec<u8>> {
        let request = upgrade_resource_state::Request {
            type_name: facets_gpu::job::TYPE_NAME.to_owned(),
            raw_state: Some(RawState {
                json: json.to_vec(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let answer = ask!(self.upgrade_resource_state(request));
        is_good(&answer.diagnostics).then(|| answer.upgraded_state.expect("a state").msgpack)
    }

    /// A stored state of `google_cloud_run_v2_job` as one of this resource, if it can be read.
    pub fn moved(&self, json: &[u8]) -> Option<Vec<u8>> {
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
        let answer = ask!(self.move_resource_state(request));
        is_good(&answer.diagnostics).then(|| answer.target_state.expect("a state").msgpack)
    }
}

fn is_good(told: &[Diagnostic]) -> bool {
    told.iter()
        .all(|diagnostic| diagnostic.severity() != Severity::Error)
}

fn sound(told: &[Diagnostic]) {
    for diagnostic in told {
        assert_ne!(diagnostic.summary, "The provider met a fault of its own");
        assert!(diagnostic.detail.len() < 10_000, "{}", diagnostic.detail);
    }
    assert!(told.len() <= 101, "{} diagnostics", told.len());
}

fn packed(value: &Value) -> DynamicValue {
    raw(&to_msgpack(value))
}

fn raw(msgpack: &[u8]) -> DynamicValue {
    DynamicValue {
        msgpack: msgpack.to_vec(),
        json: Vec::new(),
    }
}
