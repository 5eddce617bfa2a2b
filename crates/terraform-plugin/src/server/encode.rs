//! From values to the messages of a response.

use crate::diagnostic::{Diagnostic, Severity};
use crate::list_resource::ListEvent;
use crate::proto::tfplugin6 as tf;
use crate::schema::{Attribute, Configurability, Schema, Type};
use crate::value::{Path, Step, Value, to_msgpack};

/// A value, in MessagePack: every version of Terraform accepts it.
pub(super) fn value(value: &Value) -> tf::DynamicValue {
    tf::DynamicValue {
        msgpack: to_msgpack(value),
        json: Vec::new(),
    }
}

/// An identity.
pub(super) fn identity(identity: &Value) -> tf::ResourceIdentityData {
    tf::ResourceIdentityData {
        identity_data: Some(value(identity)),
    }
}

/// An event of a list.
pub(super) fn list_event(event: ListEvent) -> tf::list_resource::Event {
    match event {
        ListEvent::Object {
            identity: found,
            display_name,
            resource,
        } => tf::list_resource::Event {
            identity: Some(identity(&found)),
            display_name,
            resource_object: resource.as_ref().map(value),
            ..Default::default()
        },
        ListEvent::Diagnostics(all) => tf::list_resource::Event {
            diagnostic: diagnostics(&all),
            ..Default::default()
        },
    }
}

/// Diagnostics, of which at most [`MAX_DIAGNOSTICS`], errors first: Terraform takes minutes to print those of a map with a
/// hundred thousand invalid keys.
pub(super) fn diagnostics(all: &[Diagnostic]) -> Vec<tf::Diagnostic> {
    let Some(more) = all.len().checked_sub(MAX_DIAGNOSTICS).filter(|more| *more > 0) else {
        return all.iter().map(diagnostic).collect();
    };
    let mut sorted: Vec<&Diagnostic> = all.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity);
    let rest = Diagnostic {
        severity: sorted[MAX_DIAGNOSTICS].severity,
        ..Diagnostic::attribute_error(
            sorted[MAX_DIAGNOSTICS].path.clone(),
            "Too many diagnostics",
            format!(
                "At most {MAX_DIAGNOSTICS} diagnostics are shown, and {more} more are omitted. Correct those shown and run \
                 the command again."
            ),
        )
    };
    let shown = sorted.into_iter().take(MAX_DIAGNOSTICS);
    shown.chain([&rest]).map(diagnostic).collect()
}

fn diagnostic(diagnostic: &Diagnostic) -> tf::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => tf::diagnostic::Severity::Error,
        Severity::Warning => tf::diagnostic::Severity::Warning,
    };
    tf::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary.clone(),
        detail: diagnostic.detail.clone(),
        attribute: (!diagnostic.path.is_empty()).then(|| path(&shown(&diagnostic.path))),
    }
}

/// The part of a diagnostic's path that Terraform has a source line for. For a longer one it shows none.
fn shown(path: &Path) -> Path {
    path.steps().iter().take(2).cloned().collect()
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

/// The schema of a resource, in which computed nested attributes have the equivalent object type: Terraform before 1.7 crashes
/// at their nested type when it generates configuration (hashicorp/terraform#34463). An object type has no sensitive members,
/// so an attribute with one keeps its nested type.
pub(super) fn resource_schema(resource: &Schema) -> tf::Schema {
    let mut encoded = schema(resource);
    let encoded_attributes = encoded.block.iter_mut().flat_map(|block| &mut block.attributes);
    for (encoded, attribute) in encoded_attributes.zip(&resource.attributes) {
        if attribute.configurability == Configurability::Computed && !has_sensitive_member(&attribute.ty) {
            encoded.r#type = type_json(&attribute.ty).into_bytes();
            encoded.nested_type = None;
        }
    }
    encoded
}

fn has_sensitive_member(ty: &Type) -> bool {
    let mut members = ty.nested().into_iter().flatten();
    members.any(|member| member.sensitive || has_sensitive_member(&member.ty))
}

fn attribute(attribute: &Attribute) -> tf::schema::Attribute {
    let mode = attribute.configurability;
    tf::schema::Attribute {
        name: attribute.name.to_owned(),
        // Terraform requires one of the two.
        r#type: match attribute.ty.nested() {
            Some(_) => Vec::new(),
            None => type_json(&attribute.ty).into_bytes(),
        },
        nested_type: nested(&attribute.ty),
        description: attribute.description.clone(),
        description_kind: tf::StringKind::Markdown.into(),
        required: mode == Configurability::Required,
        optional: matches!(
            mode,
            Configurability::Optional | Configurability::OptionalComputed
        ),
        computed: matches!(
            mode,
            Configurability::Computed | Configurability::OptionalComputed
        ),
        sensitive: attribute.sensitive,
        ..Default::default()
    }
}

