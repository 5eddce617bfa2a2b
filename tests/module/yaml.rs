//! YAML read into JSON values: whole files, and the blocks that a document shows.

use serde_json::Value;

use crate::repository;

/// A YAML file of the repository.
pub(crate) fn read(path: &str) -> Value {
    parse(path, &repository::read(path))
}

/// YAML as a value; `name` says where it stands. A key that is there twice is an error.
pub(crate) fn parse(name: &str, text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The texts between YAML fences of a Markdown document, in its order.
pub(crate) fn blocks(markdown: &str) -> Vec<&str> {
    let rests = markdown.split("```yaml\n").skip(1);
    rests.filter_map(|rest| rest.split("```").next()).collect()
}

/// The members of a mapping; anything else has none.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The keys of a mapping, in order of the alphabet.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = members(value).map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys
}

/// The texts in a list; anything else has none.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The values that are no group of others, by path: `resources.cpu`, `secrets[].version`. Empty groups count.
pub(crate) fn leaves(path: &str, value: &Value) -> Vec<(String, Value)> {
    let inside = |(name, member): (&String, &Value)| {
        let dot = if path.is_empty() { "" } else { "." };
        leaves(&format!("{path}{dot}{name}"), member)
    };
    match value {
        Value::Object(group) if !group.is_empty() => group.iter().flat_map(inside).collect(),
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .flat_map(|item| leaves(&format!("{path}[]"), item))
            .collect(),
        value => vec![(path.to_owned(), value.clone())],
    }
}

#[test]
fn leaves_have_paths() {
    let value = parse("x", "a:\n  b: 1\n  c: []\nd:\n  - e: 2\n");
    let found = leaves("", &value);
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["a.b", "a.c", "d[].e"]);
}

#[test]
fn what_is_quoted_is_text() {
    let value = parse("x", "a: \"20\"\nb: 20\nc: 1.0\nd: {}\ne: ~\nf: ${x.y}\n");
    let wanted = serde_json::json!({"a": "20", "b": 20, "c": 1.0, "d": {}, "e": null, "f": "${x.y}"});
    assert_eq!(value, wanted);
}

#[test]
fn a_document_gives_its_yaml_blocks() {
    let text = "x\n```yaml\na: 1\n```\n```sh\nmake\n```\n```yaml\nb: 2\n```\n";
    assert_eq!(blocks(text), ["a: 1\n", "b: 2\n"]);
}
