//! go-plugin's services, messages of any size, and how the server lets running calls finish.

use std::time::Duration;

use facets_gpu::wire::{
    MESSAGE_LIMIT,
    proto::{
        plugin::{
            ConnInfo, Empty, grpc_broker_client::GrpcBrokerClient,
            grpc_controller_client::GrpcControllerClient, grpc_stdio_client::GrpcStdioClient,
        },
        tfplugin6::{
            RawState, apply_resource_change, provider_client::ProviderClient, stop_provider,
            upgrade_resource_state,
        },
    },
};
use tokio::time::timeout;
use tonic::{Code, Status, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    certificates::terraform,
    client::{Tls, connect},
    process::PATIENCE,
    scripted::{HANGS, Served, WAITS},
};

/// Long enough for a message to arrive that should not.
const A_WHILE: Duration = Duration::from_millis(100);

async fn channel(server: &Served) -> Channel {
    let tls = server
        .certificate
        .clone()
        .map(|certificate| Tls::new(certificate, terraform()));
    connect(&server.socket, tls).await.unwrap()
}

pub(crate) async fn health_of(channel: Channel, service: &str) -> Result<ServingStatus, Status> {
    let request = HealthCheckRequest {
        service: service.to_owned(),
    };
    HealthClient::new(channel)
        .check(request)
        .await
        .map(|answer| answer.get_ref().status())
}

fn apply(type_name: &str) -> apply_resource_change::Request {
    apply_resource_change::Request {
        type_name: type_name.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn the_plugin_is_healthy_and_nothing_else_is_known() {
    let server = Served::with_tls();
    let channel = channel(&server).await;
    for service in ["plugin", ""] {
        assert_eq!(
            health_of(channel.clone(), service).await.unwrap(),
            ServingStatus::Serving
        );
    }
    assert_eq!(
        health_of(channel.clone(), "other").await.unwrap_err().code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn stdio_and_broker_stay_open_and_say_nothing() {
    let server = Served::with_tls();
    let channel = channel(&server).await;
    let mut stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap()
        .into_inner();
    let said = tokio_stream::iter([ConnInfo {
        service_id: 1,
        ..ConnInfo::default()
    }]);
    let said = tokio_stream::StreamExt::chain(said, tokio_stream::pending());
    let mut broker = GrpcBrokerClient::new(channel)
        .start_stream(said)
        .await
        .unwrap()
        .into_inner();
    assert!(timeout(A_WHILE, stdio.message()).await.is_err());
    assert!(timeout(A_WHILE, broker.message()).await.is_err());

    server.lifetime.end_within(Duration::from_secs(60));
    assert!(stdio.message().await.unwrap().is_none());
    assert!(broker.message().await.unwrap().is_none());
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn sixty_mebibytes_go_both_ways() {
    let server = Served::with_tls();
    let mut client = ProviderClient::new(channel(&server).await)
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let json = vec![b'x'; 60 << 20];
    let request = upgrade_resource_state::Request {
        raw_state: Some(RawState {
            json: json.clone(),
            ..RawState::default()
        }),
        ..Default::default()
    };
    let answer = client.upgrade_resource_state(request).await.unwrap().into_inner();
    assert!(answer.upgraded_state.unwrap().json == json);
}

#[tokio::test]
async fn a_thousand_calls_run_side_by_side() {
    let server = Served::with_tls();
    let client = ProviderClient::new(channel(&server).await);
    let mut applies = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let mut client = client.clone();
        applies.spawn(async move { client.apply_resource_change(apply(WAITS)).await });
    }
    // Were there room for fewer calls at once, not all of them would begin.
    timeout(Duration::from_secs(10), server.applying.acquire_many(1000))
        .await
        .unwrap()
        .unwrap()
        .forget();
    timeout(
        Duration::from_secs(10),
        client.clone().stop_provider(stop_provider::Request {}),
    )
    .await
    .unwrap()
    .unwrap();
    while let Some(answer) = applies.join_next().await {
        assert_eq!(answer.unwrap().unwrap().into_inner().private, b"partial");
    }
}

#[tokio::test]
async fn stop_ends_the_waiting_and_not_the_server() {
    let server = Served::with_tls();
    let mut client = ProviderClient::new(channel(&server).await);
    let mut second = client.clone();
    let waiting = tokio::spawn(async move { second.apply_resource_change(apply(WAITS)).await });
    server.applying.acquire().await.unwrap().forget();
    client.stop_provider(stop_provider::Request {}).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().into_inner().private, b"partial");
    client.stop_provider(stop_provider::Request {}).await.unwrap();
    assert!(!server.task.is_finished());
}

#[tokio::test]
async fn shutdown_is_answered_and_ends_whatever_hangs() {
    let server = Served::with_tls();
    let channel = channel(&server).await;
    let mut client = ProviderClient::new(channel.clone());
    let hanging = tokio::spawn(async move { client.apply_resource_change(apply(HANGS)).await });
    server.applying.acquire().await.unwrap().forget();
    let _stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap();

    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .unwrap();
    timeout(PATIENCE, server.task).await.unwrap().unwrap().unwrap();
    assert!(!server.socket.parent().unwrap().exists());
    hanging.abort();
}

#[tokio::test]
async fn the_end_waits_for_calls_that_come_to_an_end() {
    let server = Served::with_tls();
    let mut client = ProviderClient::new(channel(&server).await);
    let waiting = tokio::spawn(async move { client.apply_resource_change(apply(WAITS)).await });
    server.applying.acquire().await.unwrap().forget();
    // As for SIGTERM: the end begins, and what waits is told to stop a moment later.
    server.lifetime.end_within(Duration::from_secs(60));
    tokio::time::sleep(A_WHILE).await;
    assert!(!server.task.is_finished());
    server.stop.stop();
    assert_eq!(waiting.await.unwrap().unwrap().into_inner().private, b"partial");
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn without_tls_the_same_services_answer() {
    let server = Served::without_tls();
    assert_eq!(
        health_of(channel(&server).await, "plugin").await.unwrap(),
        ServingStatus::Serving
    );
}
