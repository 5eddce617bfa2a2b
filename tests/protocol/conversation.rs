//! Conversations with the real binary, as versions of Terraform hold them: those that have no binary here too.
//!
//! Tested against the protocol, not against those binaries. Nothing here reaches Google.

use facets_gpu::wire::proto::tfplugin6::{
    ClientCapabilities, get_metadata, get_resource_identity_schemas, stop_provider, upgrade_resource_state,
};
use serde_json::{Value, json};

use crate::{
    codec::{self, UNKNOWN},
    terraform::{JOB, Terraform, attributes, errors},
    version::{V1_5_7, V1_11_4, V1_12_2, V1_15_9, V1_16_0, Version},
};

fn provider() -> Value {
    json!({ "project": "example-project", "region": "us-central1" })
}

fn job() -> Value {
    json!({ "name": "nightly", "container": { "image": "us-docker.pkg.dev/example-project/jobs/train:1" } })
}

#[tokio::test]
async fn every_version_plans_the_same_job() {
    let mut plans = Vec::new();
    for version in [V1_5_7, V1_11_4, V1_12_2, V1_15_9, V1_16_0] {
        let mut terraform = Terraform::start(version).await;
        let schemas = terraform.schemas().await;
        let schema = &schemas.resource_schemas[JOB];
        let told = terraform
            .configure(schemas.provider.as_ref().unwrap(), &provider())
            .await;
        assert!(errors(&told).is_empty(), "{told:?}");
        let told = terraform.validate(schema, &job()).await;
        assert!(errors(&told).is_empty(), "{told:?}");
        let plan = terraform.plan(schema, &Value::Null, &job()).await;
        assert!(errors(&plan.diagnostics).is_empty(), "{:?}", plan.diagnostics);
        assert!(plan.deferred.is_none() && !plan.legacy_type_system);
        plans.push(codec::read(plan.planned_state.as_ref().unwrap()));
    }
    assert_eq!(plans[0]["name"], "nightly");
    assert_eq!(plans[0]["uid"], UNKNOWN);
    assert!(plans.iter().all(|plan| *plan == plans[0]), "{plans:#?}");
}

#[tokio::test]
async fn what_a_terraform_says_it_can_do_changes_no_plan() {
    let all = ClientCapabilities {
        deferral_allowed: true,
        write_only_attributes_allowed: true,
        store_planned_private: true,
        computed_blocks_allowed: true,
    };
    let mut answers = Vec::new();
    for capabilities in [None, Some(ClientCapabilities::default()), Some(all)] {
        let version = Version {
            capabilities,
            ..V1_16_0
        };
        let mut terraform = Terraform::start(version).await;
        let schemas = terraform.schemas().await;
        // Nothing is known of the provider, which is when an answer could be put off.
        let schema = schemas.provider.as_ref().unwrap();
        let unknown = json!({ "project": UNKNOWN, "region": UNKNOWN, "access_token": UNKNOWN });
        terraform.configure(schema, &unknown).await;
        let schema = &schemas.resource_schemas[JOB];
        let mut state = job();
        state["project"] = json!("example-project");
        state["location"] = json!("us-central1");
        let answer = (
            terraform.plan(schema, &Value::Null, &job()).await,
            terraform.read(schema, &state, None, Vec::new()).await,
            terraform.import("projects/p/locations/l/jobs/n").await,
        );
        assert!(answer.0.deferred.is_none() && answer.1.deferred.is_none() && answer.2.deferred.is_none());
        assert_eq!(answer.0.planned_identity, None);
        assert!(answer.1.new_identity.is_some());
        answers.push(answer);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[tokio::test]
async fn a_process_that_is_never_asked_for_schemas_works_too() {
    // From Terraform 1.6 on only the first process of a command is asked.
    let schemas = Terraform::start(V1_11_4).await.schemas().await;
    assert!(schemas.server_capabilities.unwrap().get_provider_schema_optional);
    let mut terraform = Terraform::start(V1_11_4).await;
    terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider())
        .await;
    let plan = terraform
        .plan(&schemas.resource_schemas[JOB], &Value::Null, &job())
        .await;
    assert!(errors(&plan.diagnostics).is_empty(), "{:?}", plan.diagnostics);
}

#[tokio::test]
async fn a_plan_is_the_same_each_time_and_a_deletion_is_planned_as_nothing() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    assert!(schemas.server_capabilities.unwrap().plan_destroy);
    let schema = &schemas.resource_schemas[JOB];
    terraform
        .configure(schemas.provider.as_ref().unwrap(), &provider())
        .await;
    let first = terraform.plan(schema, &Value::Null, &job()).await;
    let second = terraform.plan(schema, &Value::Null, &job()).await;
    assert_eq!(first, second);

    // A state in which everything unknown has become known.
    let mut state = codec::read(first.planned_state.as_ref().unwrap());
    for value in state
        .as_object_mut()
        .unwrap()
        .values_mut()
        .filter(|value| **value == UNKNOWN)
    {
        *value = Value::Null;
    }
    let deletion = terraform.plan(schema, &state, &Value::Null).await;
    assert!(
        errors(&deletion.diagnostics).is_empty(),
        "{:?}",
        deletion.diagnostics
    );
    assert_eq!(deletion.planned_state, Some(codec::null()));
}

