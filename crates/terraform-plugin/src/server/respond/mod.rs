//! Wraps each call: a span for the log, and a response in any case.

use std::pin::Pin;
use std::time::Instant;

use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};
use tracing::{Instrument as _, debug, error, trace};

use super::{RpcResult, Server, encode};
use crate::action::Progress;
use crate::diagnostic::Diagnostic;
use crate::go_plugin::{hclog, panic};
use crate::list_resource::ListEvent;
use crate::proto::tfplugin6 as tf;
use crate::provider::Provider;
use crate::text::quotable;

/// What a handler returns: a response, or why there is none.
pub(super) type Handled<R> = Result<R, Vec<Diagnostic>>;

/// A response with diagnostics.
pub(super) trait WithDiagnostics: Default + Send + 'static {
    /// Its diagnostics.
    fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic>;

    /// The same response with more diagnostics.
    fn with(mut self, diagnostics: &[Diagnostic]) -> Self {
        self.diagnostics().extend(encode::diagnostics(diagnostics));
        self
    }
}

/// A stream of events.
pub(super) type Events<E> = Pin<Box<dyn Stream<Item = Result<E, Status>> + Send>>;

impl<P: Provider> Server<P> {
    /// Runs one call and logs it. A panic becomes a diagnostic, and the process goes on. A client that hangs up cancels the
    /// call.
    pub(super) async fn respond<R: WithDiagnostics>(
        &self,
        rpc: &'static str,
        type_name: &str,
        handler: impl Future<Output = Handled<R>>,
    ) -> RpcResult<R> {
        self.respond_or(R::default(), rpc, type_name, handler).await
    }

    /// Like [`Server::respond`], with the response of a call that fails: one that loses nothing.
    pub(super) async fn respond_or<R: WithDiagnostics>(
        &self,
        fallback: R,
        rpc: &'static str,
        type_name: &str,
        handler: impl Future<Output = Handled<R>>,
    ) -> RpcResult<R> {
        let call = async {
            let start = received();
            let mut response = match panic::catch(handler).await {
                Some(Ok(response)) => response,
                Some(Err(diagnostics)) => fallback.with(&diagnostics),
                // The log has the panic with its backtrace.
                None => fallback.with(&[internal_error(rpc)]),
            };
            self.redact(&mut response);
            served(start);
            response
        };
        Ok(Response::new(call.instrument(span(rpc, type_name)).await))
    }

    /// Like [`Server::respond_or`], in a task of its own: a client that hangs up does not cancel the call.
    pub(super) async fn respond_in_task<R: WithDiagnostics, H>(
        &self,
        fallback: R,
        rpc: &'static str,
        type_name: String,
        handler: impl FnOnce(Server<P>) -> H,
    ) -> RpcResult<R>
    where
        H: Future<Output = Handled<R>> + Send + 'static,
    {
        let (server, handler) = (self.clone(), handler(self.clone()));
        let task = self.spawn(async move { server.respond_or(fallback, rpc, &type_name, handler).await });
        // It fails only with the runtime, when there is no client left.
        task.await.unwrap_or_else(|failure| {
            error!(tf_rpc = rpc, %failure, "call failed");
            Err(Status::internal(internal_error(rpc).detail))
        })
    }

    /// Runs one call that returns a stream, until it has finished or the client hangs up. Errors, and a panic, become the last
    /// event.
    pub(super) fn respond_with_events<H>(
        &self,
        rpc: &'static str,
        type_name: &str,
        handler: impl FnOnce(Server<P>, Sender<ListEvent>) -> H,
    ) -> RpcResult<Events<tf::list_resource::Event>>
    where
        H: Future<Output = Handled<()>> + Send + 'static,
    {
        let (sender, events) = channel(1);
        let handler = handler(self.clone(), sender.clone());
        let call = async move {
            let start = received();
            let failed = tokio::select! {
                finished = panic::catch(handler) => match finished {
                    Some(Ok(())) => None,
                    Some(Err(diagnostics)) => Some(diagnostics),
                    None => Some(vec![internal_error(rpc)]),
                },
                () = sender.closed() => {
                    debug!("client closed the stream");
                    None
                }
            };
            if let Some(diagnostics) = failed {
                // Fails only when the client has hung up.
                let _ = sender.send(ListEvent::Diagnostics(diagnostics)).await;
            }
            served(start);
        };
        let span = span(rpc, type_name);
        tokio::spawn(call.instrument(span.clone()));
        let server = self.clone();
        let events = ReceiverStream::new(events).map(move |event| {
            let mut event = encode::list_event(event);
            span.in_scope(|| server.redact(&mut event));
            Ok(event)
        });
        Ok(Response::new(Box::pin(events)))
    }

