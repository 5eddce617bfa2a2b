//! The call that makes a state of ours out of another resource's.

use super::answer::Handled;
use super::{from_proto, to_proto};
use crate::diagnostic::Diagnostic;
use crate::job;
use crate::job::moved::{self, Moved};
use crate::job::schema::SCHEMA;
use terraform_plugin::proto::tfplugin6 as tf;

pub(super) fn moved(request: tf::move_resource_state::Request) -> Handled<tf::move_resource_state::Response> {
    // Such as OpenTofu before 1.12.5 does it with a job that gets a count or an index.
    let is_ours = request.source_type_name == job::TYPE_NAME;
    let private = if is_ours {
        request.source_private.clone()
    } else {
        Vec::new()
    };
    let moved = taken(request, is_ours)?;
    Ok(tf::move_resource_state::Response {
        target_state: Some(to_proto::value(&moved.state)),
        target_identity: to_proto::identity_of(&moved.state),
        target_private: private,
        diagnostics: to_proto::diagnostics(&moved.diagnostics),
    })
}

fn taken(request: tf::move_resource_state::Request, is_ours: bool) -> Result<Moved, Diagnostic> {
    from_proto::known_type(&request.target_type_name)?;
    if is_ours {
        let state = from_proto::state(&SCHEMA, request.source_state)?;
        return Ok(Moved {
            state,
            diagnostics: Vec::new(),
        });
    }
    moved::accept(&request.source_provider_address, &request.source_type_name)?;
    moved::moved(&request.source_state.unwrap_or_default().json)
}
