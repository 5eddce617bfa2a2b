//! What is in the state, and what a plan says will become of it.

use facets_gpu::wire::proto::tfplugin6::Diagnostic;
use serde_json::Value;

/// An object of the state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) value: Value,
    /// Which object it is, where that is known: never before Terraform 1.12.
    pub(crate) identity: Option<Value>,
    pub(crate) private: Vec<u8>,
    pub(crate) tainted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Update,
    Replace,
    Delete,
    NoOp,
}

/// What a plan says about the resource.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) action: Action,
    pub(crate) before: Value,
    pub(crate) after: Value,
    /// Which object it will be, where that is known already.
    pub(crate) identity: Option<Value>,
    pub(crate) private: Vec<u8>,
    /// The paths that force a replacement.
    pub(crate) replacing: Vec<String>,
    /// The state as the plan found it, which the apply begins with.
    pub(crate) refreshed: Option<Stored>,
    /// Warnings, in the order in which they were told.
    pub(crate) told: Vec<Diagnostic>,
}
