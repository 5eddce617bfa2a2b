//! Calls the provider in this process, without a socket: with what real Terraform never sends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod hostile;
mod old_states;
mod values;

use facets_gpu::FacetsGpu;
use serde_json::json;
use terraform_plugin::go_plugin::StopSignal;
use terraform_plugin::proto::tfplugin6::{configure_provider, provider_server::Provider as _};
use terraform_plugin::{Server, redact::Redactor};
use tonic::Request;

use values::{UNKNOWN, packed};

/// A provider that is not configured.
fn server() -> Server<FacetsGpu> {
    let redactor = Redactor::default();
    Server::new(
        FacetsGpu::new(redactor.clone()),
        StopSignal::permanent(),
        redactor,
    )
}

/// A provider that can plan, and calls no API: its access token is unknown.
async fn configured() -> Server<FacetsGpu> {
    let server = server();
    let config = json!({ "project": "p", "region": "us-central1", "access_token": UNKNOWN });
    let request = configure_provider::Request {
        config: Some(packed(&config)),
        ..Default::default()
    };
    let response = server.configure_provider(Request::new(request)).await.unwrap();
    assert_eq!(response.get_ref().diagnostics, []);
    server
}
