//! The calls about the provider as a whole.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::respond::Handled;
use super::{Server, action, decode, encode};
use crate::proto::tfplugin6 as tf;
use crate::provider::{ConfigureRequest, Provider};
use crate::schema::Schema;

/// It plans destruction too, no call relies on an earlier request for the schema, a resource may take over the state of
/// another type, and the server generates the configuration of a state.
const CAPABILITIES: tf::ServerCapabilities = tf::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

pub(super) fn metadata<P: Provider>(server: &Server<P>) -> tf::get_metadata::Response {
    let inner = &server.0;
    let resources = inner
        .resources
        .iter()
        .map(|resource| tf::get_metadata::ResourceMetadata {
            type_name: resource.type_name().to_owned(),
        });
    let data_sources = inner
        .data_sources
        .iter()
        .map(|source| tf::get_metadata::DataSourceMetadata {
            type_name: source.type_name().to_owned(),
        });
    let list_resources = inner
        .list_resources
        .iter()
        .map(|list| tf::get_metadata::ListResourceMetadata {
            type_name: list.type_name().to_owned(),
        });
    let actions = inner
        .actions
        .iter()
        .map(|action| tf::get_metadata::ActionMetadata {
            type_name: action.type_name().to_owned(),
        });
    tf::get_metadata::Response {
        server_capabilities: Some(CAPABILITIES),
        resources: resources.collect(),
        data_sources: data_sources.collect(),
        list_resources: list_resources.collect(),
        actions: actions.collect(),
        ..Default::default()
    }
}

pub(super) fn schema<P: Provider>(server: &Server<P>) -> tf::get_provider_schema::Response {
    let inner = &server.0;
    let actions = inner.actions.iter().map(|action| {
        let schema = Some(encode::schema(action.schema()));
        (action.type_name().to_owned(), tf::ActionSchema { schema })
    });
    let errors = inner
        .actions
        .iter()
        .flat_map(|action| action::schema_errors(action.as_ref()));
    tf::get_provider_schema::Response {
        server_capabilities: Some(CAPABILITIES),
        provider: Some(encode::schema(inner.provider.schema())),
        resource_schemas: schemas(
            inner
                .resources
                .iter()
                .map(|item| (item.type_name(), item.schema())),
            encode::resource_schema,
        ),
        data_source_schemas: schemas(
            inner
                .data_sources
                .iter()
                .map(|item| (item.type_name(), item.schema())),
            encode::schema,
        ),
        list_resource_schemas: schemas(
            inner
                .list_resources
                .iter()
                .map(|item| (item.type_name(), item.schema())),
            encode::schema,
        ),
        action_schemas: actions.collect(),
        diagnostics: encode::diagnostics(&errors.collect::<Vec<_>>()),
        ..Default::default()
    }
}

fn schemas<'a>(
    all: impl Iterator<Item = (&'a str, &'a Schema)>,
    encode: fn(&Schema) -> tf::Schema,
) -> HashMap<String, tf::Schema> {
    all.map(|(type_name, schema)| (type_name.to_owned(), encode(schema)))
        .collect()
}

pub(super) fn validate<P: Provider>(
    server: &Server<P>,
    request: tf::validate_provider_config::Request,
) -> Handled<tf::validate_provider_config::Response> {
    let provider = &server.0.provider;
    let config = decode::value(provider.schema(), request.config)?;
    Ok(tf::validate_provider_config::Response {
        diagnostics: encode::diagnostics(&provider.validate(&config)),
    })
}

/// In a process that serves several commands, this also ends an earlier `StopProvider`.
pub(super) fn configure<P: Provider>(
    server: &Server<P>,
    request: tf::configure_provider::Request,
) -> Handled<tf::configure_provider::Response> {
    let inner = &server.0;
    inner.stop.reset();
    let config = decode::value(inner.provider.schema(), request.config)?;
    let (data, diagnostics) = inner.provider.configure(&ConfigureRequest {
        config: &config,
        terraform_version: &request.terraform_version,
    });
    *inner.data.write().unwrap_or_else(PoisonError::into_inner) = data.map(Arc::new);
    Ok(tf::configure_provider::Response {
        diagnostics: encode::diagnostics(&diagnostics),
    })
}
