//! Bytes as a configuration, or where they are none, as the choices that make one: decoded, validated, planned.

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
/// The state that an apply of the good job could have left.
static STATE: LazyLock<Value> =
    LazyLock::new(|| applied(plan(&Value::Null, &job::good(), &DEFAULTS).planned));

fuzz_target!(|data: &[u8]| {
    // One of several ways each time, by a number that any change of the input changes.
    let choice = data.len();
    if choice.is_multiple_of(16) {
        PROVIDER.with(|provider| asked(provider, data));
    }
    let config = from_msgpack(data)
        .ok()
        .and_then(|value| SCHEMA.coerce(value, ExtraAttributes::Error).ok());
    // On the way all text takes one normal form; from then on a value stays as it is.
    let Some(config) = config.or_else(|| job::any(data).ok().as_ref().map(sent)) else {
        return;
    };
    assert_eq!(sent(&config), config, "what is written is read back");
    let told = validate(&Job::read(&config));
    assert!(told.iter().all(|told| told.detail.len() < 10_000));
    let prior = if choice.is_multiple_of(3) {
        &Value::Null
    } else {
        &*STATE
    };
    let first = plan(prior, &config, &DEFAULTS);
    // What is planned for a job that is refused need not make sense.
    if told.iter().chain(&first.diagnostics).any(Diagnostic::is_error) {
        return;
    }
    let state = applied(sent(&first.planned));
    // Unknown values may become anything; without them nothing is left to do.
    if config.is_wholly_known() {
        let again = plan(&state, &config, &DEFAULTS);
        assert_eq!(again.planned, state, "a plan after an apply is empty");
        assert_eq!(again.requires_replace, []);
    }
});

/// The same by the provider itself, which has something to say whatever the bytes are.
fn asked(provider: &Provider, data: &[u8]) {
    provider.validate_provider(data);
    provider.validate(data);
    provider.plan(&[], data);
    provider.plan(&to_msgpack(&STATE), data);
}

/// A value after its way to Terraform and back.
fn sent(value: &Value) -> Value {
    let bytes = to_msgpack(value);
    match from_msgpack(&bytes).expect("a value") {
        Value::Map(members) => job::conformed(Value::Map(members)),
        nothing => nothing,
    }
}

/// The plan with answers in place of what is not known yet.
fn applied(mut planned: Value) -> Value {
    fill(&SCHEMA.attributes, &mut planned);
    job::conformed(planned)
}

fn fill(attributes: &[Attribute], object: &mut Value) {
    let Value::Map(members) = object else { return };
    for attribute in attributes {
        if let Some(member) = members.get_mut(attribute.name) {
            fill_one(&attribute.ty, member);
        }
    }
}

fn fill_one(ty: &Type, value: &mut Value) {
    match (ty, &mut *value) {
        (Type::Bool, Value::Unknown) => *value = Value::from(true),
        (Type::Number, Value::Unknown) => *value = Value::from(1),
        (Type::String, Value::Unknown) => *value = Value::from("told"),
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
            items.iter_mut().for_each(|item| fill_one(element, item))
        }
        (Type::Map(element), Value::Map(members)) => {
            members.values_mut().for_each(|member| fill_one(element, member))
        }
        _ => {}
    }
}
