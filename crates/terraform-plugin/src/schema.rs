//! Schemas: what attributes there are, of which type and mode, and with which default.
//!
//! One declaration serves validation, planning, the wire and the documents. Nothing here knows of Cloud
//! Run or of gRPC.

mod config_from_state;

use crate::value::{Number, Path, Step, Value};

/// The attributes of a resource, or of the provider itself.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The version of the stored state; a change that old states cannot be read by raises it.
    pub version: i64,
    /// What it is, in Markdown.
    pub description: String,
    /// In the order of the documents.
    pub attributes: Vec<Attribute>,
}

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name in a configuration.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// Who gives its value.
    pub configurability: Configurability,
    /// Whether Terraform hides it in its output.
    pub sensitive: bool,
    /// What it means, in Markdown; one or two sentences.
    pub description: String,
    /// What a configuration that leaves it out gets.
    pub default: Option<Value>,
    /// Whether another value means another object.
    pub requires_replace: bool,
}

/// The type of an attribute.
#[derive(Clone, Debug)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list of one simple type.
    List(Box<Type>),
    /// The same without order or repetition.
    Set(Box<Type>),
    /// A map of one simple type.
    Map(Box<Type>),
    /// One nested object.
    SingleNested(Vec<Attribute>),
    /// A list of nested objects.
    ListNested(Vec<Attribute>),
}

/// Who gives the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configurability {
    /// The user must.
    Required,
    /// The user may; else there is none.
    Optional,
    /// The user may; else the provider does.
    OptionalComputed,
    /// The provider does.
    Computed,
}

/// A value that does not have the shape of its schema: a fault of the sender, not of the user.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected {expected}, found {found}")]
pub struct TypeError {
    /// From the fault outwards.
    steps: Vec<Step>,
    expected: String,
    found: String,
}

/// What to do about attributes that the schema does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraAttributes {
    /// Terraform never sends them: say so.
    Error,
    /// A state of another version may have them: leave them out.
    Ignore,
}

impl Schema {
    /// The value with every attribute of the schema, absent ones null, and numbers as numbers. A null or
    /// unknown whole stays what it is.
    ///
    /// # Errors
    /// When a part is of another kind than the schema says.
    pub fn coerce(&self, mut value: Value, extra: ExtraAttributes) -> Result<Value, TypeError> {
        match value {
            Value::Null | Value::Unknown => {}
            _ => coerce_object(&self.attributes, &mut value, extra)?,
        }
        Ok(value)
    }

    /// The configuration with defaults where it says nothing, at every depth.
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

    /// The attributes that only the provider gives.
    pub fn computed(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes
            .iter()
            .filter(|attribute| attribute.configurability == Configurability::Computed)
    }
}

impl Attribute {
    /// An attribute that the user may set.
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

    /// The user must set it.
    #[must_use]
    pub fn required(self) -> Attribute {
        Attribute {
            configurability: Configurability::Required,
            ..self
        }
    }

    /// The provider sets it, whatever the user does.
    #[must_use]
    pub fn computed(self) -> Attribute {
        Attribute {
            configurability: Configurability::Computed,
            ..self
        }
    }

    /// The provider sets it when the user does not.
    #[must_use]
    pub fn optional_computed(self) -> Attribute {
        Attribute {
            configurability: Configurability::OptionalComputed,
            ..self
        }
    }

    /// What a configuration that leaves it out gets; the plan shows it.
    #[must_use]
    pub fn default(self, value: impl Into<Value>) -> Attribute {
        Attribute {
            default: Some(value.into()),
            configurability: Configurability::OptionalComputed,
            ..self
        }
    }

    /// Another value requires another object: the old one is destroyed.
    #[must_use]
    pub fn requires_replace(self) -> Attribute {
        Attribute {
            requires_replace: true,
            ..self
        }
    }

    /// Terraform hides it in its output.
    #[must_use]
    pub fn sensitive(self) -> Attribute {
        Attribute {
            sensitive: true,
            ..self
        }
    }
}

impl TypeError {
    /// Where it is.
    pub fn path(&self) -> Path {
        self.steps.iter().rev().cloned().collect()
    }

    /// The same fault, seen from one level further out.
    fn below(mut self, step: Step) -> TypeError {
        self.steps.push(step);
        self
    }
}

impl Type {
    /// A list of text.
    pub fn strings() -> Type {
        Type::List(Box::new(Type::String))
    }

    /// A set of text.
    pub fn string_set() -> Type {
        Type::Set(Box::new(Type::String))
    }

    /// A map of text.
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

/// Nearly every value has its shape already, so it is looked at where it is, and its path is told by a fault only.
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
            coerce(element, member, extra).map_err(|fault| fault.below(Step::Key(key.to_string())))
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
        .try_for_each(|(item, index)| coerce(item).map_err(|fault| fault.below(Step::Index(index))))
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
                .map_err(|fault| fault.below(Step::Key(attribute.name.to_owned())))?,
            None => drop(members.insert(attribute.name.to_owned(), Value::Null)),
        }
    }
    if members.len() == attributes.len() {
        return Ok(());
    }
    let is_known = |name: &String| attributes.iter().any(|attribute| attribute.name == name);
    match (extra, members.keys().find(|name| !is_known(name))) {
        (ExtraAttributes::Error, Some(name)) => {
            Err(type_error("no such attribute", "one").below(Step::Key(name.to_string())))
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
