//! Every method of the plugin protocol, each in the same few lines.

use tonic::{Request, Response, Status};
use tracing::debug;

use super::respond::Events;
use super::{RpcResult, Server, action, data_source, identity, list_resource, provider, resource};
use crate::proto::tfplugin6 as tf;
use crate::provider::Provider;

type NoStream<T> = tokio_stream::Empty<Result<T, Status>>;

#[tonic::async_trait]
impl<P: Provider> tf::provider_server::Provider for Server<P> {
    async fn get_metadata(
        &self,
        _: Request<tf::get_metadata::Request>,
    ) -> RpcResult<tf::get_metadata::Response> {
        self.respond("GetMetadata", "", async { Ok(provider::metadata(self)) })
            .await
    }

    async fn get_provider_schema(
        &self,
        _: Request<tf::get_provider_schema::Request>,
    ) -> RpcResult<tf::get_provider_schema::Response> {
        self.respond("GetProviderSchema", "", async { Ok(provider::schema(self)) })
            .await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<tf::get_resource_identity_schemas::Request>,
    ) -> RpcResult<tf::get_resource_identity_schemas::Response> {
        self.respond("GetResourceIdentitySchemas", "", async {
            Ok(identity::schemas(self))
        })
        .await
    }

    async fn validate_provider_config(
        &self,
        request: Request<tf::validate_provider_config::Request>,
    ) -> RpcResult<tf::validate_provider_config::Response> {
        self.respond("ValidateProviderConfig", "", async {
            provider::validate(self, request.into_inner())
        })
        .await
    }

    async fn configure_provider(
        &self,
        request: Request<tf::configure_provider::Request>,
    ) -> RpcResult<tf::configure_provider::Response> {
        self.respond("ConfigureProvider", "", async {
            provider::configure(self, request.into_inner())
        })
        .await
    }

    async fn stop_provider(
        &self,
        _: Request<tf::stop_provider::Request>,
    ) -> RpcResult<tf::stop_provider::Response> {
        debug!(tf_rpc = "StopProvider", "received request");
        self.0.stop.stop();
        Ok(Response::new(Default::default()))
    }

