//! A provider whose applies and actions end only as a test determines, served in the test's own process.

use std::{path::PathBuf, sync::Arc};

use rustls::pki_types::CertificateDer;
use terraform_plugin::{
    Action, ConfigureRequest, Context, Provider, ProviderInfo, Resource, Server,
    action::Progress,
    async_trait,
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

/// An action that does what its attribute `script` has.
pub(crate) const ACTION: &str = "scripted_action";

/// The calls of a scripted provider.
#[derive(Clone)]
pub(crate) struct Calls {
    /// One permit for each apply or action that has started.
    pub(crate) started: Arc<Semaphore>,
    /// One permit for each action that has ended.
    pub(crate) ended: Arc<Semaphore>,
}

/// A scripted provider in this process.
pub(crate) fn server(stop: StopSignal) -> (Server<ScriptedProvider>, Calls) {
    let calls = Calls {
        started: Arc::new(Semaphore::new(0)),
        ended: Arc::new(Semaphore::new(0)),
    };
    let provider = ScriptedProvider {
        schema: schema("content"),
        calls: calls.clone(),
    };
    (Server::new(provider, stop, Redactor::default()), calls)
}

/// A running server, which ends with the test.
pub(crate) struct TestServer {
    pub(crate) socket: PathBuf,
    /// None when served without TLS.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    pub(crate) stop: StopSignal,
    pub(crate) shutdown: Shutdown,
    pub(crate) calls: Calls,
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
        let (server, calls) = server(stop.clone());
        let certificate = tls.as_ref().map(|tls| tls.certificate.clone());
        let task = tokio::spawn(grpc::serve(
            listener,
            tls.map(|tls| tls.config),
            server,
            stop.clone(),
            shutdown.clone(),
        ));
        Self {
            socket,
            certificate,
            stop,
            shutdown,
            calls,
            task,
        }
    }
}

pub(crate) struct ScriptedProvider {
    schema: Schema,
    calls: Calls,
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
            schema: schema("content"),
            calls: self.calls.clone(),
        };
        vec![Box::new(resource(CANCELLABLE)), Box::new(resource(ENDLESS))]
    }

    fn actions(&self) -> Vec<Box<dyn Action<()>>> {
        vec![Box::new(ScriptedAction {
            schema: schema("script"),
            calls: self.calls.clone(),
        })]
    }

    fn configure(&self, _: &ConfigureRequest<'_>) -> (Option<()>, Vec<Diagnostic>) {
        (Some(()), Vec::new())
    }
}

struct ScriptedResource {
    type_name: &'static str,
    schema: Schema,
    calls: Calls,
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
        self.calls.started.add_permits(1);
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

struct ScriptedAction {
    schema: Schema,
    calls: Calls,
}

#[async_trait]
impl Action<()> for ScriptedAction {
    fn type_name(&self) -> &'static str {
        ACTION
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        match config.get("script").as_str() {
            Some("invalid") => Diagnostic::error("Invalid script", "").into(),
            Some("questionable") => Diagnostic::warning("Questionable script", "").into(),
            _ => Vec::new(),
        }
    }

    fn plan(&self, data: Option<&()>, config: &Value) -> Vec<Diagnostic> {
        let (script, configured) = (config.get("script"), data.is_some());
        let detail = format!("unknown: {}, configured: {configured}", script.is_unknown());
        Diagnostic::warning("Planned", detail).into()
    }

    async fn invoke(&self, context: &Context<()>, config: &Value, progress: &Progress) -> Vec<Diagnostic> {
        progress.send("started");
        self.calls.started.add_permits(1);
        let diagnostics = match config.get("script").as_str() {
            Some("fail") => Diagnostic::error("Failed", "").into(),
            Some("panic") => panic!("on purpose"),
            Some("wait") => {
                context.cancellation.cancelled().await;
                progress.send("stopping");
                Diagnostic::error("Stopped", "").into()
            }
            Some("flood") => {
                (0..1000).for_each(|number| progress.send(number.to_string()));
                Vec::new()
            }
            _ => Vec::new(),
        };
        self.calls.ended.add_permits(1);
        diagnostics
    }
}

/// With one optional string.
fn schema(attribute: &'static str) -> Schema {
    Schema::new("", vec![Attribute::new(attribute, Type::String, "")])
}
