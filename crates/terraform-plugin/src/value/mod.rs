//! Values of Terraform: null, unknown or known; their encodings in MessagePack and JSON; and paths to them.

mod decode_error;
mod field;
mod json;
mod msgpack;
mod number;
mod path;

pub use decode_error::DecodeError;
pub use field::{Field, FromValue};
pub use json::from_json;
pub use msgpack::{from_msgpack, to_msgpack};
pub use number::Number;
pub use path::{Path, Step};

use std::collections::BTreeMap;

/// A value of Terraform, without its type.
///
/// Objects and maps are both [`Value::Map`], and lists, sets and tuples are all [`Value::List`], as on the
/// wire: only a schema distinguishes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value: the attribute is omitted, or set to `null`.
    #[default]
    Null,
    /// A value that is known only after an apply.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A number of any size and precision.
    Number(Number),
    /// A string, in Unicode normal form C.
    String(String),
    /// A list, set or tuple.
    List(Vec<Value>),
    /// A map or object.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The member `name`; null when it is missing or this is not a map. A member of an unknown object is unknown.
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Value::Map(members) => members.get(name).unwrap_or(&Value::Null),
            Value::Unknown => &Value::Unknown,
            _ => &Value::Null,
        }
    }

    /// Sets the member `name`; does nothing when this is not a map.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        if let Value::Map(members) = self {
            members.insert(name.into(), value.into());
        }
    }

    /// Whether this value is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Whether this value itself is unknown; a known value may have unknown members.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// Whether neither this value nor anything in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Value::Unknown => false,
            Value::List(items) => items.iter().all(Value::is_wholly_known),
            Value::Map(members) => members.values().all(Value::is_wholly_known),
            _ => true,
        }
    }

    /// The string, when this is a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The type of this value, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Unknown => "an unknown value",
            Value::Bool(_) => "a bool",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "an object",
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Number(Number::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::String(value)
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Value::Number(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<String>, T: Into<Value>> From<BTreeMap<K, T>> for Value {
    fn from(members: BTreeMap<K, T>) -> Self {
        Value::Map(
            members
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl<const N: usize> From<[(&str, Value); N]> for Value {
    fn from(members: [(&str, Value); N]) -> Self {
        Value::Map(
            members
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }
}
