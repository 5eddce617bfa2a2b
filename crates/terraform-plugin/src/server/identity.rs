//! The calls about identities (Terraform 1.12).
//!
//! Of the identities in a request only that of an import is read: the state has the same attributes, and the identity of
//! every response is made of its state. Terraform forgets an identity that a response leaves out.

use super::respond::Handled;
use super::{Server, decode, encode};
use crate::diagnostic::Diagnostic;
use crate::proto::tfplugin6 as tf;
use crate::provider::Provider;
use crate::resource::Resource;
use crate::value::Value;

pub(super) fn of<D: Send + Sync + 'static>(
    resource: &dyn Resource<D>,
    state: &Value,
) -> Option<tf::ResourceIdentityData> {
    resource.identity(state).as_ref().map(encode::identity)
}

pub(super) fn schemas<P: Provider>(server: &Server<P>) -> tf::get_resource_identity_schemas::Response {
    let resources = server.0.resources.iter();
    let schemas = resources.filter_map(|resource| {
        let schema = resource.identity_schema()?;
        Some((resource.type_name().to_owned(), encode::identity_schema(schema)))
    });
    tf::get_resource_identity_schemas::Response {
        identity_schemas: schemas.collect(),
        ..Default::default()
    }
}

pub(super) fn upgrade<P: Provider>(
    server: &Server<P>,
    request: tf::upgrade_resource_identity::Request,
) -> Handled<tf::upgrade_resource_identity::Response> {
    let resource = server.resource(&request.type_name)?;
    let schema = resource.identity_schema().ok_or_else(|| {
        Diagnostic::error(
            "Unsupported resource identity",
            format!(
                "The state has an identity of {}, which has none in this version of the provider. Use the version of the \
                 provider that wrote the state, or a newer one.",
                resource.type_name()
            ),
        )
    })?;
    if request.version > schema.version {
        return Err(newer(request.version, schema.version).into());
    }
    let identity = decode::state(schema, request.raw_identity)?;
    Ok(tf::upgrade_resource_identity::Response {
        upgraded_identity: Some(encode::identity(&identity)),
        ..Default::default()
    })
}

fn newer(found: i64, known: i64) -> Diagnostic {
    Diagnostic::error(
        "Unsupported identity version",
        format!(
            "The version of the identity must be at most {known}, got {found}. Use the version of the provider that wrote \
             the state, or a newer one."
        ),
    )
}
