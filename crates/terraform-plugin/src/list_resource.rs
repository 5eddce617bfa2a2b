//! List resources, for `terraform query` (Terraform 1.14).

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;

use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::schema::Schema;
use crate::value::Value;

/// A list resource: finds objects of a resource type, also those that Terraform does not manage.
#[async_trait]
pub trait ListResource<D: Send + Sync + 'static>: Send + Sync {
    /// The type of the resource whose objects are listed.
    fn type_name(&self) -> &'static str;

    /// The schema of a query.
    fn schema(&self) -> &Schema;

    /// Errors and warnings about a query, of which parts may be unknown. Pure.
    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Sends what it finds, one event for each object, and returns at the limit or when the receiver is closed: Terraform
    /// stops reading when it has enough.
    ///
    /// # Errors
    /// When nothing can be listed. The server sends the errors as the last event: Terraform reads no further than the first
    /// event with an error.
    async fn list(
        &self,
        context: &Context<D>,
        config: &Value,
        options: ListOptions,
        events: Sender<ListEvent>,
    ) -> Result<(), Vec<Diagnostic>>;
}

/// How much to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOptions {
    /// The most objects; `None`: all.
    pub limit: Option<usize>,
    /// Whether each object comes with its state.
    pub include_resource: bool,
}

/// One event of a list.
#[derive(Clone, Debug)]
pub enum ListEvent {
    /// An object.
    Object {
        /// Its identity, of the resource's identity schema.
        identity: Value,
        /// Its name in the output.
        display_name: String,
        /// Its state, as after an import, if the options request it.
        resource: Option<Value>,
    },
    /// Errors or warnings.
    Diagnostics(Vec<Diagnostic>),
}
