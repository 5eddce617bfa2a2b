//! The calls about the provider as a whole.

use super::answer::Handled;
use super::data_source::DataSource;
use super::{Provider, from_proto, to_proto};
use crate::job;
use crate::provider::{self, Configured};
use terraform_plugin::proto::tfplugin6 as tf;

/// What this server can do beyond what every one must: it plans deletions too, no call of it relies on an earlier
/// request for the schema, it takes jobs over from another resource, and it writes the configuration of what was found
/// or imported.
const CAPABILITIES: tf::ServerCapabilities = tf::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

pub(super) fn metadata() -> tf::get_metadata::Response {
    tf::get_metadata::Response {
        server_capabilities: Some(CAPABILITIES),
        resources: vec![tf::get_metadata::ResourceMetadata {
            type_name: job::TYPE_NAME.to_owned(),
        }],
        data_sources: DataSource::ALL
            .map(|source| tf::get_metadata::DataSourceMetadata {
                type_name: source.type_name().to_owned(),
            })
            .into(),
        list_resources: vec![tf::get_metadata::ListResourceMetadata {
            type_name: job::TYPE_NAME.to_owned(),
        }],
        ..Default::default()
    }
}

pub(super) fn schema() -> tf::get_provider_schema::Response {
    let resources = [(job::TYPE_NAME.to_owned(), to_proto::schema(&job::schema::SCHEMA))];
    let lists = [(job::TYPE_NAME.to_owned(), to_proto::schema(&job::listing::SCHEMA))];
    tf::get_provider_schema::Response {
        server_capabilities: Some(CAPABILITIES),
        provider: Some(to_proto::schema(&provider::SCHEMA)),
        resource_schemas: resources.into(),
        data_source_schemas: DataSource::ALL
            .map(|source| (source.type_name().to_owned(), to_proto::schema(source.schema())))
            .into(),
        list_resource_schemas: lists.into(),
        ..Default::default()
    }
}

pub(super) fn validate(
    this: &Provider,
    request: tf::validate_provider_config::Request,
) -> Handled<tf::validate_provider_config::Response> {
    let config = from_proto::value(&provider::SCHEMA, request.config)?;
    Ok(tf::validate_provider_config::Response {
        diagnostics: to_proto::diagnostics(&provider::validate(&config, this.redactor())),
    })
}

/// Terraform configures a provider several times a command, at plan with values not known yet: nothing is
/// fetched here. In a process that outlives a command, it also takes back an earlier stop.
pub(super) fn configure(
    this: &Provider,
    request: tf::configure_provider::Request,
) -> Handled<tf::configure_provider::Response> {
    this.stop().reset();
    let config = from_proto::value(&provider::SCHEMA, request.config)?;
    let variable = |name: &str| {
        // One that is not UTF-8 is set all the same, and is refused where it cannot be read.
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    };
    let (configured, told) = Configured::new(&config, &request.terraform_version, &variable, this.redactor());
    this.configure(configured);
    Ok(tf::configure_provider::Response {
        diagnostics: to_proto::diagnostics(&told),
    })
}
