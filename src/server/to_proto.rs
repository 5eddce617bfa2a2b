//! Closing the envelope: values of our own, as Terraform wants them.

use crate::diagnostic::{Diagnostic, Severity};
use crate::schema::{Attribute, Mode, Schema, Type};
use crate::value::{Path, Step, Value, to_msgpack};
use crate::wire::proto::tfplugin6 as tf;

/// A value, in MessagePack: the one form that every version of Terraform takes.
pub(super) fn value(value: &Value) -> tf::DynamicValue {
    tf::DynamicValue {
        msgpack: to_msgpack(value),
        json: Vec::new(),
    }
}

/// Many diagnostics.
pub(super) fn diagnostics(all: &[Diagnostic]) -> Vec<tf::Diagnostic> {
    all.iter().map(diagnostic).collect()
}

/// One diagnostic.
pub(super) fn diagnostic(told: &Diagnostic) -> tf::Diagnostic {
    let severity = match told.severity {
        Severity::Error => tf::diagnostic::Severity::Error,
        Severity::Warning => tf::diagnostic::Severity::Warning,
    };
    tf::Diagnostic {
        severity: severity.into(),
        summary: told.summary.clone(),
        detail: told.detail.clone(),
        attribute: (!told.path.is_empty()).then(|| path(&told.path)),
    }
}

/// A path.
pub(super) fn path(path: &Path) -> tf::AttributePath {
    use tf::attribute_path::step::Selector;
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        tf::attribute_path::Step {
            selector: Some(selector),
        }
    });
    tf::AttributePath {
        steps: steps.collect(),
    }
}

/// A schema.
pub(super) fn schema(schema: &Schema) -> tf::Schema {
    tf::Schema {
        version: schema.version,
        block: Some(tf::schema::Block {
            version: schema.version,
            attributes: schema.attributes.iter().map(attribute).collect(),
            description: schema.description.clone(),
            description_kind: tf::StringKind::Markdown.into(),
            ..Default::default()
        }),
    }
}

fn attribute(attribute: &Attribute) -> tf::schema::Attribute {
    let mode = attribute.mode;
    tf::schema::Attribute {
        name: attribute.name.to_owned(),
        r#type: type_json(&attribute.ty).into_bytes(),
        nested_type: nested(&attribute.ty),
        description: attribute.description.clone(),
        description_kind: tf::StringKind::Markdown.into(),
        required: mode == Mode::Required,
        optional: matches!(mode, Mode::Optional | Mode::OptionalComputed),
        computed: matches!(mode, Mode::Computed | Mode::OptionalComputed),
        sensitive: attribute.sensitive,
        ..Default::default()
    }
}

/// The type in the notation of go-cty; a nested type has a description of its own instead.
fn type_json(ty: &Type) -> String {
    match ty {
        Type::Bool => "\"bool\"".to_owned(),
        Type::Number => "\"number\"".to_owned(),
        Type::String => "\"string\"".to_owned(),
        Type::List(element) => format!("[\"list\",{}]", type_json(element)),
        Type::Map(element) => format!("[\"map\",{}]", type_json(element)),
        Type::Object(_) | Type::Objects(_) => String::new(),
    }
}

fn nested(ty: &Type) -> Option<tf::schema::Object> {
    use tf::schema::object::NestingMode;
    let nesting = if matches!(ty, Type::Object(_)) {
        NestingMode::Single
    } else {
        NestingMode::List
    };
    ty.nested().map(|attributes| tf::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..Default::default()
    })
}
