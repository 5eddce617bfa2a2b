//! Schemas: attributes with their types, configurability and defaults. Server, plans and documentation use the same schema.

mod config_from_state;

use crate::value::{Number, Path, Step, Value};

/// The attributes of a resource, or of the provider itself.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The version of the stored state.
    pub version: i64,
    /// The description, in Markdown.
    pub description: String,
    /// The attributes, in the order of the documentation.
    pub attributes: Vec<Attribute>,
}

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub ty: Type,
    /// Whether the configuration or the provider sets it.
    pub configurability: Configurability,
    /// Whether Terraform hides it in output.
    pub sensitive: bool,
    /// The description, in Markdown.
    pub description: String,
    /// The value when the configuration does not set it.
    pub default: Option<Value>,
    /// Whether a change of its value requires replacement.
    pub requires_replace: bool,
}

/// The type of an attribute.
#[derive(Clone, Debug)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// A list of elements of a primitive type.
    List(Box<Type>),
    /// A set of elements of a primitive type.
    Set(Box<Type>),
    /// A map with elements of a primitive type.
    Map(Box<Type>),
    /// One nested object.
    SingleNested(Vec<Attribute>),
    /// A list of nested objects.
    ListNested(Vec<Attribute>),
}

/// Whether the configuration or the provider sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configurability {
    /// Required in a configuration.
    Required,
    /// Optional in a configuration; null otherwise.
    Optional,
    /// Optional in a configuration; set by the provider otherwise.
    OptionalComputed,
    /// Set by the provider.
    Computed,
}

/// A value that does not conform to its schema.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be {expected}, got {found}")]
pub struct TypeError {
    /// From the error to the root.
    steps: Vec<Step>,
    expected: String,
    found: String,
}

/// What to do with attributes that are not in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraAttributes {
    /// An error: Terraform never sends them.
    Error,
    /// Drop them: a state of another version may have them.
    Ignore,
}

impl Schema {
    /// A schema of version 0.
    pub fn new(description: impl Into<String>, attributes: Vec<Attribute>) -> Schema {
        Schema {
            version: 0,
            description: description.into(),
            attributes,
        }
    }

    /// The value with all attributes of the schema, where missing ones are null, and with numbers as numbers. A null or unknown
    /// value stays as it is.
    ///
    /// # Errors
    /// When a part is of another type than in the schema.
    pub fn coerce(&self, mut value: Value, extra: ExtraAttributes) -> Result<Value, TypeError> {
        match value {
            Value::Null | Value::Unknown => {}
            _ => coerce_object(&self.attributes, &mut value, extra)?,
        }
        Ok(value)
    }

    /// The configuration with defaults where it sets nothing, at every depth.
    pub fn with_defaults(&self, config: &Value) -> Value {
        let mut filled = config.clone();
        fill(&self.attributes, &mut filled);
        filled
    }

    /// The attributes whose change requires another object.
    pub fn requiring_replace(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes
            .iter()
            .filter(|attribute| attribute.requires_replace)
    }

    /// The attributes that only the provider sets.
    pub fn computed(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes
            .iter()
            .filter(|attribute| attribute.configurability == Configurability::Computed)
    }
}

impl Attribute {
    /// An optional attribute.
    pub fn new(name: &'static str, ty: Type, description: impl Into<String>) -> Attribute {
        Attribute {
            name,
            ty,
            configurability: Configurability::Optional,
            sensitive: false,
            description: description.into(),
            default: None,
            requires_replace: false,
        }
    }

    /// Required in a configuration.
    #[must_use]
    pub fn required(self) -> Attribute {
        Attribute {
            configurability: Configurability::Required,
            ..self
        }
    }

    /// Set by the provider only.
    #[must_use]
    pub fn computed(self) -> Attribute {
        Attribute {
            configurability: Configurability::Computed,
            ..self
        }
    }

    /// Set by the provider unless the configuration sets it.
    #[must_use]
    pub fn optional_computed(self) -> Attribute {
        Attribute {
            configurability: Configurability::OptionalComputed,
            ..self
        }
    }

    /// Optional, with a default, which the plan shows.
    #[must_use]
    pub fn default(self, value: impl Into<Value>) -> Attribute {
        Attribute {
            default: Some(value.into()),
            configurability: Configurability::OptionalComputed,
            ..self
        }
    }

    /// Another value requires another object: the old one is destroyed. Has no effect on nested attributes.
    #[must_use]
    pub fn requires_replace(self) -> Attribute {
        Attribute {
            requires_replace: true,
            ..self
        }
    }

    /// Hidden in the output of Terraform.
    #[must_use]
    pub fn sensitive(self) -> Attribute {
        Attribute {
            sensitive: true,
            ..self
        }
    }
}

