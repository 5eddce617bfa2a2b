//! The gRPC server: a provider and go-plugin's services on a bound listener, until shutdown.

use std::{io, sync::Arc};

use rustls::ServerConfig;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport;
use tonic_health::ServingStatus;

use super::{
    Shutdown, StopSignal,
    accept::accept,
    listener::Listener,
    services::{Broker, Controller, Stdio},
};
use crate::proto::{
    plugin::{
        grpc_broker_server::GrpcBrokerServer, grpc_controller_server::GrpcControllerServer,
        grpc_stdio_server::GrpcStdioServer,
    },
    tfplugin6::provider_server::ProviderServer,
};
use crate::provider::Provider;
use crate::server::Server;

/// The largest message in either direction, in bytes, as in HashiCorp's servers. tonic's default of 4 MiB is too small for
/// large states.
pub const MAX_MESSAGE_SIZE: usize = 256 << 20;

/// The flow-control window, in bytes. The client is a process on the same machine: a small window only costs round trips.
const WINDOW_SIZE: u32 = 16 << 20;
/// The most concurrent calls: users pass `-parallelism=1000`.
const MAX_CONCURRENT_CALLS: u32 = 4096;

/// Serves `provider` on `listener` until `shutdown` begins; without `tls`, as plain HTTP/2.
///
/// Returns after the last running call, also of a client that has hung up, or at the deadline of the shutdown. Calls that
/// still run then end with the runtime.
///
/// # Errors
/// When the server fails.
pub async fn serve<P: Provider>(
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    provider: Server<P>,
    stop: StopSignal,
    shutdown: Shutdown,
) -> io::Result<()> {
    let (health, health_server) = tonic_health::server::health_reporter();
    // The service name in go-plugin's health checks.
    health.set_service_status("plugin", ServingStatus::Serving).await;
    let (accepted, connections) = mpsc::channel(16);
    let service = ProviderServer::new(provider.clone())
        .max_decoding_message_size(MAX_MESSAGE_SIZE)
        .max_encoding_message_size(MAX_MESSAGE_SIZE);
    let server = transport::Server::builder()
        .initial_stream_window_size(WINDOW_SIZE)
        .initial_connection_window_size(WINDOW_SIZE)
        .max_concurrent_streams(MAX_CONCURRENT_CALLS)
        // Ctrl-C cancels all running calls at once, which the defaults treat as an attack.
        .http2_max_pending_accept_reset_streams(Some(MAX_CONCURRENT_CALLS as usize))
        .http2_max_local_error_reset_streams(Some(MAX_CONCURRENT_CALLS as usize))
        .add_service(service)
        .add_service(GrpcControllerServer::new(Controller {
            shutdown: shutdown.clone(),
            stop,
        }))
        .add_service(GrpcStdioServer::new(Stdio(shutdown.clone())))
        .add_service(GrpcBrokerServer::new(Broker(shutdown.clone())))
        .add_service(health_server)
        .serve_with_incoming_shutdown(ReceiverStream::new(connections), shutdown.started());
    let served = async {
        server.await.map_err(io::Error::other)?;
        // Those whose client has hung up have no connection left.
        provider.tasks_finished().await;
        Ok(())
    };
    tokio::select! {
        served = served => served,
        () = shutdown.deadline_passed() => {
            tracing::warn!("shutdown deadline exceeded: some calls are still running");
            Ok(())
        }
        unreachable = async {
            accept(&listener, tls, accepted).await;
            // No new connections; the server still responds on those it has.
            std::future::pending().await
        } => unreachable,
    }
}
