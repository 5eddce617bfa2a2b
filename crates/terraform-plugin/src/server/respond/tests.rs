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
    assert_eq!(diagnostics[0].summary, "Internal provider error");
    assert!(diagnostics[0].detail.contains("in ReadResource."));
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
    assert_eq!(last.diagnostic[0].summary, "Internal provider error");
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
    let events = server(Redactor::default()).respond_with_events("ListResource", "t", |_, _| async move {
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
        "Unexpected response",
        "It begins: {\\\"authorization\\\": \\\"Bearer ya29.quoted-by-a-gateway\\\"}",
    );
    let diagnostics = read(&server(redactor), async { Err(quoting.into()) }).await;
    assert_eq!(
        diagnostics[0].detail,
        "It begins: {\\\"authorization\\\": \\\"Bearer ***\\\"}"
    );
}

#[tokio::test]
async fn secrets_in_progress_are_redacted() {
    use tf::invoke_action::event::{Completed, Type};
    let redactor = Redactor::default();
    redactor.add("ya29.a-secret-token");
    let events = server(redactor)
        .respond_with_progress("InvokeAction", "t".to_owned(), |_, progress| async move {
            progress.send("with ya29.a-secret-token and \u{1b}[31m");
            Ok(Completed::default())
        })
        .unwrap()
        .into_inner();
    let events: Vec<_> = events.map(|event| event.unwrap().r#type.unwrap()).collect().await;
    let [Type::Progress(progress), Type::Completed(_)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(progress.message, "with *** and \u{fffd}[31m");
}
