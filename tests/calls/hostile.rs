//! Bad input: whatever is sent, in whichever role, there is an answer; it is no fault of the provider's own; and no state
//! is lost by it.
//!
//! The places come from the schemas that the provider sends, so that a new attribute is tried without an edit here. The
//! provider calls no API: its access token is unknown.

use proptest::{collection::vec, option, prelude::*, sample::Index, sample::select};
use serde_json::{Value, json};
use terraform_plugin::proto::tfplugin6::{
    provider_server::Provider as _,
    schema::{Attribute, object::NestingMode},
    *,
};
use tokio_stream::StreamExt as _;
use tonic::Request;

use crate::configured;
use crate::values::{UNKNOWN, in_json, packed, raw};

const JOB: &str = "facets_gpu_cloudrun_job";
const CATALOG: &str = "facets_gpu_catalog";

/// What a value is sent as.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Job,
    Provider,
    Data(&'static str),
    Query,
}

/// Calls a method. It must answer, and the answer must have met no fault and say no more than anybody reads. What has no
/// error must have the result, where one is named.
macro_rules! call {
    ($method:ident, $module:ident { $($request:tt)* } $(, $result:ident)?) => {{
        let provider = configured().await;
        #[allow(clippy::needless_update, reason = "some requests have no other field")]
        let request = $module::Request { $($request)* ..Default::default() };
        let answer = provider.$method(Request::new(request)).await.unwrap().into_inner();
        sound(stringify!($method), &answer.diagnostics);
        $(assert_ne!(is_error(&answer.diagnostics), answer.$result.is_some());)?
        answer
    }};
}

fn sound(method: &str, told: &[Diagnostic]) {
    let faults = told
        .iter()
        .filter(|told| told.summary == "The provider met a fault of its own");
    assert_eq!(faults.count(), 0, "{method}");
    let length: usize = told
        .iter()
        .map(|told| told.summary.len() + told.detail.len())
        .sum();
    assert!(length < 100_000, "{method}: {length} bytes of diagnostics");
}

fn is_error(told: &[Diagnostic]) -> bool {
    told.iter()
        .any(|told| told.severity() == diagnostic::Severity::Error)
}

/// Asserts that a state is still there, as it was sent where something in the call cannot be read.
fn keeps(sent: Option<DynamicValue>, left: Option<DynamicValue>, private: Vec<u8>, told: &[Diagnostic]) {
    assert!(left.is_some() && private == PRIVATE, "the state is lost");
    if told.iter().any(|told| told.summary == "Unreadable value") {
        assert_eq!(left, sent);
    }
}

/// Sends a value in every role that one of its kind has, beside a good one; gives back what each call told.
async fn sent(kind: Kind, good: &DynamicValue, bad: DynamicValue) -> Vec<Vec<Diagnostic>> {
    let (good, bad) = (Some(good.clone()), Some(bad));
    let type_name = JOB.to_owned();
    match kind {
        Kind::Provider => {
            let config = bad.clone();
            let validated = call! { validate_provider_config, validate_provider_config { config, } };
            let configured = call! { configure_provider, configure_provider { config: bad, } };
            vec![validated.diagnostics, configured.diagnostics]
        }
        Kind::Data(name) => {
            let (type_name, config) = (name.to_owned(), bad.clone());
            let validated =
                call! { validate_data_resource_config, validate_data_resource_config { type_name, config, } };
            let type_name = name.to_owned();
            let read = call! { read_data_source, read_data_source { type_name, config: bad, }, state };
            vec![validated.diagnostics, read.diagnostics]
        }
        Kind::Query => {
            let request = list_resource::Request {
                type_name: JOB.to_owned(),
                config: bad.clone(),
                ..Default::default()
            };
            let provider = configured().await;
            let mut events = provider
                .list_resource(Request::new(request))
                .await
                .unwrap()
                .into_inner();
            let only = events.next().await.unwrap().unwrap().diagnostic;
            sound("list_resource", &only);
            assert!(events.next().await.is_none());
            let validated = call! { validate_list_resource_config, validate_list_resource_config { type_name, config: bad, } };
            vec![validated.diagnostics, only]
        }
        Kind::Job => {
            let (config, type_name) = (bad.clone(), JOB.to_owned());
            let mut told = vec![
                call! { validate_resource_config, validate_resource_config { type_name, config, } }
                    .diagnostics,
            ];
            for (prior_state, other) in [(good.clone(), bad.clone()), (bad.clone(), good.clone())] {
                let (proposed_new_state, prior_private) = (good.clone(), PRIVATE.to_vec());
                let (type_name, prior, config) = (JOB.to_owned(), prior_state.clone(), other.clone());
                let sent = prior.clone();
                let answer = call! { plan_resource_change, plan_resource_change {
                    type_name, prior_state, proposed_new_state, config, prior_private,
                } };
                assert_eq!(answer.planned_private, PRIVATE);
                told.push(answer.diagnostics);
                let answer = call! { apply_resource_change, apply_resource_change {
                    type_name: JOB.to_owned(), prior_state: prior, planned_state: other, planned_private: PRIVATE.to_vec(),
                } };
                keeps(sent, answer.new_state, answer.private, &answer.diagnostics);
                told.push(answer.diagnostics);
            }
            let (current_state, private) = (bad.clone(), PRIVATE.to_vec());
            let type_name = JOB.to_owned();
            let answer = call! { read_resource, read_resource { type_name, current_state, private, } };
            keeps(bad.clone(), answer.new_state, answer.private, &answer.diagnostics);
            told.push(answer.diagnostics);
            let type_name = JOB.to_owned();
            let answer = call! { generate_resource_config, generate_resource_config { type_name, state: bad, }, config };
            told.push(answer.diagnostics);
            told
        }
    }
}

