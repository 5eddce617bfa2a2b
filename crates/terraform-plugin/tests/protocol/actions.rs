//! The calls about actions: what a plan may see, and the events of an invocation.

use std::{collections::HashMap, time::Duration};

use prost::Message as _;
use terraform_plugin::{
    go_plugin::StopSignal,
    proto::tfplugin6::{
        Diagnostic, DynamicValue, Schema, ServerCapabilities, configure_provider, get_provider_schema,
        invoke_action::{self, event::Type},
        plan_action,
        provider_client::ProviderClient,
        provider_server::Provider as _,
        stop_provider, validate_action_config,
    },
};
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Status, transport::Channel};

use crate::{
    process::TIMEOUT,
    scripted::{ACTION, TestServer, server},
    services::{SHORT_WAIT, channel, configured_client},
};

/// A configuration in JSON.
fn config(json: &str) -> Option<DynamicValue> {
    Some(DynamicValue {
        json: json.into(),
        ..Default::default()
    })
}

fn script(name: &str) -> Option<DynamicValue> {
    config(&format!("{{\"script\":\"{name}\"}}"))
}

/// A configuration whose only attribute is unknown.
fn unknown() -> Option<DynamicValue> {
    let msgpack = [&[0x81, 0xa6][..], b"script", &[0xd4, 0, 0]].concat();
    Some(DynamicValue {
        msgpack,
        ..Default::default()
    })
}

fn invocation(config: Option<DynamicValue>) -> invoke_action::Request {
    invoke_action::Request {
        action_type: ACTION.to_owned(),
        config,
        ..Default::default()
    }
}

fn summaries(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|one| one.summary.clone()).collect()
}

/// The events to the end, each as text.
async fn events(stream: impl Stream<Item = Result<invoke_action::Event, Status>> + Unpin) -> Vec<String> {
    let all = stream.map(|event| match event.unwrap().r#type.unwrap() {
        Type::Progress(progress) => progress.message,
        Type::Completed(completed) => format!("completed {:?}", summaries(&completed.diagnostics)),
    });
    timeout(TIMEOUT, all.collect()).await.unwrap()
}

async fn invoke(client: &mut ProviderClient<Channel>, request: invoke_action::Request) -> Vec<String> {
    events(client.invoke_action(request).await.unwrap().into_inner()).await
}

#[tokio::test]
async fn invocation_ends_with_one_completed_event() {
    let server = TestServer::with_tls();
    let mut client = configured_client(channel(&server).await).await;
    let panicked = "completed [\"Internal provider error\"]";
    for (config, expected) in [
        (script("succeed"), &["started", "completed []"][..]),
        (script("fail"), &["started", "completed [\"Failed\"]"]),
        (script("panic"), &["started", panicked]),
        (script("questionable"), &["started", "completed []"]),
        (script("invalid"), &["completed [\"Invalid script\"]"]),
        (config("[1"), &["completed [\"Unreadable value\"]"]),
        (config("{\"other\":1}"), &["completed [\"Unreadable value\"]"]),
    ] {
        assert_eq!(invoke(&mut client, invocation(config)).await, expected);
    }
    let unknown_type = invoke_action::Request::default();
    assert_eq!(
        invoke(&mut client, unknown_type).await,
        ["completed [\"Unknown action type\"]"]
    );
}

#[tokio::test]
async fn provider_without_configuration_is_a_completed_event() {
    let server = TestServer::with_tls();
    let mut client = ProviderClient::new(channel(&server).await);
    assert_eq!(
        invoke(&mut client, invocation(script("succeed"))).await,
        ["completed [\"Provider not configured\"]"]
    );
}

#[tokio::test]
async fn validation_runs_again_at_plan() {
    let (server, _) = server(StopSignal::permanent());
    let plan = async |config| {
        let request = plan_action::Request {
            action_type: ACTION.to_owned(),
            config,
            ..Default::default()
        };
        let planned = server.plan_action(Request::new(request)).await.unwrap();
        planned.into_inner().diagnostics
    };
    assert_eq!(
        plan(unknown()).await[0].detail,
        "unknown: true, configured: false"
    );
    let request = Request::new(configure_provider::Request::default());
    server.configure_provider(request).await.unwrap();
    assert_eq!(
        plan(script("succeed")).await[0].detail,
        "unknown: false, configured: true"
    );
    for (name, planned) in [
        ("questionable", &["Questionable script", "Planned"][..]),
        ("invalid", &["Invalid script"]),
    ] {
        let request = validate_action_config::Request {
            type_name: ACTION.to_owned(),
            config: script(name),
        };
        let validated = server
            .validate_action_config(Request::new(request))
            .await
            .unwrap();
        assert_eq!(summaries(&validated.into_inner().diagnostics), planned[..1]);
        assert_eq!(summaries(&plan(script(name)).await), planned);
    }
}

