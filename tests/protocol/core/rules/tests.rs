//! Each rule lets pass what is right, and tells what is wrong.

use facets_gpu::wire::proto::tfplugin6::attribute_path::Step;
use serde_json::json;

use super::*;
use crate::core::samples::{SINGLE, attribute, number, text, texts};

fn attributes() -> Vec<Attribute> {
    vec![
        attribute(text("plain")),
        attribute(text("chosen").or_computed()),
        attribute(text("told").computed()),
        attribute(
            text("settings")
                .nested(SINGLE, vec![text("note"), number("count").or_computed()])
                .or_computed(),
        ),
        attribute(text("items").nested(NestingMode::List, vec![text("key"), text("made").or_computed()])),
        attribute(texts("tags")),
        attribute(text("named").nested(NestingMode::Map, vec![text("key")])),
    ]
}

/// A whole object: what is not given is null.
fn whole(given: Value) -> Value {
    let mut whole: Value = attributes()
        .iter()
        .map(|attribute| (attribute.name.clone(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (name, value) in given.as_object().unwrap() {
        whole[name] = value.clone();
    }
    whole
}

fn plan(prior: Value, config: Value, planned: Value) -> Vec<String> {
    let prior = if prior.is_null() { prior } else { whole(prior) };
    invalid_plan(&attributes(), &prior, &whole(config), &whole(planned))
}

#[track_caller]
fn refused(faults: &[String], expected: &str) {
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains(expected), "{faults:?}");
}

const NONE: [String; 0] = [];

#[test]
fn a_plan_may_fill_what_is_computed_and_left_out() {
    assert_eq!(
        plan(
            Value::Null,
            json!({ "plain": "a", "settings": { "note": "n", "count": null }, "items": [{ "key": "k", "made": null }] }),
            json!({ "plain": "a", "chosen": UNKNOWN, "told": "t", "settings": { "note": "n", "count": 3 },
                "items": [{ "key": "k", "made": "m" }] }),
        ),
        NONE
    );
    let defaults = json!({ "settings": { "note": "whatever", "count": UNKNOWN } });
    assert_eq!(plan(Value::Null, json!({}), defaults), NONE);
}

#[test]
fn a_plan_may_keep_the_words_of_the_state() {
    let prior = json!({ "plain": "60m", "settings": { "note": "1h", "count": 1 } });
    let config = json!({ "plain": "1h", "settings": { "note": "60m", "count": 2 } });
    let planned = json!({ "plain": "60m", "settings": { "note": "1h", "count": 2 } });
    assert_eq!(plan(prior, config, planned), NONE);
}

#[test]
fn a_plan_that_changes_what_is_configured_is_refused() {
    refused(
        &plan(Value::Null, json!({ "plain": "a" }), json!({ "plain": "A" })),
        ".plain is configured as \"a\"",
    );
    refused(
        &plan(
            json!({ "chosen": "old" }),
            json!({ "chosen": "a" }),
            json!({ "chosen": UNKNOWN }),
        ),
        ".chosen",
    );
    refused(
        &plan(
            Value::Null,
            json!({ "settings": { "note": "a", "count": 1 } }),
            json!({ "settings": { "note": "a", "count": 2 } }),
        ),
        ".settings.count",
    );
    refused(
        &plan(
            Value::Null,
            json!({ "tags": { "a": "b" } }),
            json!({ "tags": { "a": "b", "c": "d" } }),
        ),
        ".tags",
    );
}

#[test]
fn a_plan_that_fills_what_is_not_computed_is_refused() {
    refused(
        &plan(Value::Null, json!({}), json!({ "plain": "a" })),
        ".plain is not computed",
    );
    refused(
        &plan(Value::Null, json!({}), json!({ "items": [] })),
        ".items is not computed",
    );
    refused(
        &plan(json!({ "plain": "old" }), json!({}), json!({ "plain": "old" })),
        ".plain is not computed",
    );
}

#[test]
fn a_plan_that_forgets_what_is_configured_is_refused() {
    let settings = json!({ "settings": { "note": "a", "count": 1 } });
    refused(
        &plan(Value::Null, settings.clone(), json!({})),
        ".settings is configured",
    );
    refused(
        &plan(Value::Null, settings, json!({ "settings": UNKNOWN })),
        ".settings is configured",
    );
    let attributes = attributes();
    refused(
        &invalid_plan(&attributes, &Value::Null, &whole(json!({})), &Value::Null),
        "absence",
    );
    refused(
        &invalid_plan(&attributes, &Value::Null, &Value::Null, &whole(json!({}))),
        "absence",
    );
}

#[test]
fn a_plan_with_other_elements_is_refused() {
    let one = json!({ "items": [{ "key": "k", "made": null }] });
    refused(
        &plan(Value::Null, one.clone(), json!({ "items": [] })),
        ".items has another count",
    );
    refused(
        &plan(
            Value::Null,
            one.clone(),
            json!({ "items": [{ "key": "l", "made": "m" }] }),
        ),
        ".items[0].key",
    );
    refused(
        &plan(
            Value::Null,
            json!({ "items": UNKNOWN }),
            json!({ "items": [{ "key": "k", "made": "m" }] }),
        ),
        ".items has another count",
    );
    refused(
        &plan(
            Value::Null,
            json!({ "named": { "a": { "key": "k" } } }),
            json!({ "named": { "b": { "key": "k" } } }),
        ),
        ".named[b] is not configured",
    );
    assert_eq!(
        plan(
            Value::Null,
            json!({ "items": UNKNOWN }),
            json!({ "items": UNKNOWN })
        ),
        NONE
    );
}

#[test]
fn a_plan_that_invents_what_is_not_known_yet_is_refused() {
    refused(
        &plan(Value::Null, json!({ "plain": UNKNOWN }), json!({ "plain": "a" })),
        ".plain is configured as",
    );
    let invented = plan(
        Value::Null,
        json!({ "settings": UNKNOWN }),
        json!({ "settings": { "note": UNKNOWN, "count": 1 } }),
    );
    refused(&invented, ".settings.count");
    assert_eq!(
        plan(
            Value::Null,
            json!({ "settings": UNKNOWN }),
            json!({ "settings": UNKNOWN })
        ),
        NONE
    );
}

#[test]
fn what_was_known_must_stay_and_what_was_unknown_may_become_anything() {
    let planned = json!({ "a": "x", "b": UNKNOWN, "c": [1, UNKNOWN], "d": null });
    assert_eq!(
        incompatible(
            &planned,
            &json!({ "a": "x", "b": { "y": 1 }, "c": [1, null], "d": null })
        ),
        NONE
    );
    for (actual, fault) in [
        (
            json!({ "a": "y", "b": 1, "c": [1, 2], "d": null }),
            ".a was planned as \"x\"",
        ),
        (json!({ "a": UNKNOWN, "b": 1, "c": [1, 2], "d": null }), ".a was"),
        (json!({ "a": "x", "b": 1, "c": [1], "d": null }), ".c was"),
        (json!({ "a": "x", "b": 1, "c": [2, 2], "d": null }), ".c[0] was"),
        (
            json!({ "a": "x", "b": 1, "c": [1, 2], "d": 1 }),
            ".d was planned as null",
        ),
        (json!({ "a": "x", "b": 1, "c": [1, 2] }), ".d has vanished"),
        (
            json!({ "a": "x", "b": 1, "c": [1, 2], "d": null, "e": 1 }),
            ".e has appeared",
        ),
        (Value::Null, " was planned"),
    ] {
        refused(&incompatible(&planned, &actual), fault);
    }
}

#[test]
fn unknown_values_are_found_wherever_they_are() {
    assert_eq!(
        unknowns(&json!({ "a": [1, { "b": UNKNOWN }], "c": UNKNOWN })),
        [".a[1].b", ".c"]
    );
    assert_eq!(unknowns(&json!({ "a": [null, "unknown"] })), NONE);
    assert_eq!(unknowns(&json!(UNKNOWN)), [""]);
}

#[test]
fn a_replacement_takes_a_path_that_exists_and_a_value_that_changes() {
    let path = |names: &[&str]| AttributePath {
        steps: names
            .iter()
            .map(|name| Step {
                selector: Some(Selector::AttributeName((*name).to_owned())),
            })
            .collect(),
    };
    let (prior, planned) = (
        json!({ "a": "x", "b": { "c": 1 } }),
        json!({ "a": "x", "b": { "c": UNKNOWN } }),
    );
    let paths = [path(&["a"]), path(&["b", "c"])];
    assert_eq!(replacing(&paths, &prior, &planned), Ok(vec!["b.c".to_owned()]));
    assert_eq!(replacing(&paths, &Value::Null, &planned), Ok(Vec::new()));
    let fault = replacing(&[path(&["b", "d"])], &prior, &planned).unwrap_err();
    assert!(fault.contains("leads nowhere"), "{fault}");
}
