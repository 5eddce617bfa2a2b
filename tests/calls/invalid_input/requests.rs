//! Every request with a value of a schema.

use terraform_plugin::proto::tfplugin6::{provider_server::Provider as _, *};
use tokio_stream::StreamExt as _;
use tonic::Request;

use crate::configured_server;

pub(super) const JOB: &str = "facets_gpu_cloudrun_job";
pub(super) const CATALOG: &str = "facets_gpu_catalog";
pub(super) const RUN: &str = "facets_gpu_cloudrun_job_run";
pub(super) const EXECUTION: &str = "facets_gpu_cloudrun_job_execution";

/// The schema of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Resource(&'static str),
    Provider,
    DataSource(&'static str),
    ListResource,
    Action,
}

/// Calls a method and returns its response. Asserts that there is no internal error, that the diagnostics are of moderate
/// size, and that there is either an error or the named result.
macro_rules! call {
    ($method:ident, $module:ident { $($request:tt)* } $(, $result:ident)?) => {{
        let provider = configured_server().await;
        #[allow(clippy::needless_update, reason = "some requests have no other field")]
        let request = $module::Request { $($request)* ..Default::default() };
        let response = provider.$method(Request::new(request)).await.unwrap().into_inner();
        check_diagnostics(stringify!($method), &response.diagnostics);
        $(assert_ne!(has_error(&response.diagnostics), response.$result.is_some());)?
        response
    }};
}

/// The schemas of the provider.
pub(super) async fn schemas() -> get_provider_schema::Response {
    call! { get_provider_schema, get_provider_schema {} }
}

pub(super) fn check_diagnostics(method: &str, diagnostics: &[Diagnostic]) {
    let internal_errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.summary == "Internal provider error");
    assert_eq!(internal_errors.count(), 0, "{method}");
    let length: usize = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.summary.len() + diagnostic.detail.len())
        .sum();
    assert!(length < 100_000, "{method}: {length} bytes of diagnostics");
}

pub(super) fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity() == diagnostic::Severity::Error)
}

/// Asserts that the response has a state and the private data; the state as sent if a value could not be decoded.
pub(super) fn assert_state_kept(
    sent: Option<DynamicValue>,
    returned: Option<DynamicValue>,
    private: Vec<u8>,
    diagnostics: &[Diagnostic],
) {
    assert!(returned.is_some() && private == PRIVATE, "the state is lost");
    if diagnostics
        .iter()
        .any(|diagnostic| diagnostic.summary == "Unreadable value")
    {
        assert_eq!(returned, sent);
    }
}

