//! Hundreds at the door who never finish their handshake, before a process that may open only a few descriptors.

use serde_json::json;
use terraform_plugin::proto::tfplugin6::{
    configure_provider, import_resource_state, provider_client::ProviderClient,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UnixStream},
    task::JoinSet,
    time::timeout,
};
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    certificates::{stranger, terraform},
    client::{Tls, admission, hello},
    process::{Launch, PATIENCE, Process},
    services::health_of,
    values::packed,
};

/// What the process may open here. 1024 is usual on Linux, and 256 on macOS.
const DESCRIPTORS: u32 = 64;
/// Far more than that.
const FLOOD: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_handshakes_leave_descriptors_for_the_way_to_google() {
    let provider = launch().start();
    let mut client = ProviderClient::new(provider.connect().await);
    let google = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = json!({
        "access_token": "hush",
        "cloud_run_endpoint": format!("http://{}", google.local_addr().unwrap()),
    });
    let request = configure_provider::Request {
        config: Some(packed(&config)),
        ..Default::default()
    };
    client.configure_provider(request).await.unwrap();
    let calm = provider.descriptors();
    let flood = flood(&provider).await;

    let answered = tokio::spawn(refuse_one(google));
    let request = import_resource_state::Request {
        type_name: "facets_gpu_cloudrun_job".to_owned(),
        id: "projects/p/locations/us-central1/jobs/n".to_owned(),
        ..Default::default()
    };
    let answer = timeout(PATIENCE, client.import_resource_state(request)).await;
    let told = answer
        .expect("an answer to the import")
        .unwrap()
        .into_inner()
        .diagnostics;
    assert!(told[0].detail.contains("nothing of that name"), "{told:?}");
    answered.await.unwrap();
    drop(flood);
    // The connection to Google stays open for a while.
    provider.has_descriptors_at_most(calm + 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terraform_is_served_and_let_in_while_the_flood_stands_and_after_it() {
    let provider = launch().start();
    let channel = provider.connect().await;
    let calm = provider.descriptors();
    let client = Tls::new(provider.certificate(), terraform());
    let flood = flood(&provider).await;
    for _ in 0..3 {
        assert_eq!(
            health_of(channel.clone(), "plugin").await.unwrap(),
            ServingStatus::Serving
        );
        // Those before it in the queue are sent away, one lot after another.
        timeout(PATIENCE, admission(&provider.socket(), &client))
            .await
            .expect("its turn comes")
            .unwrap();
    }
    drop(flood);
    provider.has_descriptors_at_most(calm).await;
    admission(&provider.socket(), &client).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_with_certificates_of_their_own_are_refused_by_the_hundred() {
    let provider = launch().start();
    let channel = provider.connect().await;
    let calm = provider.descriptors();
    let other = stranger();
    let mut strangers = JoinSet::new();
    for _ in 0..FLOOD / 2 {
        let (socket, tls) = (provider.socket(), Tls::new(provider.certificate(), other.clone()));
        strangers.spawn(async move { admission(&socket, &tls).await });
    }
    assert_eq!(
        health_of(channel, "plugin").await.unwrap(),
        ServingStatus::Serving
    );
    while let Some(refused) = strangers.join_next().await {
        assert!(refused.unwrap().is_err());
    }
    let client = Tls::new(provider.certificate(), terraform());
    admission(&provider.socket(), &client).await.unwrap();
    provider.has_descriptors_at_most(calm).await;
}

fn launch() -> Launch {
    Launch::by_terraform().with_descriptors(DESCRIPTORS)
}

/// Clients that connect and say nothing more, or a hello and then nothing more.
async fn flood(provider: &Process) -> Vec<UnixStream> {
    let hello = hello(&Tls::new(provider.certificate(), terraform()));
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

/// Google, who knows of no such job.
async fn refuse_one(google: TcpListener) {
    let (mut stream, _) = google.accept().await.unwrap();
    let _ = stream.read(&mut [0; 4096]).await.unwrap();
    let body = r#"{"error": {"code": 404, "status": "NOT_FOUND", "message": "nothing of that name"}}"#;
    let answer = format!(
        "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}
