//! Schemas: what attributes there are, of which type and mode, and with which default.
//!
//! One declaration serves validation, planning, the wire and the documents. Nothing here knows of Cloud
//! Run or of gRPC.

use std::collections::BTreeMap;

use crate::value::{Number, Path, Value};

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
    pub mode: Mode,
    /// Whether Terraform hides it in its output.
    pub sensitive: bool,
    /// What it means, in Markdown; one or two sentences.
    pub description: String,
    /// What a configuration that leaves it out gets.
    pub default: Option<Value>,
    /// Whether another value means another object.
    pub replace: bool,
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
    /// A map of one simple type.
    Map(Box<Type>),
    /// One nested object.
    Object(Vec<Attribute>),
    /// A list of nested objects.
    Objects(Vec<Attribute>),
}

/// Who gives the value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
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
pub struct Mismatch {
    /// Where it is.
    pub path: Path,
    expected: String,
    found: String,
}

/// What to do about attributes that the schema does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Terraform never sends them: say so.
    Refuse,
    /// A state of another version may have them: leave them out.
    Drop,
}

impl Schema {
    /// The value with every attribute of the schema, absent ones null, and numbers as numbers. A null or
    /// unknown whole stays what it is.
    ///
    /// # Errors
    /// When a part is of another kind than the schema says.
    pub fn conform(&self, value: Value, extra: Extra) -> Result<Value, Mismatch> {
        match value {
            Value::Null | Value::Unknown => Ok(value),
            value => conform_object(&self.attributes, value, &Path::default(), extra),
        }
    }

    /// The configuration with defaults where it says nothing, at every depth.
    pub fn with_defaults(&self, config: &Value) -> Value {
        with_defaults(&self.attributes, config)
    }

    /// The attributes whose change means another object.
    pub fn replacing(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.replace)
    }

    /// The attributes that only the provider gives.
    pub fn computed(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes
            .iter()
            .filter(|attribute| attribute.mode == Mode::Computed)
    }
}

impl Attribute {
    /// An attribute that the user may set.
    pub fn new(name: &'static str, ty: Type, description: impl Into<String>) -> Attribute {
        Attribute {
            name,
            ty,
            mode: Mode::Optional,
            sensitive: false,
            description: description.into(),
            default: None,
            replace: false,
        }
    }

    /// The user must set it.
    #[must_use]
    pub fn required(self) -> Attribute {
        Attribute {
            mode: Mode::Required,
            ..self
        }
    }

    /// The provider sets it, whatever the user does.
    #[must_use]
    pub fn computed(self) -> Attribute {
        Attribute {
            mode: Mode::Computed,
            ..self
        }
    }

    /// The provider sets it when the user does not.
    #[must_use]
    pub fn or_computed(self) -> Attribute {
        Attribute {
            mode: Mode::OptionalComputed,
            ..self
        }
    }

    /// What a configuration that leaves it out gets; the plan shows it.
    #[must_use]
    pub fn default(self, value: impl Into<Value>) -> Attribute {
        Attribute {
            default: Some(value.into()),
            mode: Mode::OptionalComputed,
            ..self
        }
    }

    /// Another value means another object.
    #[must_use]
    pub fn replacing(self) -> Attribute {
        Attribute {
            replace: true,
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

impl Type {
    /// A list of text.
    pub fn strings() -> Type {
        Type::List(Box::new(Type::String))
    }

    /// A map of text.
    pub fn string_map() -> Type {
        Type::Map(Box::new(Type::String))
    }

    /// The attributes of a nested object, or of each object in a list of them.
    pub fn nested(&self) -> Option<&[Attribute]> {
        match self {
            Type::Object(attributes) | Type::Objects(attributes) => Some(attributes),
            _ => None,
        }
    }

    fn expected(&self) -> &'static str {
        match self {
            Type::Bool => "a bool",
            Type::Number => "a number",
            Type::String => "a string",
            Type::List(_) | Type::Objects(_) => "a list",
            Type::Map(_) => "a map",
            Type::Object(_) => "an object",
        }
    }
}

fn conform(ty: &Type, value: Value, path: &Path, extra: Extra) -> Result<Value, Mismatch> {
    Ok(match (ty, value) {
        (_, value @ (Value::Null | Value::Unknown))
        | (Type::Bool, value @ Value::Bool(_))
        | (Type::Number, value @ Value::Number(_))
        | (Type::String, value @ Value::String(_)) => value,
        (Type::Number, Value::String(text)) => match Number::parse(&text) {
            Some(number) => Value::Number(number),
            None => return Err(mismatch(path, ty.expected(), "text")),
        },
        (Type::List(element), Value::List(items)) => Value::List(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| conform(element, item, &path.clone().index(index), extra))
                .collect::<Result<_, _>>()?,
        ),
        (Type::Map(element), Value::Map(members)) => Value::Map(
            members
                .into_iter()
                .map(|(key, item)| {
                    let item = conform(element, item, &path.clone().key(&key), extra)?;
                    Ok((key, item))
                })
                .collect::<Result<_, _>>()?,
        ),
        (Type::Object(attributes), value) => conform_object(attributes, value, path, extra)?,
        (Type::Objects(attributes), Value::List(items)) => Value::List(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| match item {
                    Value::Null | Value::Unknown => Ok(item),
                    item => conform_object(attributes, item, &path.clone().index(index), extra),
                })
                .collect::<Result<_, _>>()?,
        ),
        (ty, value) => return Err(mismatch(path, ty.expected(), value.kind())),
    })
}

fn conform_object(
    attributes: &[Attribute],
    value: Value,
    path: &Path,
    extra: Extra,
) -> Result<Value, Mismatch> {
    let mut members = match value {
        Value::Map(members) => members,
        other => return Err(mismatch(path, "an object", other.kind())),
    };
    let mut object = BTreeMap::new();
    for attribute in attributes {
        let member = members.remove(attribute.name).unwrap_or_default();
        let at = path.clone().key(attribute.name);
        object.insert(
            attribute.name.to_owned(),
            conform(&attribute.ty, member, &at, extra)?,
        );
    }
    match (extra, members.keys().next()) {
        (Extra::Refuse, Some(name)) => Err(mismatch(&path.clone().key(name), "no such attribute", "one")),
        _ => Ok(Value::Map(object)),
    }
}

fn with_defaults(attributes: &[Attribute], config: &Value) -> Value {
    let Value::Map(members) = config else {
        return config.clone();
    };
    let mut filled = members.clone();
    for attribute in attributes {
        let given = config.get(attribute.name);
        let start = match (&attribute.default, given) {
            (Some(default), Value::Null) => default,
            _ => given,
        };
        let value = match (&attribute.ty, start) {
            (Type::Object(nested), start) => with_defaults(nested, start),
            (Type::Objects(nested), Value::List(items)) => {
                Value::List(items.iter().map(|item| with_defaults(nested, item)).collect())
            }
            (_, start) => start.clone(),
        };
        filled.insert(attribute.name.to_owned(), value);
    }
    Value::Map(filled)
}

fn mismatch(path: &Path, expected: &str, found: &str) -> Mismatch {
    Mismatch {
        path: path.clone(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