/// Sends an invalid value in every request field of its kind, with a valid value in the others, and returns the diagnostics
/// of each call.
pub(super) async fn send(kind: Kind, valid: &DynamicValue, invalid: DynamicValue) -> Vec<Vec<Diagnostic>> {
    let (valid, invalid) = (Some(valid.clone()), Some(invalid));
    let type_name = JOB.to_owned();
    match kind {
        Kind::Provider => {
            let config = invalid.clone();
            let validated = call! { validate_provider_config, validate_provider_config { config, } };
            let configured = call! { configure_provider, configure_provider { config: invalid, } };
            vec![validated.diagnostics, configured.diagnostics]
        }
        Kind::DataSource(name) => {
            let (type_name, config) = (name.to_owned(), invalid.clone());
            let validated =
                call! { validate_data_resource_config, validate_data_resource_config { type_name, config, } };
            let type_name = name.to_owned();
            let read = call! { read_data_source, read_data_source { type_name, config: invalid, }, state };
            vec![validated.diagnostics, read.diagnostics]
        }
        Kind::ListResource => {
            let request = list_resource::Request {
                type_name: JOB.to_owned(),
                config: invalid.clone(),
                ..Default::default()
            };
            let provider = configured_server().await;
            let mut events = provider
                .list_resource(Request::new(request))
                .await
                .unwrap()
                .into_inner();
            let diagnostics = events.next().await.unwrap().unwrap().diagnostic;
            check_diagnostics("list_resource", &diagnostics);
            assert!(events.next().await.is_none());
            let validated = call! { validate_list_resource_config, validate_list_resource_config { type_name, config: invalid, } };
            vec![validated.diagnostics, diagnostics]
        }
        Kind::Action => {
            let (type_name, config) = (RUN.to_owned(), invalid.clone());
            let validated = call! { validate_action_config, validate_action_config { type_name, config, } };
            let (action_type, config) = (RUN.to_owned(), invalid.clone());
            let planned = call! { plan_action, plan_action { action_type, config, } };
            vec![
                validated.diagnostics,
                planned.diagnostics,
                invoke_action(invalid).await,
            ]
        }
        Kind::Resource(name) => {
            let (config, type_name) = (invalid.clone(), name.to_owned());
            let mut diagnostics = vec![
                call! { validate_resource_config, validate_resource_config { type_name, config, } }
                    .diagnostics,
            ];
            for (prior_state, other) in [(valid.clone(), invalid.clone()), (invalid.clone(), valid.clone())] {
                let (proposed_new_state, prior_private) = (valid.clone(), PRIVATE.to_vec());
                let (type_name, prior, config) = (name.to_owned(), prior_state.clone(), other.clone());
                let sent = prior.clone();
                let response = call! { plan_resource_change, plan_resource_change {
                    type_name, prior_state, proposed_new_state, config, prior_private,
                } };
                assert_eq!(response.planned_private, PRIVATE);
                diagnostics.push(response.diagnostics);
                let response = call! { apply_resource_change, apply_resource_change {
                    type_name: name.to_owned(), prior_state: prior, planned_state: other, planned_private: PRIVATE.to_vec(),
                } };
                assert_state_kept(sent, response.new_state, response.private, &response.diagnostics);
                diagnostics.push(response.diagnostics);
            }
            let (current_state, private) = (invalid.clone(), PRIVATE.to_vec());
            let type_name = name.to_owned();
            let response = call! { read_resource, read_resource { type_name, current_state, private, } };
            assert_state_kept(
                invalid.clone(),
                response.new_state,
                response.private,
                &response.diagnostics,
            );
            diagnostics.push(response.diagnostics);
            let type_name = name.to_owned();
            let response = call! { generate_resource_config, generate_resource_config { type_name, state: invalid, }, config };
            diagnostics.push(response.diagnostics);
            diagnostics
        }
    }
}

/// Invokes the action. Its only event is the completed one, with an error: at least the provider has no access token.
async fn invoke_action(config: Option<DynamicValue>) -> Vec<Diagnostic> {
    let request = invoke_action::Request {
        action_type: RUN.to_owned(),
        config,
        ..Default::default()
    };
    let provider = configured_server().await;
    let response = provider.invoke_action(Request::new(request)).await.unwrap();
    let mut events = response.into_inner();
    let event = events.next().await.unwrap().unwrap();
    let Some(invoke_action::event::Type::Completed(completed)) = event.r#type else {
        panic!("{event:?} is not the completed event")
    };
    assert!(events.next().await.is_none());
    check_diagnostics("invoke_action", &completed.diagnostics);
    assert!(has_error(&completed.diagnostics));
    completed.diagnostics
}

/// Sends stored JSON as a state, as an identity and as the state of a moved resource, and returns the diagnostics of each
/// call.
pub(super) async fn send_stored(resource: &str, json: &[u8]) -> [Vec<Diagnostic>; 3] {
    let raw = || {
        Some(RawState {
            json: json.to_vec(),
            ..Default::default()
        })
    };
    let (type_name, raw_state, raw_identity) = (resource.to_owned(), raw(), raw());
    let state =
        call! { upgrade_resource_state, upgrade_resource_state { type_name, raw_state, }, upgraded_state };
    let type_name = resource.to_owned();
    let identity = call! { upgrade_resource_identity, upgrade_resource_identity { type_name, raw_identity, }, upgraded_identity };
    let moved = call! { move_resource_state, move_resource_state {
        source_provider_address: "registry.terraform.io/hashicorp/google".to_owned(),
        source_type_name: "google_cloud_run_v2_job".to_owned(),
        source_state: raw(), target_type_name: resource.to_owned(),
    }, target_state };
    [state.diagnostics, identity.diagnostics, moved.diagnostics]
}

/// Sends an import, which must fail.
pub(super) async fn import(resource: &str, id: String, identity: Option<DynamicValue>) {
    let identity = identity.map(|identity| ResourceIdentityData {
        identity_data: Some(identity),
    });
    let response = call! { import_resource_state, import_resource_state { type_name: resource.to_owned(), id, identity, } };
    assert!(has_error(&response.diagnostics) && response.imported_resources.is_empty());
}

/// Private data as another version of the provider could have stored it.
const PRIVATE: &[u8] = br#"{"another version":["kept"]}"#;