/// The schema of an identity.
pub(super) fn identity_schema(schema: &Schema) -> tf::ResourceIdentitySchema {
    let attributes = schema.attributes.iter().map(|attribute| {
        let required = attribute.configurability == Configurability::Required;
        tf::resource_identity_schema::IdentityAttribute {
            name: attribute.name.to_owned(),
            r#type: type_json(&attribute.ty).into_bytes(),
            required_for_import: required,
            optional_for_import: !required,
            description: attribute.description.clone(),
        }
    });
    tf::ResourceIdentitySchema {
        version: schema.version,
        identity_attributes: attributes.collect(),
    }
}

/// The type as go-cty writes it.
fn type_json(ty: &Type) -> String {
    match ty {
        Type::Bool => "\"bool\"".to_owned(),
        Type::Number => "\"number\"".to_owned(),
        Type::String => "\"string\"".to_owned(),
        Type::List(element) => format!("[\"list\",{}]", type_json(element)),
        Type::Set(element) => format!("[\"set\",{}]", type_json(element)),
        Type::Map(element) => format!("[\"map\",{}]", type_json(element)),
        Type::SingleNested(attributes) => object_json(attributes),
        Type::ListNested(attributes) => format!("[\"list\",{}]", object_json(attributes)),
    }
}

fn object_json(attributes: &[Attribute]) -> String {
    let members: Vec<String> = attributes
        .iter()
        .map(|attribute| format!("\"{}\":{}", attribute.name, type_json(&attribute.ty)))
        .collect();
    format!("[\"object\",{{{}}}]", members.join(","))
}

fn nested(ty: &Type) -> Option<tf::schema::Object> {
    use tf::schema::object::NestingMode;
    let nesting = if matches!(ty, Type::SingleNested(_)) {
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

/// The most diagnostics of one response.
const MAX_DIAGNOSTICS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computed_nested_attribute_of_a_resource_has_an_object_type() {
        let members = || {
            let tags = Attribute::new("tags", Type::string_map(), "");
            vec![Attribute::new("state", Type::String, ""), tags]
        };
        let secret = vec![Attribute::new("token", Type::String, "").sensitive()];
        let schema = Schema::new(
            "",
            vec![
                Attribute::new("one", Type::SingleNested(members()), "").computed(),
                Attribute::new("many", Type::ListNested(members()), "").computed(),
                Attribute::new("secret", Type::SingleNested(secret), "").computed(),
                Attribute::new("set", Type::SingleNested(members()), ""),
            ],
        );
        let attributes = resource_schema(&schema).block.unwrap_or_default().attributes;
        let types: Vec<_> = attributes
            .iter()
            .map(|attribute| {
                (
                    String::from_utf8_lossy(&attribute.r#type),
                    attribute.nested_type.is_some(),
                )
            })
            .collect();
        let object = r#"["object",{"state":"string","tags":["map","string"]}]"#;
        let expected = [
            (object.into(), false),
            (format!(r#"["list",{object}]"#).into(), false),
            ("".into(), true),
            ("".into(), true),
        ];
        assert_eq!(types, expected);
    }

    #[test]
    fn diagnostics_are_limited_errors_first() {
        let warning = Diagnostic::attribute_warning(Path::attribute("a"), "w", "");
        let error = Diagnostic::attribute_error(Path::attribute("b"), "e", "");
        let check = |warnings: usize, errors: usize| {
            let all = [vec![warning.clone(); warnings], vec![error.clone(); errors]].concat();
            let sent = diagnostics(&all);
            let last = sent.last().map(|last| (last.severity(), last.summary.clone()));
            let errors = sent.iter().filter(|sent| sent.summary == "e").count();
            (sent.len(), errors, last)
        };
        use tf::diagnostic::Severity::{Error, Warning};
        let more = "Too many diagnostics".to_owned();
        assert_eq!(check(0, 0), (0, 0, None));
        assert_eq!(
            check(MAX_DIAGNOSTICS - 1, 1),
            (MAX_DIAGNOSTICS, 1, Some((Error, "e".to_owned())))
        );
        assert_eq!(
            check(MAX_DIAGNOSTICS, 1),
            (MAX_DIAGNOSTICS + 1, 1, Some((Warning, more.clone())))
        );
        assert_eq!(
            check(1, 2 * MAX_DIAGNOSTICS),
            (MAX_DIAGNOSTICS + 1, MAX_DIAGNOSTICS, Some((Error, more)))
        );
    }
}
