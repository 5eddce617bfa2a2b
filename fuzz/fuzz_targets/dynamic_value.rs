//! Bytes as a MessagePack configuration, or else as the seed of an arbitrary one: decoded, validated and planned.

#![no_main]

use std::sync::LazyLock;

use facets_gpu::job::model::Job;
use facets_gpu::job::plan::plan;
use facets_gpu::job::schema::SCHEMA;
use facets_gpu::job::validate::validate;
use facets_gpu::provider::Defaults;
use facets_gpu_fuzz::{job, provider::Provider};
use libfuzzer_sys::fuzz_target;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::schema::{Attribute, ExtraAttributes, Type};
use terraform_plugin::value::{Field, Value, from_msgpack, to_msgpack};

thread_local! {
    static PROVIDER: Provider = Provider::default();
}

static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| Defaults {
    project: Field::Known("example-project".to_owned()),
    region: Field::Known("us-central1".to_owned()),
    ..Defaults::default()
});
/// A possible state after an apply of the valid job.
static STATE: LazyLock<Value> =
    LazyLock::new(|| applied(plan(&Value::Null, &job::valid(), &DEFAULTS).planned));

fuzz_target!(|data: &[u8]| {
    // The length selects a variant, so that inputs cover all of them.
    let choice = data.len();
    if choice.is_multiple_of(16) {
        PROVIDER.with(|provider| call_provider(provider, data));
    }
    let config = from_msgpack(data)
        .ok()
        .and_then(|value| SCHEMA.coerce(value, ExtraAttributes::Error).ok());
    // The first round trip normalizes all strings (NFC); further ones change nothing.
    let Some(config) = config.or_else(|| job::arbitrary(data).ok().as_ref().map(round_trip)) else {
        return;
    };
    assert_eq!(round_trip(&config), config, "encoding and decoding round-trip");
    let diagnostics = validate(&Job::read(&config));
    assert!(
        diagnostics
            .iter()
            .all(|diagnostic| diagnostic.detail.len() < 10_000)
    );
    let prior = if choice.is_multiple_of(3) {
        &Value::Null
    } else {
        &*STATE
    };
    let first = plan(prior, &config, &DEFAULTS);
    // The plan of an invalid job has no guarantees.
    if diagnostics
        .iter()
        .chain(&first.diagnostics)
        .any(Diagnostic::is_error)
    {
        return;
    }
    let state = applied(round_trip(&first.planned));
    // Unknown values may change the plan; without them it must be empty.
    if config.is_wholly_known() {
        let again = plan(&state, &config, &DEFAULTS);
        assert_eq!(again.planned, state, "a plan after an apply is empty");
        assert_eq!(again.requires_replace, []);
    }
});

/// Calls the same methods of the provider, also with bytes that cannot be decoded.
fn call_provider(provider: &Provider, data: &[u8]) {
    provider.validate_provider(data);
    provider.validate(data);
    provider.plan(&[], data);
    provider.plan(&to_msgpack(&STATE), data);
}

/// Encodes and decodes a value.
fn round_trip(value: &Value) -> Value {
    let bytes = to_msgpack(value);
    match from_msgpack(&bytes).expect("a value") {
        Value::Map(members) => job::coerced(Value::Map(members)),
        other => other,
    }
}

/// The planned state with all unknown values replaced.
fn applied(mut planned: Value) -> Value {
    fill(&SCHEMA.attributes, &mut planned);
    job::coerced(planned)
}

fn fill(attributes: &[Attribute], object: &mut Value) {
    let Value::Map(members) = object else { return };
    for attribute in attributes {
        if let Some(member) = members.get_mut(attribute.name) {
            fill_value(&attribute.ty, member);
        }
    }
}

fn fill_value(ty: &Type, value: &mut Value) {
    match (ty, &mut *value) {
        (Type::Bool, Value::Unknown) => *value = Value::from(true),
        (Type::Number, Value::Unknown) => *value = Value::from(1),
        (Type::String, Value::Unknown) => *value = Value::from("computed"),
        (_, Value::Unknown) => *value = Value::Null,
        (Type::SingleNested(attributes), value) => fill(attributes, value),
        (Type::ListNested(attributes), Value::List(items)) => {
            for item in items {
                if item.is_unknown() {
                    *item = Value::Null;
                }
                fill(attributes, item);
            }
        }
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            items.iter_mut().for_each(|item| fill_value(element, item))
        }
        (Type::Map(element), Value::Map(members)) => members
            .values_mut()
            .for_each(|member| fill_value(element, member)),
        _ => {}
    }
}
