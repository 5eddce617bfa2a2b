//! The calls about a resource.
//!
//! What asks Google is boxed: it has kilobytes to remember, and a call is moved from hand to hand with all that it may
//! come to, also when nobody asks.

use std::sync::atomic::Ordering;

use super::answer::Handled;
use super::{Provider, from_proto, to_proto};
use crate::diagnostic::Diagnostic;
use crate::job::generate;
use crate::job::identity;
use crate::job::lifecycle::{self, Answer, Change};
use crate::job::model::Job;
use crate::job::plan::{self as planning, Plan};
use crate::job::private::Private;
use crate::job::schema::SCHEMA;
use crate::job::validate as rules;
use crate::provider::NoClient;
use crate::value::Value;
use terraform_plugin::proto::tfplugin6 as tf;

pub(super) fn validate(
    request: tf::validate_resource_config::Request,
) -> Handled<tf::validate_resource_config::Response> {
    from_proto::known_type(&request.type_name)?;
    let config = from_proto::value(&SCHEMA, request.config)?;
    Ok(tf::validate_resource_config::Response {
        diagnostics: to_proto::diagnostics(&rules::validate(&Job::read(&config))),
    })
}

pub(super) fn upgrade(
    request: tf::upgrade_resource_state::Request,
) -> Handled<tf::upgrade_resource_state::Response> {
    from_proto::known_type(&request.type_name)?;
    let state = from_proto::state(&SCHEMA, request.raw_state)?;
    Ok(tf::upgrade_resource_state::Response {
        upgraded_state: Some(to_proto::value(&state)),
        ..Default::default()
    })
}

