//! What Terraform proposes to a provider that has to plan: the configuration, and the state where that is silent.

use facets_gpu::wire::proto::tfplugin6::schema::{Attribute, Object, object::NestingMode};
use serde_json::{Map, Value};

use crate::codec::UNKNOWN;

/// The state that Terraform proposes for a way from `prior` to `config`, both of them whole objects or null.
pub(crate) fn proposed(attributes: &[Attribute], prior: &Value, config: &Value) -> Value {
    if config.is_null() {
        return Value::Null;
    }
    let members = attributes.iter().map(|attribute| {
        let name = attribute.name.as_str();
        (
            name.to_owned(),
            proposed_attribute(attribute, &prior[name], &config[name]),
        )
    });
    Value::Object(members.collect())
}

fn proposed_attribute(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    match &attribute.nested_type {
        // What the configuration leaves to the provider stays as it was.
        _ if config.is_null() && attribute.computed => prior.clone(),
        Some(nested) if !config.is_null() && config != UNKNOWN => proposed_nested(nested, prior, config),
        _ => config.clone(),
    }
}

/// Nested objects find the objects of the state by their place in a list, or by their key in a map.
fn proposed_nested(nested: &Object, prior: &Value, config: &Value) -> Value {
    let element = |before: Option<&Value>, now: &Value| match before {
        Some(before) if !now.is_null() && now != UNKNOWN => proposed(&nested.attributes, before, now),
        _ => now.clone(),
    };
    match (nested.nesting(), config) {
        (NestingMode::Single, _) => proposed(&nested.attributes, prior, config),
        (NestingMode::List, Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(index, item)| element(prior.get(index), item))
            .collect(),
        (NestingMode::Map, Value::Object(items)) => items
            .iter()
            .map(|(key, item)| (key.clone(), element(prior.get(key), item)))
            .collect::<Map<_, _>>()
            .into(),
        (mode, _) => panic!("no proposals for {mode:?} in these tests"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::samples::{SINGLE, attribute, number, text};

    /// One attribute of each kind that makes a difference.
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
        ]
    }

    fn check(prior: Value, config: Value, expected: Value) {
        assert_eq!(proposed(&attributes(), &prior, &config), expected);
    }

    #[test]
    fn nothing_is_proposed_for_a_deletion() {
        check(json!({ "plain": "a" }), Value::Null, Value::Null);
    }

    #[test]
    fn without_a_state_the_configuration_is_proposed() {
        let config = json!({ "plain": "a", "chosen": null, "told": null, "settings": null, "items": [{ "key": "k", "made": null }] });
        check(Value::Null, config.clone(), config);
    }

    #[test]
    fn computed_attributes_keep_what_the_state_says_and_others_do_not() {
        let prior = json!({ "plain": "old", "chosen": "old", "told": "old", "settings": { "note": "old", "count": 3 },
            "items": [{ "key": "k", "made": "m" }] });
        let silent = json!({ "plain": null, "chosen": null, "told": null, "settings": null, "items": null });
        check(
            prior.clone(),
            silent,
            json!({ "plain": null, "chosen": "old", "told": "old", "settings": { "note": "old", "count": 3 }, "items": null }),
        );
        let spoken = json!({ "plain": "new", "chosen": UNKNOWN, "told": null, "settings": { "note": null, "count": null },
            "items": [{ "key": "k2", "made": null }, { "key": "k3", "made": null }] });
        check(
            prior,
            spoken,
            json!({ "plain": "new", "chosen": UNKNOWN, "told": "old", "settings": { "note": null, "count": 3 },
                "items": [{ "key": "k2", "made": "m" }, { "key": "k3", "made": null }] }),
        );
    }

    #[test]
    fn what_is_unknown_as_a_whole_is_proposed_as_unknown() {
        let config =
            json!({ "plain": null, "chosen": null, "told": null, "settings": UNKNOWN, "items": [UNKNOWN] });
        let prior = json!({ "plain": null, "chosen": null, "told": null, "settings": { "note": "n", "count": 1 },
            "items": [{ "key": "k", "made": "m" }] });
        check(prior, config.clone(), config);
    }
}
