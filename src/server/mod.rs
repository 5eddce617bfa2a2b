//! What Terraform talks to: every method of the plugin protocol, each in the same few lines.
//!
//! A method opens the envelope (`from_proto`), asks the floor below, and closes the envelope
//! (`to_proto`). A panic in a call becomes a diagnostic, and a client that hangs up does not cut a write in half.

mod answer;
mod data_source;
mod from_proto;
mod identity;
mod listing;
mod moving;
mod provider;
mod resource;
mod to_proto;

use std::sync::{Arc, PoisonError, RwLock};
use tonic::{Request, Response, Status};
use tracing::debug;

use crate::provider::Configured;
use crate::redact::Redactor;
use crate::wire::StopSignal;
use answer::Events;
use terraform_plugin::proto::tfplugin6 as tf;

/// The provider, as the plugin server serves it.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    stop: StopSignal,
    redactor: Redactor,
    configured: RwLock<Arc<Configured>>,
}

impl Provider {
    /// A provider that is not configured yet, and ends its waiting when `stop` says so. Credentials that it meets become
    /// known to `redactor`, and no diagnostic has them.
    pub fn new(stop: StopSignal, redactor: Redactor) -> Provider {
        Provider(Arc::new(Inner {
            stop,
            redactor,
            configured: RwLock::default(),
        }))
    }

    fn configured(&self) -> Arc<Configured> {
        self.0
            .configured
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn configure(&self, configured: Configured) {
        *self.0.configured.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(configured);
    }

    fn stop(&self) -> &StopSignal {
        &self.0.stop
    }

    fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }
}

type Answered<T> = Result<Response<T>, Status>;
type Stream<T> = tokio_stream::Empty<Result<T, Status>>;

#[tonic::async_trait]
impl tf::provider_server::Provider for Provider {
    async fn get_metadata(
        &self,
        _: Request<tf::get_metadata::Request>,
    ) -> Answered<tf::get_metadata::Response> {
        self.answer("GetMetadata", "", async { Ok(provider::metadata()) })
            .await
    }

    async fn get_provider_schema(
        &self,
        _: Request<tf::get_provider_schema::Request>,
    ) -> Answered<tf::get_provider_schema::Response> {
        self.answer("GetProviderSchema", "", async { Ok(provider::schema()) })
            .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<tf::get_resource_identity_schemas::Request>,
    ) -> Answered<tf::get_resource_identity_schemas::Response> {
        self.answer("GetResourceIdentitySchemas", "", async {
            Ok(identity::schemas())
        })
        .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<tf::validate_provider_config::Request>,
    ) -> Answered<tf::validate_provider_config::Response> {
        self.answer("ValidateProviderConfig", "", async {
            provider::validate(self, request.into_inner())
        })
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<tf::configure_provider::Request>,
    ) -> Answered<tf::configure_provider::Response> {
        self.answer("ConfigureProvider", "", async {
            provider::configure(self, request.into_inner())
        })
        .await
    }

