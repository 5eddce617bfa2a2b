//! The calls about a data source.

use super::answer::Handled;
use super::{Provider, from_proto, to_proto};
use crate::catalogue;
use crate::diagnostic::{Diagnostic, quoted};
use crate::job::{self, data_source, lifecycle};
use crate::provider::NoClient;
use crate::schema::Schema;
use crate::value::Value;
use terraform_plugin::proto::tfplugin6 as tf;

/// A data source of this provider.
#[derive(Clone, Copy)]
pub(super) enum DataSource {
    Job,
    Catalogue,
}

impl DataSource {
    pub(super) const ALL: [DataSource; 2] = [DataSource::Job, DataSource::Catalogue];

    pub(super) fn type_name(self) -> &'static str {
        match self {
            DataSource::Job => job::TYPE_NAME,
            DataSource::Catalogue => catalogue::TYPE_NAME,
        }
    }

    pub(super) fn schema(self) -> &'static Schema {
        match self {
            DataSource::Job => &data_source::SCHEMA,
            DataSource::Catalogue => &catalogue::SCHEMA,
        }
    }

    fn named(type_name: &str) -> Result<DataSource, Diagnostic> {
        let mut all = Self::ALL.into_iter();
        all.find(|source| source.type_name() == type_name).ok_or_else(|| {
            Diagnostic::whole(
                "Unknown data source",
                format!(
                    "This provider has the data sources {}. It was asked for {}.",
                    Self::ALL.map(Self::type_name).join(" and "),
                    quoted(type_name)
                ),
            )
        })
    }
}

pub(super) fn validate(
    request: tf::validate_data_resource_config::Request,
) -> Handled<tf::validate_data_resource_config::Response> {
    let told = match opened(&request.type_name, request.config)? {
        (DataSource::Job, config) => data_source::validate(&config),
        (DataSource::Catalogue, config) => catalogue::validate(&config),
    };
    Ok(tf::validate_data_resource_config::Response {
        diagnostics: to_proto::diagnostics(&told),
    })
}

pub(super) async fn read(
    this: &Provider,
    request: tf::read_data_source::Request,
) -> Handled<tf::read_data_source::Response> {
    let state = match opened(&request.type_name, request.config)? {
        (DataSource::Job, config) => job(this, &config).await?,
        (DataSource::Catalogue, config) => match catalogue::validate(&config) {
            told if told.is_empty() => catalogue::read(&config),
            told => return Err(told),
        },
    };
    Ok(tf::read_data_source::Response {
        state: Some(to_proto::value(&state)),
        ..Default::default()
    })
}

fn opened(type_name: &str, config: Option<tf::DynamicValue>) -> Result<(DataSource, Value), Diagnostic> {
    let source = DataSource::named(type_name)?;
    Ok((source, from_proto::value(source.schema(), config)?))
}

async fn job(this: &Provider, config: &Value) -> Handled<Value> {
    let configured = this.configured();
    let name = data_source::name_of(config, &configured.defaults)?;
    let client = configured.client().map_err(NoClient::for_writing)?;
    let job = lifecycle::find(client, &name, &this.stop().token()).await?;
    Ok(data_source::state(&job))
}
