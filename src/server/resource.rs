//! The calls about a resource. Each starts from a safe answer and makes it better.
//!
//! What asks Google is boxed: it has kilobytes to remember, and a call is moved from hand to hand with all that it may
//! come to, also when nobody asks.

use std::sync::atomic::Ordering;

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
use crate::value::Value;
use crate::wire::proto::tfplugin6 as tf;

pub(super) fn validate(
    request: tf::validate_resource_config::Request,
) -> tf::validate_resource_config::Response {
    let config =
        from_proto::known_type(&request.type_name).and_then(|()| from_proto::value(&SCHEMA, request.config));
    let told = match config {
        Ok(config) => rules::validate(&Job::read(&config)),
        Err(unreadable) => vec![unreadable],
    };
    tf::validate_resource_config::Response {
        diagnostics: to_proto::diagnostics(&told),
    }
}

pub(super) fn upgrade(request: tf::upgrade_resource_state::Request) -> tf::upgrade_resource_state::Response {
    let state = from_proto::known_type(&request.type_name)
        .and_then(|()| from_proto::state(&SCHEMA, request.raw_state));
    match state {
        Ok(state) => tf::upgrade_resource_state::Response {
            upgraded_state: Some(to_proto::value(&state)),
            ..Default::default()
        },
        Err(unreadable) => tf::upgrade_resource_state::Response {
            diagnostics: vec![to_proto::diagnostic(&unreadable)],
            ..Default::default()
        },
    }
}

pub(super) async fn read(
    this: &Provider,
    request: tf::read_resource::Request,
) -> tf::read_resource::Response {
    let mut response = tf::read_resource::Response {
        new_state: request.current_state.clone(),
        private: request.private,
        new_identity: request.current_identity,
        ..Default::default()
    };
    let state = from_proto::known_type(&request.type_name)
        .and_then(|()| from_proto::value(&SCHEMA, request.current_state));
    let change = match state {
        Ok(state) => {
            let configured = this.configured();
            match configured.client() {
                Ok(client) => {
                    let stop = this.stop().token();
                    let private = Private::read(&response.private);
                    Box::pin(lifecycle::read(client, &state, &private, &stop)).await
                }
                Err(reason) => Change::failed(state, reason.for_reading()),
            }
        }
        Err(unreadable) => {
            response.diagnostics = vec![to_proto::diagnostic(&unreadable)];
            return response;
        }
    };
    response.new_state = Some(to_proto::value(&change.state));
    response.new_identity = to_proto::identity_of(&change.state);
    if let Some(private) = change.private {
        response.private = private.to_bytes();
    }
    response.diagnostics = to_proto::diagnostics(&change.diagnostics);
    response
}

pub(super) async fn plan(
    this: &Provider,
    request: tf::plan_resource_change::Request,
) -> tf::plan_resource_change::Response {
    let mut response = tf::plan_resource_change::Response {
        planned_state: request.proposed_new_state.clone(),
        planned_private: request.prior_private,
        planned_identity: request.prior_identity,
        ..Default::default()
    };
    let values = from_proto::known_type(&request.type_name).and_then(|()| {
        // A destruction is proposed as nothing, whatever the configuration still says. Nothing else of the proposal
        // counts: what is planned follows from the other two.
        let config = match from_proto::is_null(request.proposed_new_state.as_ref()) {
            true => None,
            false => request.config,
        };
        let prior = from_proto::value(&SCHEMA, request.prior_state)?;
        Ok((prior, from_proto::value(&SCHEMA, config)?))
    });
    match values {
        Ok((prior, config)) => {
            let mut plan = planning::plan(&prior, &config, &this.configured().defaults);
            let private = Private::read(&response.planned_private);
            plan.diagnostics.extend(private.warnings(&prior, &plan));
            plan.diagnostics
                .extend(google(this, &prior, &config, &plan, &private).await);
            response.planned_state = Some(to_proto::value(&plan.planned));
            response.planned_identity = to_proto::identity_of(&plan.planned);
            response.requires_replace = plan.replace.iter().map(to_proto::path).collect();
            response.diagnostics = to_proto::diagnostics(&plan.diagnostics);
        }
        Err(unreadable) => response.diagnostics = vec![to_proto::diagnostic(&unreadable)],
    }
    response
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
) -> tf::apply_resource_change::Response {
    let mut response = tf::apply_resource_change::Response {
        new_state: request.prior_state.clone(),
        private: request.planned_private,
        ..Default::default()
    };
    let values = from_proto::known_type(&request.type_name).and_then(|()| {
        let prior = from_proto::value(&SCHEMA, request.prior_state)?;
        Ok((prior, from_proto::value(&SCHEMA, request.planned_state)?))
    });
    let change = match values {
        Ok((prior, planned)) => {
            let private = Private::read(&response.private);
            Box::pin(change(this, prior, planned, &private)).await
        }
        Err(unreadable) => {
            response.diagnostics = vec![to_proto::diagnostic(&unreadable)];
            return response;
        }
    };
    response.new_state = Some(to_proto::value(&change.state));
    response.new_identity = to_proto::identity_of(&change.state);
    if let Some(private) = change.private {
        response.private = private.to_bytes();
    }
    response.diagnostics = to_proto::diagnostics(&change.diagnostics);
    response
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
) -> tf::import_resource_state::Response {
    let configured = this.configured();
    let named = from_proto::known_type(&request.type_name).and_then(|()| {
        let identity = from_proto::identity(request.identity)?;
        identity::imported(&request.id, &identity, &configured.defaults)
    });
    let imported = match (named, configured.client()) {
        (Err(fault), _) => Err(vec![fault]),
        (_, Err(reason)) => Err(vec![reason.for_writing()]),
        (Ok(name), Ok(client)) => {
            let stop = this.stop().token();
            Box::pin(lifecycle::import(client, &name, &configured.defaults, &stop)).await
        }
    };
    match imported {
        Ok(change) => tf::import_resource_state::Response {
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
        },
        Err(told) => tf::import_resource_state::Response {
            diagnostics: to_proto::diagnostics(&told),
            ..Default::default()
        },
    }
}

pub(super) fn generate(
    request: tf::generate_resource_config::Request,
) -> tf::generate_resource_config::Response {
    let written = from_proto::known_type(&request.type_name)
        .and_then(|()| from_proto::value(&SCHEMA, request.state))
        .and_then(|state| generate::configuration(&state));
    match written {
        Ok(config) => tf::generate_resource_config::Response {
            config: Some(to_proto::value(&config)),
            ..Default::default()
        },
        Err(fault) => tf::generate_resource_config::Response {
            diagnostics: vec![to_proto::diagnostic(&fault)],
            ..Default::default()
        },
    }
}
