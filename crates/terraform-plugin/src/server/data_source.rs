//! The calls about a data source.

use super::respond::Handled;
use super::{Server, decode, encode, read_only};
use crate::proto::tfplugin6 as tf;
use crate::provider::Provider;

pub(super) fn validate<P: Provider>(
    server: &Server<P>,
    request: tf::validate_data_resource_config::Request,
) -> Handled<tf::validate_data_resource_config::Response> {
    let source = server.data_source(&request.type_name)?;
    let config = decode::value(source.schema(), request.config)?;
    let mut diagnostics = read_only::errors(source.schema(), &config);
    diagnostics.extend(source.validate(&config));
    Ok(tf::validate_data_resource_config::Response {
        diagnostics: encode::diagnostics(&diagnostics),
    })
}

pub(super) async fn read<P: Provider>(
    server: &Server<P>,
    request: tf::read_data_source::Request,
) -> Handled<tf::read_data_source::Response> {
    let source = server.data_source(&request.type_name)?;
    let config = decode::value(source.schema(), request.config)?;
    let state = source.read(&server.context()?, &config).await?;
    Ok(tf::read_data_source::Response {
        state: Some(encode::value(&state)),
        ..Default::default()
    })
}
