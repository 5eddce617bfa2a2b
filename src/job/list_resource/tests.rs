//! What a query may ask for, and what is said where of one that may not.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::job::plan::tests::defaults;
use crate::job::validate::tests::unknowns;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::from_json;

/// A configuration in which `"?"` stands for what is not known yet.
fn config(json: &str) -> Value {
    let mut value = from_json(json.as_bytes()).unwrap();
    unknowns(&mut value);
    SCHEMA.coerce(value, ExtraAttributes::Error).unwrap()
}

fn summaries(told: &[Diagnostic]) -> Vec<String> {
    let lines = told.iter().map(|told| format!("{}: {}", told.path, told.summary));
    lines.collect()
}

#[test]
fn a_query_that_says_nothing_asks_for_all_jobs_of_the_providers_project() {
    let expected = Asked {
        project: "dp".to_owned(),
        locations: gpu::default().regions.iter().map(ToString::to_string).collect(),
        labels: BTreeMap::new(),
    };
    assert_eq!(asked(&config("{}"), &defaults()), Ok(expected.clone()));
    assert_eq!(asked(&Value::Null, &defaults()), Ok(expected));
}

#[test]
fn what_a_query_says_is_asked_for_each_region_once() {
    let [one, other, ..] = gpu::default().regions else {
        panic!("there are two")
    };
    let json = format!(
        r#"{{"project": "p", "locations": ["{other}", "{one}", "{other}"], "labels": {{"team": "render"}}}}"#
    );
    let asked = asked(&config(&json), &defaults()).unwrap();
    assert_eq!(asked.project, "p");
    assert_eq!(asked.locations, [*other, *one]);
    assert_eq!(asked.labels, [("team".to_owned(), "render".to_owned())].into());
}

#[test]
fn each_mistake_is_told_where_it_is() {
    let told = validate(&config(
        r#"{"project": "my project", "locations": ["mars", null, "-", "?"], "labels": {"Team": "x", "tier": null}}"#,
    ));
    assert_eq!(
        summaries(&told),
        [
            "project: Invalid project",
            "locations[0]: Region without this GPU",
            "locations[1]: Element without a value",
            "locations[2]: Region without this GPU",
            "labels.Team: Invalid label",
            "labels.tier: Element without a value",
        ]
    );
    let told = validate(&config(r#"{"locations": []}"#));
    assert_eq!(summaries(&told), ["locations: Query without a region"]);
}

#[test]
fn what_is_not_known_is_no_mistake_until_google_is_asked() {
    let unknown = config(r#"{"project": "?", "locations": ["?"], "labels": {"team": "?"}}"#);
    assert_eq!(validate(&unknown), []);
    assert_eq!(
        summaries(&asked(&unknown, &defaults()).unwrap_err()),
        [
            "project: Query not known yet",
            "locations: Query not known yet",
            "labels: Query not known yet"
        ]
    );
    assert_eq!(validate(&Value::Unknown), []);
    assert_eq!(asked(&Value::Unknown, &defaults()).unwrap_err().len(), 3);
}

#[test]
fn a_query_needs_a_project_that_can_be_one() {
    let told = |project: Field<String>| {
        let defaults = Defaults {
            project,
            ..Defaults::default()
        };
        summaries(&asked(&config("{}"), &defaults).unwrap_err())
    };
    assert_eq!(told(Field::Null), ["project: Query without a project"]);
    assert_eq!(told(Field::Unknown), ["project: Query not known yet"]);
    assert_eq!(
        told(Field::Known("my project".to_owned())),
        ["project: Invalid project"]
    );
}