    async fn stop_provider(
        &self,
        _: Request<tf::stop_provider::Request>,
    ) -> Answered<tf::stop_provider::Response> {
        debug!(tf_rpc = "StopProvider", "asked to stop waiting");
        self.stop().stop();
        Ok(Response::new(Default::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<tf::validate_resource_config::Request>,
    ) -> Answered<tf::validate_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("ValidateResourceConfig", &kind, async {
            resource::validate(request)
        })
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<tf::upgrade_resource_state::Request>,
    ) -> Answered<tf::upgrade_resource_state::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("UpgradeResourceState", &kind, async {
            resource::upgrade(request)
        })
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<tf::upgrade_resource_identity::Request>,
    ) -> Answered<tf::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("UpgradeResourceIdentity", &kind, async {
            identity::upgrade(request)
        })
        .await
    }

    async fn read_resource(
        &self,
        request: Request<tf::read_resource::Request>,
    ) -> Answered<tf::read_resource::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        let safe = tf::read_resource::Response {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..Default::default()
        };
        self.answer_or(safe, "ReadResource", &kind, resource::read(self, request))
            .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<tf::plan_resource_change::Request>,
    ) -> Answered<tf::plan_resource_change::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        let safe = tf::plan_resource_change::Response {
            planned_state: request.proposed_new_state.clone(),
            planned_private: request.prior_private.clone(),
            planned_identity: request.prior_identity.clone(),
            ..Default::default()
        };
        self.answer_or(safe, "PlanResourceChange", &kind, resource::plan(self, request))
            .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<tf::apply_resource_change::Request>,
    ) -> Answered<tf::apply_resource_change::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        let safe = tf::apply_resource_change::Response {
            new_state: request.prior_state.clone(),
            private: request.planned_private.clone(),
            ..Default::default()
        };
        self.finish_or(safe, "ApplyResourceChange", kind, |this| async move {
            resource::apply(&this, request).await
        })
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<tf::import_resource_state::Request>,
    ) -> Answered<tf::import_resource_state::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("ImportResourceState", &kind, resource::import(self, request))
            .await
    }

    async fn move_resource_state(
        &self,
        request: Request<tf::move_resource_state::Request>,
    ) -> Answered<tf::move_resource_state::Response> {
        let request = request.into_inner();
        let kind = request.target_type_name.clone();
        self.answer("MoveResourceState", &kind, async { moving::moved(request) })
            .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<tf::validate_data_resource_config::Request>,
    ) -> Answered<tf::validate_data_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("ValidateDataResourceConfig", &kind, async {
            data_source::validate(request)
        })
        .await
    }

    async fn generate_resource_config(
        &self,
        request: Request<tf::generate_resource_config::Request>,
    ) -> Answered<tf::generate_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("GenerateResourceConfig", &kind, async {
            resource::generate(request)
        })
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<tf::read_data_source::Request>,
    ) -> Answered<tf::read_data_source::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("ReadDataSource", &kind, data_source::read(self, request))
            .await
    }

    type ListResourceStream = Events<tf::list_resource::Event>;

    async fn validate_list_resource_config(
        &self,
        request: Request<tf::validate_list_resource_config::Request>,
    ) -> Answered<tf::validate_list_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.answer("ValidateListResourceConfig", &kind, async {
            listing::validate(request)
        })
        .await
    }

    async fn list_resource(
        &self,
        request: Request<tf::list_resource::Request>,
    ) -> Answered<Self::ListResourceStream> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        self.events("ListResource", &kind, |this, events| async move {
            listing::list(&this, request, &events).await;
        })
    }

    async fn get_functions(
        &self,
        _: Request<tf::get_functions::Request>,
    ) -> Answered<tf::get_functions::Response> {
        self.answer("GetFunctions", "", async { Ok(Default::default()) })
            .await
    }

    // What follows is never called, because the schema declares nothing of the kind.

    async fn validate_ephemeral_resource_config(
        &self,
        _: Request<tf::validate_ephemeral_resource_config::Request>,
    ) -> Answered<tf::validate_ephemeral_resource_config::Response> {
        undeclared("ephemeral resources")
    }

    async fn open_ephemeral_resource(
        &self,
        _: Request<tf::open_ephemeral_resource::Request>,
    ) -> Answered<tf::open_ephemeral_resource::Response> {
        undeclared("ephemeral resources")
    }

    async fn renew_ephemeral_resource(
        &self,
        _: Request<tf::renew_ephemeral_resource::Request>,
    ) -> Answered<tf::renew_ephemeral_resource::Response> {
        undeclared("ephemeral resources")
    }

    async fn close_ephemeral_resource(
        &self,
        _: Request<tf::close_ephemeral_resource::Request>,
    ) -> Answered<tf::close_ephemeral_resource::Response> {
        undeclared("ephemeral resources")
    }

    async fn call_function(
        &self,
        _: Request<tf::call_function::Request>,
    ) -> Answered<tf::call_function::Response> {
        undeclared("functions")
    }

    type InvokeActionStream = Stream<tf::invoke_action::Event>;

    async fn validate_action_config(
        &self,
        _: Request<tf::validate_action_config::Request>,
    ) -> Answered<tf::validate_action_config::Response> {
        undeclared("actions")
    }

    async fn plan_action(&self, _: Request<tf::plan_action::Request>) -> Answered<tf::plan_action::Response> {
        undeclared("actions")
    }

    async fn invoke_action(
        &self,
        _: Request<tf::invoke_action::Request>,
    ) -> Answered<Self::InvokeActionStream> {
        undeclared("actions")
    }

    type ReadStateBytesStream = Stream<tf::read_state_bytes::Response>;

    async fn validate_state_store_config(
        &self,
        _: Request<tf::validate_state_store::Request>,
    ) -> Answered<tf::validate_state_store::Response> {
        undeclared("state stores")
    }

    async fn configure_state_store(
        &self,
        _: Request<tf::configure_state_store::Request>,
    ) -> Answered<tf::configure_state_store::Response> {
        undeclared("state stores")
    }

    async fn read_state_bytes(
        &self,
        _: Request<tf::read_state_bytes::Request>,
    ) -> Answered<Self::ReadStateBytesStream> {
        undeclared("state stores")
    }

    async fn write_state_bytes(
        &self,
        _: Request<tonic::Streaming<tf::write_state_bytes::RequestChunk>>,
    ) -> Answered<tf::write_state_bytes::Response> {
        undeclared("state stores")
    }

    async fn lock_state(&self, _: Request<tf::lock_state::Request>) -> Answered<tf::lock_state::Response> {
        undeclared("state stores")
    }

    async fn unlock_state(
        &self,
        _: Request<tf::unlock_state::Request>,
    ) -> Answered<tf::unlock_state::Response> {
        undeclared("state stores")
    }

    async fn get_states(&self, _: Request<tf::get_states::Request>) -> Answered<tf::get_states::Response> {
        undeclared("state stores")
    }

    async fn delete_state(
        &self,
        _: Request<tf::delete_state::Request>,
    ) -> Answered<tf::delete_state::Response> {
        undeclared("state stores")
    }
}

fn undeclared<T>(what: &str) -> Answered<T> {
    Err(Status::unimplemented(format!(
        "the provider facets-gpu declares no {what}"
    )))
}