    /// Runs an action in a task of its own, to its end. The events are its progress until it ends or `StopProvider` is called,
    /// and then one completed event, whatever happens: Terraform 1.14 to 1.15.9 crashes on any other order.
    pub(super) fn respond_with_progress<H>(
        &self,
        rpc: &'static str,
        type_name: String,
        handler: impl FnOnce(Server<P>, Progress) -> H,
    ) -> RpcResult<Events<tf::invoke_action::Event>>
    where
        H: Future<Output = Handled<tf::invoke_action::event::Completed>> + Send + 'static,
    {
        use tf::invoke_action::event::{Completed, Type};
        let (sender, progress) = channel(MAX_QUEUED_PROGRESS);
        let stop = self.0.stop.token();
        let (server, handler) = (self.clone(), handler(self.clone(), sender.into()));
        let task = self.spawn(async move {
            let completed = server.respond(rpc, &type_name, handler).await;
            completed.map(Response::into_inner)
        });
        let server = self.clone();
        let progress = ReceiverStream::new(progress)
            .map(move |message| {
                Type::Progress(tf::invoke_action::event::Progress {
                    message: server.redacted(&message),
                })
            })
            // Ends the stream before a message that is queued already.
            .take_until(stop.cancelled_owned());
        let completed = stream::once(async move {
            let completed = task.await.unwrap_or_else(|failure| {
                error!(tf_rpc = rpc, %failure, "call failed");
                Ok(Completed::default().with(&[internal_error(rpc)]))
            });
            completed.map(Type::Completed)
        });
        let events = progress
            .map(Ok)
            .chain(completed)
            .map(|event| event.map(|event| tf::invoke_action::Event { r#type: Some(event) }));
        Ok(Response::new(Box::pin(events)))
    }

    /// Removes secrets from the diagnostics of a response, bounds them, and logs them.
    fn redact(&self, response: &mut impl WithDiagnostics) {
        for diagnostic in response.diagnostics() {
            for text in [&mut diagnostic.summary, &mut diagnostic.detail] {
                *text = self.redacted(text);
            }
            debug!(
                diagnostic_severity = diagnostic.severity().as_str_name(),
                diagnostic_summary = diagnostic.summary,
                diagnostic_detail = diagnostic.detail,
                "response has a diagnostic"
            );
        }
    }

    /// Redacted before it is truncated: a part of a secret is not recognized.
    fn redacted(&self, text: &str) -> String {
        quotable(&self.0.redactor.redact(text), MAX_TEXT_LENGTH)
    }
}

/// At level ERROR: a span is dropped where its level is not logged, and every line of the call needs its fields.
fn span(rpc: &'static str, type_name: &str) -> tracing::Span {
    tracing::error_span!(
        target: hclog::SPAN_TARGET,
        "rpc",
        tf_rpc = rpc,
        tf_req_id = %uuid::Uuid::new_v4(),
        tf_resource_type = type_name,
        tf_proto_version = "6"
    )
}

fn received() -> Instant {
    trace!("received request");
    Instant::now()
}

fn served(start: Instant) {
    trace!(
        tf_req_duration_ms = start.elapsed().as_secs_f64() * 1000.0,
        "served request"
    );
}

fn internal_error(rpc: &str) -> Diagnostic {
    Diagnostic::error(
        "Internal provider error",
        format!(
            "An internal error occurred in {rpc}. This is a bug in the provider; please report it with the log that the \
             command writes with TF_LOG=DEBUG."
        ),
    )
}

macro_rules! with_diagnostics {
    ($($module:ident),*) => {
        $(impl WithDiagnostics for tf::$module::Response {
            fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic> {
                &mut self.diagnostics
            }
        })*
    };
}
with_diagnostics!(
    get_functions,
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    validate_provider_config,
    configure_provider,
    validate_resource_config,
    upgrade_resource_state,
    upgrade_resource_identity,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    move_resource_state,
    validate_data_resource_config,
    read_data_source,
    generate_resource_config,
    validate_list_resource_config,
    validate_action_config,
    plan_action
);

impl WithDiagnostics for tf::list_resource::Event {
    fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic> {
        &mut self.diagnostic
    }
}

impl WithDiagnostics for tf::invoke_action::event::Completed {
    fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic> {
        &mut self.diagnostics
    }
}

/// The most progress messages that wait for the client. More are dropped.
const MAX_QUEUED_PROGRESS: usize = 16;
/// The most bytes of a summary, a detail or a progress message.
const MAX_TEXT_LENGTH: usize = 32 << 10;

#[cfg(test)]
mod tests;
