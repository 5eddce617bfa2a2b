//! Invalid input in every request: the provider responds with diagnostics, never with an internal error, and keeps the state.
//!
//! The attribute paths come from the schemas that the provider sends, so that these tests cover new attributes too. The
//! provider sends no API request, because its access token is unknown.

use proptest::{collection::vec, option, prelude::*, sample::Index, sample::select};
use serde_json::{Value, json};
use terraform_plugin::proto::tfplugin6::{
    provider_server::Provider as _,
    schema::{Attribute, object::NestingMode},
    *,
};
use tokio_stream::StreamExt as _;
use tonic::Request;

use crate::configured_server;
use crate::values::{self, UNKNOWN, msgpack, raw};

const JOB: &str = "facets_gpu_cloudrun_job";
const CATALOG: &str = "facets_gpu_catalog";

/// The schema of a value.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Job,
    Provider,
    DataSource(&'static str),
    ListResource,
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

fn check_diagnostics(method: &str, diagnostics: &[Diagnostic]) {
    let internal_errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.summary == "The provider met a fault of its own");
    assert_eq!(internal_errors.count(), 0, "{method}");
    let length: usize = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.summary.len() + diagnostic.detail.len())
        .sum();
    assert!(length < 100_000, "{method}: {length} bytes of diagnostics");
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity() == diagnostic::Severity::Error)
}

/// Asserts that the response has a state and the private data; the state as sent if a value could not be decoded.
fn assert_state_kept(
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
async fn send(kind: Kind, valid: &DynamicValue, invalid: DynamicValue) -> Vec<Vec<Diagnostic>> {
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
        Kind::Job => {
            let (config, type_name) = (invalid.clone(), JOB.to_owned());
            let mut diagnostics = vec![
                call! { validate_resource_config, validate_resource_config { type_name, config, } }
                    .diagnostics,
            ];
            for (prior_state, other) in [(valid.clone(), invalid.clone()), (invalid.clone(), valid.clone())] {
                let (proposed_new_state, prior_private) = (valid.clone(), PRIVATE.to_vec());
                let (type_name, prior, config) = (JOB.to_owned(), prior_state.clone(), other.clone());
                let sent = prior.clone();
                let response = call! { plan_resource_change, plan_resource_change {
                    type_name, prior_state, proposed_new_state, config, prior_private,
                } };
                assert_eq!(response.planned_private, PRIVATE);
                diagnostics.push(response.diagnostics);
                let response = call! { apply_resource_change, apply_resource_change {
                    type_name: JOB.to_owned(), prior_state: prior, planned_state: other, planned_private: PRIVATE.to_vec(),
                } };
                assert_state_kept(sent, response.new_state, response.private, &response.diagnostics);
                diagnostics.push(response.diagnostics);
            }
            let (current_state, private) = (invalid.clone(), PRIVATE.to_vec());
            let type_name = JOB.to_owned();
            let response = call! { read_resource, read_resource { type_name, current_state, private, } };
            assert_state_kept(
                invalid.clone(),
                response.new_state,
                response.private,
                &response.diagnostics,
            );
            diagnostics.push(response.diagnostics);
            let type_name = JOB.to_owned();
            let response = call! { generate_resource_config, generate_resource_config { type_name, state: invalid, }, config };
            diagnostics.push(response.diagnostics);
            diagnostics
        }
    }
}

/// Sends stored JSON as a state, as an identity and as the state of a moved resource, and returns the diagnostics of each
/// call.
async fn send_stored(json: &[u8]) -> [Vec<Diagnostic>; 3] {
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

/// Sends an import, which must fail.
async fn import(id: String, identity: Option<DynamicValue>) {
    let identity = identity.map(|identity| ResourceIdentityData {
        identity_data: Some(identity),
    });
    let response =
        call! { import_resource_state, import_resource_state { type_name: JOB.to_owned(), id, identity, } };
    assert!(has_error(&response.diagnostics) && response.imported_resources.is_empty());
}

/// A value of each kind with all attributes of its schema set.
async fn samples() -> [(Kind, Value); 5] {
    let mut schemas = call! { get_provider_schema, get_provider_schema {} };
    let mut data_source = |name| schemas.data_source_schemas.remove(name);
    let (job, catalog) = (data_source(JOB), data_source(CATALOG));
    [
        (Kind::Job, schemas.resource_schemas.remove(JOB)),
        (Kind::Provider, schemas.provider),
        (Kind::DataSource(JOB), job),
        (Kind::DataSource(CATALOG), catalog),
        (Kind::ListResource, schemas.list_resource_schemas.remove(JOB)),
    ]
    .map(|(kind, schema)| (kind, object(&schema.unwrap().block.unwrap().attributes)))
}

fn object(attributes: &[Attribute]) -> Value {
    let members = attributes.iter().map(|attribute| {
        let value = match &attribute.nested_type {
            None => primitive_or_collection(&serde_json::from_slice(&attribute.r#type).unwrap()),
            Some(nested) if nested.nesting() == NestingMode::Single => object(&nested.attributes),
            Some(nested) => json!([object(&nested.attributes)]),
        };
        (attribute.name.clone(), value)
    });
    Value::Object(members.collect())
}

fn primitive_or_collection(ty: &Value) -> Value {
    match (ty.as_str(), ty[0].as_str()) {
        (Some("bool"), _) => json!(true),
        (Some("number"), _) => json!(1),
        (Some("string"), _) => json!("text"),
        (_, Some("map")) => json!({ MAP_KEY: primitive_or_collection(&ty[1]) }),
        _ => json!([primitive_or_collection(&ty[1])]),
    }
}

/// The JSON pointers of a value and all values in it; the first is the value itself.
fn pointers(base: &str, value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => Vec::new(),
    };
    let descendants = children.into_iter().flat_map(|(name, value)| {
        pointers(
            &format!("{base}/{}", name.replace('~', "~0").replace('/', "~1")),
            value,
        )
    });
    [base.to_owned()].into_iter().chain(descendants).collect()
}

fn with(value: &Value, pointer: &str, new: &Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(pointer).unwrap() = new.clone();
    value
}

/// JSON values of other types than this value, and bytes that are not a valid value.
fn wrong_values(valid: &Value) -> (Vec<Value>, Vec<Value>) {
    let mut values = vec![json!(true), json!(7), json!("many"), json!([]), json!({ "?": 1 })];
    let is_map = valid.get(MAP_KEY).is_some();
    values.retain(|value| {
        std::mem::discriminant(value) != std::mem::discriminant(valid) || value.is_object() && !is_map
    });
    let bytes: [&[u8]; 7] = [
        // Binary data, invalid UTF-8, NaN, the unused marker, an integer key, deeply nested lists and maps.
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

/// Asserts that there is one diagnostic, at this path or below it.
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
    assert!(actual.starts_with(path), "{path}: {actual}");
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
                if matches!(kind, Kind::Job) && !value.is_object() {
                    assert_error_at(path, &send_stored(invalid.to_string().as_bytes()).await[0]);
                }
            }
        }
    }
}