impl TypeError {
    /// The path to the error.
    pub fn path(&self) -> Path {
        self.steps.iter().rev().cloned().collect()
    }

    /// The same error, seen from the parent value.
    fn below(mut self, step: Step) -> TypeError {
        self.steps.push(step);
        self
    }
}

impl Type {
    /// A list of strings.
    pub fn strings() -> Type {
        Type::List(Box::new(Type::String))
    }

    /// A set of strings.
    pub fn string_set() -> Type {
        Type::Set(Box::new(Type::String))
    }

    /// A map of strings.
    pub fn string_map() -> Type {
        Type::Map(Box::new(Type::String))
    }

    /// The attributes of a nested object, or of each object in a list of them.
    pub fn nested(&self) -> Option<&[Attribute]> {
        match self {
            Type::SingleNested(attributes) | Type::ListNested(attributes) => Some(attributes),
            _ => None,
        }
    }

    fn expected(&self) -> &'static str {
        match self {
            Type::Bool => "a bool",
            Type::Number => "a number",
            Type::String => "a string",
            Type::List(_) | Type::ListNested(_) => "a list",
            Type::Set(_) => "a set",
            Type::Map(_) => "a map",
            Type::SingleNested(_) => "an object",
        }
    }
}

/// Nearly all values conform already: they are checked in place, and only an error has a path.
fn coerce(ty: &Type, value: &mut Value, extra: ExtraAttributes) -> Result<(), TypeError> {
    match (ty, value) {
        (_, Value::Null | Value::Unknown)
        | (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::String, Value::String(_)) => Ok(()),
        (Type::Number, number @ Value::String(_)) => {
            let parsed = number.as_str().and_then(Number::parse);
            *number = parsed.ok_or_else(|| type_error(ty.expected(), "text"))?.into();
            Ok(())
        }
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            each(items, |item| coerce(element, item, extra))
        }
        (Type::Map(element), Value::Map(members)) => members.iter_mut().try_for_each(|(key, member)| {
            coerce(element, member, extra).map_err(|error| error.below(Step::Key(key.to_string())))
        }),
        (Type::SingleNested(attributes), value) => coerce_object(attributes, value, extra),
        (Type::ListNested(attributes), Value::List(items)) => each(items, |item| match item {
            Value::Null | Value::Unknown => Ok(()),
            item => coerce_object(attributes, item, extra),
        }),
        (ty, value) => Err(type_error(ty.expected(), value.kind())),
    }
}

fn each(items: &mut [Value], coerce: impl Fn(&mut Value) -> Result<(), TypeError>) -> Result<(), TypeError> {
    items
        .iter_mut()
        .zip(0..)
        .try_for_each(|(item, index)| coerce(item).map_err(|error| error.below(Step::Index(index))))
}

fn coerce_object(
    attributes: &[Attribute],
    value: &mut Value,
    extra: ExtraAttributes,
) -> Result<(), TypeError> {
    let Value::Map(members) = value else {
        return Err(type_error("an object", value.kind()));
    };
    for attribute in attributes {
        match members.get_mut(attribute.name) {
            Some(member) => coerce(&attribute.ty, member, extra)
                .map_err(|error| error.below(Step::Key(attribute.name.to_owned())))?,
            None => drop(members.insert(attribute.name.to_owned(), Value::Null)),
        }
    }
    if members.len() == attributes.len() {
        return Ok(());
    }
    let is_known = |name: &String| attributes.iter().any(|attribute| attribute.name == name);
    match (extra, members.keys().find(|name| !is_known(name))) {
        (ExtraAttributes::Error, Some(name)) => {
            Err(type_error("an attribute of the schema", "another name").below(Step::Key(name.to_string())))
        }
        _ => {
            members.retain(|name, _| is_known(name));
            Ok(())
        }
    }
}

fn fill(attributes: &[Attribute], value: &mut Value) {
    let Value::Map(members) = value else { return };
    for attribute in attributes {
        let member = match members.get_mut(attribute.name) {
            Some(member) => member,
            None => members.entry(attribute.name.to_owned()).or_default(),
        };
        if let (Some(default), Value::Null) = (&attribute.default, &*member) {
            *member = default.clone();
        }
        match (&attribute.ty, member) {
            (Type::SingleNested(nested), member) => fill(nested, member),
            (Type::ListNested(nested), Value::List(items)) => {
                items.iter_mut().for_each(|item| fill(nested, item));
            }
            _ => {}
        }
    }
}

fn type_error(expected: &str, found: &str) -> TypeError {
    TypeError {
        steps: Vec::new(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}

#[cfg(test)]
mod tests;
