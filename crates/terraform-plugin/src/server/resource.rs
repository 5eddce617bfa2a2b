//! The calls about a resource.

use super::respond::Handled;
use super::{Server, decode, encode, identity, read_only};
use crate::diagnostic::Diagnostic;
use crate::proto::tfplugin6 as tf;
use crate::provider::Provider;
use crate::resource::{ImportRequest, MoveRequest, PlanRequest, StateResponse, UpdateRequest};

pub(super) fn validate<P: Provider>(
    server: &Server<P>,
    request: tf::validate_resource_config::Request,
) -> Handled<tf::validate_resource_config::Response> {
    let resource = server.resource(&request.type_name)?;
    let config = decode::value(resource.schema(), request.config)?;
    let mut diagnostics = read_only::errors(resource.schema(), &config);
    diagnostics.extend(resource.validate(&config));
    Ok(tf::validate_resource_config::Response {
        diagnostics: encode::diagnostics(&diagnostics),
    })
}

pub(super) fn upgrade_state<P: Provider>(
    server: &Server<P>,
    request: tf::upgrade_resource_state::Request,
) -> Handled<tf::upgrade_resource_state::Response> {
    let resource = server.resource(&request.type_name)?;
    let state = decode::state(resource.schema(), request.raw_state)?;
    Ok(tf::upgrade_resource_state::Response {
        upgraded_state: Some(encode::value(&state)),
        ..Default::default()
    })
}

pub(super) async fn read<P: Provider>(
    server: &Server<P>,
    request: tf::read_resource::Request,
) -> Handled<tf::read_resource::Response> {
    let resource = server.resource(&request.type_name)?;
    let state = decode::value(resource.schema(), request.current_state)?;
    let context = server.context()?;
    let response = resource.read(&context, &state, &request.private).await;
    Ok(tf::read_resource::Response {
        new_state: Some(encode::value(&response.state)),
        new_identity: identity::of(resource, &response.state),
        private: response.private.unwrap_or(request.private),
        diagnostics: encode::diagnostics(&response.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn plan<P: Provider>(
    server: &Server<P>,
    request: tf::plan_resource_change::Request,
) -> Handled<tf::plan_resource_change::Response> {
    let resource = server.resource(&request.type_name)?;
    // A destruction is a null proposal, whatever the configuration has. Of the proposal nothing else is used: the plan
    // follows from prior state and configuration.
    let config = match decode::is_null(request.proposed_new_state.as_ref()) {
        true => None,
        false => request.config,
    };
    let prior = decode::value(resource.schema(), request.prior_state)?;
    let config = decode::value(resource.schema(), config)?;
    let context = server.context()?;
    let change = PlanRequest {
        prior: &prior,
        config: &config,
        private: &request.prior_private,
    };
    let mut plan = resource.plan(&context.data, &change);
    if !plan.diagnostics.iter().any(Diagnostic::is_error) {
        let checked = resource.check_plan(&context, &change, &plan).await;
        plan.diagnostics.extend(checked);
    }
    Ok(tf::plan_resource_change::Response {
        planned_state: Some(encode::value(&plan.planned)),
        planned_identity: identity::of(resource, &plan.planned),
        requires_replace: plan.requires_replace.iter().map(encode::path).collect(),
        diagnostics: encode::diagnostics(&plan.diagnostics),
        planned_private: request.prior_private,
        ..Default::default()
    })
}

/// Chooses between creation, update and deletion; nothing else does.
pub(super) async fn apply<P: Provider>(
    server: &Server<P>,
    request: tf::apply_resource_change::Request,
) -> Handled<tf::apply_resource_change::Response> {
    let resource = server.resource(&request.type_name)?;
    let prior = decode::value(resource.schema(), request.prior_state)?;
    let planned = decode::value(resource.schema(), request.planned_state)?;
    let context = server.context()?;
    let response = match (prior.is_null(), planned.is_null()) {
        (true, _) => resource.create(&context, &planned).await,
        (false, true) => resource.delete(&context, &prior).await,
        (false, false) => {
            let update = UpdateRequest {
                prior: &prior,
                planned: &planned,
                private: &request.planned_private,
            };
            resource.update(&context, &update).await
        }
    };
    Ok(tf::apply_resource_change::Response {
        new_state: Some(encode::value(&response.state)),
        new_identity: identity::of(resource, &response.state),
        private: response.private.unwrap_or(request.planned_private),
        diagnostics: encode::diagnostics(&response.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn import<P: Provider>(
    server: &Server<P>,
    request: tf::import_resource_state::Request,
) -> Handled<tf::import_resource_state::Response> {
    let resource = server.resource(&request.type_name)?;
    let identity = decode::identity(resource.identity_schema(), request.identity)?;
    let context = server.context()?;
    let import = ImportRequest {
        id: &request.id,
        identity: &identity,
    };
    let response = resource.import(&context, &import).await?;
    Ok(tf::import_resource_state::Response {
        imported_resources: vec![tf::import_resource_state::ImportedResource {
            state: Some(encode::value(&response.state)),
            identity: identity::of(resource, &response.state),
            private: response.private.unwrap_or_default(),
            type_name: request.type_name,
        }],
        diagnostics: encode::diagnostics(&response.diagnostics),
        ..Default::default()
    })
}

pub(super) fn move_state<P: Provider>(
    server: &Server<P>,
    request: tf::move_resource_state::Request,
) -> Handled<tf::move_resource_state::Response> {
    let resource = server.resource(&request.target_type_name)?;
    // The address begins with the registry, which may be a mirror.
    let source = request.source_provider_address.split_once('/');
    let is_own = source.is_some_and(|(_, source)| source == server.0.provider.info().source);
    let response = if is_own && request.source_type_name == request.target_type_name {
        // OpenTofu before 1.12.5 calls this for a resource that gets a count or an index.
        StateResponse {
            private: Some(request.source_private),
            ..StateResponse::new(decode::state(resource.schema(), request.source_state)?)
        }
    } else {
        resource.move_state(&MoveRequest {
            provider_address: &request.source_provider_address,
            type_name: &request.source_type_name,
            state: &request.source_state.unwrap_or_default().json,
        })?
    };
    Ok(tf::move_resource_state::Response {
        target_state: Some(encode::value(&response.state)),
        target_identity: identity::of(resource, &response.state),
        target_private: response.private.unwrap_or_default(),
        diagnostics: encode::diagnostics(&response.diagnostics),
    })
}

pub(super) fn generate_config<P: Provider>(
    server: &Server<P>,
    request: tf::generate_resource_config::Request,
) -> Handled<tf::generate_resource_config::Response> {
    let resource = server.resource(&request.type_name)?;
    let state = decode::value(resource.schema(), request.state)?;
    if state.is_null() || !state.is_wholly_known() {
        return Err(Diagnostic::error(
            "Missing state for generated configuration",
            "The state for a generated configuration must be known, got none or an unknown one. Use Terraform 1.14.1 or \
             newer: Terraform 1.14.0 sends no state.",
        )
        .into());
    }
    Ok(tf::generate_resource_config::Response {
        config: Some(encode::value(&resource.schema().config_from_state(&state))),
        ..Default::default()
    })
}
