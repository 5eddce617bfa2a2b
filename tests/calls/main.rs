//! Calls the provider in process and without a socket, with requests that real Terraform does not send.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod compatibility;
mod invalid_input;
mod values;

use facets_gpu::FacetsGpu;
use serde_json::json;
use terraform_plugin::go_plugin::StopSignal;
use terraform_plugin::proto::tfplugin6::{configure_provider, provider_server::Provider as _};
use terraform_plugin::{Server, redact::Redactor};
use tonic::Request;

use values::{UNKNOWN, msgpack};

/// The types of resources.
const RESOURCES: [&str; 2] = ["facets_gpu_cloudrun_job", "facets_gpu_cloudrun_job_execution"];

/// A provider before `ConfigureProvider`.
fn server() -> Server<FacetsGpu> {
    let redactor = Redactor::default();
    Server::new(
        FacetsGpu::new(redactor.clone()),
        StopSignal::permanent(),
        redactor,
    )
}

/// A configured provider that sends no API request, because its access token is unknown.
async fn configured_server() -> Server<FacetsGpu> {
    let server = server();
    let config = json!({ "project": "p", "region": "us-central1", "access_token": UNKNOWN });
    let request = configure_provider::Request {
        config: Some(msgpack(&config)),
        ..Default::default()
    };
    let response = server.configure_provider(Request::new(request)).await.unwrap();
    assert_eq!(response.get_ref().diagnostics, []);
    server
}