/// Hands over what is stored, as a state, as an identity, and as a state of another resource that moves here; gives back
/// what each call told.
async fn stored(json: &[u8]) -> [Vec<Diagnostic>; 3] {
    let raw = || {
        Some(RawState {
            json: json.to_vec(),
            ..Default::default()
        })
    };
    let (type_name, raw_state, raw_identity) = (JOB.to_owned(), raw(), raw());
    let state =
        call! { upgrade_resource_state, upgrade_resource_state { type_name, raw_state, }, upgraded_state };
    let type_name = JOB.to_owned();
    let identity = call! { upgrade_resource_identity, upgrade_resource_identity { type_name, raw_identity, }, upgraded_identity };
    let moved = call! { move_resource_state, move_resource_state {
        source_provider_address: "registry.terraform.io/hashicorp/google".to_owned(),
        source_type_name: "google_cloud_run_v2_job".to_owned(),
        source_state: raw(), target_type_name: JOB.to_owned(),
    }, target_state };
    [state.diagnostics, identity.diagnostics, moved.diagnostics]
}

/// Asks for an import, which nobody can carry out.
async fn imported(id: String, identity: Option<DynamicValue>) {
    let identity = identity.map(|identity| ResourceIdentityData {
        identity_data: Some(identity),
    });
    let answer =
        call! { import_resource_state, import_resource_state { type_name: JOB.to_owned(), id, identity, } };
    assert!(is_error(&answer.diagnostics) && answer.imported_resources.is_empty());
}

/// A value of each kind with something in every place of its schema.
async fn samples() -> [(Kind, Value); 5] {
    let mut schemas = call! { get_provider_schema, get_provider_schema {} };
    let mut data = |name| schemas.data_source_schemas.remove(name);
    let (job, catalog) = (data(JOB), data(CATALOG));
    [
        (Kind::Job, schemas.resource_schemas.remove(JOB)),
        (Kind::Provider, schemas.provider),
        (Kind::Data(JOB), job),
        (Kind::Data(CATALOG), catalog),
        (Kind::Query, schemas.list_resource_schemas.remove(JOB)),
    ]
    .map(|(kind, schema)| (kind, object(&schema.unwrap().block.unwrap().attributes)))
}

