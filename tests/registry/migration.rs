//! The table of the guide on migrating: the attributes in its column of ours are attributes of ours.

use facets_gpu::job::schema::SCHEMA;
use facets_gpu::schema::Attribute;

use crate::repository::read;
use crate::rule::Rule;

#[test]
fn the_table_leads_to_attributes_that_there_are() {
    let mut rule = Rule::new(
        "docs/guides/migrating-from-google.md has a table from the attributes of google_cloud_run_v2_job to those of this \
         resource: where there is one of ours, it is in the schema.",
        "Correct the name.",
    );
    let guide = read("docs/guides/migrating-from-google.md");
    let rows = ours(&guide);
    assert!(rows.len() > 15, "{rows:?}");
    for row in rows {
        for path in names(&row) {
            if !is_there(&SCHEMA.attributes, &path) {
                rule.broken(format!("{path} in {row:?}"));
            }
        }
    }
    rule.judge();
}

/// What stands in the right column of the table.
fn ours(guide: &str) -> Vec<String> {
    let lines = guide
        .lines()
        .skip_while(|line| !line.starts_with("| `google_cloud_run_v2_job` |"));
    let rows = lines
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.filter_map(|row| Some(row.rsplit_once(" | ")?.1.to_owned()))
        .collect()
}

/// What is written as the name of an attribute: `a`, or `a.b`; no value, and no example.
fn names(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| span.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c)))
        .filter(|span| !NO_NAMES.contains(span))
        .map(str::to_owned)
        .collect()
}

/// A path from the root, or the name of an attribute at any depth.
fn is_there(attributes: &[Attribute], path: &str) -> bool {
    let nested =
        |attribute: &Attribute, rest: &str| is_there(attribute.ty.nested().unwrap_or_default(), rest);
    match path.split_once('.') {
        Some((first, rest)) => attributes
            .iter()
            .any(|attribute| attribute.name == first && nested(attribute, rest)),
        None => attributes
            .iter()
            .any(|attribute| attribute.name == path || nested(attribute, path)),
    }
}

#[test]
fn names_are_told_from_values() {
    let row = "`vpc_access.egress`: `all-traffic`, `true`, `timeouts = { … }`, `env_var`";
    assert_eq!(names(row), ["vpc_access.egress", "env_var"]);
    assert!(is_there(&SCHEMA.attributes, "vpc_access.egress") && is_there(&SCHEMA.attributes, "env_var"));
    assert!(!is_there(&SCHEMA.attributes, "vpc_access.gateway") && !is_there(&SCHEMA.attributes, "gateway"));
}

/// Words of the column that are values, or names of the other side.
const NO_NAMES: [&str; 4] = ["true", "false", "facets", "default_labels"];
