//! The resource `facets_gpu_cloudrun_job`.
//!
//! Each call of the API has a deadline of its own.

use std::sync::atomic::Ordering;

use super::crud::{self, CheckResult};
use super::model::Job;
use super::private_state::PrivateState;
use super::{TYPE_NAME, identity, import, move_state, plan, schema, validate};
use crate::provider::{ClientUnavailable, ProviderData};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::{
    ImportRequest, MoveRequest, Plan, PlanRequest, StateResponse, UpdateRequest,
};
use terraform_plugin::schema::Schema;
use terraform_plugin::value::Value;
use terraform_plugin::{Context, Resource, async_trait};

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct CloudRunJob;

#[async_trait]
impl Resource<ProviderData> for CloudRunJob {
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
        validate::validate(&Job::read(config))
    }

    fn plan(&self, data: &ProviderData, request: &PlanRequest<'_>) -> Plan {
        let mut plan = plan::plan(request.prior, request.config, &data.defaults);
        let warnings = PrivateState::read(request.private).warnings(request.prior, &plan);
        plan.diagnostics.extend(warnings);
        plan
    }

    /// With `plan_checks = "live"` a planned creation or update is checked. A replacement is planned again as a creation.
    async fn check_plan(
        &self,
        context: &Context<ProviderData>,
        request: &PlanRequest<'_>,
        plan: &Plan,
    ) -> Vec<Diagnostic> {
        let data = &context.data;
        let is_checked = data.live_checks.load(Ordering::Relaxed)
            && !plan.planned.is_wholly_known()
            && plan.requires_replace.is_empty();
        let (true, Ok(client)) = (is_checked, data.client()) else {
            return Vec::new();
        };
        match crud::validate_only(client, request, &plan.planned, &context.cancellation).await {
            CheckResult::Done(diagnostics) => diagnostics,
            CheckResult::Skipped(warning) => vec![warning],
            CheckResult::Unavailable(warning) => {
                // One warning: the plans of other jobs need not wait for the same failure.
                let is_first = data.live_checks.swap(false, Ordering::Relaxed);
                is_first.then_some(warning).into_iter().collect()
            }
        }
    }

    async fn read(&self, context: &Context<ProviderData>, state: &Value, private: &[u8]) -> StateResponse {
        match context.data.client() {
            Ok(client) => {
                let private = PrivateState::read(private);
                crud::read(client, state, &private, &context.cancellation).await
            }
            Err(unavailable) => StateResponse::failed(state.clone(), unavailable.for_reading()),
        }
    }

    async fn create(&self, context: &Context<ProviderData>, planned: &Value) -> StateResponse {
        match context.data.client() {
            Ok(client) => crud::create(client, planned, &context.cancellation).await,
            Err(unavailable) => StateResponse::failed(Value::Null, unavailable.for_writing()),
        }
    }

    async fn update(&self, context: &Context<ProviderData>, request: &UpdateRequest<'_>) -> StateResponse {
        let UpdateRequest {
            prior,
            planned,
            private,
        } = *request;
        match context.data.client() {
            Ok(client) => {
                let private = PrivateState::read(private);
                crud::update(client, prior, planned, &private, &context.cancellation).await
            }
            Err(unavailable) => StateResponse::failed(prior.clone(), unavailable.for_writing()),
        }
    }

    async fn delete(&self, context: &Context<ProviderData>, prior: &Value) -> StateResponse {
        match context.data.client() {
            Ok(client) => crud::delete(client, prior, &context.cancellation).await,
            Err(unavailable) => StateResponse::failed(prior.clone(), unavailable.for_writing()),
        }
    }

    async fn import(
        &self,
        context: &Context<ProviderData>,
        request: &ImportRequest<'_>,
    ) -> Result<StateResponse, Vec<Diagnostic>> {
        let defaults = &context.data.defaults;
        let name = import::job_name(request, defaults)?;
        let client = context.data.client().map_err(ClientUnavailable::for_writing)?;
        import::import(client, &name, defaults, &context.cancellation).await
    }

    fn move_state(&self, request: &MoveRequest<'_>) -> Result<StateResponse, Vec<Diagnostic>> {
        Ok(move_state::move_state(request)?)
    }
}