    async fn validate_resource_config(
        &self,
        request: Request<tf::validate_resource_config::Request>,
    ) -> RpcResult<tf::validate_resource_config::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("ValidateResourceConfig", &type_name, async {
            resource::validate(self, request)
        })
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<tf::upgrade_resource_state::Request>,
    ) -> RpcResult<tf::upgrade_resource_state::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("UpgradeResourceState", &type_name, async {
            resource::upgrade_state(self, request)
        })
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<tf::upgrade_resource_identity::Request>,
    ) -> RpcResult<tf::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("UpgradeResourceIdentity", &type_name, async {
            identity::upgrade(self, request)
        })
        .await
    }

    async fn read_resource(
        &self,
        request: Request<tf::read_resource::Request>,
    ) -> RpcResult<tf::read_resource::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        let fallback = tf::read_resource::Response {
            new_state: request.current_state.clone(),
            private: request.private.clone(),
            new_identity: request.current_identity.clone(),
            ..Default::default()
        };
        self.respond_or(
            fallback,
            "ReadResource",
            &type_name,
            resource::read(self, request),
        )
        .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<tf::plan_resource_change::Request>,
    ) -> RpcResult<tf::plan_resource_change::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        let fallback = tf::plan_resource_change::Response {
            planned_state: request.proposed_new_state.clone(),
            planned_private: request.prior_private.clone(),
            planned_identity: request.prior_identity.clone(),
            ..Default::default()
        };
        self.respond_or(
            fallback,
            "PlanResourceChange",
            &type_name,
            resource::plan(self, request),
        )
        .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<tf::apply_resource_change::Request>,
    ) -> RpcResult<tf::apply_resource_change::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        let fallback = tf::apply_resource_change::Response {
            new_state: request.prior_state.clone(),
            private: request.planned_private.clone(),
            ..Default::default()
        };
        self.respond_in_task(fallback, "ApplyResourceChange", type_name, |server| async move {
            resource::apply(&server, request).await
        })
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<tf::import_resource_state::Request>,
    ) -> RpcResult<tf::import_resource_state::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("ImportResourceState", &type_name, resource::import(self, request))
            .await
    }

    async fn move_resource_state(
        &self,
        request: Request<tf::move_resource_state::Request>,
    ) -> RpcResult<tf::move_resource_state::Response> {
        let request = request.into_inner();
        let type_name = request.target_type_name.clone();
        self.respond("MoveResourceState", &type_name, async {
            resource::move_state(self, request)
        })
        .await
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<tf::validate_data_resource_config::Request>,
    ) -> RpcResult<tf::validate_data_resource_config::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("ValidateDataResourceConfig", &type_name, async {
            data_source::validate(self, request)
        })
        .await
    }

    async fn generate_resource_config(
        &self,
        request: Request<tf::generate_resource_config::Request>,
    ) -> RpcResult<tf::generate_resource_config::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("GenerateResourceConfig", &type_name, async {
            resource::generate_config(self, request)
        })
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<tf::read_data_source::Request>,
    ) -> RpcResult<tf::read_data_source::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("ReadDataSource", &type_name, data_source::read(self, request))
            .await
    }

    type ListResourceStream = Events<tf::list_resource::Event>;

    async fn validate_list_resource_config(
        &self,
        request: Request<tf::validate_list_resource_config::Request>,
    ) -> RpcResult<tf::validate_list_resource_config::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("ValidateListResourceConfig", &type_name, async {
            list_resource::validate(self, request)
        })
        .await
    }

    async fn list_resource(
        &self,
        request: Request<tf::list_resource::Request>,
    ) -> RpcResult<Self::ListResourceStream> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond_with_events("ListResource", &type_name, |server, events| async move {
            list_resource::list(&server, request, events).await
        })
    }

    type InvokeActionStream = Events<tf::invoke_action::Event>;

    async fn validate_action_config(
        &self,
        request: Request<tf::validate_action_config::Request>,
    ) -> RpcResult<tf::validate_action_config::Response> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.respond("ValidateActionConfig", &type_name, async {
            action::validate(self, request)
        })
        .await
    }

    async fn plan_action(
        &self,
        request: Request<tf::plan_action::Request>,
    ) -> RpcResult<tf::plan_action::Response> {
        let request = request.into_inner();
        let type_name = request.action_type.clone();
        self.respond("PlanAction", &type_name, async { action::plan(self, request) })
            .await
    }

    async fn invoke_action(
        &self,
        request: Request<tf::invoke_action::Request>,
    ) -> RpcResult<Self::InvokeActionStream> {
        let request = request.into_inner();
        let type_name = request.action_type.clone();
        self.respond_with_progress("InvokeAction", type_name, |server, progress| async move {
            action::invoke(&server, request, progress).await
        })
    }

    async fn get_functions(
        &self,
        _: Request<tf::get_functions::Request>,
    ) -> RpcResult<tf::get_functions::Response> {
        self.respond("GetFunctions", "", async { Ok(Default::default()) })
            .await
    }

    // Terraform never calls the following methods: the schema has nothing of the kind.

    async fn validate_ephemeral_resource_config(
        &self,
        _: Request<tf::validate_ephemeral_resource_config::Request>,
    ) -> RpcResult<tf::validate_ephemeral_resource_config::Response> {
        unsupported("ephemeral resources")
    }

    async fn open_ephemeral_resource(
        &self,
        _: Request<tf::open_ephemeral_resource::Request>,
    ) -> RpcResult<tf::open_ephemeral_resource::Response> {
        unsupported("ephemeral resources")
    }

    async fn renew_ephemeral_resource(
        &self,
        _: Request<tf::renew_ephemeral_resource::Request>,
    ) -> RpcResult<tf::renew_ephemeral_resource::Response> {
        unsupported("ephemeral resources")
    }

    async fn close_ephemeral_resource(
        &self,
        _: Request<tf::close_ephemeral_resource::Request>,
    ) -> RpcResult<tf::close_ephemeral_resource::Response> {
        unsupported("ephemeral resources")
    }

    async fn call_function(
        &self,
        _: Request<tf::call_function::Request>,
    ) -> RpcResult<tf::call_function::Response> {
        unsupported("functions")
    }

    type ReadStateBytesStream = NoStream<tf::read_state_bytes::Response>;

    async fn validate_state_store_config(
        &self,
        _: Request<tf::validate_state_store::Request>,
    ) -> RpcResult<tf::validate_state_store::Response> {
        unsupported("state stores")
    }

    async fn configure_state_store(
        &self,
        _: Request<tf::configure_state_store::Request>,
    ) -> RpcResult<tf::configure_state_store::Response> {
        unsupported("state stores")
    }

    async fn read_state_bytes(
        &self,
        _: Request<tf::read_state_bytes::Request>,
    ) -> RpcResult<Self::ReadStateBytesStream> {
        unsupported("state stores")
    }

    async fn write_state_bytes(
        &self,
        _: Request<tonic::Streaming<tf::write_state_bytes::RequestChunk>>,
    ) -> RpcResult<tf::write_state_bytes::Response> {
        unsupported("state stores")
    }

    async fn lock_state(&self, _: Request<tf::lock_state::Request>) -> RpcResult<tf::lock_state::Response> {
        unsupported("state stores")
    }

    async fn unlock_state(
        &self,
        _: Request<tf::unlock_state::Request>,
    ) -> RpcResult<tf::unlock_state::Response> {
        unsupported("state stores")
    }

    async fn get_states(&self, _: Request<tf::get_states::Request>) -> RpcResult<tf::get_states::Response> {
        unsupported("state stores")
    }

    async fn delete_state(
        &self,
        _: Request<tf::delete_state::Request>,
    ) -> RpcResult<tf::delete_state::Response> {
        unsupported("state stores")
    }
}

fn unsupported<T>(what: &str) -> RpcResult<T> {
    Err(Status::unimplemented(format!(
        "the provider does not support {what}"
    )))
}
