//! A setting as each file tells it: the form, the variable, the provider.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use crate::rule::Rule;

pub(crate) mod form;
pub(crate) mod provider;
pub(crate) mod variable;

/// The settings that one file tells, by path: `resources.cpu`, `secrets[].version`.
pub(crate) type Fields = BTreeMap<String, Field>;

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// Its type in Terraform's words.
    pub(crate) kind: String,
    /// Whether a blueprint must set it.
    pub(crate) required: bool,
    /// What a blueprint that leaves it out gets.
    pub(crate) default: Option<Value>,
    /// Which values of its type it takes.
    pub(crate) accepts: Accepts,
}

/// The values that a setting takes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Accepts {
    /// All of its type.
    Anything,
    /// These.
    OneOf(Vec<Value>),
    /// Whole numbers in a range.
    Whole(RangeInclusive<i64>),
    /// Durations up to one.
    UpTo(Duration),
    /// The file limits them in a way that the guard cannot read.
    Unclear(String),
}

/// Notes everything in which one file differs from the provider.
pub(crate) fn compare(rule: &mut Rule, file: &str, told: &Fields, provider: &Fields) {
    for (path, field) in told {
        match provider.get(path) {
            None => rule.broken(format!("{file} has {path}, the provider has not")),
            Some(wanted) => {
                for difference in differences(field, wanted) {
                    rule.broken(format!("{path}: {file} says {difference}"));
                }
            }
        }
    }
    for path in provider.keys().filter(|path| !told.contains_key(*path)) {
        rule.broken(format!("the provider has {path}, {file} has not"));
    }
}

fn differences(told: &Field, wanted: &Field) -> Vec<String> {
    let mut found = Vec::new();
    let mut pair = |what: &str, told: String, wanted: String| {
        if told != wanted {
            found.push(format!("{what} {told}, the provider says {wanted}"));
        }
    };
    pair("type", told.kind.clone(), wanted.kind.clone());
    pair("required", told.required.to_string(), wanted.required.to_string());
    pair(
        "default",
        format!("{:?}", told.default),
        format!("{:?}", wanted.default),
    );
    pair(
        "accepts",
        format!("{:?}", told.accepts),
        format!("{:?}", wanted.accepts),
    );
    found
}

/// The same settings without defaults of groups: a form fills in the members of a group, never the group.
pub(crate) fn without_group_defaults(mut fields: Fields) -> Fields {
    for field in fields.values_mut().filter(|field| field.kind == "object") {
        field.default = None;
    }
    fields
}

#[test]
fn each_difference_is_told() {
    let field = Field {
        kind: "number".to_owned(),
        required: false,
        default: Some(Value::from(1)),
        accepts: Accepts::Whole(1..=100),
    };
    let changed = [
        Field {
            kind: "string".to_owned(),
            ..field.clone()
        },
        Field {
            required: true,
            ..field.clone()
        },
        Field {
            default: None,
            ..field.clone()
        },
        Field {
            accepts: Accepts::Whole(1..=101),
            ..field.clone()
        },
    ];
    assert_eq!(differences(&field, &field), Vec::<String>::new());
    for other in changed {
        assert_eq!(differences(&other, &field).len(), 1, "{other:?}");
    }
}
