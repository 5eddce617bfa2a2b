//! The frame of every call: a span for the log, and an answer whatever happens.

use std::time::Instant;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::StreamExt as _;
use tokio_stream::adapters::Map;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};
use tracing::{Instrument as _, debug, error, trace};

use super::{Answered, Provider, to_proto};
use crate::diagnostic::Diagnostic;
use crate::text::quotable;
use crate::wire::panic;
use terraform_plugin::proto::tfplugin6 as tf;

/// What a handler gives: an answer, or why there is none.
pub(super) type Handled<R> = Result<R, Vec<Diagnostic>>;

/// An answer that can carry diagnostics.
pub(super) trait Answer: Default + Send + 'static {
    /// Its diagnostics.
    fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic>;

    /// The same, with these diagnostics too.
    fn with(mut self, told: &[Diagnostic]) -> Self {
        self.diagnostics().extend(to_proto::diagnostics(told));
        self
    }
}

/// A stream of answers.
pub(super) type Events<E> = Map<ReceiverStream<E>, fn(E) -> Result<E, Status>>;

impl Provider {
    /// Runs one call and logs it; a panic becomes a diagnostic, and the process lives on. A client that hangs up ends it.
    pub(super) async fn answer<R: Answer>(
        &self,
        rpc: &'static str,
        resource: &str,
        work: impl Future<Output = Handled<R>>,
    ) -> Answered<R> {
        self.answer_or(R::default(), rpc, resource, work).await
    }

    /// Like [`Provider::answer`], with an answer to start from when the call fails: one that loses nothing.
    pub(super) async fn answer_or<R: Answer>(
        &self,
        safe: R,
        rpc: &'static str,
        resource: &str,
        work: impl Future<Output = Handled<R>>,
    ) -> Answered<R> {
        let working = async {
            let start = received();
            let mut response = match panic::catch(work).await {
                Some(Ok(response)) => response,
                Some(Err(told)) => safe.with(&told),
                // The log has the panic already, with its backtrace.
                None => safe.with(&[crash(rpc)]),
            };
            self.finish(&mut response);
            served(start);
            response
        };
        Ok(Response::new(working.instrument(span(rpc, resource)).await))
    }

    /// Like [`Provider::answer_or`], in a task of its own: a client that hangs up does not cut a write in half.
    pub(super) async fn finish_or<R: Answer, W>(
        &self,
        safe: R,
        rpc: &'static str,
        resource: String,
        work: impl FnOnce(Provider) -> W,
    ) -> Answered<R>
    where
        W: Future<Output = Handled<R>> + Send + 'static,
    {
        let (this, work) = (self.clone(), work(self.clone()));
        let whole = tokio::spawn(async move { this.answer_or(safe, rpc, &resource, work).await });
        // It fails only with the runtime, when there is no client left.
        whole.await.unwrap_or_else(|failure| {
            error!(tf_rpc = rpc, %failure, "the call did not finish");
            Err(Status::internal(crash(rpc).detail))
        })
    }

