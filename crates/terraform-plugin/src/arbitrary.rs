//! Arbitrary values that conform to a schema, for property tests with `proptest`.
#![allow(clippy::missing_panics_doc, reason = "for tests")]

use proptest::prelude::*;

use crate::schema::{Attribute, Type};
use crate::value::{Number, Value};

/// Objects with these attributes, each null, unknown or any value of its type. Strings are any text or one of `words`.
pub fn any_object(attributes: &[Attribute], words: &'static [&'static str]) -> BoxedStrategy<Value> {
    let members = attributes.iter().map(|attribute| {
        let name = attribute.name.to_owned();
        any_value(&attribute.ty, words).prop_map(move |value| (name.clone(), value))
    });
    let members: Vec<_> = members.collect();
    members
        .prop_map(|members| Value::Map(members.into_iter().collect()))
        .boxed()
}

fn any_value(ty: &Type, words: &'static [&'static str]) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Number => prop_oneof![
            (-2..102_i64).prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,5})?".prop_map(|text| Number::parse(&text).into()),
        ]
        .boxed(),
        Type::String => any_text(words).prop_map(Value::from).boxed(),
        Type::List(element) | Type::Set(element) => list(any_value(element, words)),
        Type::Map(element) => {
            proptest::collection::btree_map(any_text(words), any_value(element, words), 0..3)
                .prop_map(Value::from)
                .boxed()
        }
        Type::SingleNested(attributes) => any_object(attributes, words),
        Type::ListNested(attributes) => list(or_null_or_unknown(any_object(attributes, words))),
    };
    or_null_or_unknown(known)
}

fn any_text(words: &'static [&'static str]) -> BoxedStrategy<String> {
    let any = "\\PC{0,16}".boxed();
    if words.is_empty() {
        return any;
    }
    let word = proptest::sample::select(words).prop_map(str::to_owned);
    prop_oneof![word, any].boxed()
}

fn list(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    proptest::collection::vec(item, 0..3)
        .prop_map(Value::List)
        .boxed()
}

fn or_null_or_unknown(known: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 1 => Just(Value::Unknown), 4 => known].boxed()
}
