//! The plan of a resource that has no plan of its own.

use super::{Plan, PlanRequest};
use crate::schema::{Attribute, Configurability, Schema};
use crate::value::{Path, Value};

/// Plans what the schema alone determines: defaults where the configuration sets nothing; computed values from the prior
/// state when nothing else changes, unknown otherwise; replacement for changed attributes that require it.
pub fn default_plan(schema: &Schema, request: &PlanRequest<'_>) -> Plan {
    let PlanRequest { prior, config, .. } = *request;
    if config.is_null() {
        return Plan::default();
    }
    let filled = schema.with_defaults(config);
    let kept = keep_computed(&schema.attributes, &filled, prior);
    if kept == *prior {
        return Plan {
            planned: kept,
            ..Plan::default()
        };
    }
    let planned = forget_computed(&schema.attributes, &filled);
    let changed = schema.requiring_replace().filter(|attribute| {
        let (before, after) = (prior.get(attribute.name), planned.get(attribute.name));
        !prior.is_null() && before != after
    });
    Plan {
        requires_replace: changed.map(|attribute| Path::attribute(attribute.name)).collect(),
        planned,
        diagnostics: Vec::new(),
    }
}

/// The object with the prior values of what the configuration leaves to the provider.
fn keep_computed(attributes: &[Attribute], planned: &Value, prior: &Value) -> Value {
    computed(attributes, planned, &|attribute| {
        prior.get(attribute.name).clone()
    })
}

/// The object with unknown values for what the configuration leaves to the provider.
fn forget_computed(attributes: &[Attribute], planned: &Value) -> Value {
    computed(attributes, planned, &|_| Value::Unknown)
}

fn computed(attributes: &[Attribute], planned: &Value, value: &dyn Fn(&Attribute) -> Value) -> Value {
    let mut planned = planned.clone();
    for attribute in attributes {
        let is_computed = matches!(
            attribute.configurability,
            Configurability::Computed | Configurability::OptionalComputed
        );
        if is_computed && planned.get(attribute.name).is_null() {
            planned.set(attribute.name, value(attribute));
        }
    }
    planned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Type;

    fn schema() -> Schema {
        Schema::new(
            "",
            vec![
                Attribute::new("path", Type::String, "")
                    .required()
                    .requires_replace(),
                Attribute::new("content", Type::String, ""),
                Attribute::new("mode", Type::String, "").default("0644"),
                Attribute::new("checksum", Type::String, "").computed(),
            ],
        )
    }

    fn object(path: &str, content: &str, mode: Value, checksum: Value) -> Value {
        Value::from([
            ("path", Value::from(path)),
            ("content", Value::from(content)),
            ("mode", mode),
            ("checksum", checksum),
        ])
    }

    fn plan(prior: &Value, config: &Value) -> Plan {
        default_plan(
            &schema(),
            &PlanRequest {
                prior,
                config,
                private: &[],
            },
        )
    }

    #[test]
    fn new_object_gets_defaults_and_unknown_computed_values() {
        let plan = plan(&Value::Null, &object("a", "x", Value::Null, Value::Null));
        assert_eq!(plan.planned, object("a", "x", "0644".into(), Value::Unknown));
        assert_eq!(plan.requires_replace, []);
    }

    #[test]
    fn unchanged_object_keeps_computed_values() {
        let prior = object("a", "x", "0644".into(), "sum".into());
        let plan = plan(&prior, &object("a", "x", Value::Null, Value::Null));
        assert_eq!(plan.planned, prior);
    }

    #[test]
    fn changed_attribute_requires_replace_where_the_schema_says_so() {
        let prior = object("a", "x", "0644".into(), "sum".into());
        let update = plan(&prior, &object("a", "y", Value::Null, Value::Null));
        assert_eq!(update.planned, object("a", "y", "0644".into(), Value::Unknown));
        assert_eq!(update.requires_replace, []);
        let replace = plan(&prior, &object("b", "x", Value::Null, Value::Null));
        assert_eq!(replace.requires_replace, [Path::attribute("path")]);
    }

    #[test]
    fn null_configuration_plans_destruction() {
        let prior = object("a", "x", "0644".into(), "sum".into());
        assert_eq!(plan(&prior, &Value::Null).planned, Value::Null);
    }
}
