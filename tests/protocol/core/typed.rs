//! Values of a schema's types: whole, with numbers in one form, or refused.

use facets_gpu::wire::proto::tfplugin6::{
    DynamicValue,
    schema::{Attribute, Object, object::NestingMode},
};
use serde_json::{Map, Number, Value};

use crate::codec::{self, UNKNOWN};

/// A configuration as Terraform has it: what is left out is null.
pub(crate) fn whole(attributes: &[Attribute], value: &Value) -> Value {
    read(attributes, &codec::object(attributes, value)).unwrap()
}

/// A value from the provider, which must be null or an object of exactly these attributes.
///
/// # Errors
/// Where the value is not of its type.
pub(crate) fn read(attributes: &[Attribute], value: &DynamicValue) -> Result<Value, String> {
    match codec::read(value) {
        Value::Null => Ok(Value::Null),
        value => object("", attributes, value),
    }
}

fn object(path: &str, attributes: &[Attribute], value: Value) -> Result<Value, String> {
    // The whole is never unknown; what is inside may be.
    if !path.is_empty() && (value.is_null() || value == UNKNOWN) {
        return Ok(value);
    }
    let Value::Object(mut members) = value else {
        return Err(format!("{path} is no object: {value}"));
    };
    let mut whole = Map::new();
    for attribute in attributes {
        let path = format!("{path}.{}", attribute.name);
        let value = members
            .remove(&attribute.name)
            .ok_or_else(|| format!("{path} is missing"))?;
        let value = match &attribute.nested_type {
            Some(_) if value.is_null() || value == UNKNOWN => value,
            Some(kind) => nested(&path, kind, value)?,
            None => typed(&path, &serde_json::from_slice(&attribute.r#type).unwrap(), value)?,
        };
        whole.insert(attribute.name.clone(), value);
    }
    match members.keys().next() {
        Some(extra) => Err(format!("{path}.{extra} is in no schema")),
        None => Ok(whole.into()),
    }
}

fn nested(path: &str, kind: &Object, value: Value) -> Result<Value, String> {
    let attributes = kind.attributes.as_slice();
    match kind.nesting() {
        NestingMode::Single => object(path, attributes, value),
        NestingMode::Map => map(path, value, |path, item| object(path, attributes, item)),
        _ => list(path, value, |path, item| object(path, attributes, item)),
    }
}

fn typed(path: &str, kind: &Value, value: Value) -> Result<Value, String> {
    if value.is_null() || value == UNKNOWN {
        return Ok(value);
    }
    let wrong = format!("{path} is no {kind}: {value}");
    match (kind.as_str(), kind.get(0).and_then(Value::as_str)) {
        (Some("string"), _) if value.is_string() => Ok(value),
        (Some("bool"), _) if value.is_boolean() => Ok(value),
        (Some("number"), _) => number(&value).ok_or(wrong),
        (_, Some("list" | "set")) => list(path, value, |path, item| typed(path, &kind[1], item)),
        (_, Some("map")) => map(path, value, |path, item| typed(path, &kind[1], item)),
        _ => Err(wrong),
    }
}

/// Numbers arrive as numbers, or as text when they are no whole numbers; they are equal by value.
fn number(value: &Value) -> Option<Value> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let shortest = match text.contains(['.', 'e', 'E']) {
        true if text.contains(['e', 'E']) => text.as_str(),
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text.as_str(),
    };
    shortest.parse::<Number>().ok().map(Value::Number)
}

fn list(
    path: &str,
    value: Value,
    item: impl Fn(&str, Value) -> Result<Value, String>,
) -> Result<Value, String> {
    let Value::Array(items) = value else {
        return Err(format!("{path} is no list: {value}"));
    };
    items
        .into_iter()
        .enumerate()
        .map(|(at, value)| item(&format!("{path}[{at}]"), value))
        .collect()
}

fn map(
    path: &str,
    value: Value,
    item: impl Fn(&str, Value) -> Result<Value, String>,
) -> Result<Value, String> {
    let Value::Object(items) = value else {
        return Err(format!("{path} is no map: {value}"));
    };
    items
        .into_iter()
        .map(|(key, value)| Ok((key.clone(), item(&format!("{path}[{key}]"), value)?)))
        .collect::<Result<Map<_, _>, _>>()
        .map(Value::Object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::samples::{SINGLE, attribute, number, text, texts};

    fn attributes() -> Vec<Attribute> {
        vec![
            attribute(text("name")),
            attribute(number("size")),
            attribute(texts("tags")),
            attribute(text("inner").nested(SINGLE, vec![number("count")])),
            attribute(text("items").nested(NestingMode::List, vec![text("key")])),
        ]
    }

    fn check(value: Value) -> Result<Value, String> {
        object("", &attributes(), value)
    }

    fn right() -> Value {
        json!({ "name": "n", "size": 1, "tags": { "a": "b" }, "inner": { "count": null }, "items": [{ "key": UNKNOWN }, UNKNOWN] })
    }

    #[test]
    fn a_value_of_its_type_is_taken_and_numbers_are_equal_by_value() {
        assert_eq!(check(right()), Ok(right()));
        let mut same = right();
        for size in ["1", "1.0", "1.00"] {
            same["size"] = size.into();
            assert_eq!(check(same.clone()), Ok(right()), "{size}");
        }
        assert_eq!(
            whole(&attributes(), &json!({ "size": 10 })),
            json!({ "name": null, "size": 10, "tags": null, "inner": null, "items": null })
        );
    }

    #[test]
    fn a_value_of_another_type_is_refused_where_it_is() {
        for (member, value, fault) in [
            ("name", json!(1), ".name is no \"string\""),
            ("size", json!("many"), ".size is no \"number\""),
            ("size", json!(true), ".size is no"),
            ("tags", json!([]), ".tags is no map"),
            ("tags", json!({ "a": 1 }), ".tags[a] is no"),
            ("inner", json!([]), ".inner is no object"),
            ("inner", json!({}), ".inner.count is missing"),
            ("items", json!({}), ".items is no list"),
            ("items", json!([{ "key": 1 }]), ".items[0].key is no"),
            (
                "items",
                json!([{ "key": "k", "more": 1 }]),
                ".items[0].more is in no schema",
            ),
            ("other", json!(1), ".other is in no schema"),
        ] {
            let mut wrong = right();
            wrong[member] = value;
            let told = check(wrong).unwrap_err();
            assert!(told.starts_with(fault), "{told}");
        }
        assert!(check(json!("text")).is_err());
        assert!(check(json!(UNKNOWN)).is_err());
    }
}