    /// Runs one call that answers with a stream, until it is finished or the client hangs up; a panic becomes the last
    /// event.
    pub(super) fn events<E: Answer, W: Future<Output = ()> + Send + 'static>(
        &self,
        rpc: &'static str,
        resource: &str,
        work: impl FnOnce(Provider, Sender<E>) -> W,
    ) -> Answered<Events<E>> {
        let (out, events) = channel(1);
        let work = work(self.clone(), out.clone());
        let working = async move {
            let start = received();
            tokio::select! {
                finished = panic::catch(work) => if finished.is_none() {
                    // A client that has hung up meanwhile need not know.
                    let _ = out.send(E::default().with(&[crash(rpc)])).await;
                },
                () = out.closed() => debug!("the client hung up"),
            }
            served(start);
        };
        tokio::spawn(working.instrument(span(rpc, resource)));
        Ok(Response::new(ReceiverStream::new(events).map(Ok)))
    }

    /// Takes secrets out of what an answer, or a part of one, tells the user, bounds it, and logs it.
    pub(super) fn finish(&self, response: &mut impl Answer) {
        for diagnostic in response.diagnostics() {
            for text in [&mut diagnostic.summary, &mut diagnostic.detail] {
                // Before it is cut: a part of a secret is not known as one.
                *text = quotable(&self.redactor().redact(text), LONGEST_TEXT);
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

/// Of the gravest level: the span names the call in every line below it, whichever levels are asked for.
fn span(rpc: &'static str, resource: &str) -> tracing::Span {
    tracing::error_span!(
        "rpc",
        tf_rpc = rpc,
        tf_req_id = %uuid::Uuid::new_v4(),
        tf_resource_type = resource,
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

fn crash(rpc: &str) -> Diagnostic {
    Diagnostic::whole(
        "The provider met a fault of its own",
        format!(
            "{rpc} must always give an answer, and met a fault in the provider's code instead. Nothing in the \
             configuration is to blame. Run the command again with TF_LOG=DEBUG to see where it happened, and \
             report that together with the configuration."
        ),
    )
}

macro_rules! answers {
    ($($module:ident),*) => {
        $(impl Answer for tf::$module::Response {
            fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic> {
                &mut self.diagnostics
            }
        })*
    };
}
answers!(
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

impl Answer for tf::list_resource::Event {
    fn diagnostics(&mut self) -> &mut Vec<tf::Diagnostic> {
        &mut self.diagnostic
    }
}

/// The most bytes of a message. What a message quotes is bounded where it is quoted, so none should come near this.
const LONGEST_TEXT: usize = 32 << 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::redact::Redactor;
    use crate::wire::StopSignal;

    fn provider() -> Provider {
        Provider::new(StopSignal::permanent(), Redactor::default())
    }

    #[tokio::test]
    async fn a_fault_in_a_handler_is_told_and_the_next_call_goes_on() {
        let response: Response<tf::read_resource::Response> = provider()
            .answer("ReadResource", "t", async { panic!("on purpose") })
            .await
            .unwrap();
        let told = &response.get_ref().diagnostics[0];
        assert_eq!(told.summary, "The provider met a fault of its own");
        assert!(told.detail.starts_with("ReadResource must always give an answer"));
        assert!(
            !told.detail.contains("on purpose"),
            "the log has that, not the user"
        );
        let response: Response<tf::read_resource::Response> = provider()
            .answer("ReadResource", "t", async { Ok(Default::default()) })
            .await
            .unwrap();
        assert!(response.get_ref().diagnostics.is_empty());
    }

    #[tokio::test]
    async fn a_fault_amid_events_is_the_last_of_them() {
        let mut told = provider()
            .events("ListResource", "t", |_, out| async move {
                let first = tf::list_resource::Event {
                    display_name: "n".to_owned(),
                    ..Default::default()
                };
                out.send(first).await.unwrap();
                panic!("on purpose")
            })
            .unwrap()
            .into_inner();
        assert_eq!(told.next().await.unwrap().unwrap().display_name, "n");
        let last = told.next().await.unwrap().unwrap();
        assert_eq!(last.diagnostic[0].summary, "The provider met a fault of its own");
        assert!(last.identity.is_none() && told.next().await.is_none());
    }

    #[tokio::test]
    async fn what_nobody_listens_to_any_longer_ends() {
        struct Ending(Option<tokio::sync::oneshot::Sender<()>>);
        impl Drop for Ending {
            fn drop(&mut self) {
                self.0.take().unwrap().send(()).unwrap();
            }
        }
        let (ending, ended) = tokio::sync::oneshot::channel();
        let ending = Ending(Some(ending));
        let told = provider().events(
            "ListResource",
            "t",
            |_, _: Sender<tf::list_resource::Event>| async move {
                let _ending = ending;
                std::future::pending::<()>().await;
            },
        );
        drop(told);
        tokio::time::timeout(std::time::Duration::from_secs(20), ended)
            .await
            .unwrap()
            .unwrap();
    }

    #[tokio::test]
    async fn a_secret_in_a_message_is_stars() {
        let provider = provider();
        provider.redactor().add("ya29.quoted-by-a-gateway");
        let quoting = Diagnostic::whole(
            "Odd answer",
            "It begins: {\\\"authorization\\\": \\\"Bearer ya29.quoted-by-a-gateway\\\"}",
        );
        let response: Response<tf::read_resource::Response> = provider
            .answer("ReadResource", "t", async { Err(quoting.into()) })
            .await
            .unwrap();
        assert_eq!(
            response.get_ref().diagnostics[0].detail,
            "It begins: {\\\"authorization\\\": \\\"Bearer ***\\\"}"
        );
    }
}
