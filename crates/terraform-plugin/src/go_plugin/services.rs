//! The services that go-plugin expects beside a plugin's own: controller, stdio and broker.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _, stream};
use tonic::{Request, Response, Status, Streaming};

use super::{Shutdown, StopSignal};
use crate::proto::plugin::{
    ConnInfo, Empty, StdioData, grpc_broker_server::GrpcBroker, grpc_controller_server::GrpcController,
    grpc_stdio_server::GrpcStdio,
};

/// Ends the process when Terraform is done with it.
pub(super) struct Controller {
    pub(super) shutdown: Shutdown,
    pub(super) stop: StopSignal,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    /// The answer still goes out: ending lets running calls finish, and this is one.
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        tracing::debug!("Terraform is done with this process");
        self.shutdown.begin();
        self.stop.stop();
        Ok(Response::new(Empty {}))
    }
}

/// Would carry what the provider prints. It prints nothing, so the stream stays open and empty.
pub(super) struct Stdio(pub(super) Shutdown);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = Idle<StdioData>;

    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(idle((), &self.0)))
    }
}

/// Would open side channels. There are none, and what the host says is not read: an echo would make it connect to
/// itself.
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

/// A stream of nothing.
pub(super) type Idle<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Stays open, and keeps the request, until the server ends: the server waits for open calls.
fn idle<T: Send + 'static>(request: impl Send + 'static, shutdown: &Shutdown) -> Idle<T> {
    let shutdown = shutdown.clone();
    let ending = async move {
        let _request = request;
        shutdown.started().await;
    };
    Box::pin(stream::pending().take_until(ending))
}
