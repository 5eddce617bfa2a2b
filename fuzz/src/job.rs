//! Job configurations: a valid one, and arbitrary ones that conform to the schema.

use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use facets_gpu::job::schema::SCHEMA;
use terraform_plugin::schema::{Attribute, ExtraAttributes, Type};
use terraform_plugin::value::{Number, Value, from_json};

/// A valid provider configuration.
pub fn provider() -> Value {
    parse(r#"{"project": "example-project", "region": "us-central1", "access_token": "token"}"#)
}

/// A valid job configuration.
pub fn valid() -> Value {
    coerced(parse(
        r#"{"name": "nightly", "container": {"image": "us-docker.pkg.dev/example-project/jobs/train:1"},
            "secrets": [{"env_var": "KEY", "secret_name": "key", "version": "3"}, {"env_var": "B", "secret_name": "b"}],
            "vpc_access": {"connector": "c"}, "labels": {"team": "render"}, "env": {"A": "b"}}"#,
    ))
}

/// A job that conforms to the schema. Each attribute is null, unknown, a common value or an arbitrary one.
pub fn arbitrary(data: &[u8]) -> Result<Value> {
    object(&SCHEMA.attributes, &mut Unstructured::new(data))
}

/// Coerces a value to the schema, and panics if it does not conform.
pub fn coerced(value: Value) -> Value {
    SCHEMA
        .coerce(value, ExtraAttributes::Error)
        .expect("the value conforms to the schema")
}

fn parse(json: &str) -> Value {
    from_json(json.as_bytes()).expect("JSON")
}

fn object(attributes: &[Attribute], data: &mut Unstructured<'_>) -> Result<Value> {
    let member = |attribute: &Attribute| Ok((attribute.name.into(), value(&attribute.ty, data)?));
    Ok(Value::Map(attributes.iter().map(member).collect::<Result<_>>()?))
}

fn value(ty: &Type, data: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match (data.int_in_range(0..=7)?, ty) {
        (0 | 1, _) => Value::Null,
        (2, _) => Value::Unknown,
        (_, Type::Bool) => Value::Bool(data.arbitrary()?),
        (_, Type::Number) => number(data)?,
        (_, Type::String) => Value::from(string(data)?),
        (_, Type::List(element) | Type::Set(element)) => list(data, |data| value(element, data))?,
        (_, Type::ListNested(attributes)) => list(data, |data| object(attributes, data))?,
        (_, Type::SingleNested(attributes)) => object(attributes, data)?,
        (_, Type::Map(element)) => {
            let mut members = BTreeMap::<String, Value>::new();
            for _ in 0..data.int_in_range(0..=3)? {
                members.insert(string(data)?, value(element, data)?);
            }
            Value::from(members)
        }
    })
}

fn list(data: &mut Unstructured<'_>, item: impl Fn(&mut Unstructured<'_>) -> Result<Value>) -> Result<Value> {
    let length = data.int_in_range(0..=3)?;
    let items = (0..length).map(|_| item(data));
    Ok(Value::List(items.collect::<Result<_>>()?))
}

fn number(data: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match data.int_in_range(0..=3)? {
        0 => Value::from(i64::from(data.int_in_range(0..=101_u8)?)),
        1 => Value::from(data.arbitrary::<i64>()?),
        2 => Number::from_f64(data.arbitrary()?).map_or(Value::Null, Value::Number),
        _ => Number::parse(&string(data)?).map_or(Value::Null, Value::Number),
    })
}

/// A string that is valid for some attribute, or an arbitrary one.
fn string(data: &mut Unstructured<'_>) -> Result<String> {
    const STRINGS: [&str; 28] = [
        "nightly",
        "demo",
        "us-central1",
        "example-project",
        "123456",
        "image",
        "20",
        "20000m",
        "80Gi",
        "81920Mi",
        "3600s",
        "1h",
        "1.5h",
        "0s",
        "latest",
        "KEY",
        "key",
        "projects/p/secrets/key",
        "projects/p/locations/l/connectors/c",
        "c",
        "all-traffic",
        "a@b.c",
        "BETA",
        "team",
        "goog-x",
        "managed-by",
        "1e400",
        "",
    ];
    if data.ratio(3, 4)? {
        Ok((*data.choose(&STRINGS)?).to_owned())
    } else {
        data.arbitrary()
    }
}
