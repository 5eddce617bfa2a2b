//! The resource `facets_gpu_cloudrun_job_execution`.
//!
//! A creation runs the job. An update never does: it stores what only Terraform uses.

#[allow(clippy::disallowed_methods, reason = "calls the API")]
mod crud;
pub mod identity;
mod import;
mod plan;
pub mod private_state;
pub mod schema;
mod validate;

use super::limits::expiring_token;
use crate::provider::ProviderData;
pub(super) use crud::read_context;
use private_state::PrivateState;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::{ImportRequest, Plan, PlanRequest, StateResponse, UpdateRequest};
use terraform_plugin::schema::Schema;
use terraform_plugin::value::Value;
use terraform_plugin::{Context, Resource, async_trait};

/// The type name in a configuration.
pub const TYPE_NAME: &str = "facets_gpu_cloudrun_job_execution";

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct CloudRunJobExecution;

#[async_trait]
impl Resource<ProviderData> for CloudRunJobExecution {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &schema::SCHEMA
    }

    fn identity_schema(&self) -> Option<&Schema> {
        Some(&identity::SCHEMA)
    }

    fn identity(&self, state: &Value) -> Option<Value> {
        identity::of(state)
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        validate::validate(config)
    }

    fn plan(&self, data: &ProviderData, request: &PlanRequest<'_>) -> Plan {
        let mut plan = plan::plan(request, &data.defaults);
        let timeout = plan::timeout_of_run(request.prior, &plan);
        if let (Ok(client), Some(timeout)) = (data.client(), timeout) {
            plan.diagnostics.extend(expiring_token(client, timeout));
        }
        plan
    }

    async fn read(&self, context: &Context<ProviderData>, state: &Value, private: &[u8]) -> StateResponse {
        let private = PrivateState::read(private);
        crud::read(&context.data, state, private, &context.cancellation).await
    }

    async fn create(&self, context: &Context<ProviderData>, planned: &Value) -> StateResponse {
        crud::create(&context.data, planned, &context.cancellation).await
    }

    async fn update(&self, _context: &Context<ProviderData>, request: &UpdateRequest<'_>) -> StateResponse {
        let private = PrivateState::read(request.private);
        let applied = PrivateState {
            imported: false,
            ..private.clone()
        };
        StateResponse {
            private: private.imported.then(|| applied.to_bytes()),
            ..StateResponse::new(request.planned.clone())
        }
    }

    async fn delete(&self, context: &Context<ProviderData>, prior: &Value) -> StateResponse {
        crud::delete(&context.data, prior, &context.cancellation).await
    }

    async fn import(
        &self,
        context: &Context<ProviderData>,
        request: &ImportRequest<'_>,
    ) -> Result<StateResponse, Vec<Diagnostic>> {
        import::import(&context.data, request, &context.cancellation).await
    }
}
