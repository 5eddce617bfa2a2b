//! The frame of every call: a span for the log, and an answer whatever happens.

use std::time::Instant;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::StreamExt as _;
use tokio_stream::adapters::Map;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};
use tracing::{Instrument as _, debug, error, trace};

use super::to_proto;
use crate::diagnostic::Diagnostic;
use crate::wire::panic;
use crate::wire::proto::tfplugin6 as tf;

/// An answer that can carry diagnostics.
pub(super) trait Answer: Default + Send + 'static {
    /// The diagnostics, where this kind of answer has them.
    fn diagnostics(&mut self) -> Option<&mut Vec<tf::Diagnostic>>;
}

/// What answers by and by.
pub(super) type Events<E> = Map<ReceiverStream<E>, fn(E) -> Result<E, Status>>;

/// Runs one call and logs it; a panic becomes a diagnostic, and the process lives on. A client that hangs up ends it.
pub(super) async fn answer<R: Answer>(
    rpc: &'static str,
    resource: &str,
    work: impl Future<Output = R> + Send,
) -> Result<Response<R>, Status> {
    answer_or(R::default(), rpc, resource, work).await
}

/// Like [`answer`], with an answer to start from when the call panics: one that loses nothing.
pub(super) async fn answer_or<R: Answer>(
    mut safe: R,
    rpc: &'static str,
    resource: &str,
    work: impl Future<Output = R> + Send,
) -> Result<Response<R>, Status> {
    // The log has a panic already, with its backtrace.
    if let Ok(response) = panic::catch(logged(work)).instrument(span(rpc, resource)).await {
        return Ok(Response::new(response));
    }
    match safe.diagnostics() {
        Some(diagnostics) => diagnostics.push(to_proto::diagnostic(&crash(rpc))),
        None => return Err(Status::internal(crash(rpc).detail)),
    }
    Ok(Response::new(safe))
}

/// Like [`answer_or`], in a task of its own: a client that hangs up does not cut a write in half.
pub(super) async fn finish_or<R: Answer>(
    safe: R,
    rpc: &'static str,
    resource: String,
    work: impl Future<Output = R> + Send + 'static,
) -> Result<Response<R>, Status> {
    let whole = tokio::spawn(async move { answer_or(safe, rpc, &resource, work).await });
    // It fails only with the runtime, when nobody is there to be answered.
    whole.await.unwrap_or_else(|failure| {
        error!(tf_rpc = rpc, %failure, "the call did not finish");
        Err(Status::internal(crash(rpc).detail))
    })
}

/// Runs one call that answers by and by, until it is finished or nobody listens any longer; a panic becomes the last
/// event.
pub(super) fn events<E: Answer, W: Future<Output = ()> + Send + 'static>(
    rpc: &'static str,
    resource: &str,
    work: impl FnOnce(Sender<E>) -> W,
) -> Result<Response<Events<E>>, Status> {
    let (out, events) = channel(1);
    let work = work(out.clone());
    let working = async move {
        let start = Instant::now();
        trace!("received request");
        tokio::select! {
            finished = panic::catch(work) => if finished.is_err() {
                let mut last = E::default();
                if let Some(diagnostics) = last.diagnostics() {
                    diagnostics.push(to_proto::diagnostic(&crash(rpc)));
                }
                // Whoever hung up meanwhile need not know.
                let _ = out.send(last).await;
            },
            () = out.closed() => debug!("nobody listens any longer"),
        }
        trace!(
            tf_req_duration_ms = start.elapsed().as_secs_f64() * 1000.0,
            "served request"
        );
    };
    tokio::spawn(working.instrument(span(rpc, resource)));
    Ok(Response::new(ReceiverStream::new(events).map(Ok)))
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

async fn logged<R: Answer>(work: impl Future<Output = R>) -> R {
    let start = Instant::now();
    trace!("received request");
    let mut response = work.await;
    log(&mut response);
    trace!(
        tf_req_duration_ms = start.elapsed().as_secs_f64() * 1000.0,
        "served request"
    );
    response
}

/// Logs what an answer, or a part of one, tells the user.
pub(super) fn log(response: &mut impl Answer) {
    for diagnostic in response.diagnostics().into_iter().flatten() {
        debug!(
            diagnostic_severity = diagnostic.severity().as_str_name(),
            diagnostic_summary = diagnostic.summary,
            diagnostic_detail = diagnostic.detail,
            "response has a diagnostic"
        );
    }
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
            fn diagnostics(&mut self) -> Option<&mut Vec<tf::Diagnostic>> {
                Some(&mut self.diagnostics)
            }
        })*
    };
}
answers!(
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
    fn diagnostics(&mut self) -> Option<&mut Vec<tf::Diagnostic>> {
        Some(&mut self.diagnostic)
    }
}

impl Answer for tf::stop_provider::Response {
    fn diagnostics(&mut self) -> Option<&mut Vec<tf::Diagnostic>> {
        None
    }
}

impl Answer for tf::get_functions::Response {
    fn diagnostics(&mut self) -> Option<&mut Vec<tf::Diagnostic>> {
        Some(&mut self.diagnostics)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn a_fault_in_a_handler_is_told_and_the_next_call_goes_on() {
        let response: Response<tf::read_resource::Response> =
            answer("ReadResource", "t", async { panic!("on purpose") })
                .await
                .unwrap();
        let told = &response.get_ref().diagnostics[0];
        assert_eq!(told.summary, "The provider met a fault of its own");
        assert!(told.detail.starts_with("ReadResource must always give an answer"));
        assert!(
            !told.detail.contains("on purpose"),
            "the log has that, not the user"
        );
        let response: Response<tf::read_resource::Response> =
            answer("ReadResource", "t", async { Default::default() })
                .await
                .unwrap();
        assert!(response.get_ref().diagnostics.is_empty());
    }

    #[tokio::test]
    async fn a_fault_amid_events_is_the_last_of_them() {
        let mut told = events("ListResource", "t", |out| async move {
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
        let told = events(
            "ListResource",
            "t",
            |_: Sender<tf::list_resource::Event>| async move {
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
}
