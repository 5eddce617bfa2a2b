//! Hundreds of TLS handshakes that never finish, in a process with few file descriptors.

use serde_json::json;
use terraform_plugin::proto::tfplugin6::{
    DynamicValue, configure_provider, import_resource_state, provider_client::ProviderClient,
};
use tokio::{io::AsyncWriteExt as _, net::UnixStream, task::JoinSet, time::timeout};
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    certificates::{other_client, terraform},
    client::{Tls, client_hello, try_connect},
    process::{Launch, Process, TIMEOUT},
    services::health_of,
};

/// The limit in these tests; 1024 is usual on Linux, and 256 on macOS.
const DESCRIPTORS: u32 = 64;
/// Far more than the limit.
const FLOOD: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flood_leaves_descriptors_for_calls() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.txt"), "a").unwrap();
    let provider = launch().start();
    let mut client = ProviderClient::new(provider.connect().await);
    let config = DynamicValue {
        json: json!({ "directory": directory.path() }).to_string().into(),
        ..Default::default()
    };
    let request = configure_provider::Request {
        config: Some(config),
        ..Default::default()
    };
    client.configure_provider(request).await.unwrap();
    let before = provider.descriptors();
    let flood = flood(&provider).await;

    // Opens the file.
    let request = import_resource_state::Request {
        type_name: "local_file".to_owned(),
        id: "a.txt".to_owned(),
        ..Default::default()
    };
    let response = timeout(TIMEOUT, client.import_resource_state(request)).await;
    let response = response.expect("an import").unwrap().into_inner();
    assert_eq!(response.imported_resources.len(), 1, "{:?}", response.diagnostics);
    drop(flood);
    provider.descriptors_at_most(before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terraform_connects_during_and_after_a_flood() {
    let provider = launch().start();
    let channel = provider.connect().await;
    let before = provider.descriptors();
    let client = Tls::new(provider.certificate(), terraform());
    let flood = flood(&provider).await;
    for _ in 0..3 {
        assert_eq!(
            health_of(channel.clone(), "plugin").await.unwrap(),
            ServingStatus::Serving
        );
        // The handshakes before it in the queue are aborted, some at a time.
        timeout(TIMEOUT, try_connect(&provider.socket(), &client))
            .await
            .expect("a handshake")
            .unwrap();
    }
    drop(flood);
    provider.descriptors_at_most(before).await;
    try_connect(&provider.socket(), &client).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_other_certificates_are_rejected() {
    let provider = launch().start();
    let channel = provider.connect().await;
    let before = provider.descriptors();
    let other = other_client();
    let mut others = JoinSet::new();
    for _ in 0..FLOOD / 2 {
        let (socket, tls) = (provider.socket(), Tls::new(provider.certificate(), other.clone()));
        others.spawn(async move { try_connect(&socket, &tls).await });
    }
    assert_eq!(
        health_of(channel, "plugin").await.unwrap(),
        ServingStatus::Serving
    );
    while let Some(rejected) = others.join_next().await {
        assert!(rejected.unwrap().is_err());
    }
    let client = Tls::new(provider.certificate(), terraform());
    try_connect(&provider.socket(), &client).await.unwrap();
    provider.descriptors_at_most(before).await;
}

fn launch() -> Launch {
    Launch::by_terraform().with_descriptors(DESCRIPTORS)
}

/// Clients that connect, or connect and send a ClientHello, and then send nothing more.
async fn flood(provider: &Process) -> Vec<UnixStream> {
    let hello = client_hello(&Tls::new(provider.certificate(), terraform()));
    let mut flood = Vec::new();
    for number in 0..FLOOD {
        let mut client = UnixStream::connect(provider.socket()).await.unwrap();
        if number % 2 == 0 {
            client.write_all(&hello).await.unwrap();
        }
        flood.push(client);
    }
    flood
}
