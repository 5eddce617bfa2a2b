//! The calls about identities, of Terraform 1.12 and later.
//!
//! What Terraform sends of an identity with other calls than these and an import is not read: the state says the same,
//! and every answer's identity is made of it.

use super::{from_proto, to_proto};
use crate::job::{self, identity};
use crate::wire::proto::tfplugin6 as tf;

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
) -> tf::upgrade_resource_identity::Response {
    let stored = from_proto::known_type(&request.type_name)
        .and_then(|()| identity::readable(request.version))
        .and_then(|()| from_proto::state(&identity::SCHEMA, request.raw_identity));
    match stored {
        Ok(identity) => tf::upgrade_resource_identity::Response {
            upgraded_identity: Some(to_proto::identity(&identity)),
            ..Default::default()
        },
        Err(unreadable) => tf::upgrade_resource_identity::Response {
            diagnostics: vec![to_proto::diagnostic(&unreadable)],
            ..Default::default()
        },
    }
}
