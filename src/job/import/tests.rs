//! Import IDs and identities.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::job::identity::SCHEMA;
use terraform_plugin::schema::ExtraAttributes;
use terraform_plugin::value::Value;
use terraform_plugin::value::from_json;

fn identity(json: &str) -> Value {
    SCHEMA
        .coerce(from_json(json.as_bytes()).unwrap(), ExtraAttributes::Error)
        .unwrap()
}

fn defaults(project: Option<&str>) -> Defaults {
    Defaults {
        project: project.map(str::to_owned).into(),
        ..Defaults::default()
    }
}

fn job_name_of(id: &str, identity: &Value, defaults: &Defaults) -> Result<JobName, Diagnostic> {
    job_name(&ImportRequest { id, identity }, defaults)
}

fn check(id: &str, json: &str, project: Option<&str>, expected: &str) {
    let name = job_name_of(id, &identity(json), &defaults(project)).unwrap();
    assert_eq!(name.to_string(), expected);
}

#[test]
fn id_and_identity_are_completed_by_the_provider() {
    let full = "projects/p/locations/l/jobs/n";
    check(full, "null", None, full);
    check("l/n", "null", Some("p"), full);
    check(
        "",
        r#"{"project": "p", "location": "l", "name": "n"}"#,
        Some("q"),
        full,
    );
    check("", r#"{"location": "l", "name": "n"}"#, Some("p"), full);
}

#[test]
fn invalid_ids_and_identities_are_errors() {
    let mut unknown = identity(r#"{"location": "l", "name": "n"}"#);
    unknown.set("name", Value::Unknown);
    let by_identity = |json: &str, project| (String::new(), identity(json), project);
    let by_id = |id: &str| (id.to_owned(), Value::Null, Some("p"));
    let cases = [
        by_identity("null", Some("p")),
        by_identity("{}", None),
        by_identity(r#"{"location": "l"}"#, Some("p")),
        by_identity(r#"{"location": "l", "name": "a b"}"#, Some("p")),
        by_identity(r#"{"location": "", "name": "n"}"#, Some("p")),
        by_identity(
            r#"{"project": "projects/p/locations/l", "location": "jobs", "name": "n"}"#,
            None,
        ),
        by_identity(r#"{"location": "l", "name": "My-Job"}"#, Some("p")),
        (String::new(), unknown, Some("p")),
        ("l/n".to_owned(), Value::Null, None),
        by_id("n"),
        by_id("projects/p/locations/l/services/z"),
        by_id("l/Render"),
        by_id("US-central1/n"),
    ];
    let shown = cases.map(|(id, identity, project)| {
        let error = job_name_of(&id, &identity, &defaults(project)).unwrap_err();
        error.to_string()
    });
    insta::assert_snapshot!(shown.join("\n"));
}
