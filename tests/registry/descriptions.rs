//! What descriptions must say: they are all that an editor and `terraform providers schema` show.

use facets_gpu::schema::Attribute;
use facets_gpu::value::Value;

use crate::pages::pages;
use crate::rule::Rule;

#[test]
fn a_description_says_what_terraforms_own_schema_cannot() {
    let mut rule = Rule::new(
        "Terraform's schema has no place for a default and for what means another object, so the description says both: \
         \"Default: `value`.\" and \"Another … means another …\". The page adds the type and the mode.",
        "Add the sentence to the attribute's description, or take the default from where the description has it.",
    );
    for (page, schema) in pages().iter().flat_map(|page| page.schemas()) {
        each(&schema.attributes, &page, &mut |path, attribute| {
            if let Some(default) = attribute.default.as_ref().and_then(written)
                && !attribute.description.contains(&format!("Default: `{default}`."))
            {
                rule.broken(format!("{path} does not say its default, `{default}`"));
            }
            if attribute.replace && !attribute.description.contains("means another") {
                rule.broken(format!(
                    "{path} does not say that another value means another object"
                ));
            }
        });
    }
    rule.judge();
}

#[test]
fn a_description_is_one_line_of_whole_sentences() {
    let mut rule = Rule::new(
        "A description is Markdown on one line that begins with a capital and ends with a full stop, since it stands in a \
         list.",
        "Write it so.",
    );
    for (page, schema) in pages().iter().flat_map(|page| page.schemas()) {
        each(&schema.attributes, &page, &mut |path, attribute| {
            let text = &attribute.description;
            let begins = text.starts_with(|c: char| c.is_uppercase() || c == '`') || text.starts_with("vCPU");
            if !begins || !text.ends_with('.') || text.contains('\n') || text.contains("  ") {
                rule.broken(format!("{path}: {text:?}"));
            }
        });
    }
    rule.judge();
}

fn each(attributes: &[Attribute], outer: &str, check: &mut impl FnMut(&str, &Attribute)) {
    for attribute in attributes {
        let path = format!("{outer}.{}", attribute.name);
        check(&path, attribute);
        each(attribute.ty.nested().unwrap_or_default(), &path, check);
    }
}

/// A default as a configuration has it; nothing for an object, whose members have their own.
fn written(default: &Value) -> Option<String> {
    match default {
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(value.to_string()),
        _ => None,
    }
}