pub(super) async fn read(
    this: &Provider,
    request: tf::read_resource::Request,
) -> Handled<tf::read_resource::Response> {
    from_proto::known_type(&request.type_name)?;
    let state = from_proto::value(&SCHEMA, request.current_state)?;
    let configured = this.configured();
    let change = match configured.client() {
        Ok(client) => {
            let stop = this.stop().token();
            let private = Private::read(&request.private);
            Box::pin(lifecycle::read(client, &state, &private, &stop)).await
        }
        Err(reason) => Change::failed(state, reason.for_reading()),
    };
    Ok(tf::read_resource::Response {
        new_state: Some(to_proto::value(&change.state)),
        new_identity: to_proto::identity_of(&change.state),
        private: change
            .private
            .map_or(request.private, |private| private.to_bytes()),
        diagnostics: to_proto::diagnostics(&change.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn plan(
    this: &Provider,
    request: tf::plan_resource_change::Request,
) -> Handled<tf::plan_resource_change::Response> {
    from_proto::known_type(&request.type_name)?;
    // A destruction is proposed as nothing, whatever the configuration still says. Nothing else of the proposal
    // counts: what is planned follows from the other two.
    let config = match from_proto::is_null(request.proposed_new_state.as_ref()) {
        true => None,
        false => request.config,
    };
    let prior = from_proto::value(&SCHEMA, request.prior_state)?;
    let config = from_proto::value(&SCHEMA, config)?;
    let mut plan = planning::plan(&prior, &config, &this.configured().defaults);
    let private = Private::read(&request.prior_private);
    plan.diagnostics.extend(private.warnings(&prior, &plan));
    plan.diagnostics
        .extend(google(this, &prior, &config, &plan, &private).await);
    Ok(tf::plan_resource_change::Response {
        planned_state: Some(to_proto::value(&plan.planned)),
        planned_identity: to_proto::identity_of(&plan.planned),
        planned_private: request.prior_private,
        requires_replace: plan.replace.iter().map(to_proto::path).collect(),
        diagnostics: to_proto::diagnostics(&plan.diagnostics),
        ..Default::default()
    })
}

/// What Google says to a plan, where it is asked: a plan that is good so far, and would create or change a job. One
/// that replaces a job comes back as a creation.
async fn google(
    this: &Provider,
    prior: &Value,
    config: &Value,
    plan: &Plan,
    private: &Private,
) -> Vec<Diagnostic> {
    let configured = this.configured();
    let asked = configured.asks_google.load(Ordering::Relaxed)
        && !plan.planned.is_wholly_known()
        && plan.replace.is_empty()
        && !plan.diagnostics.iter().any(Diagnostic::is_error);
    let (true, Ok(client)) = (asked, configured.client()) else {
        return Vec::new();
    };
    let stop = this.stop().token();
    let asking = lifecycle::ask(client, prior, config, &plan.planned, private, &stop);
    match Box::pin(asking).await {
        Answer::Checked(told) => told,
        Answer::NotChecked(why) => vec![why],
        Answer::NobodyThere(why) => {
            // One such job is as good as all: a thousand need not wait for the same silence.
            let first = configured.asks_google.swap(false, Ordering::Relaxed);
            first.then_some(why).into_iter().collect()
        }
    }
}

pub(super) async fn apply(
    this: &Provider,
    request: tf::apply_resource_change::Request,
) -> Handled<tf::apply_resource_change::Response> {
    from_proto::known_type(&request.type_name)?;
    let prior = from_proto::value(&SCHEMA, request.prior_state)?;
    let planned = from_proto::value(&SCHEMA, request.planned_state)?;
    let private = Private::read(&request.planned_private);
    let change = Box::pin(change(this, prior, planned, &private)).await;
    Ok(tf::apply_resource_change::Response {
        new_state: Some(to_proto::value(&change.state)),
        new_identity: to_proto::identity_of(&change.state),
        private: change
            .private
            .map_or(request.planned_private, |private| private.to_bytes()),
        diagnostics: to_proto::diagnostics(&change.diagnostics),
        ..Default::default()
    })
}

/// Creation, update and deletion are told apart here and nowhere else.
async fn change(this: &Provider, prior: Value, planned: Value, private: &Private) -> Change {
    let configured = this.configured();
    let client = match configured.client() {
        Ok(client) => client,
        Err(reason) => return Change::failed(prior, reason.for_writing()),
    };
    let stop = this.stop().token();
    match (prior.is_null(), planned.is_null()) {
        (true, _) => lifecycle::create(client, &planned, &stop).await,
        (false, true) => lifecycle::delete(client, &prior, &stop).await,
        (false, false) => lifecycle::update(client, &prior, &planned, private, &stop).await,
    }
}

pub(super) async fn import(
    this: &Provider,
    request: tf::import_resource_state::Request,
) -> Handled<tf::import_resource_state::Response> {
    let configured = this.configured();
    from_proto::known_type(&request.type_name)?;
    let identity = from_proto::identity(request.identity)?;
    let name = identity::imported(&request.id, &identity, &configured.defaults)?;
    let client = configured.client().map_err(NoClient::for_writing)?;
    let stop = this.stop().token();
    let change = Box::pin(lifecycle::import(client, &name, &configured.defaults, &stop)).await?;
    Ok(tf::import_resource_state::Response {
        imported_resources: vec![tf::import_resource_state::ImportedResource {
            type_name: request.type_name,
            state: Some(to_proto::value(&change.state)),
            identity: to_proto::identity_of(&change.state),
            private: change
                .private
                .map(|private| private.to_bytes())
                .unwrap_or_default(),
        }],
        diagnostics: to_proto::diagnostics(&change.diagnostics),
        ..Default::default()
    })
}

pub(super) fn generate(
    request: tf::generate_resource_config::Request,
) -> Handled<tf::generate_resource_config::Response> {
    from_proto::known_type(&request.type_name)?;
    let state = from_proto::value(&SCHEMA, request.state)?;
    let config = generate::configuration(&state)?;
    Ok(tf::generate_resource_config::Response {
        config: Some(to_proto::value(&config)),
        ..Default::default()
    })
}
