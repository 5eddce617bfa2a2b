//! Actions, for `action` blocks and `terraform apply -invoke` (Terraform 1.14).

use async_trait::async_trait;
use tokio::sync::mpsc::Sender;
use tracing::debug;

use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::schema::Schema;
use crate::value::Value;

/// An action: what Terraform runs, and keeps no state of.
#[async_trait]
pub trait Action<D: Send + Sync + 'static>: Send + Sync {
    /// The type in a configuration, such as `example_file_copy`.
    fn type_name(&self) -> &'static str;

    /// The schema. Every attribute is required or optional: without a state there are no computed values, and
    /// [`Action::invoke`] applies the defaults.
    fn schema(&self) -> &Schema;

    /// Errors and warnings about a configuration, of which parts may be unknown. Pure. The server validates again at plan and
    /// at invocation, when more is known. Terraform shows no source line then, so each text must name its attribute, as
    /// [`InvalidValue`](crate::diagnostic::InvalidValue) does.
    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let _ = config;
        Vec::new()
    }

    /// Errors and warnings about a planned invocation with a valid configuration, of which parts may be unknown. Must not call
    /// an API. `data` is `None` while the provider is not configured.
    fn plan(&self, data: Option<&D>, config: &Value) -> Vec<Diagnostic> {
        let _ = (data, config);
        Vec::new()
    }

    /// Runs the action and returns errors and warnings about its outcome.
    ///
    /// It runs in a task of its own: a client that hangs up or reads slowly neither cancels nor delays it. After a cancellation
    /// Terraform waits for it, so it must return soon, with an error that names what goes on.
    async fn invoke(&self, context: &Context<D>, config: &Value, progress: &Progress) -> Vec<Diagnostic>;
}

/// Sends progress messages of a running action to Terraform, which prints them.
///
/// Terraform 1.14 to 1.15.9 crashes when it reads a progress message after Ctrl-C. The server sends none after
/// `StopProvider`, but cannot take back those on their way: send few.
#[derive(Debug)]
pub struct Progress(Sender<String>);

impl Progress {
    /// Sends a message without waiting. It is dropped when Terraform has hung up, is about to stop, or reads too slowly.
    pub fn send(&self, message: impl Into<String>) {
        let message = message.into();
        debug!(action_progress = message, "action has made progress");
        // Fails when the queue is full or closed, which must not affect the action.
        let _ = self.0.try_send(message);
    }
}

/// For tests of an action. The server makes one for each call.
impl From<Sender<String>> for Progress {
    fn from(sender: Sender<String>) -> Progress {
        Progress(sender)
    }
}
