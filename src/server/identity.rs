//! The calls about identities, of Terraform 1.12 and later.
//!
//! What Terraform sends of an identity with other calls than these and an import is not read: the state says the same,
//! and every answer's identity is made of it.

use super::answer::Handled;
use super::{from_proto, to_proto};
use crate::job::{self, identity};
use terraform_plugin::proto::tfplugin6 as tf;

pub(super) fn schemas() -> tf::get_resource_identity_schemas::Response {
    let job = (
        job::TYPE_NAME.to_owned(),
        to_proto::identity_schema(&identity::SCHEMA),
    );
    tf::get_resource_identity_schemas::Response {
        identity_schemas: [job].into(),
        ..Default::default()
    }
}

pub(super) fn upgrade(
    request: tf::upgrade_resource_identity::Request,
) -> Handled<tf::upgrade_resource_identity::Response> {
    from_proto::known_type(&request.type_name)?;
    identity::readable(request.version)?;
    let identity = from_proto::state(&identity::SCHEMA, request.raw_identity)?;
    Ok(tf::upgrade_resource_identity::Response {
        upgraded_identity: Some(to_proto::identity(&identity)),
        ..Default::default()
    })
}
