//! The API's types as one table, and what is done with it: requests are read by it, answers written by it.
//!
//! The table is this emulator's own; a test holds it against Google's discovery document.

pub(crate) mod accept;
pub(crate) mod container;
pub(crate) mod encode;
mod enumeration;
pub(crate) mod execution;
pub(crate) mod iam;
pub(crate) mod job;
pub(crate) mod longrunning;
pub(crate) mod method;

/// A message type.
#[derive(Debug)]
pub(crate) struct Message {
    /// Such as `google.cloud.run.v2.Job`.
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// One field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    /// As in JSON, such as `taskCount`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Set by the service alone; ignored in requests.
    pub(crate) output: bool,
    /// Whether absence differs from the default value.
    pub(crate) presence: bool,
    /// The group of which one field only may be set.
    pub(crate) one_of: Option<&'static str>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Bool,
    Int32,
    /// A string in JSON.
    Int64,
    /// Base64.
    Bytes,
    /// RFC 3339.
    Timestamp,
    /// Seconds, ending in `s`.
    Duration,
    /// From text to text.
    Map,
    /// Anything; an object with an `@type` is of that type.
    Any,
    Enum(&'static Enum),
    Message(&'static Message),
    List(&'static Kind),
}

/// An enumeration.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) name: &'static str,
    /// Names with their numbers; the first is the default.
    pub(crate) values: &'static [(&'static str, i32)],
}

impl Message {
    /// A field by its JSON name or by its proto name, both of which the service reads.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields
            .iter()
            .find(|field| field.name == name || (name.contains('_') && snake(field.name) == name))
    }
}

impl Field {
    /// Marks a field of a oneof.
    const fn one_of(mut self, group: &'static str) -> Self {
        self.one_of = Some(group);
        self.presence = true;
        self
    }

    /// Marks a field that is `optional` in the proto file.
    const fn optional(mut self) -> Self {
        self.presence = true;
        self
    }
}

const fn input(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        output: false,
        presence: false,
        one_of: None,
    }
}

const fn output(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        output: true,
        presence: false,
        one_of: None,
    }
}

/// The proto name of a field.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
