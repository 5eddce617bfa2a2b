//! Values of each schema, and what makes them invalid or unusual.

use proptest::{collection::vec, option, prelude::*, sample::Index, sample::select};
use serde_json::{Value, json};
use terraform_plugin::proto::tfplugin6::{
    DynamicValue,
    schema::{Attribute, object::NestingMode},
};

use super::requests::{CATALOG, EXECUTION, JOB, Kind, RUN, schemas};
use crate::values::{UNKNOWN, msgpack, raw};

/// A value of each kind with all attributes of its schema set.
pub(super) async fn samples() -> [(Kind, Value); 8] {
    let mut schemas = schemas().await;
    let mut data_source = |name| schemas.data_source_schemas.remove(name);
    let (job, execution, catalog) = (data_source(JOB), data_source(EXECUTION), data_source(CATALOG));
    let action = schemas.action_schemas.remove(RUN);
    [
        (Kind::Resource(JOB), schemas.resource_schemas.remove(JOB)),
        (
            Kind::Resource(EXECUTION),
            schemas.resource_schemas.remove(EXECUTION),
        ),
        (Kind::Provider, schemas.provider),
        (Kind::DataSource(JOB), job),
        (Kind::DataSource(EXECUTION), execution),
        (Kind::DataSource(CATALOG), catalog),
        (Kind::ListResource, schemas.list_resource_schemas.remove(JOB)),
        (Kind::Action, action.and_then(|action| action.schema)),
    ]
    .map(|(kind, schema)| (kind, object(&schema.unwrap().block.unwrap().attributes)))
}

pub(super) fn object(attributes: &[Attribute]) -> Value {
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

pub(super) fn primitive_or_collection(ty: &Value) -> Value {
    match (ty.as_str(), ty[0].as_str()) {
        (Some("bool"), _) => json!(true),
        (Some("number"), _) => json!(1),
        (Some("string"), _) => json!("text"),
        (_, Some("object")) => {
            let members = ty[1].as_object().unwrap().iter();
            members
                .map(|(name, ty)| (name.clone(), primitive_or_collection(ty)))
                .collect()
        }
        (_, Some("map")) => json!({ MAP_KEY: primitive_or_collection(&ty[1]) }),
        _ => json!([primitive_or_collection(&ty[1])]),
    }
}

/// The JSON pointers of a value and all values in it; the first is the value itself.
pub(super) fn pointers(base: &str, value: &Value) -> Vec<String> {
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

pub(super) fn with(value: &Value, pointer: &str, new: &Value) -> Value {
    let mut value = value.clone();
    *value.pointer_mut(pointer).unwrap() = new.clone();
    value
}

/// JSON values of other types than this value, and bytes that are not a valid value.
pub(super) fn wrong_values(valid: &Value) -> (Vec<Value>, Vec<Value>) {
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

/// A valid job with most attributes set.
pub(super) fn job() -> Value {
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

/// A valid execution with all attributes of a configuration set.
pub(super) fn execution() -> Value {
    json!({
        "job": "projects/example-project/locations/us-central1/jobs/nightly", "triggers": { "uid": "u" }, "args": ["-f"],
        "env": { "MODE": "fast" }, "task_count": 2, "task_timeout": "1h", "delay_execution": false, "wait": true,
        "timeouts": { "create": "2h", "delete": "10m" }, "state": "RUNNING",
        "id": "projects/example-project/locations/us-central1/jobs/nightly/executions/nightly-x7k2p",
    })
}

/// Values of all types that are unusual in a configuration.
pub(super) fn unusual_values() -> Vec<Value> {
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
pub(super) fn any_value() -> impl Strategy<Value = Value> {
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
pub(super) struct Mutation {
    changes: Vec<(Index, Value)>,
    bytes: Vec<(Index, u8)>,
    truncate_at: Option<Index>,
}

pub(super) fn any_mutation() -> impl Strategy<Value = Mutation> {
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
    pub(super) fn value(&self, valid: &Value) -> Value {
        self.changes.iter().fold(valid.clone(), |value, (index, new)| {
            with(&value, index.get::<String>(&pointers("", &value)), new)
        })
    }

    pub(super) fn bytes(&self, mut valid: Vec<u8>) -> Vec<u8> {
        self.bytes
            .iter()
            .for_each(|(index, byte)| *index.get_mut(&mut valid) = *byte);
        self.truncate_at
            .iter()
            .for_each(|index| valid.truncate(index.index(valid.len())));
        valid
    }

    pub(super) fn msgpack(&self, valid: &Value) -> DynamicValue {
        DynamicValue {
            msgpack: self.bytes(msgpack(&self.value(valid)).msgpack),
            json: Vec::new(),
        }
    }

    pub(super) fn json(&self, valid: &Value) -> DynamicValue {
        DynamicValue {
            msgpack: Vec::new(),
            json: self.bytes(self.value(valid).to_string().into()),
        }
    }
}

pub(super) const MAP_KEY: &str = "map_key";
