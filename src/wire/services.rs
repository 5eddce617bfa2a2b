//! The services that go-plugin expects beside a plugin's own: controller, stdio, broker, health.

use std::collections::HashMap;

use tokio::sync::mpsc;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

use super::{
    Lifetime, StopSignal,
    proto::{
        health::{
            HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
            health_check_response::ServingStatus, health_server::Health,
        },
        plugin::{
            ConnInfo, Empty, StdioData, grpc_broker_server::GrpcBroker,
            grpc_controller_server::GrpcController, grpc_stdio_server::GrpcStdio,
        },
    },
};

/// The name under which go-plugin asks for the health of a plugin; the empty name is the server as a whole.
const HEALTHY: [&str; 2] = ["", "plugin"];

/// Ends the process when Terraform is done with it.
pub(super) struct Controller {
    pub(super) lifetime: Lifetime,
    pub(super) stop: StopSignal,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    /// The answer still goes out: ending lets running calls finish, and this is one.
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        tracing::debug!("Terraform is done with this process");
        self.lifetime.shut_down();
        self.stop.stop();
        Ok(Response::new(Empty {}))
    }
}

/// Would carry what the provider prints. It prints nothing, so the stream stays open and empty.
pub(super) struct Stdio(pub(super) Lifetime);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = ReceiverStream<Result<StdioData, Status>>;

    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(empty_until(std::future::pending(), &self.0)))
    }
}

/// Would open side channels. There are none, and what the host says is read and forgotten: an echo would make it
/// connect to itself.
pub(super) struct Broker(pub(super) Lifetime);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = ReceiverStream<Result<ConnInfo, Status>>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        let mut said = request.into_inner();
        let host_is_done = async move { while let Some(Ok(_)) = said.next().await {} };
        Ok(Response::new(empty_until(host_is_done, &self.0)))
    }
}

/// Healthy for as long as it answers.
pub(super) struct Healthy(pub(super) Lifetime);

#[tonic::async_trait]
impl Health for Healthy {
    type WatchStream = ReceiverStream<Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match status_of(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("no such service")),
            status => Ok(Response::new(status.into())),
        }
    }

    async fn list(
        &self,
        _request: Request<HealthListRequest>,
    ) -> Result<Response<HealthListResponse>, Status> {
        let statuses = HEALTHY.map(|name| (name.to_owned(), status_of(name).into()));
        Ok(Response::new(HealthListResponse {
            statuses: HashMap::from(statuses),
        }))
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let first = status_of(&request.get_ref().service).into();
        Ok(Response::new(held_open([first], std::future::pending(), &self.0)))
    }
}

fn status_of(service: &str) -> ServingStatus {
    if HEALTHY.contains(&service) {
        ServingStatus::Serving
    } else {
        ServingStatus::ServiceUnknown
    }
}

impl From<ServingStatus> for HealthCheckResponse {
    fn from(status: ServingStatus) -> Self {
        Self {
            status: status.into(),
        }
    }
}

fn empty_until<T: Send + 'static>(
    done: impl Future<Output = ()> + Send + 'static,
    lifetime: &Lifetime,
) -> ReceiverStream<Result<T, Status>> {
    held_open([], done, lifetime)
}

/// A stream of `first` that then stays open until `done`, the end of the server, or the client's leave.
///
/// Streams must not outlast [`Lifetime::ending`]: the server waits for open calls.
fn held_open<T: Send + 'static, const N: usize>(
    first: [T; N],
    done: impl Future<Output = ()> + Send + 'static,
    lifetime: &Lifetime,
) -> ReceiverStream<Result<T, Status>> {
    let (sender, receiver) = mpsc::channel(1);
    let lifetime = lifetime.clone();
    tokio::spawn(async move {
        for message in first {
            let _ = sender.send(Ok(message)).await;
        }
        tokio::select! {
            () = done => {}
            () = lifetime.ending() => {}
            () = sender.closed() => {}
        }
    });
    ReceiverStream::new(receiver)
}