fn object(attributes: &[Attribute]) -> Value {
    let members = attributes.iter().map(|attribute| {
        let value = match &attribute.nested_type {
            None => simple(&serde_json::from_slice(&attribute.r#type).unwrap()),
            Some(nested) if nested.nesting() == NestingMode::Single => object(&nested.attributes),
            Some(nested) => json!([object(&nested.attributes)]),
        };
        (attribute.name.clone(), value)
    });
    Value::Object(members.collect())
}

fn simple(of: &Value) -> Value {
    match (of.as_str(), of[0].as_str()) {
        (Some("bool"), _) => json!(true),
        (Some("number"), _) => json!(1),
        (Some("string"), _) => json!("text"),
        (_, Some("map")) => json!({ A_KEY: simple(&of[1]) }),
        _ => json!([simple(&of[1])]),
    }
}

/// Every place in a value, as JSON pointers; the whole is the first.
fn places(at: &str, value: &Value) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (at.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    let below = inside.into_iter().flat_map(|(name, value)| {
        places(
            &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
            value,
        )
    });
    [at.to_owned()].into_iter().chain(below).collect()
}

fn with(value: &Value, place: &str, new: &Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(place).unwrap() = new.clone();
    value
}

/// What does not belong where this value is: JSON of another type, and bytes that are no JSON.
fn misfits(there: &Value) -> (Vec<Value>, Vec<Value>) {
    let mut values = vec![json!(true), json!(7), json!("many"), json!([]), json!({ "?": 1 })];
    let is_map = there.get(A_KEY).is_some();
    values.retain(|value| {
        std::mem::discriminant(value) != std::mem::discriminant(there) || value.is_object() && !is_map
    });
    let bytes: [&[u8]; 7] = [
        // Binary data, text that is no UTF-8, not a number, a marker that nothing has, a key that is a number.
        &[0xc4, 1, 7],
        &[0xa2, 0xc3, 0x28],
        &[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
        &[0xc1],
        &[0x81, 1, 1],
        &[&[0x91; 300][..], &[0xc0]].concat(),
        &[[0x81, 0xa1, b'k'].repeat(300), vec![0xc0]].concat(),
    ];
    (values, bytes.map(raw).into())
}

/// Asserts that there is one error, and that it is about this place or what is in it.
fn is_blamed(place: &str, told: &[Diagnostic]) {
    use attribute_path::step::Selector;
    let [error] = told else {
        panic!("{place}: {told:?}")
    };
    let steps = error.attribute.iter().flat_map(|path| &path.steps);
    let words = steps.map(|step| match step.selector.as_ref().unwrap() {
        Selector::AttributeName(name) | Selector::ElementKeyString(name) => format!("/{name}"),
        Selector::ElementKeyInt(at) => format!("/{at}"),
    });
    let at: String = words.collect();
    assert!(at.starts_with(place), "{place}: {at}");
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error_at_its_place() {
    for (kind, sample) in samples().await {
        let good = packed(&sample);
        for place in &places("", &sample)[1..] {
            let (values, bytes) = misfits(sample.pointer(place).unwrap());
            for value in values.iter().chain(&bytes) {
                let told = sent(kind, &good, packed(&with(&sample, place, value))).await;
                told.iter().for_each(|told| is_blamed(place, told));
            }
            for value in values {
                let bad = with(&sample, place, &value);
                let told = sent(kind, &good, in_json(&bad)).await;
                told.iter().for_each(|told| is_blamed(place, told));
                if matches!(kind, Kind::Job) && !value.is_object() {
                    is_blamed(place, &stored(bad.to_string().as_bytes()).await[0]);
                }
            }
        }
    }
}

#[tokio::test]
async fn an_absurd_value_in_any_place_is_answered() {
    for (kind, good) in samples().await.into_iter().chain([(Kind::Job, job())]) {
        for place in places("", &good) {
            for value in absurd() {
                sent(kind, &packed(&good), packed(&with(&good, &place, &value))).await;
            }
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_value_are_an_error() {
    let deep = |byte: u8| vec![byte; 1_000_000];
    let msgpack = [
        vec![0xc1],
        vec![0x90],
        vec![7],
        vec![0xdd; 5],
        vec![0xdf; 5],
        deep(0x91),
        vec![0xc0, 0xc0],
    ];
    let json = [
        b"{".to_vec(),
        b"[]".to_vec(),
        b"{} {}".to_vec(),
        b"\"\\ud800\"".to_vec(),
        vec![0xff; 9],
        deep(b'['),
    ];
    for json in &json {
        assert!(stored(json).await.iter().all(|told| is_error(told)));
    }
    let msgpack = msgpack.map(|msgpack| DynamicValue {
        msgpack,
        json: Vec::new(),
    });
    let json = json.map(|json| DynamicValue {
        msgpack: Vec::new(),
        json,
    });
    for bad in msgpack.iter().chain(&json) {
        for (kind, sample) in samples().await {
            let told = sent(kind, &packed(&sample), bad.clone()).await;
            told.iter().for_each(|told| is_blamed("", told));
        }
        imported(String::new(), Some(bad.clone())).await;
    }
}

/// A job with nothing wrong in it, and with something in most places.
fn job() -> Value {
    json!({
        "name": "nightly", "project": "example-project", "location": "us-central1",
        "facets": { "instance_name": "video", "environment": "demo", "cloud_tags": { "tier": "batch" } },
        "container": { "image": "us-docker.pkg.dev/example-project/jobs/train:1", "command": ["train"], "args": ["-f"] },
        "gpu": { "enabled": true, "type": "nvidia-rtx-pro-6000" }, "resources": { "cpu": "20", "memory": "80Gi" },
        "job": { "task_count": 10, "parallelism": 2, "max_retries": 3, "task_timeout": "3600s" },
        "secrets": [{ "env_var": "API_KEY", "secret_name": "my-api-key", "version": "latest" }],
        "volumes": [{ "name": "scratch", "empty_dir": { "size_limit": "1Gi" } }], "env": { "MODE": "fast" },
        "vpc_access": { "connector": "my-connector", "egress": "all-traffic" }, "launch_stage": "BETA",
        "service_account": "runner@example-project.iam.gserviceaccount.com", "labels": { "team": "render" },
        "annotations": { "example.com/owner": "render" }, "timeouts": { "create": "10m" },
    })
}

/// Values that no sensible configuration has, of any type.
fn absurd() -> Vec<Value> {
    let texts = ["", "-0", "1e400", "1e2147483647", "../a?b#c", "\u{202e}n\u{0}"];
    let mut values = vec![
        Value::Null,
        json!(UNKNOWN),
        // An unknown text of which the beginning is known.
        raw(&[0xc7, 8, 12, 0x82, 1, 0xc2, 2, 0xa3, b'p', b'r', b'e']),
        json!([null, UNKNOWN]),
        json!({ "": null, "a": UNKNOWN }),
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(1.5),
    ];
    values.extend(texts.map(Value::from));
    values
}

/// Values that belong into some place, however absurd, and values that belong into none.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => select(absurd()),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => Just(Value::from("9".repeat(1_000_000))),
        1 => Just(Value::from(vec![Value::Null; 10_000])),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((any::<String>(), inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Changes of some places of a value, and of some bytes of what comes of it.
#[derive(Clone, Debug)]
struct Harm {
    changes: Vec<(Index, Value)>,
    bytes: Vec<(Index, u8)>,
    cut: Option<Index>,
}

fn any_harm() -> impl Strategy<Value = Harm> {
    let bytes = prop_oneof![3 => Just(Vec::new()), 1 => vec(any::<(Index, u8)>(), 1..4)];
    (
        vec((any::<Index>(), any_value()), 0..3),
        bytes,
        option::weighted(0.1, any::<Index>()),
    )
        .prop_map(|(changes, bytes, cut)| Harm { changes, bytes, cut })
}

impl Harm {
    fn value(&self, good: &Value) -> Value {
        self.changes.iter().fold(good.clone(), |value, (index, new)| {
            with(&value, index.get::<String>(&places("", &value)), new)
        })
    }

    fn bytes(&self, mut good: Vec<u8>) -> Vec<u8> {
        self.bytes
            .iter()
            .for_each(|(at, byte)| *at.get_mut(&mut good) = *byte);
        self.cut.iter().for_each(|at| good.truncate(at.index(good.len())));
        good
    }

    fn msgpack(&self, good: &Value) -> DynamicValue {
        DynamicValue {
            msgpack: self.bytes(packed(&self.value(good)).msgpack),
            json: Vec::new(),
        }
    }

    fn json(&self, good: &Value) -> DynamicValue {
        DynamicValue {
            msgpack: Vec::new(),
            json: self.bytes(self.value(good).to_string().into()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_is_sent_is_answered(harm in any_harm(), sample in any::<Index>(), garbage in vec(any::<u8>(), 0..64)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for (kind, good) in [sample.get(&samples().await), &(Kind::Job, job())] {
                for bad in [harm.msgpack(good), harm.json(good)] {
                    stored(&bad.json).await;
                    sent(*kind, &packed(good), bad).await;
                }
            }
            let google = include_str!("../../src/job/move_state/testdata/full.json");
            stored(&harm.json(&serde_json::from_str(google).unwrap()).json).await;
            let identity = json!({ "project": "p", "location": "us-central1", "name": "n" });
            for identity in [harm.msgpack(&identity), harm.json(&identity)] {
                imported(String::new(), Some(identity)).await;
            }
            imported(String::from_utf8_lossy(&garbage).into_owned(), None).await;
            stored(&garbage).await;
        });
    }
}

/// What a version of this provider, or of another, has kept beside the state.
const PRIVATE: &[u8] = br#"{"another version":["kept"]}"#;
const A_KEY: &str = "a_key";
