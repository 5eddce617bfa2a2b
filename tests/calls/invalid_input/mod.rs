//! Invalid input in every request: the provider responds with diagnostics, never with an internal error, and keeps the state.
//!
//! The attribute paths come from the schemas that the provider sends, so that these tests cover new attributes too. The
//! provider sends no API request, because its access token is unknown.

mod requests;
mod samples;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::json;
use terraform_plugin::proto::tfplugin6::{Diagnostic, DynamicValue, attribute_path};

use crate::RESOURCES;
use crate::values::{self, msgpack};
use requests::{EXECUTION, JOB, Kind, has_error, import, send, send_stored};
use samples::{any_mutation, execution, job, pointers, samples, unusual_values, with, wrong_values};

/// Asserts that there is one diagnostic, at the first two steps of this path or below them: Terraform gets no more.
fn assert_error_at(path: &str, diagnostics: &[Diagnostic]) {
    use attribute_path::step::Selector;
    let [error] = diagnostics else {
        panic!("{path}: {diagnostics:?}")
    };
    let steps = error.attribute.iter().flat_map(|path| &path.steps);
    let steps = steps.map(|step| match step.selector.as_ref().unwrap() {
        Selector::AttributeName(name) | Selector::ElementKeyString(name) => format!("/{name}"),
        Selector::ElementKeyInt(index) => format!("/{index}"),
    });
    let actual: String = steps.collect();
    let expected: String = path.split_inclusive('/').take(3).collect();
    let expected = expected.trim_end_matches('/');
    assert!(actual.starts_with(expected), "{path}: {actual}");
}

#[tokio::test]
async fn wrong_type_is_an_error_at_its_path() {
    for (kind, sample) in samples().await {
        let valid = msgpack(&sample);
        for path in &pointers("", &sample)[1..] {
            let (values, bytes) = wrong_values(sample.pointer(path).unwrap());
            for value in values.iter().chain(&bytes) {
                let results = send(kind, &valid, msgpack(&with(&sample, path, value))).await;
                results
                    .iter()
                    .for_each(|diagnostics| assert_error_at(path, diagnostics));
            }
            for value in values {
                let invalid = with(&sample, path, &value);
                let results = send(kind, &valid, values::json(&invalid)).await;
                results
                    .iter()
                    .for_each(|diagnostics| assert_error_at(path, diagnostics));
                if let Kind::Resource(name) = kind
                    && !value.is_object()
                {
                    let [upgraded, ..] = send_stored(name, invalid.to_string().as_bytes()).await;
                    assert_error_at(path, &upgraded);
                }
            }
        }
    }
}

#[tokio::test]
async fn unusual_value_at_any_path_gets_a_response() {
    for (kind, valid) in samples().await.into_iter().chain(resources()) {
        for path in pointers("", &valid) {
            for value in unusual_values() {
                send(kind, &msgpack(&valid), msgpack(&with(&valid, &path, &value))).await;
            }
        }
    }
}

/// Valid resources, of each type.
fn resources() -> [(Kind, serde_json::Value); 2] {
    [
        (Kind::Resource(JOB), job()),
        (Kind::Resource(EXECUTION), execution()),
    ]
}

#[tokio::test]
async fn undecodable_value_is_an_error() {
    let nested = |byte: u8| vec![byte; 1_000_000];
    let invalid_msgpack = [
        vec![0xc1],
        vec![0x90],
        vec![7],
        vec![0xdd; 5],
        vec![0xdf; 5],
        nested(0x91),
        vec![0xc0, 0xc0],
    ];
    let invalid_json = [
        b"{".to_vec(),
        b"[]".to_vec(),
        b"{} {}".to_vec(),
        b"\"\\ud800\"".to_vec(),
        vec![0xff; 9],
        nested(b'['),
    ];
    for (json, name) in invalid_json
        .iter()
        .flat_map(|json| RESOURCES.map(|name| (json, name)))
    {
        let results = send_stored(name, json).await;
        assert!(results.iter().all(|diagnostics| has_error(diagnostics)));
    }
    let invalid_msgpack = invalid_msgpack.map(|msgpack| DynamicValue {
        msgpack,
        json: Vec::new(),
    });
    let invalid_json = invalid_json.map(|json| DynamicValue {
        msgpack: Vec::new(),
        json,
    });
    for invalid in invalid_msgpack.iter().chain(&invalid_json) {
        for (kind, sample) in samples().await {
            let results = send(kind, &msgpack(&sample), invalid.clone()).await;
            results
                .iter()
                .for_each(|diagnostics| assert_error_at("", diagnostics));
        }
        for name in RESOURCES {
            import(name, String::new(), Some(invalid.clone())).await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_request_gets_a_response(mutation in any_mutation(), sample in any::<Index>(), garbage in vec(any::<u8>(), 0..64)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let name = *sample.get(&RESOURCES);
            for (kind, valid) in [sample.get(&samples().await), sample.get(&resources())] {
                for invalid in [mutation.msgpack(valid), mutation.json(valid)] {
                    send_stored(name, &invalid.json).await;
                    send(*kind, &msgpack(valid), invalid).await;
                }
            }
            let google_state = include_str!("../../../src/job/move_state/testdata/full.json");
            let google_state = mutation.json(&serde_json::from_str(google_state).unwrap());
            let identity = json!({ "project": "p", "location": "us-central1", "job": "j", "name": "n" });
            send_stored(name, &google_state.json).await;
            for identity in [mutation.msgpack(&identity), mutation.json(&identity)] {
                import(name, String::new(), Some(identity)).await;
            }
            import(name, String::from_utf8_lossy(&garbage).into_owned(), None).await;
            send_stored(name, &garbage).await;
        });
    }
}