#[tokio::test]
async fn a_provider_configured_with_unknown_values_plans_all_the_same() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let schema = schemas.provider.as_ref().unwrap();
    let everything: serde_json::Map<_, _> = attributes(schema)
        .iter()
        .map(|attribute| (attribute.name.clone(), json!(UNKNOWN)))
        .collect();
    let told = terraform.configure(schema, &everything.into()).await;
    assert!(errors(&told).is_empty(), "{told:?}");
    let plan = terraform
        .plan(&schemas.resource_schemas[JOB], &Value::Null, &job())
        .await;
    assert!(errors(&plan.diagnostics).is_empty(), "{:?}", plan.diagnostics);
    assert_eq!(
        codec::read(plan.planned_state.as_ref().unwrap())["project"],
        UNKNOWN
    );
}

#[tokio::test]
async fn stop_does_not_end_the_conversation() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let stopped = terraform
        .client
        .stop_provider(stop_provider::Request {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(stopped.error, "");
    let plan = terraform
        .plan(&schemas.resource_schemas[JOB], &Value::Null, &job())
        .await;
    assert!(plan.planned_state.is_some());
}

#[tokio::test]
async fn newer_terraforms_and_muxers_get_their_answers() {
    let mut terraform = Terraform::start(V1_16_0).await;
    let identities = terraform
        .client
        .get_resource_identity_schemas(get_resource_identity_schemas::Request {})
        .await
        .unwrap();
    assert!(identities.get_ref().diagnostics.is_empty());

    let schemas = terraform.schemas().await;
    let metadata = terraform
        .client
        .get_metadata(get_metadata::Request {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(metadata.server_capabilities, schemas.server_capabilities);
    let names: Vec<_> = metadata
        .resources
        .iter()
        .map(|resource| resource.type_name.as_str())
        .collect();
    assert_eq!(names, [JOB]);
    assert_eq!(metadata.list_resources.len(), 1);
    assert_eq!(metadata.list_resources[0].type_name, JOB);
    assert!(schemas.list_resource_schemas.contains_key(JOB));
    assert!(identities.get_ref().identity_schemas.contains_key(JOB));
    let mut sources: Vec<_> = metadata
        .data_sources
        .iter()
        .map(|source| &source.type_name)
        .collect();
    sources.sort();
    let mut declared: Vec<_> = schemas.data_source_schemas.keys().collect();
    declared.sort();
    assert_eq!(sources, declared);
}

#[tokio::test]
async fn an_old_state_is_upgraded_however_incomplete_it_is() {
    let mut terraform = Terraform::start(V1_5_7).await;
    let schemas = terraform.schemas().await;
    for json in [
        r#"{"name":"nightly"}"#,
        r#"{"name":"nightly","of_an_older_version":1e400}"#,
    ] {
        let request = upgrade_resource_state::Request {
            type_name: JOB.to_owned(),
            raw_state: Some(facets_gpu::wire::proto::tfplugin6::RawState {
                json: json.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let answer = terraform
            .client
            .upgrade_resource_state(request)
            .await
            .unwrap()
            .into_inner();
        assert!(answer.diagnostics.is_empty(), "{json}: {:?}", answer.diagnostics);
        let state = codec::read(answer.upgraded_state.as_ref().unwrap());
        assert_eq!(state["name"], "nightly");
        let names: Vec<_> = state.as_object().unwrap().keys().collect();
        assert_eq!(names.len(), attributes(&schemas.resource_schemas[JOB]).len());
    }
}

#[tokio::test]
async fn a_value_that_is_cut_or_garbled_is_a_diagnostic_and_not_a_crash() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let whole = codec::object(attributes(&schemas.resource_schemas[JOB]), &job());
    let validate = |msgpack: Vec<u8>| facets_gpu::wire::proto::tfplugin6::validate_resource_config::Request {
        type_name: JOB.to_owned(),
        config: Some(facets_gpu::wire::proto::tfplugin6::DynamicValue {
            msgpack,
            json: Vec::new(),
        }),
        client_capabilities: None,
    };
    for length in 1..whole.msgpack.len() {
        let cut = validate(whole.msgpack[..length].to_vec());
        let answer = terraform
            .client
            .validate_resource_config(cut)
            .await
            .unwrap()
            .into_inner();
        assert!(!errors(&answer.diagnostics).is_empty(), "cut to {length} bytes");
    }
    for position in 0..whole.msgpack.len() {
        for byte in [0x00, 0xc1, 0xc7, 0xdd, 0xff] {
            let mut garbled = whole.msgpack.clone();
            garbled[position] = byte;
            terraform
                .client
                .validate_resource_config(validate(garbled))
                .await
                .unwrap();
        }
    }
}