#[tokio::test]
async fn unusual_value_at_any_path_gets_a_response() {
    for (kind, valid) in samples().await.into_iter().chain([(Kind::Job, job())]) {
        for path in pointers("", &valid) {
            for value in unusual_values() {
                send(kind, &msgpack(&valid), msgpack(&with(&valid, &path, &value))).await;
            }
        }
    }
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
    for json in &invalid_json {
        assert!(
            send_stored(json)
                .await
                .iter()
                .all(|diagnostics| has_error(diagnostics))
        );
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
        import(String::new(), Some(invalid.clone())).await;
    }
}

/// A valid job with most attributes set.
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

/// Values of all types that are unusual in a configuration.
fn unusual_values() -> Vec<Value> {
    let strings = ["", "-0", "1e400", "1e2147483647", "../a?b#c", "\u{202e}n\u{0}"];
    let mut values = vec![
        Value::Null,
        json!(UNKNOWN),
        // An unknown string with a known prefix.
        raw(&[0xc7, 8, 12, 0x82, 1, 0xc2, 2, 0xa3, b'p', b'r', b'e']),
        json!([null, UNKNOWN]),
        json!({ "": null, "a": UNKNOWN }),
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(1.5),
    ];
    values.extend(strings.map(Value::from));
    values
}

/// Unusual and random values, also nested.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => select(unusual_values()),
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

/// Replaces parts of a value, and then bytes of its encoding.
#[derive(Clone, Debug)]
struct Mutation {
    changes: Vec<(Index, Value)>,
    bytes: Vec<(Index, u8)>,
    truncate_at: Option<Index>,
}

fn any_mutation() -> impl Strategy<Value = Mutation> {
    let bytes = prop_oneof![3 => Just(Vec::new()), 1 => vec(any::<(Index, u8)>(), 1..4)];
    (
        vec((any::<Index>(), any_value()), 0..3),
        bytes,
        option::weighted(0.1, any::<Index>()),
    )
        .prop_map(|(changes, bytes, truncate_at)| Mutation {
            changes,
            bytes,
            truncate_at,
        })
}

impl Mutation {
    fn value(&self, valid: &Value) -> Value {
        self.changes.iter().fold(valid.clone(), |value, (index, new)| {
            with(&value, index.get::<String>(&pointers("", &value)), new)
        })
    }

    fn bytes(&self, mut valid: Vec<u8>) -> Vec<u8> {
        self.bytes
            .iter()
            .for_each(|(index, byte)| *index.get_mut(&mut valid) = *byte);
        self.truncate_at
            .iter()
            .for_each(|index| valid.truncate(index.index(valid.len())));
        valid
    }

    fn msgpack(&self, valid: &Value) -> DynamicValue {
        DynamicValue {
            msgpack: self.bytes(msgpack(&self.value(valid)).msgpack),
            json: Vec::new(),
        }
    }

    fn json(&self, valid: &Value) -> DynamicValue {
        DynamicValue {
            msgpack: Vec::new(),
            json: self.bytes(self.value(valid).to_string().into()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_request_gets_a_response(mutation in any_mutation(), sample in any::<Index>(), garbage in vec(any::<u8>(), 0..64)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for (kind, valid) in [sample.get(&samples().await), &(Kind::Job, job())] {
                for invalid in [mutation.msgpack(valid), mutation.json(valid)] {
                    send_stored(&invalid.json).await;
                    send(*kind, &msgpack(valid), invalid).await;
                }
            }
            let google_state = include_str!("../../src/job/move_state/testdata/full.json");
            send_stored(&mutation.json(&serde_json::from_str(google_state).unwrap()).json).await;
            let identity = json!({ "project": "p", "location": "us-central1", "name": "n" });
            for identity in [mutation.msgpack(&identity), mutation.json(&identity)] {
                import(String::new(), Some(identity)).await;
            }
            import(String::from_utf8_lossy(&garbage).into_owned(), None).await;
            send_stored(&garbage).await;
        });
    }
}

/// Private data as another version of the provider could have stored it.
const PRIVATE: &[u8] = br#"{"another version":["kept"]}"#;
const MAP_KEY: &str = "map_key";
