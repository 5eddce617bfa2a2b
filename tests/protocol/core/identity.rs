//! Identities as core takes them since Terraform 1.12: of their schema, wholly known but in a plan, and always of the same
//! object.

use facets_gpu::wire::proto::tfplugin6::{
    ResourceIdentityData, ResourceIdentitySchema, schema::Attribute as SchemaAttribute,
};
use serde_json::Value;

use super::{rules, typed};
use crate::codec;

/// The attributes of an identity, as those of any object.
pub(crate) fn attributes(schema: &ResourceIdentitySchema) -> Vec<SchemaAttribute> {
    let attributes = schema.identity_attributes.iter().map(|attribute| {
        assert_ne!(
            attribute.required_for_import, attribute.optional_for_import,
            "{} is one of both",
            attribute.name
        );
        assert!(!attribute.description.is_empty(), "{}", attribute.name);
        SchemaAttribute {
            name: attribute.name.clone(),
            r#type: attribute.r#type.clone(),
            optional: true,
            ..SchemaAttribute::default()
        }
    });
    attributes.collect()
}

/// An identity as it is sent.
pub(crate) fn encoded(attributes: &[SchemaAttribute], identity: &Value) -> ResourceIdentityData {
    ResourceIdentityData {
        identity_data: Some(codec::object(attributes, identity)),
    }
}

/// What an answer says of an identity. Only a plan may leave parts of it open.
///
/// # Errors
/// An identity that is not of its schema, or not known.
pub(crate) fn read(
    attributes: &[SchemaAttribute],
    what: &str,
    sent: Option<&ResourceIdentityData>,
) -> Result<Option<Value>, String> {
    let Some(sent) = sent.and_then(|sent| sent.identity_data.as_ref()) else {
        return Ok(None);
    };
    let identity =
        typed::read(attributes, sent).map_err(|fault| format!("the identity of {what}: {fault}"))?;
    let unknown = rules::unknowns(&identity);
    if what != "a plan" && !unknown.is_empty() {
        return Err(format!("the identity of {what} is not known at {unknown:?}"));
    }
    Ok((!identity.is_null()).then_some(identity))
}

/// What is wrong with the identity of an object that was known as another one before. Core does not look; the framework
/// that most providers are made with does, and users meet its words.
pub(crate) fn unstable(before: Option<&Value>, after: Option<&Value>) -> Option<String> {
    match (before, after) {
        (None, _) => None,
        (Some(before), Some(after)) if before == after => None,
        (Some(before), after) => Some(format!("the identity was {before}, and is {after:?}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codec::UNKNOWN;
    use crate::core::samples::{attribute, text};

    #[test]
    fn an_identity_is_of_its_schema_and_known_but_in_a_plan() {
        let attributes = [attribute(text("name"))];
        let other = [attribute(text("title"))];
        let judge = |what: &str, identity: Value| {
            let sent = encoded(&attributes, &identity);
            read(&attributes, what, Some(&sent))
        };
        assert_eq!(
            judge("a read", json!({ "name": "n" })),
            Ok(Some(json!({ "name": "n" })))
        );
        assert_eq!(judge("a read", Value::Null), Ok(None));
        assert!(judge("a read", json!({ "name": UNKNOWN })).is_err());
        assert!(judge("a plan", json!({ "name": UNKNOWN })).is_ok());
        assert!(read(&other, "a read", Some(&encoded(&attributes, &json!({})))).is_err());
        assert_eq!(read(&attributes, "a read", None), Ok(None));
    }

    #[test]
    fn another_identity_is_another_object() {
        let (one, other) = (json!({ "name": "n" }), json!({ "name": "m" }));
        assert_eq!(unstable(None, Some(&one)), None);
        assert_eq!(unstable(Some(&one), Some(&one)), None);
        assert!(unstable(Some(&one), Some(&other)).is_some());
        assert!(unstable(Some(&one), None).is_some());
    }
}
