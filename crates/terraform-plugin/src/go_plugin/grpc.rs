//! The gRPC server: a provider and go-plugin's services on a bound listener, until shutdown.

use std::{io, sync::Arc};

use rustls::ServerConfig;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
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
    tfplugin6::provider_server::{Provider, ProviderServer},
};

/// The largest message either way, in bytes: what HashiCorp's own servers take. tonic's default of 4 MiB would
/// refuse the larger states.
pub const MESSAGE_LIMIT: usize = 256 << 20;

/// How much a client may send before it waits for us, in bytes. Peers are one process on the same machine, so
/// the window guards nothing and small ones only cost round trips.
const WINDOW: u32 = 16 << 20;
/// Users pass `-parallelism=1000`, and each call is a stream.
const STREAMS: u32 = 4096;

/// Serves `provider` on `listener` until `shutdown` begins; without `tls`, as plain HTTP/2.
///
/// Returns after the last running call has been answered, or when its time is up. Whatever still runs then ends
/// with the runtime.
pub async fn serve<P: Provider>(
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    provider: P,
    stop: StopSignal,
    shutdown: Shutdown,
) -> io::Result<()> {
    let (health, health_server) = tonic_health::server::health_reporter();
    // The name under which go-plugin asks for the health of a plugin.
    health.set_service_status("plugin", ServingStatus::Serving).await;
    let (accepted, connections) = mpsc::channel(16);
    let provider = ProviderServer::new(provider)
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let server = Server::builder()
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(STREAMS)
        // Ctrl-C cancels every running call at once. That is no attack, which the low defaults take it for.
        .http2_max_pending_accept_reset_streams(Some(STREAMS as usize))
        .http2_max_local_error_reset_streams(Some(STREAMS as usize))
        .add_service(provider)
        .add_service(GrpcControllerServer::new(Controller {
            shutdown: shutdown.clone(),
            stop,
        }))
        .add_service(GrpcStdioServer::new(Stdio(shutdown.clone())))
        .add_service(GrpcBrokerServer::new(Broker(shutdown.clone())))
        .add_service(health_server)
        .serve_with_incoming_shutdown(ReceiverStream::new(connections), shutdown.started());
    tokio::select! {
        served = server => served.map_err(io::Error::other),
        () = shutdown.deadline_passed() => {
            tracing::warn!("some calls were still running when the time to finish was up");
            Ok(())
        }
        never = async {
            accept(&listener, tls, accepted).await;
            // The server takes no more connections, and still answers on those it has.
            std::future::pending().await
        } => never,
    }
}
