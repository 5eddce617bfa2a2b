//! Wraps each call: a span for the log, and a response in any case.

use std::pin::Pin;
use std::time::Instant;

use futures_util::Stream;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};
use tracing::{Instrument as _, debug, error, trace};

use super::{RpcResult, Server, encode};
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
        let task = tokio::spawn(async move { server.respond_or(fallback, rpc, &type_name, handler).await });
        // It fails only with the runtime, when there is no client left.
        task.await.unwrap_or_else(|failure| {
            error!(tf_rpc = rpc, %failure, "the call did not finish");
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
                    debug!("the client hung up");
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

    /// Removes secrets from the diagnostics of a response, bounds them, and logs them.
    fn redact(&self, response: &mut impl WithDiagnostics) {
        for diagnostic in response.diagnostics() {
            for text in [&mut diagnostic.summary, &mut diagnostic.detail] {
                // Redacted before it is truncated: a part of a secret is not recognized.
                *text = quotable(&self.0.redactor.redact(text), MAX_TEXT_LENGTH);
            }
            debug!(
                diagnostic_severity = diagnostic.severity().as_str_name(),
                diagnostic_summary = diagnostic.summary,
                diagnostic_detail = diagnostic.detail,
                "response has a diagnostic"
            );
        }
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
        "The provider met a fault of its own",
        format!(
            "{rpc} must always give an answer, and met a fault in the provider's code instead. Nothing in the \
             configuration is to blame. Run the command again with TF_LOG=DEBUG to see where it happened, and \
             report that together with the configuration."
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
    validate_list_resource_config
);

impl WithDiagnostics for tf::list_resource::Event {
    fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic> {
        &mut self.diagnostic
    }
}

/// The most bytes of a summary or detail.
const MAX_TEXT_LENGTH: usize = 32 << 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::go_plugin::StopSignal;
    use crate::provider::{ConfigureRequest, ProviderInfo};
    use crate::redact::Redactor;
    use crate::resource::Resource;
    use crate::schema::Schema;

    struct EmptyProvider(Schema);

    impl Provider for EmptyProvider {
        type Data = ();

        fn info(&self) -> ProviderInfo {
            ProviderInfo {
                name: "terraform-provider-empty",
                version: "0.0.0",
                description: "",
                source: "example/empty",
                log_crates: &[],
            }
        }

        fn schema(&self) -> &Schema {
            &self.0
        }

        fn resources(&self) -> Vec<Box<dyn Resource<()>>> {
            Vec::new()
        }

        fn configure(&self, _: &ConfigureRequest<'_>) -> (Option<()>, Vec<Diagnostic>) {
            (Some(()), Vec::new())
        }
    }

    fn server(redactor: Redactor) -> Server<EmptyProvider> {
        let schema = Schema::new("", Vec::new());
        Server::new(EmptyProvider(schema), StopSignal::permanent(), redactor)
    }

    async fn read(
        server: &Server<EmptyProvider>,
        handler: impl Future<Output = Handled<tf::read_resource::Response>>,
    ) -> Vec<tf::Diagnostic> {
        let response = server.respond("ReadResource", "t", handler).await;
        response.unwrap().into_inner().diagnostics
    }

    #[tokio::test]
    async fn panic_becomes_a_diagnostic_and_the_next_call_works() {
        let server = server(Redactor::default());
        let diagnostics = read(&server, async { panic!("on purpose") }).await;
        assert_eq!(diagnostics[0].summary, "The provider met a fault of its own");
        assert!(
            diagnostics[0]
                .detail
                .starts_with("ReadResource must always give an answer")
        );
        assert!(!diagnostics[0].detail.contains("on purpose"), "the log has that");
        assert!(read(&server, async { Ok(Default::default()) }).await.is_empty());
    }

    #[tokio::test]
    async fn panic_in_a_stream_is_its_last_event() {
        let mut events = server(Redactor::default())
            .respond_with_events("ListResource", "t", |_, events| async move {
                let first = ListEvent::Object {
                    identity: Default::default(),
                    display_name: "n".to_owned(),
                    resource: None,
                };
                events.send(first).await.unwrap();
                panic!("on purpose")
            })
            .unwrap()
            .into_inner();
        assert_eq!(events.next().await.unwrap().unwrap().display_name, "n");
        let last = events.next().await.unwrap().unwrap();
        assert_eq!(last.diagnostic[0].summary, "The provider met a fault of its own");
        assert!(last.identity.is_none() && events.next().await.is_none());
    }

    #[tokio::test]
    async fn diagnostics_of_a_stream_are_logged_in_its_span() {
        use std::sync::{Arc, Mutex};
        use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
        use tracing_subscriber::registry::{LookupSpan, Registry};

        /// The name of the span of each event.
        #[derive(Clone, Default)]
        struct Spans(Arc<Mutex<Vec<Option<&'static str>>>>);
        impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
            fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
                let span = context.event_span(event).map(|span| span.name());
                self.0.lock().unwrap().push(span);
            }
        }

        let spans = Spans::default();
        let _guard = tracing::subscriber::set_default(Registry::default().with(spans.clone()));
        let warning = ListEvent::Diagnostics(vec![Diagnostic::warning("w", "")]);
        let events = server(Redactor::default())
            .respond_with_events("ListResource", "t", |_, events| async move {
                events.send(warning).await.unwrap();
                Ok(())
            })
            .unwrap()
            .into_inner();
        assert_eq!(events.collect::<Vec<_>>().await.len(), 1);
        // Received, diagnostic, served.
        assert_eq!(*spans.0.lock().unwrap(), [Some("rpc"); 3]);
    }

    #[tokio::test]
    async fn stream_ends_when_the_client_hangs_up() {
        struct OnDrop(Option<tokio::sync::oneshot::Sender<()>>);
        impl Drop for OnDrop {
            fn drop(&mut self) {
                self.0.take().unwrap().send(()).unwrap();
            }
        }
        let (sender, dropped) = tokio::sync::oneshot::channel();
        let on_drop = OnDrop(Some(sender));
        let events =
            server(Redactor::default()).respond_with_events("ListResource", "t", |_, _| async move {
                let _on_drop = on_drop;
                std::future::pending::<Handled<()>>().await
            });
        drop(events);
        dropped.await.unwrap();
    }

    #[tokio::test]
    async fn secrets_in_diagnostics_are_redacted() {
        let redactor = Redactor::default();
        redactor.add("ya29.quoted-by-a-gateway");
        let quoting = Diagnostic::error(
            "Odd answer",
            "It begins: {\\\"authorization\\\": \\\"Bearer ya29.quoted-by-a-gateway\\\"}",
        );
        let diagnostics = read(&server(redactor), async { Err(quoting.into()) }).await;
        assert_eq!(
            diagnostics[0].detail,
            "It begins: {\\\"authorization\\\": \\\"Bearer ***\\\"}"
        );
    }
}
