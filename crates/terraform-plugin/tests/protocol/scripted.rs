//! A provider that does as the test says, served in the test's own process.

use std::{path::PathBuf, sync::Arc};

use facets_gpu::wire::{
    Lifetime, StopSignal,
    listener::{Address, Listener},
    proto::tfplugin6::{provider_server::Provider, *},
    serve,
    tls::ServerTls,
};
use rustls::pki_types::CertificateDer;
use tokio::{sync::Semaphore, task::JoinHandle};
use tokio_stream::Empty;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::certificates::{self, Identity};

/// A running server, ended with the test.
pub(crate) struct Served {
    pub(crate) socket: PathBuf,
    /// None when served without TLS.
    pub(crate) certificate: Option<CertificateDer<'static>>,
    pub(crate) stop: StopSignal,
    pub(crate) lifetime: Lifetime,
    /// One permit for each apply that has begun.
    pub(crate) applying: Arc<Semaphore>,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Serves a scripted provider to whoever holds the certificate that is like Terraform's.
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
        let (stop, lifetime, applying) = (
            StopSignal::permanent(),
            Lifetime::default(),
            Arc::new(Semaphore::new(0)),
        );
        let provider = Scripted {
            stop: stop.clone(),
            applying: applying.clone(),
        };
        let certificate = tls.as_ref().map(|tls| tls.certificate.clone());
        let config = tls.map(|tls| tls.config);
        let task = tokio::spawn(serve(listener, config, provider, stop.clone(), lifetime.clone()));
        Self {
            socket,
            certificate,
            stop,
            lifetime,
            applying,
            task,
        }
    }
}

pub(crate) struct Scripted {
    pub(crate) stop: StopSignal,
    pub(crate) applying: Arc<Semaphore>,
}

/// An apply of this type waits until it is told to stop.
pub(crate) const WAITS: &str = "waits_for_stop";
/// An apply of this type never ends.
pub(crate) const HANGS: &str = "hangs";

/// Every method that the scripts do not need.
macro_rules! unimplemented_methods {
    ($($method:ident($request:ty) -> $response:ty;)*) => {
        #[async_trait]
        impl Provider for Scripted {
            type ListResourceStream = Empty<Result<list_resource::Event, Status>>;
            type ReadStateBytesStream = Empty<Result<read_state_bytes::Response, Status>>;
            type InvokeActionStream = Empty<Result<invoke_action::Event, Status>>;

            /// Sends back what it got, so that both directions carry it.
            async fn upgrade_resource_state(
                &self,
                request: Request<upgrade_resource_state::Request>,
            ) -> Result<Response<upgrade_resource_state::Response>, Status> {
                let json = request.into_inner().raw_state.unwrap_or_default().json;
                let upgraded_state = Some(DynamicValue { json, ..DynamicValue::default() });
                Ok(Response::new(upgrade_resource_state::Response { upgraded_state, ..Default::default() }))
            }

            async fn apply_resource_change(
                &self,
                request: Request<apply_resource_change::Request>,
            ) -> Result<Response<apply_resource_change::Response>, Status> {
                let stopped = self.stop.token();
                self.applying.add_permits(1);
                match request.get_ref().type_name.as_str() {
                    WAITS => stopped.cancelled().await,
                    _ => std::future::pending().await,
                }
                let private = b"partial".to_vec();
                Ok(Response::new(apply_resource_change::Response { private, ..Default::default() }))
            }

            async fn stop_provider(
                &self,
                _: Request<stop_provider::Request>,
            ) -> Result<Response<stop_provider::Response>, Status> {
                self.stop.stop();
                Ok(Response::new(stop_provider::Response::default()))
            }

            $(
                async fn $method(&self, _: Request<$request>) -> Result<Response<$response>, Status> {
                    Err(Status::unimplemented(stringify!($method)))
                }
            )*
        }
    };
}

unimplemented_methods! {
    get_metadata(get_metadata::Request) -> get_metadata::Response;
    get_provider_schema(get_provider_schema::Request) -> get_provider_schema::Response;
    get_resource_identity_schemas(get_resource_identity_schemas::Request) -> get_resource_identity_schemas::Response;
    validate_provider_config(validate_provider_config::Request) -> validate_provider_config::Response;
    configure_provider(configure_provider::Request) -> configure_provider::Response;
    validate_resource_config(validate_resource_config::Request) -> validate_resource_config::Response;
    upgrade_resource_identity(upgrade_resource_identity::Request) -> upgrade_resource_identity::Response;
    read_resource(read_resource::Request) -> read_resource::Response;
    plan_resource_change(plan_resource_change::Request) -> plan_resource_change::Response;
    import_resource_state(import_resource_state::Request) -> import_resource_state::Response;
    move_resource_state(move_resource_state::Request) -> move_resource_state::Response;
    generate_resource_config(generate_resource_config::Request) -> generate_resource_config::Response;
    validate_data_resource_config(validate_data_resource_config::Request) -> validate_data_resource_config::Response;
    read_data_source(read_data_source::Request) -> read_data_source::Response;
    validate_ephemeral_resource_config(validate_ephemeral_resource_config::Request)
        -> validate_ephemeral_resource_config::Response;
    open_ephemeral_resource(open_ephemeral_resource::Request) -> open_ephemeral_resource::Response;
    renew_ephemeral_resource(renew_ephemeral_resource::Request) -> renew_ephemeral_resource::Response;
    close_ephemeral_resource(close_ephemeral_resource::Request) -> close_ephemeral_resource::Response;
    get_functions(get_functions::Request) -> get_functions::Response;
    call_function(call_function::Request) -> call_function::Response;
    validate_list_resource_config(validate_list_resource_config::Request) -> validate_list_resource_config::Response;
    list_resource(list_resource::Request) -> Self::ListResourceStream;
    validate_action_config(validate_action_config::Request) -> validate_action_config::Response;
    plan_action(plan_action::Request) -> plan_action::Response;
    invoke_action(invoke_action::Request) -> Self::InvokeActionStream;
    validate_state_store_config(validate_state_store::Request) -> validate_state_store::Response;
    configure_state_store(configure_state_store::Request) -> configure_state_store::Response;
    read_state_bytes(read_state_bytes::Request) -> Self::ReadStateBytesStream;
    write_state_bytes(Streaming<write_state_bytes::RequestChunk>) -> write_state_bytes::Response;
    lock_state(lock_state::Request) -> lock_state::Response;
    unlock_state(unlock_state::Request) -> unlock_state::Response;
    get_states(get_states::Request) -> get_states::Response;
    delete_state(delete_state::Request) -> delete_state::Response;
}
