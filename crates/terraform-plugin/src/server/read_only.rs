//! Attributes that a configuration must not set.

use crate::diagnostic::{Diagnostic, InvalidValue};
use crate::schema::Schema;
use crate::value::{Path, Value};

/// An error for each computed attribute that a configuration sets: Terraform accepts the value, and it would have no effect.
pub(super) fn errors(schema: &Schema, config: &Value) -> Vec<Diagnostic> {
    let set = schema
        .computed()
        .filter(|attribute| !config.get(attribute.name).is_null());
    set.map(|attribute| {
        let error = InvalidValue {
            path: Path::attribute(attribute.name),
            must: "be omitted, because it is read-only".into(),
            got: "a value".into(),
            fix: "Remove it.".into(),
        };
        error.error("Read-only attribute")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, Type};

    #[test]
    fn values_of_computed_attributes_are_errors() {
        let attribute = |name| Attribute::new(name, Type::String, "");
        let attributes = vec![
            attribute("name").required(),
            attribute("id").computed(),
            attribute("project").optional_computed(),
        ];
        let schema = Schema::new("", attributes);
        let config = |id: Value| Value::from([("name", "a".into()), ("id", id), ("project", "p".into())]);
        assert_eq!(errors(&schema, &config(Value::Null)), []);
        for id in ["b".into(), Value::Unknown] {
            let found = errors(&schema, &config(id));
            let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
            let text = "error at id: Read-only attribute\n  id must be omitted, because it is read-only, got a value. Remove it.";
            assert_eq!(texts, [text]);
        }
    }
}
