//! go-plugin's services: controller, stdio and broker.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _, stream};
use tonic::{Request, Response, Status, Streaming};

use super::{Shutdown, StopSignal};
use crate::proto::plugin::{
    ConnInfo, Empty, StdioData, grpc_broker_server::GrpcBroker, grpc_controller_server::GrpcController,
    grpc_stdio_server::GrpcStdio,
};

/// Ends the process on `Shutdown`.
pub(super) struct Controller {
    pub(super) shutdown: Shutdown,
    pub(super) stop: StopSignal,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    /// The response is still sent: a shutdown waits for running calls, such as this one.
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        tracing::debug!("received Shutdown");
        self.shutdown.begin();
        self.stop.stop();
        Ok(Response::new(Empty {}))
    }
}

/// Streams what the provider prints, which is nothing.
pub(super) struct Stdio(pub(super) Shutdown);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = Idle<StdioData>;

    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(idle((), &self.0)))
    }
}

/// Opens side channels, of which there are none. Requests are not read: with an echo, Terraform would connect to itself.
pub(super) struct Broker(pub(super) Shutdown);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = Idle<ConnInfo>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(idle(request, &self.0)))
    }
}

/// A stream without messages.
pub(super) type Idle<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Stays open, and keeps the request, until shutdown.
fn idle<T: Send + 'static>(request: impl Send + 'static, shutdown: &Shutdown) -> Idle<T> {
    let shutdown = shutdown.clone();
    let ending = async move {
        let _request = request;
        shutdown.started().await;
    };
    Box::pin(stream::pending().take_until(ending))
}
