//! The places of a schema: its attributes at every depth, and one element of each list and map.

use std::fmt;

use facets_gpu::wire::proto::tfplugin6::schema::{Attribute, object::NestingMode};
use serde_json::{Map, Value, json};

/// A place in a value of the schema.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) steps: Vec<Step>,
    pub(super) kind: Kind,
    /// Whether only the provider may say what is there.
    pub(super) told: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

/// What belongs into a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Number,
    Text,
    List,
    Map,
    Object,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join("."))
    }
}

impl Place {
    /// The way here as a diagnostic tells it.
    pub(super) fn words(&self) -> Vec<String> {
        let words = self.steps.iter().map(|step| match step {
            Step::Name(name) => name.clone(),
            Step::Index(index) => index.to_string(),
        });
        words.collect()
    }

    /// Whether something told about `other` is about this place: about itself, what it is in, or what is in it.
    pub(super) fn concerns(&self, other: &[String]) -> bool {
        let words = self.words();
        !other.is_empty() && words.iter().zip(other).all(|(one, other)| one == other)
    }

    /// The value with `new` in this place. What has to be around it is made, with all that is required there.
    pub(super) fn put(&self, attributes: &[Attribute], value: &Value, new: &Value) -> Value {
        let mut value = value.clone();
        *reach(&mut value, &self.steps) = json!(0);
        require(attributes, &mut value);
        *reach(&mut value, &self.steps) = new.clone();
        value
    }
}

/// All places of a schema.
pub(super) fn places(attributes: &[Attribute]) -> Vec<Place> {
    let mut found = Vec::new();
    collect(attributes, &[], false, &mut found);
    found
}

fn collect(attributes: &[Attribute], at: &[Step], told: bool, found: &mut Vec<Place>) {
    for attribute in attributes {
        let told = told || !(attribute.optional || attribute.required);
        let mut add = |steps: &[Step], kind| {
            found.push(Place {
                steps: steps.to_vec(),
                kind,
                told,
            });
        };
        let steps = [at, &[Step::Name(attribute.name.clone())]].concat();
        let Some(nested) = &attribute.nested_type else {
            simple(
                &steps,
                &serde_json::from_slice(&attribute.r#type).unwrap(),
                &mut add,
            );
            continue;
        };
        match nested.nesting() {
            NestingMode::Single => {
                add(&steps, Kind::Object);
                collect(&nested.attributes, &steps, told, found);
            }
            mode => {
                let (kind, step) = element(mode == NestingMode::Map);
                add(&steps, kind);
                let steps = [&steps[..], &[step]].concat();
                add(&steps, Kind::Object);
                collect(&nested.attributes, &steps, told, found);
            }
        }
    }
}

fn simple(steps: &[Step], kind: &Value, add: &mut impl FnMut(&[Step], Kind)) {
    match (kind.as_str(), kind.get(0).and_then(Value::as_str)) {
        (Some("bool"), _) => add(steps, Kind::Bool),
        (Some("number"), _) => add(steps, Kind::Number),
        (Some("string"), _) => add(steps, Kind::Text),
        (_, Some(outer @ ("list" | "set" | "map"))) => {
            let (outer, step) = element(outer == "map");
            add(steps, outer);
            simple(&[steps, &[step]].concat(), &kind[1], add);
        }
        _ => panic!("no places in a {kind} in these tests"),
    }
}

fn element(of_map: bool) -> (Kind, Step) {
    match of_map {
        true => (Kind::Map, Step::Name("a_key".to_owned())),
        false => (Kind::List, Step::Index(0)),
    }
}

/// What is at the end of some steps, made on the way where there is nothing.
fn reach<'v>(mut value: &'v mut Value, steps: &[Step]) -> &'v mut Value {
    for step in steps {
        value = match step {
            Step::Name(name) => {
                if value.is_null() {
                    *value = Map::new().into();
                }
                &mut value[name]
            }
            Step::Index(index) => {
                if value.is_null() {
                    *value = json!([]);
                }
                let items = value.as_array_mut().unwrap();
                if items.len() <= *index {
                    items.resize(index + 1, Value::Null);
                }
                &mut items[*index]
            }
        };
    }
    value
}

/// Gives every object what its schema requires.
fn require(attributes: &[Attribute], value: &mut Value) {
    let Value::Object(members) = value else { return };
    for attribute in attributes {
        let member = members.entry(&attribute.name).or_insert(Value::Null);
        match &attribute.nested_type {
            _ if member.is_null() && !attribute.required => {}
            None if member.is_null() => *member = sample(&attribute.r#type),
            None => {}
            Some(nested) => match (nested.nesting(), member) {
                (NestingMode::Single, member) => {
                    if member.is_null() {
                        *member = Map::new().into();
                    }
                    require(&nested.attributes, member);
                }
                (_, Value::Array(items)) => {
                    items
                        .iter_mut()
                        .for_each(|item| require(&nested.attributes, item));
                }
                (_, Value::Object(items)) => {
                    items
                        .values_mut()
                        .for_each(|item| require(&nested.attributes, item));
                }
                (NestingMode::Map, member) => *member = Map::new().into(),
                (_, member) => *member = json!([]),
            },
        }
    }
}

fn sample(kind: &[u8]) -> Value {
    match kind {
        b"\"string\"" => json!("a"),
        b"\"number\"" => json!(1),
        b"\"bool\"" => json!(true),
        kind if kind.starts_with(b"[\"map\"") => Map::new().into(),
        _ => json!([]),
    }
}

#[cfg(test)]
mod tests {
    use facets_gpu::wire::proto::tfplugin6::schema::Object;

    use super::*;

    fn attribute(name: &str, kind: &str) -> Attribute {
        Attribute {
            name: name.to_owned(),
            r#type: kind.into(),
            optional: true,
            ..Attribute::default()
        }
    }

    fn schema() -> Vec<Attribute> {
        let inner = vec![
            attribute("size", "\"number\""),
            Attribute {
                optional: false,
                required: true,
                ..attribute("word", "\"string\"")
            },
        ];
        let items = Object {
            attributes: inner,
            nesting: NestingMode::List.into(),
            ..Object::default()
        };
        vec![
            attribute("tags", r#"["map","string"]"#),
            Attribute {
                nested_type: Some(items),
                ..attribute("items", "")
            },
            Attribute {
                optional: false,
                computed: true,
                ..attribute("id", "\"string\"")
            },
        ]
    }

    #[test]
    fn every_attribute_and_an_element_of_each_list_and_map_is_a_place() {
        let all: Vec<_> = places(&schema())
            .iter()
            .map(|place| (place.to_string(), place.kind, place.told))
            .collect();
        let expected = [
            ("tags", Kind::Map, false),
            ("tags.a_key", Kind::Text, false),
            ("items", Kind::List, false),
            ("items.0", Kind::Object, false),
            ("items.0.size", Kind::Number, false),
            ("items.0.word", Kind::Text, false),
            ("id", Kind::Text, true),
        ];
        assert_eq!(
            all,
            expected.map(|(place, kind, told)| (place.to_owned(), kind, told))
        );
    }

    #[test]
    fn what_is_put_somewhere_has_around_it_what_is_required_there() {
        let schema = schema();
        let size = &places(&schema)[4];
        assert_eq!(
            size.put(&schema, &json!({ "tags": { "a": "b" } }), &Value::Null),
            json!({ "tags": { "a": "b" }, "items": [{ "size": null, "word": "a" }], "id": null })
        );
        assert!(
            size.concerns(&["items".to_owned()])
                && !size.concerns(&["tags".to_owned()])
                && !size.concerns(&[])
        );
    }
}
