//! A provider whose applies end only as a test determines, served in the test's own process.

use std::{path::PathBuf, sync::Arc};

use rustls::pki_types::CertificateDer;
use terraform_plugin::{
    ConfigureRequest, Context, Provider, ProviderInfo, Resource, Server, async_trait,
    diagnostic::Diagnostic,
    go_plugin::{
        Shutdown, StopSignal, grpc,
        listener::{Address, Listener},
        tls::ServerTls,
    },
    redact::Redactor,
    resource::{StateResponse, UpdateRequest},
    schema::{Attribute, Schema, Type},
    value::Value,
};
use tokio::{sync::Semaphore, task::JoinHandle};

use crate::certificates::{self, Identity};

/// An apply of this resource waits for cancellation.
pub(crate) const CANCELLABLE: &str = "scripted_cancellable";
/// An apply of this resource never returns.
pub(crate) const ENDLESS: &str = "scripted_endless";

/// A running server, which ends with the test.
pub(crate) struct TestServer {
    pub(crate) socket: PathBuf,
    /// None when served without TLS.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    pub(crate) stop: StopSignal,
    pub(crate) shutdown: Shutdown,
    /// One permit for each apply that has started.
    pub(crate) applying: Arc<Semaphore>,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
}

impl TestServer {
    /// Accepts the client certificate that is like Terraform's.
    pub(crate) fn with_tls() -> Self {
        Self::pinned_to(&certificates::terraform())
    }

    pub(crate) fn pinned_to(client: &Identity) -> Self {
        Self::start(Some(ServerTls::pinned_to(client.der()).unwrap()))
    }

    pub(crate) fn without_tls() -> Self {
        Self::start(None)
    }

    fn start(tls: Option<ServerTls>) -> Self {
        let listener = Listener::unix(None).unwrap();
        let Address::Unix(socket) = listener.address().clone() else {
            panic!("no socket")
        };
        let (stop, shutdown) = (StopSignal::permanent(), Shutdown::default());
        let applying = Arc::new(Semaphore::new(0));
        let provider = ScriptedProvider {
            schema: schema(),
            applying: applying.clone(),
        };
        let certificate = tls.as_ref().map(|tls| tls.certificate.clone());
        let task = tokio::spawn(grpc::serve(
            listener,
            tls.map(|tls| tls.config),
            Server::new(provider, stop.clone(), Redactor::default()),
            stop.clone(),
            shutdown.clone(),
        ));
        Self {
            socket,
            certificate,
            stop,
            shutdown,
            applying,
            task,
        }
    }
}

struct ScriptedProvider {
    schema: Schema,
    applying: Arc<Semaphore>,
}

impl Provider for ScriptedProvider {
    type Data = ();

    fn info(&self) -> ProviderInfo {
        ProviderInfo {
            name: "terraform-provider-scripted",
            version: "0.0.0",
            description: "",
            source: "example/scripted",
            log_crates: &[],
        }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn resources(&self) -> Vec<Box<dyn Resource<()>>> {
        let resource = |type_name| ScriptedResource {
            type_name,
            schema: schema(),
            applying: self.applying.clone(),
        };
        vec![Box::new(resource(CANCELLABLE)), Box::new(resource(ENDLESS))]
    }

    fn configure(&self, _: &ConfigureRequest<'_>) -> (Option<()>, Vec<Diagnostic>) {
        (Some(()), Vec::new())
    }
}

struct ScriptedResource {
    type_name: &'static str,
    schema: Schema,
    applying: Arc<Semaphore>,
}

#[async_trait]
impl Resource<()> for ScriptedResource {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn read(&self, _: &Context<()>, state: &Value, _: &[u8]) -> StateResponse {
        StateResponse::new(state.clone())
    }

    async fn create(&self, context: &Context<()>, planned: &Value) -> StateResponse {
        self.applying.add_permits(1);
        match self.type_name {
            CANCELLABLE => context.cancellation.cancelled().await,
            _ => std::future::pending().await,
        }
        StateResponse {
            private: Some(b"partial".to_vec()),
            ..StateResponse::new(planned.clone())
        }
    }

    async fn update(&self, _: &Context<()>, request: &UpdateRequest<'_>) -> StateResponse {
        StateResponse::new(request.planned.clone())
    }

    async fn delete(&self, _: &Context<()>, _: &Value) -> StateResponse {
        StateResponse::default()
    }
}

fn schema() -> Schema {
    Schema::new("", vec![Attribute::new("content", Type::String, "")])
}
