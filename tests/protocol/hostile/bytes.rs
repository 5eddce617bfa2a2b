//! Bytes that are no value, in the place of every value of every call.

use facets_gpu::wire::proto::tfplugin6::{
    DynamicValue, apply_resource_change, configure_provider, plan_resource_change, validate_provider_config,
};

use super::{blamed, improper, job, provider};
use crate::{
    codec,
    terraform::{JOB, Terraform, attributes},
    version::V1_11_4,
};

/// A good value, cut short, with more after it, or spoilt from some byte on; and JSON in the same states.
fn spoilt(good: &DynamicValue, json: &str) -> Vec<DynamicValue> {
    let packed = |msgpack: Vec<u8>| DynamicValue {
        msgpack,
        json: Vec::new(),
    };
    let text = |json: Vec<u8>| DynamicValue {
        msgpack: Vec::new(),
        json,
    };
    let bytes = &good.msgpack;
    let halves = [1, 2, bytes.len() / 2, bytes.len() - 1];
    let mut values: Vec<_> = halves
        .iter()
        .map(|length| packed(bytes[..*length].to_vec()))
        .collect();
    values.push(packed([bytes.as_slice(), &[0xc0]].concat()));
    values.extend([0xc1, 0xc4, 0xdf, 0xdd, 0xdb, 0xc6].map(|byte| packed(vec![byte; 5])));
    values.push(packed(vec![0x91; 1_000_000]));
    values.push(packed(vec![7]));
    values.extend(["{", "[]", "\"text\"", "1", "{\"\\ud800\": 1}", "{} {}"].map(|json| text(json.into())));
    values.push(text(json.as_bytes()[..json.len() / 2].to_vec()));
    values.push(text(b"[".repeat(1_000_000)));
    values.push(text(vec![0xff; 10]));
    values
}

#[tokio::test]
async fn bytes_that_are_no_value_are_an_error_and_the_state_stays_what_it_was() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let good = codec::object(attributes(&schemas.resource_schemas[JOB]), &job());
    for bad in spoilt(&good, &job().to_string()) {
        let start: String = format!("{bad:?}").chars().take(60).collect();
        let (good, bad) = (Some(good.clone()), Some(bad));
        let mut told = vec![terraform.validate_value(bad.clone()).await];
        for (prior, config) in [(&good, &bad), (&bad, &good)] {
            let request = plan_resource_change::Request {
                prior_state: prior.clone(),
                proposed_new_state: good.clone(),
                config: config.clone(),
                ..Default::default()
            };
            told.push(terraform.plan_change(request).await.diagnostics);
        }
        for (prior, planned) in [(&good, &bad), (&bad, &good)] {
            let request = apply_resource_change::Request {
                prior_state: prior.clone(),
                planned_state: planned.clone(),
                ..Default::default()
            };
            let answer = terraform.apply_change(request).await;
            assert_eq!(answer.new_state, *prior, "{start}");
            told.push(answer.diagnostics);
        }
        let answer = terraform.read_value(bad.clone()).await;
        assert_eq!(answer.new_state, bad, "{start}");
        told.push(answer.diagnostics);
        for told in told {
            assert_eq!(
                (improper(&told), blamed(&told).len()),
                (Vec::new(), 1),
                "{start}: {told:?}"
            );
        }
    }
    terraform.end().await;
}

#[tokio::test]
async fn bytes_that_are_no_configuration_of_the_provider_are_an_error() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let schemas = terraform.schemas().await;
    let good = codec::object(attributes(schemas.provider.as_ref().unwrap()), &provider());
    for bad in spoilt(&good, &provider().to_string()) {
        let request = validate_provider_config::Request {
            config: Some(bad.clone()),
        };
        let validated = terraform
            .client
            .validate_provider_config(request)
            .await
            .unwrap()
            .into_inner();
        let request = configure_provider::Request {
            config: Some(bad.clone()),
            ..Default::default()
        };
        let configured = terraform
            .client
            .configure_provider(request)
            .await
            .unwrap()
            .into_inner();
        for told in [validated.diagnostics, configured.diagnostics] {
            assert_eq!(
                (improper(&told), blamed(&told).len()),
                (Vec::new(), 1),
                "{told:?}"
            );
        }
    }
    terraform.end().await;
}

#[tokio::test]
async fn a_value_of_unknown_or_no_object_is_answered() {
    let mut terraform = Terraform::start(V1_11_4).await;
    let unknown = DynamicValue {
        msgpack: vec![0xd4, 0, 0],
        json: Vec::new(),
    };
    let values = [
        None,
        Some(DynamicValue::default()),
        Some(codec::null()),
        Some(unknown),
    ];
    for prior in &values {
        for config in &values {
            let told = terraform.validate_value(config.clone()).await;
            assert_eq!(improper(&told), [""; 0]);
            let request = plan_resource_change::Request {
                prior_state: prior.clone(),
                proposed_new_state: config.clone(),
                config: config.clone(),
                ..Default::default()
            };
            assert_eq!(
                improper(&terraform.plan_change(request).await.diagnostics),
                [""; 0]
            );
            let request = apply_resource_change::Request {
                prior_state: prior.clone(),
                planned_state: config.clone(),
                ..Default::default()
            };
            assert_eq!(
                improper(&terraform.apply_change(request).await.diagnostics),
                [""; 0]
            );
        }
    }
    terraform.end().await;
}
