//! Typed fields: what a rule reads instead of a bare [`Value`].

use std::collections::BTreeMap;

use super::{Number, Value};

/// A typed value that may be absent or not known yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Field<T> {
    /// Left out, or set to `null`.
    #[default]
    Null,
    /// Only an apply will tell.
    Unknown,
    /// Here it is.
    Known(T),
}

/// What can be read from a value that conforms to its schema.
///
/// A value of another kind reads as null: the schema has refused it before.
pub trait FromValue: Sized {
    /// Reads a value that is neither null nor unknown.
    fn from_known(value: &Value) -> Option<Self>;
}

impl<T> Field<T> {
    /// The known value.
    pub fn known(&self) -> Option<&T> {
        match self {
            Field::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The known value itself.
    pub fn into_known(self) -> Option<T> {
        match self {
            Field::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the value is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Field::Unknown)
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Field::Null)
    }

    /// The same field of a borrowed value.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Field::Null => Field::Null,
            Field::Unknown => Field::Unknown,
            Field::Known(value) => Field::Known(value),
        }
    }

    /// Follows the value into one of its own fields: null and unknown stay what they are.
    pub fn and_then<U>(self, inner: impl FnOnce(T) -> Field<U>) -> Field<U> {
        match self {
            Field::Null => Field::Null,
            Field::Unknown => Field::Unknown,
            Field::Known(value) => inner(value),
        }
    }

    /// Changes the known value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        self.and_then(|value| Field::Known(change(value)))
    }

    /// This field, or the other one when this is null.
    #[must_use]
    pub fn or(self, other: Field<T>) -> Field<T> {
        if self.is_null() { other } else { self }
    }
}

impl<T: FromValue> Field<T> {
    /// Reads a field.
    pub fn read(value: &Value) -> Field<T> {
        match value {
            Value::Null => Field::Null,
            Value::Unknown => Field::Unknown,
            value => T::from_known(value).map_or(Field::Null, Field::Known),
        }
    }
}

impl Field<Number> {
    /// The number as an integer, where it is one.
    pub fn as_i64(&self) -> Option<i64> {
        self.known().and_then(Number::as_i64)
    }
}

impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Field::Null, Field::Known)
    }
}

impl<T: Into<Value>> From<Field<T>> for Value {
    fn from(field: Field<T>) -> Self {
        match field {
            Field::Null => Value::Null,
            Field::Unknown => Value::Unknown,
            Field::Known(value) => value.into(),
        }
    }
}

impl FromValue for String {
    fn from_known(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl FromValue for bool {
    fn from_known(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(bool) => Some(*bool),
            _ => None,
        }
    }
}

impl FromValue for Number {
    fn from_known(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Vec<Field<T>> {
    fn from_known(value: &Value) -> Option<Self> {
        match value {
            Value::List(items) => Some(items.iter().map(Field::read).collect()),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for BTreeMap<String, Field<T>> {
    fn from_known(value: &Value) -> Option<Self> {
        match value {
            Value::Map(members) => Some(
                members
                    .iter()
                    .map(|(name, member)| (name.to_string(), Field::read(member)))
                    .collect(),
            ),
            _ => None,
        }
    }
}

/// Declares a struct whose fields are the attributes of an object, and how it is read from a value.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty = $attribute:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $(#[doc = concat!("The attribute `", $attribute, "`.")] pub $field: $crate::value::Field<$type>,)*
        }

        impl $crate::value::FromValue for $name {
            fn from_known(value: &$crate::value::Value) -> Option<Self> {
                matches!(value, $crate::value::Value::Map(_)).then(|| $name {
                    $($field: $crate::value::Field::read(value.get($attribute)),)*
                })
            }
        }
    };
}
