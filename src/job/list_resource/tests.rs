//! Queries: defaults, errors and unknown values.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::query::{ListQuery, query, validate};
use super::*;
use crate::job::plan::tests::defaults;
use crate::job::validate::tests::unknowns;
use crate::provider::Defaults;
use std::collections::BTreeMap;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::Field;
use terraform_plugin::value::from_json;

/// A configuration in which `"?"` is an unknown value.
fn config(json: &str) -> Value {
    let mut value = from_json(json.as_bytes()).unwrap();
    unknowns(&mut value);
    SCHEMA.coerce(value, ExtraAttributes::Error).unwrap()
}

fn messages(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| format!("{diagnostic}\n"))
        .collect()
}

#[test]
fn empty_query_lists_all_regions_of_default_project() {
    let expected = ListQuery {
        project: "dp".to_owned(),
        locations: gpu::default().regions.iter().map(ToString::to_string).collect(),
        labels: BTreeMap::new(),
    };
    assert_eq!(query(&config("{}"), &defaults()), Ok(expected.clone()));
    assert_eq!(query(&Value::Null, &defaults()), Ok(expected));
}

#[test]
fn regions_of_a_query_are_distinct() {
    let [first, second, ..] = gpu::default().regions else {
        panic!("there are two")
    };
    let json = format!(
        r#"{{"project": "p", "locations": ["{second}", "{first}", "{second}"], "labels": {{"team": "render"}}}}"#
    );
    let query = query(&config(&json), &defaults()).unwrap();
    assert_eq!(query.project, "p");
    assert_eq!(query.locations, [*second, *first]);
    assert_eq!(query.labels, [("team".to_owned(), "render".to_owned())].into());
}

#[test]
fn errors_are_reported_at_their_attributes() {
    let configs = [
        r#"{"project": "my project", "locations": ["mars", null, "-", "?"], "labels": {"Team": "x", "tier": null}}"#,
        r#"{"locations": []}"#,
    ];
    insta::assert_snapshot!(configs.map(|json| messages(&validate(&config(json)))).concat());
}

#[test]
fn unknown_values_fail_only_when_listing() {
    let unknown = config(r#"{"project": "?", "locations": ["?"], "labels": {"team": "?"}}"#);
    assert_eq!(validate(&unknown), []);
    insta::assert_snapshot!(messages(&query(&unknown, &defaults()).unwrap_err()));
    assert_eq!(validate(&Value::Unknown), []);
    assert_eq!(query(&Value::Unknown, &defaults()).unwrap_err().len(), 3);
}

#[test]
fn query_needs_a_valid_project() {
    let errors = |project: Field<String>| {
        let defaults = Defaults {
            project,
            ..Defaults::default()
        };
        messages(&query(&config("{}"), &defaults).unwrap_err())
    };
    let projects = [Field::Null, Field::Unknown, Field::Known("my project".to_owned())];
    insta::assert_snapshot!(projects.map(errors).concat());
}
