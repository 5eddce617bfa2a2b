//! Typed fields, which the [`record!`](crate::record) macro reads from a [`Value`].

use std::collections::BTreeMap;

use super::{Number, Value};

/// A typed value that may be null or unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Field<T> {
    /// Omitted, or set to `null`.
    #[default]
    Null,
    /// Known only after an apply.
    Unknown,
    /// A known value.
    Known(T),
}

/// Types that can be read from a value which conforms to its schema. A value of another type reads as null.
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

    /// The known value, by value.
    pub fn into_known(self) -> Option<T> {
        match self {
            Field::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the value is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Field::Unknown)
    }

    /// Whether the value is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Field::Null)
    }

    /// The same field with a reference to the value.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Field::Null => Field::Null,
            Field::Unknown => Field::Unknown,
            Field::Known(value) => Field::Known(value),
        }
    }

    /// A field of the known value; null and unknown stay as they are.
    pub fn and_then<U>(self, inner: impl FnOnce(T) -> Field<U>) -> Field<U> {
        match self {
            Field::Null => Field::Null,
            Field::Unknown => Field::Unknown,
            Field::Known(value) => inner(value),
        }
    }

    /// Maps the known value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        self.and_then(|value| Field::Known(change(value)))
    }

    /// This field, or `other` when this one is null.
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

/// Declares a struct of [`Field`](crate::value::Field)s for the attributes of an object, and reads it from a value.
///
/// ```
/// use terraform_plugin::value::{Field, Value};
///
/// terraform_plugin::record!(
///     /// A file.
///     File { name: String = "name", content: String = "content", }
/// );
/// let config = Value::from([("name", "a.txt".into()), ("content", Value::Unknown)]);
/// let Field::Known(file) = Field::<File>::read(&config) else { panic!() };
/// assert_eq!(file.name.known().map(String::as_str), Some("a.txt"));
/// assert!(file.content.is_unknown());
/// ```
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