#[tokio::test]
async fn stop_provider_ends_progress_and_the_completed_event_follows() {
    let server = TestServer::with_tls();
    let mut client = configured_client(channel(&server).await).await;
    let response = client.invoke_action(invocation(script("wait"))).await.unwrap();
    server.calls.started.acquire().await.unwrap().forget();
    let mut stream = response.into_inner();
    let first = stream.message().await.unwrap().unwrap();
    assert!(matches!(first.r#type, Some(Type::Progress(_))));
    client.stop_provider(stop_provider::Request {}).await.unwrap();
    assert_eq!(events(stream).await, ["completed [\"Stopped\"]"]);
}

#[tokio::test]
async fn stop_provider_drops_queued_progress() {
    let stop = StopSignal::permanent();
    let (server, calls) = server(stop.clone());
    let request = Request::new(configure_provider::Request::default());
    server.configure_provider(request).await.unwrap();
    let request = Request::new(invocation(script("wait")));
    let response = server.invoke_action(request).await.unwrap();
    calls.started.acquire().await.unwrap().forget();
    stop.stop();
    assert_eq!(events(response.into_inner()).await, ["completed [\"Stopped\"]"]);
}

#[tokio::test]
async fn slow_reader_does_not_delay_an_action() {
    let (server, calls) = server(StopSignal::permanent());
    let request = Request::new(configure_provider::Request::default());
    server.configure_provider(request).await.unwrap();
    let request = Request::new(invocation(script("flood")));
    let response = server.invoke_action(request).await.unwrap();
    // Nothing has been read yet.
    timeout(TIMEOUT, calls.ended.acquire())
        .await
        .unwrap()
        .unwrap()
        .forget();
    let events = events(response.into_inner()).await;
    assert_eq!(events[..2], ["started", "0"]);
    assert!(events.len() < 100, "{} events", events.len());
    assert_eq!(events.last().unwrap(), "completed []");
}

#[tokio::test]
async fn action_outlives_its_reader_and_shutdown_waits_for_it() {
    let mut server = TestServer::with_tls();
    let mut client = configured_client(channel(&server).await).await;
    let response = client.invoke_action(invocation(script("wait"))).await.unwrap();
    server.calls.started.acquire().await.unwrap().forget();
    drop((response, client));
    server.shutdown.begin_within(Duration::from_secs(60));
    assert!(timeout(SHORT_WAIT, &mut server.task).await.is_err());
    server.stop.stop();
    timeout(TIMEOUT, server.task).await.unwrap().unwrap().unwrap();
    assert_eq!(server.calls.ended.available_permits(), 1);
}

/// `GetProviderSchema.Response` of protocol 6.7, the last one before lists and actions.
#[derive(PartialEq, prost::Message)]
struct OlderSchemas {
    #[prost(message, optional, tag = "1")]
    provider: Option<Schema>,
    #[prost(map = "string, message", tag = "2")]
    resources: HashMap<String, Schema>,
    #[prost(message, repeated, tag = "4")]
    diagnostics: Vec<Diagnostic>,
    #[prost(message, optional, tag = "6")]
    capabilities: Option<ServerCapabilities>,
}

#[tokio::test]
async fn older_terraform_sees_the_schemas_without_actions() {
    let (server, _) = server(StopSignal::permanent());
    let request = Request::new(get_provider_schema::Request::default());
    let all = server.get_provider_schema(request).await.unwrap().into_inner();
    assert!(all.action_schemas.contains_key(ACTION));
    let older = OlderSchemas::decode(all.encode_to_vec().as_slice()).unwrap();
    let expected = OlderSchemas {
        provider: all.provider,
        resources: all.resource_schemas,
        diagnostics: Vec::new(),
        capabilities: all.server_capabilities,
    };
    assert_eq!(older, expected);
    assert_eq!(expected.resources.len(), 2);
}
