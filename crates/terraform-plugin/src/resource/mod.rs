//! Managed resources.

mod default_plan;

use async_trait::async_trait;

use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::schema::Schema;
use crate::value::{Path, Value};
pub use default_plan::default_plan;

/// A resource: what Terraform creates, reads, updates and deletes.
///
/// Values conform to [`Resource::schema`]: every attribute is present, null where it is not set. The server chooses between
/// create, update and delete, stores the private bytes, and turns a panic into a diagnostic with the prior state.
#[async_trait]
pub trait Resource<D: Send + Sync + 'static>: Send + Sync {
    /// The type in a configuration, such as `example_file`.
    fn type_name(&self) -> &'static str;

    /// The schema.
    fn schema(&self) -> &Schema;

    /// Reads the object of a state. A null state in the response: it no longer exists.
    async fn read(&self, context: &Context<D>, state: &Value, private: &[u8]) -> StateResponse;

    /// Creates the planned object, in which what is not known yet is unknown.
    async fn create(&self, context: &Context<D>, planned: &Value) -> StateResponse;

    /// Changes the object from the prior state to the planned one.
    async fn update(&self, context: &Context<D>, request: &UpdateRequest<'_>) -> StateResponse;

    /// Deletes the object. The response has a null state when it is gone.
    async fn delete(&self, context: &Context<D>, prior: &Value) -> StateResponse;

    /// Errors and warnings about a configuration, of which parts may be unknown. Pure: the result follows from the
    /// configuration alone.
    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Plans a change. Pure: the result follows from the arguments alone. The default is [`default_plan`].
    fn plan(&self, data: &D, request: &PlanRequest<'_>) -> Plan {
        let _ = data;
        default_plan(self.schema(), request)
    }

    /// Checks a plan without errors against a remote API. Returns diagnostics only: the planned values do not depend on it.
    async fn check_plan(
        &self,
        context: &Context<D>,
        request: &PlanRequest<'_>,
        plan: &Plan,
    ) -> Vec<Diagnostic> {
        let _ = (context, request, plan);
        Vec::new()
    }

    /// Reads an object that exists into the state.
    ///
    /// # Errors
    /// When the request names no object, or the object does not exist or cannot be read.
    async fn import(
        &self,
        context: &Context<D>,
        request: &ImportRequest<'_>,
    ) -> Result<StateResponse, Vec<Diagnostic>> {
        let _ = (context, request);
        Err(Diagnostic::error(
            "Import not supported",
            format!("{} does not support import. Remove the import.", self.type_name()),
        )
        .into())
    }

    /// Takes over the state of another resource type, for a `moved` block (Terraform 1.8).
    ///
    /// # Errors
    /// When the other type is not supported, or its state cannot be read.
    fn move_state(&self, request: &MoveRequest<'_>) -> Result<StateResponse, Vec<Diagnostic>> {
        Err(Diagnostic::error(
            "Move not supported",
            format!(
                "{} does not support a move from another resource type, got {}. Remove the moved block.",
                self.type_name(),
                crate::diagnostic::quoted(request.type_name)
            ),
        )
        .into())
    }

    /// The schema of the identity (Terraform 1.12): the attributes that identify an object.
    fn identity_schema(&self) -> Option<&Schema> {
        None
    }

    /// The identity of a stored or planned object; `None` as long as a part of it is unknown. A function of the state alone.
    fn identity(&self, state: &Value) -> Option<Value> {
        let _ = state;
        None
    }
}

/// What to plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// The state; null when the object does not exist.
    pub prior: &'a Value,
    /// The configuration; null when the object is to be destroyed.
    pub config: &'a Value,
    /// The private bytes that were stored with the state.
    pub private: &'a [u8],
}

/// A planned change.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The object after the change; null when it is destroyed. An attribute that only an apply determines is unknown.
    pub planned: Value,
    /// The attributes whose change requires another object.
    pub requires_replace: Vec<Path>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// An update.
#[derive(Clone, Copy, Debug)]
pub struct UpdateRequest<'a> {
    /// The state before.
    pub prior: &'a Value,
    /// The planned state.
    pub planned: &'a Value,
    /// The private bytes that were stored with the state.
    pub private: &'a [u8],
}

/// What to import.
#[derive(Clone, Copy, Debug)]
pub struct ImportRequest<'a> {
    /// The import ID; empty when an identity is given.
    pub id: &'a str,
    /// The identity (Terraform 1.12); null when an ID is given.
    pub identity: &'a Value,
}

/// The state of another resource type.
#[derive(Clone, Copy, Debug)]
pub struct MoveRequest<'a> {
    /// The source address of its provider, such as `registry.terraform.io/hashicorp/google`.
    pub provider_address: &'a str,
    /// Its type, such as `google_cloud_run_v2_job`.
    pub type_name: &'a str,
    /// Its state as JSON.
    pub state: &'a [u8],
}

/// What a call leaves behind. State and diagnostics come together, so that an object which exists is in the state also when
/// a later step failed.
#[derive(Clone, Debug, Default)]
pub struct StateResponse {
    /// The state to store; null when the object does not exist. It must have every attribute of the schema, null where it is
    /// not set, and after an apply no unknown value and each known value of the plan: Terraform reports anything else as a bug.
    pub state: Value,
    /// The private bytes to store with it; `None` keeps those from before.
    pub private: Option<Vec<u8>>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl StateResponse {
    /// A success.
    pub fn new(state: Value) -> StateResponse {
        StateResponse {
            state,
            ..StateResponse::default()
        }
    }

    /// An error, with the state as far as it is known.
    pub fn failed(state: Value, diagnostic: Diagnostic) -> StateResponse {
        StateResponse {
            diagnostics: vec![diagnostic],
            ..StateResponse::new(state)
        }
    }
}
