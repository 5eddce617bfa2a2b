//! The calls about a list resource (Terraform 1.14).

use tokio::sync::mpsc::Sender;

use super::respond::Handled;
use super::{Server, decode, encode};
use crate::list_resource::{ListEvent, ListOptions};
use crate::proto::tfplugin6 as tf;
use crate::provider::Provider;

pub(super) fn validate<P: Provider>(
    server: &Server<P>,
    request: tf::validate_list_resource_config::Request,
) -> Handled<tf::validate_list_resource_config::Response> {
    let list = server.list_resource(&request.type_name)?;
    let config = decode::value(list.schema(), request.config)?;
    Ok(tf::validate_list_resource_config::Response {
        diagnostics: encode::diagnostics(&list.validate(&config)),
    })
}

pub(super) async fn list<P: Provider>(
    server: &Server<P>,
    request: tf::list_resource::Request,
    events: Sender<ListEvent>,
) -> Handled<()> {
    let list = server.list_resource(&request.type_name)?;
    let config = decode::value(list.schema(), request.config)?;
    let options = ListOptions {
        // No limit is 0 on the wire.
        limit: usize::try_from(request.limit).ok().filter(|limit| *limit > 0),
        include_resource: request.include_resource_object,
    };
    list.list(&server.context()?, &config, options, events).await
}
