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

#[test]
fn attribute_left_to_the_provider_never_causes_replacement() {
    let generated = |name| Attribute::new(name, Type::String, "").optional_computed();
    let schema = Schema::new(
        "",
        vec![
            generated("name").requires_replace(),
            generated("zone").requires_replace(),
            Attribute::new("content", Type::String, ""),
        ],
    );
    let object = |name: Value, zone: Value, content: &str| {
        Value::from([("name", name), ("zone", zone), ("content", content.into())])
    };
    let prior = object("generated".into(), "a".into(), "x");
    let plan = |config: Value| {
        let request = PlanRequest {
            prior: &prior,
            config: &config,
            private: &[],
        };
        default_plan(&schema, &request)
    };
    let update = plan(object(Value::Null, "a".into(), "y"));
    assert_eq!(update.planned, object("generated".into(), "a".into(), "y"));
    assert_eq!(update.requires_replace, []);
    let replace = plan(object(Value::Null, "b".into(), "x"));
    assert_eq!(replace.planned, object(Value::Unknown, "b".into(), "x"));
    assert_eq!(replace.requires_replace, [Path::attribute("zone")]);
}

#[test]
fn nested_computed_values_are_kept_or_unknown() {
    let disk = vec![
        Attribute::new("size", Type::Number, ""),
        Attribute::new("id", Type::String, "").computed(),
    ];
    let schema = Schema::new(
        "",
        vec![
            Attribute::new("boot", Type::SingleNested(disk.clone()), ""),
            Attribute::new("disks", Type::ListNested(disk), ""),
        ],
    );
    let object = |size: i64, id: Value| {
        let disk = Value::from([("size", size.into()), ("id", id)]);
        Value::from([("boot", disk.clone()), ("disks", Value::List(vec![disk]))])
    };
    let prior = object(1, "d-1".into());
    let planned = |prior: &Value, config: Value| {
        let request = PlanRequest {
            prior,
            config: &config,
            private: &[],
        };
        default_plan(&schema, &request).planned
    };
    assert_eq!(planned(&prior, object(1, Value::Null)), prior);
    assert_eq!(planned(&prior, object(2, Value::Null)), object(2, Value::Unknown));
    assert_eq!(
        planned(&Value::Null, object(1, Value::Null)),
        object(1, Value::Unknown)
    );
}
