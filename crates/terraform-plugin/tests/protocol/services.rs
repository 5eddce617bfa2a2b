//! go-plugin's services, large messages, concurrent calls, and calls during shutdown.

use std::time::Duration;

use terraform_plugin::{
    go_plugin::grpc::MAX_MESSAGE_SIZE,
    proto::{
        plugin::{
            ConnInfo, Empty, grpc_broker_client::GrpcBrokerClient,
            grpc_controller_client::GrpcControllerClient, grpc_stdio_client::GrpcStdioClient,
        },
        tfplugin6::{
            RawState, apply_resource_change, configure_provider, provider_client::ProviderClient,
            stop_provider, upgrade_resource_state,
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
    process::TIMEOUT,
    scripted::{CANCELLABLE, ENDLESS, TestServer},
};

/// Long enough to receive a message that must not be sent.
pub(crate) const SHORT_WAIT: Duration = Duration::from_millis(100);

pub(crate) async fn channel(server: &TestServer) -> Channel {
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
        .map(|response| response.get_ref().status())
}

/// A client whose provider is configured.
pub(crate) async fn configured_client(channel: Channel) -> ProviderClient<Channel> {
    let mut client = ProviderClient::new(channel);
    let request = configure_provider::Request::default();
    client.configure_provider(request).await.unwrap();
    client
}

fn apply(type_name: &str) -> apply_resource_change::Request {
    apply_resource_change::Request {
        type_name: type_name.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn plugin_service_is_healthy() {
    let server = TestServer::with_tls();
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
async fn stdio_and_broker_are_idle_until_shutdown() {
    let server = TestServer::with_tls();
    let channel = channel(&server).await;
    let mut stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap()
        .into_inner();
    let messages = tokio_stream::iter([ConnInfo {
        service_id: 1,
        ..ConnInfo::default()
    }]);
    let messages = tokio_stream::StreamExt::chain(messages, tokio_stream::pending());
    let mut broker = GrpcBrokerClient::new(channel)
        .start_stream(messages)
        .await
        .unwrap()
        .into_inner();
    assert!(timeout(SHORT_WAIT, stdio.message()).await.is_err());
    assert!(timeout(SHORT_WAIT, broker.message()).await.is_err());

    server.shutdown.begin_within(Duration::from_secs(60));
    assert!(stdio.message().await.unwrap().is_none());
    assert!(broker.message().await.unwrap().is_none());
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn sixty_mebibytes_in_both_directions() {
    let server = TestServer::with_tls();
    let mut client = ProviderClient::new(channel(&server).await)
        .max_decoding_message_size(MAX_MESSAGE_SIZE)
        .max_encoding_message_size(MAX_MESSAGE_SIZE);
    let content = "x".repeat(60 << 20);
    let request = upgrade_resource_state::Request {
        type_name: CANCELLABLE.to_owned(),
        raw_state: Some(RawState {
            json: format!("{{\"content\":\"{content}\"}}").into(),
            ..RawState::default()
        }),
        ..Default::default()
    };
    let response = client.upgrade_resource_state(request).await.unwrap().into_inner();
    assert!(
        response
            .upgraded_state
            .unwrap()
            .msgpack
            .ends_with(content.as_bytes())
    );
}

#[tokio::test]
async fn a_thousand_calls_run_concurrently() {
    let server = TestServer::with_tls();
    let client = configured_client(channel(&server).await).await;
    let mut applies = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let mut client = client.clone();
        applies.spawn(async move { client.apply_resource_change(apply(CANCELLABLE)).await });
    }
    // All of them must start before the first returns.
    timeout(Duration::from_secs(10), server.calls.started.acquire_many(1000))
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
    while let Some(response) = applies.join_next().await {
        assert_eq!(response.unwrap().unwrap().into_inner().private, b"partial");
    }
}

#[tokio::test]
async fn stop_provider_cancels_calls_and_keeps_serving() {
    let server = TestServer::with_tls();
    let mut client = configured_client(channel(&server).await).await;
    let mut second = client.clone();
    let waiting = tokio::spawn(async move { second.apply_resource_change(apply(CANCELLABLE)).await });
    server.calls.started.acquire().await.unwrap().forget();
    client.stop_provider(stop_provider::Request {}).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().into_inner().private, b"partial");
    client.stop_provider(stop_provider::Request {}).await.unwrap();
    assert!(!server.task.is_finished());
}

#[tokio::test]
async fn shutdown_ends_despite_an_endless_call() {
    let server = TestServer::with_tls();
    let channel = channel(&server).await;
    let mut client = configured_client(channel.clone()).await;
    let endless = tokio::spawn(async move { client.apply_resource_change(apply(ENDLESS)).await });
    server.calls.started.acquire().await.unwrap().forget();
    let _stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap();

    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .unwrap();
    timeout(TIMEOUT, server.task).await.unwrap().unwrap().unwrap();
    assert!(!server.socket.parent().unwrap().exists());
    endless.abort();
}

#[tokio::test]
async fn shutdown_waits_for_running_calls() {
    let server = TestServer::with_tls();
    let mut client = configured_client(channel(&server).await).await;
    let waiting = tokio::spawn(async move { client.apply_resource_change(apply(CANCELLABLE)).await });
    server.calls.started.acquire().await.unwrap().forget();
    // As for SIGTERM, with the cancellation a moment later.
    server.shutdown.begin_within(Duration::from_secs(60));
    tokio::time::sleep(SHORT_WAIT).await;
    assert!(!server.task.is_finished());
    server.stop.stop();
    assert_eq!(waiting.await.unwrap().unwrap().into_inner().private, b"partial");
    server.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn shutdown_waits_for_an_apply_whose_client_has_hung_up() {
    let mut server = TestServer::with_tls();
    let mut client = configured_client(channel(&server).await).await;
    let waiting = tokio::spawn(async move { client.apply_resource_change(apply(CANCELLABLE)).await });
    server.calls.started.acquire().await.unwrap().forget();
    waiting.abort();
    server.shutdown.begin_within(Duration::from_secs(60));
    assert!(timeout(SHORT_WAIT, &mut server.task).await.is_err());
    server.stop.stop();
    timeout(TIMEOUT, server.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn services_respond_without_tls() {
    let server = TestServer::without_tls();
    assert_eq!(
        health_of(channel(&server).await, "plugin").await.unwrap(),
        ServingStatus::Serving
    );
}
