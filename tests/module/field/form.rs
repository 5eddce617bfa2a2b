//! The settings as the form tells them: the spec of facets.yaml.

use facets_gpu::duration;
use serde_json::{Value, json};

use super::{Accepts, Field, Fields};
use crate::yaml;

/// The settings of a spec.
pub(crate) fn fields(spec: &Value) -> Fields {
    let mut fields = Fields::new();
    collect("", spec, &mut fields);
    fields
}

fn collect(group: &str, schema: &Value, fields: &mut Fields) {
    let required = yaml::texts(&schema["required"]);
    for (name, property) in yaml::members(&schema["properties"]) {
        let path = if group.is_empty() {
            name.clone()
        } else {
            format!("{group}.{name}")
        };
        collect(&path, property, fields);
        collect(&format!("{path}[]"), &property["items"], fields);
        let required = required.contains(&name.as_str());
        let field = Field {
            kind: kind(property),
            required,
            // With a required field it is what the form fills in first, and nobody may leave it out.
            default: property.get("default").cloned().filter(|_| !required),
            accepts: accepts(property),
        };
        fields.insert(path, field);
    }
}

/// The type in Terraform's words. An object without properties has free keys, and the form shows it as text.
fn kind(schema: &Value) -> String {
    let word = match schema["type"].as_str().unwrap_or("nothing") {
        "integer" => "number",
        "boolean" => "bool",
        "array" => return format!("list({})", kind(&schema["items"])),
        "object" if schema["x-ui-yaml-editor"] == true => "map(string)",
        other => other,
    };
    word.to_owned()
}

/// What a JSON Schema has no keyword for stands in the description: `Only true`, `at most 168h`.
fn accepts(schema: &Value) -> Accepts {
    let description = schema["description"].as_str().unwrap_or_default();
    if let Some(values) = schema["enum"].as_array() {
        return Accepts::OneOf(values.clone());
    }
    if description.starts_with("Only true;") {
        return Accepts::OneOf(vec![json!(true)]);
    }
    if let Some((_, most)) = description.split_once("at most ") {
        let told = duration::parse(most.trim_end_matches('.'));
        return told.map_or_else(|error| Accepts::Unclear(error.to_string()), Accepts::UpTo);
    }
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Null, Value::Null) => Accepts::Anything,
        (least, most) => match (least.as_i64(), most.as_i64(), &schema["type"]) {
            (Some(least), Some(most), kind) if kind == "integer" => Accepts::Whole(least..=most),
            _ => Accepts::Unclear(format!("{least} to {most}")),
        },
    }
}

#[test]
fn a_schema_is_read() {
    let of = |text: &str| accepts(&yaml::parse("x", text));
    assert_eq!(
        of("type: integer\nminimum: 0\nmaximum: 10"),
        Accepts::Whole(0..=10)
    );
    assert_eq!(of("enum: [a, b]"), Accepts::OneOf(vec![json!("a"), json!("b")]));
    assert!(matches!(of("type: integer\nminimum: 0"), Accepts::Unclear(_)));
    assert!(matches!(
        of("type: number\nminimum: 0\nmaximum: 10"),
        Accepts::Unclear(_)
    ));
    assert!(matches!(of("description: at most a week"), Accepts::Unclear(_)));
    assert_eq!(of("type: string"), Accepts::Anything);
    assert_eq!(
        kind(&yaml::parse("x", "type: array\nitems:\n  type: integer")),
        "list(number)"
    );
}
