//! The attributes of a schema as lists, in the layout of the Registry.

use terraform_plugin::schema::{Attribute, Configurability, Type};

/// All attributes: the top level, then each nested object with its own anchor.
pub(crate) fn render(attributes: &[Attribute]) -> String {
    let mut parts = Vec::new();
    group(attributes, "", "### ", "", &mut parts);
    nested(attributes, "", &mut parts);
    parts.join("\n\n")
}

/// The lists of one level: required, optional, read-only.
fn group(attributes: &[Attribute], path: &str, prefix: &str, suffix: &str, parts: &mut Vec<String>) {
    let groups: [(&str, &[Configurability]); 3] = [
        ("Required", &[Configurability::Required]),
        (
            "Optional",
            &[Configurability::Optional, Configurability::OptionalComputed],
        ),
        ("Read-Only", &[Configurability::Computed]),
    ];
    for (title, modes) in groups {
        let lines: Vec<String> = attributes
            .iter()
            .filter(|attribute| modes.contains(&attribute.configurability))
            .map(|attribute| line(attribute, path))
            .collect();
        if !lines.is_empty() {
            parts.push(format!("{prefix}{title}{suffix}\n\n{}", lines.join("\n")));
        }
    }
}

fn nested(attributes: &[Attribute], path: &str, parts: &mut Vec<String>) {
    for attribute in attributes {
        let Some(inner) = attribute.ty.nested() else {
            continue;
        };
        let path = join(path, attribute.name, ".");
        parts.push(format!(
            "<a id=\"{}\"></a>\n### Nested Schema for `{path}`",
            anchor(&path)
        ));
        group(inner, &path, "", ":", parts);
        nested(inner, &path, parts);
    }
}

fn line(attribute: &Attribute, path: &str) -> String {
    let mut properties = vec![type_name(&attribute.ty)];
    if attribute.sensitive {
        properties.push("Sensitive".to_owned());
    }
    if attribute.requires_replace {
        properties.push("Forces replacement".to_owned());
    }
    let link = match attribute.ty.nested() {
        None => String::new(),
        Some(_) => format!(
            " (see [below for nested schema](#{}))",
            anchor(&join(path, attribute.name, "."))
        ),
    };
    format!(
        "- `{}` ({}) {}{link}",
        attribute.name,
        properties.join(", "),
        attribute.description
    )
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::List(of) => format!("List of {}", type_name(of)),
        Type::Set(of) => format!("Set of {}", type_name(of)),
        Type::Map(of) => format!("Map of {}", type_name(of)),
        Type::SingleNested(_) => "Attributes".to_owned(),
        Type::ListNested(_) => "Attributes List".to_owned(),
    }
}

fn anchor(path: &str) -> String {
    format!("nestedatt--{}", path.replace('.', "--"))
}

fn join(path: &str, name: &str, separator: &str) -> String {
    if path.is_empty() {
        return name.to_owned();
    }
    format!("{path}{separator}{name}")
}
