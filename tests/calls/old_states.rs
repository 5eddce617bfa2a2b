//! An old state, a newer identity, and client capabilities that the provider does not use.

use serde_json::json;
use terraform_plugin::proto::tfplugin6::{provider_server::Provider as _, *};
use terraform_plugin::value::{Value, from_msgpack};
use tonic::Request;

use crate::server;
use crate::values::{UNKNOWN, packed};

const JOB: &str = "facets_gpu_cloudrun_job";

#[tokio::test]
async fn unknown_resource_type_is_a_diagnostic() {
    let request = validate_resource_config::Request {
        type_name: "other_type".to_owned(),
        ..Default::default()
    };
    let answer = server().validate_resource_config(Request::new(request)).await;
    assert_eq!(answer.unwrap().get_ref().diagnostics.len(), 1);
}

/// Also with an unknown provider configuration, when a response could be deferred.
#[tokio::test]
async fn client_capabilities_change_no_response() {
    let all = ClientCapabilities {
        deferral_allowed: true,
        write_only_attributes_allowed: true,
        store_planned_private: true,
        computed_blocks_allowed: true,
    };
    let mut answers = Vec::new();
    for client_capabilities in [None, Some(ClientCapabilities::default()), Some(all)] {
        let provider = server();
        let unknown = json!({ "project": UNKNOWN, "region": UNKNOWN, "access_token": UNKNOWN });
        let configure = configure_provider::Request {
            config: Some(packed(&unknown)),
            client_capabilities,
            ..Default::default()
        };
        let told = provider
            .configure_provider(Request::new(configure))
            .await
            .unwrap();
        assert_eq!(told.get_ref().diagnostics, []);
        let job = json!({
            "name": "nightly", "project": "p", "location": "us-central1",
            "container": { "image": "us-docker.pkg.dev/p/jobs/train:1" },
        });
        let plan = plan_resource_change::Request {
            type_name: JOB.to_owned(),
            proposed_new_state: Some(packed(&job)),
            config: Some(packed(&job)),
            client_capabilities,
            ..Default::default()
        };
        let read = read_resource::Request {
            type_name: JOB.to_owned(),
            current_state: Some(packed(&job)),
            client_capabilities,
            ..Default::default()
        };
        let import = import_resource_state::Request {
            type_name: JOB.to_owned(),
            id: "p/us-central1/nightly".to_owned(),
            client_capabilities,
            ..Default::default()
        };
        let plan = provider
            .plan_resource_change(Request::new(plan))
            .await
            .unwrap()
            .into_inner();
        let read = provider
            .read_resource(Request::new(read))
            .await
            .unwrap()
            .into_inner();
        let import = provider
            .import_resource_state(Request::new(import))
            .await
            .unwrap()
            .into_inner();
        assert!(plan.deferred.is_none() && read.deferred.is_none() && import.deferred.is_none());
        assert!(plan.planned_identity.is_some() && read.new_identity.is_some());
        assert_eq!(import.diagnostics[0].summary, "Provider configuration not known");
        answers.push((plan, read, import));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[tokio::test]
async fn incomplete_old_state_is_upgraded() {
    for json in [
        r#"{"name":"nightly"}"#,
        r#"{"name":"nightly","of_an_older_version":[1e400]}"#,
    ] {
        let request = upgrade_resource_state::Request {
            type_name: JOB.to_owned(),
            raw_state: Some(RawState {
                json: json.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let answer = server()
            .upgrade_resource_state(Request::new(request))
            .await
            .unwrap();
        assert_eq!(answer.get_ref().diagnostics, [], "{json}");
        let state = &answer.get_ref().upgraded_state.as_ref().unwrap().msgpack;
        assert_eq!(from_msgpack(state).unwrap().get("name"), &Value::from("nightly"));
    }
}

#[tokio::test]
async fn a_stored_identity_is_read_however_incomplete_it_is_but_not_of_a_newer_server() {
    for (version, stored, expected) in [
        (0, r#"{"project": "p", "location": "l", "name": "n"}"#, None),
        (0, r#"{"name": "n", "of_another_version": [1e400]}"#, None),
        (0, "", None),
        (-1, "null", None),
        (1, r#"{"name": "n"}"#, Some("one of version 1")),
        (
            i64::MAX,
            "{}",
            Some("Use the version of the provider that wrote it"),
        ),
        (0, r#"{"name": 1}"#, Some("name: expected a string")),
        (0, "[]", Some("expected an object")),
    ] {
        let request = upgrade_resource_identity::Request {
            type_name: JOB.to_owned(),
            version,
            raw_identity: Some(RawState {
                json: stored.into(),
                ..Default::default()
            }),
        };
        let answer = server()
            .upgrade_resource_identity(Request::new(request))
            .await
            .unwrap();
        let answer = answer.get_ref();
        assert_eq!(answer.upgraded_identity.is_some(), expected.is_none(), "{stored}");
        let told: Vec<_> = answer
            .diagnostics
            .iter()
            .map(|told| told.detail.contains(expected.unwrap()))
            .collect();
        assert_eq!(told, vec![true; expected.iter().len()], "{stored}: {answer:?}");
    }
}
