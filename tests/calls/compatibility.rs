//! Old states, old and newer identities, and client capabilities that the provider does not use.

use serde_json::json;
use terraform_plugin::proto::tfplugin6::{provider_server::Provider as _, *};
use terraform_plugin::value::{Value, from_msgpack};
use tonic::Request;

use crate::values::{UNKNOWN, msgpack};
use crate::{RESOURCES, server};

const JOB: &str = "facets_gpu_cloudrun_job";

#[tokio::test]
async fn read_before_configuration_keeps_the_state() {
    let state = Some(msgpack(&json!({ "name": "nightly" })));
    for type_name in RESOURCES {
        let request = read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: state.clone(),
            private: b"kept".to_vec(),
            ..Default::default()
        };
        let response = server().read_resource(Request::new(request)).await;
        let response = response.unwrap().into_inner();
        assert_eq!(response.diagnostics[0].summary, "Provider not configured");
        assert_eq!(
            (&response.new_state, response.private),
            (&state, b"kept".to_vec())
        );
    }
}

#[tokio::test]
async fn unknown_resource_type_is_a_diagnostic() {
    let request = validate_resource_config::Request {
        type_name: "other_type".to_owned(),
        ..Default::default()
    };
    let response = server().validate_resource_config(Request::new(request)).await;
    assert_eq!(response.unwrap().get_ref().diagnostics.len(), 1);
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
    let mut responses = Vec::new();
    for client_capabilities in [None, Some(ClientCapabilities::default()), Some(all)] {
        let provider = server();
        let unknown = json!({ "project": UNKNOWN, "region": UNKNOWN, "access_token": UNKNOWN });
        let configure = configure_provider::Request {
            config: Some(msgpack(&unknown)),
            client_capabilities,
            ..Default::default()
        };
        let response = provider
            .configure_provider(Request::new(configure))
            .await
            .unwrap();
        assert_eq!(response.get_ref().diagnostics, []);
        let job = json!({
            "name": "nightly", "project": "p", "location": "us-central1",
            "container": { "image": "us-docker.pkg.dev/p/jobs/train:1" },
        });
        let plan = plan_resource_change::Request {
            type_name: JOB.to_owned(),
            proposed_new_state: Some(msgpack(&job)),
            config: Some(msgpack(&job)),
            client_capabilities,
            ..Default::default()
        };
        let read = read_resource::Request {
            type_name: JOB.to_owned(),
            current_state: Some(msgpack(&job)),
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
        assert_eq!(import.diagnostics[0].summary, "Unknown provider argument");
        responses.push((plan, read, import));
    }
    assert!(
        responses.iter().all(|response| *response == responses[0]),
        "{responses:#?}"
    );
}

#[tokio::test]
async fn incomplete_old_state_is_upgraded() {
    let states = [
        r#"{"name":"nightly"}"#,
        r#"{"name":"nightly","removed_attribute":[1e400]}"#,
    ];
    for (json, type_name) in states.iter().flat_map(|json| RESOURCES.map(|name| (*json, name))) {
        let request = upgrade_resource_state::Request {
            type_name: type_name.to_owned(),
            raw_state: Some(RawState {
                json: json.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let response = server()
            .upgrade_resource_state(Request::new(request))
            .await
            .unwrap();
        assert_eq!(response.get_ref().diagnostics, [], "{json}");
        let state = &response.get_ref().upgraded_state.as_ref().unwrap().msgpack;
        assert_eq!(from_msgpack(state).unwrap().get("name"), &Value::from("nightly"));
    }
}

#[tokio::test]
async fn stored_identity_is_upgraded_unless_newer() {
    let identities = [
        (0, r#"{"project": "p", "location": "l", "name": "n"}"#, None),
        (0, r#"{"name": "n", "removed_attribute": [1e400]}"#, None),
        (0, "", None),
        (-1, "null", None),
        (1, r#"{"name": "n"}"#, Some("must be at most 0, got 1")),
        (
            i64::MAX,
            "{}",
            Some("Use the version of the provider that wrote the state"),
        ),
        (0, r#"{"name": 1}"#, Some("name must be a string, got a number")),
        (0, "[]", Some("must be an object")),
    ];
    for ((version, stored, expected), type_name) in identities
        .iter()
        .flat_map(|identity| RESOURCES.map(|name| (*identity, name)))
    {
        let request = upgrade_resource_identity::Request {
            type_name: type_name.to_owned(),
            version,
            raw_identity: Some(RawState {
                json: stored.into(),
                ..Default::default()
            }),
        };
        let response = server()
            .upgrade_resource_identity(Request::new(request))
            .await
            .unwrap();
        let response = response.get_ref();
        assert_eq!(
            response.upgraded_identity.is_some(),
            expected.is_none(),
            "{stored}"
        );
        let matches: Vec<_> = response
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.detail.contains(expected.unwrap()))
            .collect();
        assert_eq!(
            matches,
            vec![true; expected.iter().len()],
            "{stored}: {response:?}"
        );
    }
}

/// OpenTofu before 1.12.5 moves a resource that gets a count or an index like one of another type.
#[tokio::test]
async fn own_state_is_moved_with_its_private_data() {
    for (provider, from, to, is_moved) in [
        (
            "registry.opentofu.org/facets-cloud/facets-gpu",
            RESOURCES[0],
            RESOURCES[0],
            true,
        ),
        (
            "registry.opentofu.org/facets-cloud/facets-gpu",
            RESOURCES[1],
            RESOURCES[1],
            true,
        ),
        (
            "registry.opentofu.org/facets-cloud/facets-gpu",
            RESOURCES[0],
            RESOURCES[1],
            false,
        ),
        (
            "registry.opentofu.org/facets-cloud/facets-gpu",
            RESOURCES[1],
            RESOURCES[0],
            false,
        ),
        (
            "registry.opentofu.org/facets-cloud/facets-gpu",
            "terraform_data",
            RESOURCES[1],
            false,
        ),
        (
            "registry.opentofu.org/someone/facets-gpu",
            RESOURCES[0],
            RESOURCES[0],
            false,
        ),
    ] {
        let request = move_resource_state::Request {
            source_provider_address: provider.to_owned(),
            source_type_name: from.to_owned(),
            source_state: Some(RawState {
                json: br#"{"name": "nightly"}"#.to_vec(),
                ..Default::default()
            }),
            source_private: b"kept".to_vec(),
            target_type_name: to.to_owned(),
            ..Default::default()
        };
        let response = server()
            .move_resource_state(Request::new(request))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(response.diagnostics.is_empty(), is_moved, "{response:?}");
        assert_eq!(response.target_private == b"kept", is_moved);
    }
}
