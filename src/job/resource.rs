//! The traits of `facets_gpu_cloudrun_job`: resource, data source and list resource.
//!
//! What calls the API is boxed by the traits; each call of the API has a deadline of its own.

use std::sync::atomic::Ordering;

use terraform_plugin::list_resource::{ListEvent, ListOptions};
use terraform_plugin::resource::{
    ImportRequest, MoveRequest, Plan, PlanRequest, StateResponse, UpdateRequest,
};
use terraform_plugin::{Context, DataSource, ListResource, Resource, async_trait};
use tokio::sync::mpsc::Sender;

use super::crud::{self, Answer};
use super::model::Job;
use super::private_state::Private;
use super::{TYPE_NAME, data_source, identity, list_resource, move_state, plan, schema, validate};
use crate::provider::{NoClient, ProviderData};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::schema::Schema;
use terraform_plugin::value::Value;

/// `facets_gpu_cloudrun_job`.
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
        let warnings = Private::read(request.private).warnings(request.prior, &plan);
        plan.diagnostics.extend(warnings);
        plan
    }

    /// Where the provider has `plan_checks = "live"`: a plan that would create or change a job is sent to the API with
    /// `validateOnly`. Terraform plans a replacement once more as a creation.
    async fn check_plan(
        &self,
        context: &Context<ProviderData>,
        request: &PlanRequest<'_>,
        plan: &Plan,
    ) -> Vec<Diagnostic> {
        let PlanRequest {
            prior,
            config,
            private,
        } = *request;
        let data = &context.data;
        let is_checked = data.asks_google.load(Ordering::Relaxed)
            && !plan.planned.is_wholly_known()
            && plan.requires_replace.is_empty();
        let (true, Ok(client)) = (is_checked, data.client()) else {
            return Vec::new();
        };
        let private = Private::read(private);
        match crud::ask(
            client,
            prior,
            config,
            &plan.planned,
            &private,
            &context.cancellation,
        )
        .await
        {
            Answer::Checked(diagnostics) => diagnostics,
            Answer::NotChecked(reason) => vec![reason],
            Answer::NobodyThere(reason) => {
                // Reported for one job: a thousand need not wait for the same failure.
                let first = data.asks_google.swap(false, Ordering::Relaxed);
                first.then_some(reason).into_iter().collect()
            }
        }
    }

    async fn read(&self, context: &Context<ProviderData>, state: &Value, private: &[u8]) -> StateResponse {
        match context.data.client() {
            Ok(client) => {
                let private = Private::read(private);
                crud::read(client, state, &private, &context.cancellation).await
            }
            Err(reason) => StateResponse::failed(state.clone(), reason.for_reading()),
        }
    }

    async fn create(&self, context: &Context<ProviderData>, planned: &Value) -> StateResponse {
        match context.data.client() {
            Ok(client) => crud::create(client, planned, &context.cancellation).await,
            Err(reason) => StateResponse::failed(Value::Null, reason.for_writing()),
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
                let private = Private::read(private);
                crud::update(client, prior, planned, &private, &context.cancellation).await
            }
            Err(reason) => StateResponse::failed(prior.clone(), reason.for_writing()),
        }
    }

    async fn delete(&self, context: &Context<ProviderData>, prior: &Value) -> StateResponse {
        match context.data.client() {
            Ok(client) => crud::delete(client, prior, &context.cancellation).await,
            Err(reason) => StateResponse::failed(prior.clone(), reason.for_writing()),
        }
    }

    async fn import(
        &self,
        context: &Context<ProviderData>,
        request: &ImportRequest<'_>,
    ) -> Result<StateResponse, Vec<Diagnostic>> {
        let defaults = &context.data.defaults;
        let name = identity::imported(request.id, request.identity, defaults)?;
        let client = context.data.client().map_err(NoClient::for_writing)?;
        crud::import(client, &name, defaults, &context.cancellation).await
    }

    fn move_state(&self, request: &MoveRequest<'_>) -> Result<StateResponse, Vec<Diagnostic>> {
        move_state::accept(request.provider_address, request.type_name)?;
        Ok(move_state::moved(request.state)?)
    }
}

#[async_trait]
impl DataSource<ProviderData> for CloudRunJob {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &data_source::SCHEMA
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        data_source::validate(config)
    }

    async fn read(&self, context: &Context<ProviderData>, config: &Value) -> Result<Value, Vec<Diagnostic>> {
        let name = data_source::name_of(config, &context.data.defaults)?;
        let client = context.data.client().map_err(NoClient::for_writing)?;
        let job = crud::find(client, &name, &context.cancellation).await?;
        Ok(data_source::state(&job))
    }
}

#[async_trait]
impl ListResource<ProviderData> for CloudRunJob {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &list_resource::SCHEMA
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        list_resource::validate(config)
    }

    async fn list(
        &self,
        context: &Context<ProviderData>,
        config: &Value,
        options: ListOptions,
        events: Sender<ListEvent>,
    ) -> Result<(), Vec<Diagnostic>> {
        let defaults = &context.data.defaults;
        let query = list_resource::asked(config, defaults)?;
        let client = context.data.client().map_err(NoClient::for_writing)?;
        crud::list(client, &query, options, defaults, &context.cancellation, events).await;
        Ok(())
    }
}
