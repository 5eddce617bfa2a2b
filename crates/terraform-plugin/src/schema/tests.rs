//! Coercion of values, and defaults.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::arbitrary::any_object;
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    #[test]
    fn conforming_values_are_unchanged_and_defaults_idempotent(value in any_object(&schema().attributes, &[])) {
        prop_assert_eq!(coerce(value.clone()), Ok(value.clone()));
        let filled = schema().with_defaults(&value);
        prop_assert_eq!(coerce(filled.clone()), Ok(filled.clone()));
        prop_assert_eq!(schema().with_defaults(&filled), filled);
    }
}

fn schema() -> Schema {
    let nested = vec![
        Attribute::new("cpu", Type::String, "").default("20"),
        Attribute::new("note", Type::String, ""),
    ];
    Schema::new(
        "",
        vec![
            Attribute::new("count", Type::Number, ""),
            Attribute::new("size", Type::SingleNested(nested.clone()), "")
                .default(Value::Map(BTreeMap::new())),
            Attribute::new("items", Type::ListNested(nested), ""),
            Attribute::new("words", Type::strings(), ""),
        ],
    )
}

fn coerce(value: Value) -> Result<Value, TypeError> {
    schema().coerce(value, ExtraAttributes::Error)
}

#[test]
fn missing_attributes_become_null_and_text_a_number() {
    let value = coerce([("count", Value::from("0.5"))].into()).unwrap();
    assert_eq!(value.get("count"), &Value::Number(Number::parse("0.5").unwrap()));
    assert_eq!(value.get("size"), &Value::Null);
    let Value::Map(members) = &value else {
        panic!("not an object")
    };
    assert_eq!(members.len(), 4);
}

#[test]
fn type_errors_have_a_path() {
    let check = |value: Value, expected: &str| {
        let error = coerce(value).unwrap_err();
        assert_eq!(format!("{}: {error}", error.path()), expected);
    };
    check(
        [("count", Value::from("many"))].into(),
        "count: must be a number, got text",
    );
    check(
        [("words", Value::from(vec![Value::from(true)]))].into(),
        "words[0]: must be a string, got a bool",
    );
    check(
        [("size", Value::from("big"))].into(),
        "size: must be an object, got a string",
    );
    check(
        [("color", Value::from("red"))].into(),
        "color: must be an attribute of the schema, got another name",
    );
    check(Value::from(1), ": must be an object, got a number");
}

#[test]
fn extra_attributes_of_a_state_are_ignored() {
    let value = schema()
        .coerce([("color", Value::from("red"))].into(), ExtraAttributes::Ignore)
        .unwrap();
    assert_eq!(value.get("color"), &Value::Null);
}

#[test]
fn defaults_are_set_at_every_depth() {
    let items = Value::List(vec![[("cpu", Value::Null)].into(), Value::Unknown]);
    let config = coerce([("items", items), ("words", Value::Unknown)].into()).unwrap();
    let filled = schema().with_defaults(&config);
    assert_eq!(filled.get("size").get("cpu"), &Value::from("20"));
    let Value::List(items) = filled.get("items") else {
        panic!("not a list")
    };
    assert_eq!(items[0].get("cpu"), &Value::from("20"));
    assert_eq!(items[1], Value::Unknown);
    assert!(filled.get("words").is_unknown() && filled.get("count").is_null());
}
