//! Calls of the provider's methods, from encoded request to encoded response.

use std::hint::black_box;

use cloud_run::model as api;
use criterion::Criterion;
use facets_gpu::job::TYPE_NAME;
use facets_gpu::job::flatten::flatten;
use facets_gpu::job::schema::SCHEMA;
use facets_gpu::{FacetsGpu, provider};
use prost::Message;
use terraform_plugin::go_plugin::StopSignal;
use terraform_plugin::proto::tfplugin6::{self as tf, provider_server::Provider as _};
use terraform_plugin::redact::Redactor;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::{Value, from_msgpack, to_msgpack};
use tokio::runtime::{Builder, Runtime};
use tonic::{Request, Response, Status};

use crate::job::{config, document, name, state, stored};

pub(crate) fn benchmark(criterion: &mut Criterion) {
    let server = Server::configured();
    let config = config();
    let state = state(&config);
    let mut changed = config.clone();
    changed.set("env", Value::from([("LOG_LEVEL", Value::from("debug"))]));
    let document = document(&config);
    let mut measure = |name: &str, request: Vec<u8>, call: &dyn Fn(&[u8]) -> Vec<u8>| {
        criterion.bench_function(name, |b| b.iter(|| call(black_box(&request))));
    };
    measure("GetProviderSchema", Vec::new(), &|_| server.schema());
    measure("ValidateResourceConfig", validate_request(&config), &|bytes| {
        server.validate(bytes)
    });
    for (action, prior, config) in [
        ("creation", &Value::Null, &config),
        ("no change", &state, &config),
        ("update", &state, &changed),
    ] {
        let request = plan_request(prior, config);
        measure(&format!("PlanResourceChange, {action}"), request, &|bytes| {
            server.plan(bytes)
        });
    }
    measure("UpgradeResourceState", upgrade_request(&state), &|bytes| {
        server.upgrade(bytes)
    });
    measure(
        "ReadResource without the network",
        read_request(&state),
        &|bytes| read(bytes, &document),
    );
}

/// A configured provider on a single-threaded runtime.
struct Server {
    runtime: Runtime,
    provider: terraform_plugin::Server<FacetsGpu>,
}

impl Server {
    fn configured() -> Server {
        let server = Server {
            runtime: Builder::new_current_thread()
                .build()
                .expect("a runtime can be built"),
            provider: terraform_plugin::Server::new(
                FacetsGpu::new(Redactor::default()),
                StopSignal::permanent(),
                Redactor::default(),
            ),
        };
        let config = Value::from([
            ("project", Value::from("acme-batch")),
            ("region", Value::from("us-central1")),
        ]);
        let config = provider::SCHEMA
            .coerce(config, ExtraAttributes::Error)
            .expect("it conforms to the schema");
        let request = tf::configure_provider::Request {
            config: Some(dynamic_value(&config)),
            ..Default::default()
        };
        server.block_on(server.provider.configure_provider(Request::new(request)));
        server
    }

    fn block_on<T>(&self, call: impl Future<Output = Result<Response<T>, Status>>) -> T {
        self.runtime
            .block_on(call)
            .expect("every call returns a response")
            .into_inner()
    }

    fn schema(&self) -> Vec<u8> {
        let request = tf::get_provider_schema::Request {};
        self.block_on(self.provider.get_provider_schema(Request::new(request)))
            .encode_to_vec()
    }

    fn validate(&self, request: &[u8]) -> Vec<u8> {
        let response = self.block_on(self.provider.validate_resource_config(decoded(request)));
        assert_eq!(response.diagnostics, []);
        response.encode_to_vec()
    }

    fn plan(&self, request: &[u8]) -> Vec<u8> {
        let response = self.block_on(self.provider.plan_resource_change(decoded(request)));
        assert_eq!(response.diagnostics, []);
        response.encode_to_vec()
    }

    fn upgrade(&self, request: &[u8]) -> Vec<u8> {
        let response = self.block_on(self.provider.upgrade_resource_state(decoded(request)));
        assert_eq!(response.diagnostics, []);
        response.encode_to_vec()
    }
}

/// `ReadResource` without the API call: decodes the request, flattens the job and encodes the response.
fn read(request: &[u8], document: &[u8]) -> Vec<u8> {
    let request: tf::read_resource::Request = decoded(request).into_inner();
    let current = request.current_state.unwrap_or_default().msgpack;
    let current = from_msgpack(&current).expect("the bytes are MessagePack");
    let current = SCHEMA
        .coerce(current, ExtraAttributes::Error)
        .expect("it conforms to the schema");
    let remote: api::Job = serde_json::from_slice(document).expect("the document is a job");
    let state = flatten(&remote, &name(), &current);
    tf::read_resource::Response {
        new_state: Some(dynamic_value(&state)),
        ..Default::default()
    }
    .encode_to_vec()
}

fn validate_request(config: &Value) -> Vec<u8> {
    tf::validate_resource_config::Request {
        type_name: TYPE_NAME.to_owned(),
        config: Some(dynamic_value(config)),
        ..Default::default()
    }
    .encode_to_vec()
}

/// Like Terraform, proposes the configuration with the prior computed values.
fn plan_request(prior: &Value, config: &Value) -> Vec<u8> {
    let mut proposed = config.clone();
    for attribute in SCHEMA.computed() {
        proposed.set(attribute.name, prior.get(attribute.name).clone());
    }
    tf::plan_resource_change::Request {
        type_name: TYPE_NAME.to_owned(),
        prior_state: Some(dynamic_value(prior)),
        proposed_new_state: Some(dynamic_value(&proposed)),
        config: Some(dynamic_value(config)),
        ..Default::default()
    }
    .encode_to_vec()
}

fn upgrade_request(state: &Value) -> Vec<u8> {
    tf::upgrade_resource_state::Request {
        type_name: TYPE_NAME.to_owned(),
        version: SCHEMA.version,
        raw_state: Some(tf::RawState {
            json: stored(state).to_string().into_bytes(),
            ..Default::default()
        }),
    }
    .encode_to_vec()
}

fn read_request(state: &Value) -> Vec<u8> {
    tf::read_resource::Request {
        type_name: TYPE_NAME.to_owned(),
        current_state: Some(dynamic_value(state)),
        ..Default::default()
    }
    .encode_to_vec()
}

fn decoded<T: Message + Default>(request: &[u8]) -> Request<T> {
    Request::new(T::decode(request).expect("the request is a message"))
}

fn dynamic_value(value: &Value) -> tf::DynamicValue {
    tf::DynamicValue {
        msgpack: to_msgpack(value),
        json: Vec::new(),
    }
}
