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
    let found = match job_name_of(id, &identity(json), &defaults(project)) {
        Ok(name) => name.to_string(),
        Err(error) => error.detail,
    };
    let found = found.replace('\n', " ");
    assert!(found.contains(expected), "{id} {json}: {found}");
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
fn invalid_ids_and_identities_are_refused() {
    for (identity, project, expected) in [
        ("null", Some("p"), "Neither is given: the id is empty."),
        (
            "{}",
            None,
            "neither project nor the provider's project is set, and location is missing, and name",
        ),
        (
            r#"{"location": "l"}"#,
            Some("p"),
            "project \"p\", location \"l\" and name \"\": name is missing",
        ),
        (
            r#"{"location": "l", "name": "a b"}"#,
            Some("p"),
            "characters that no name has",
        ),
        (
            r#"{"location": "", "name": "n"}"#,
            Some("p"),
            "a part of it is empty",
        ),
        (
            r#"{"project": "projects/p/locations/l", "location": "jobs", "name": "n"}"#,
            None,
            "a part of it has a slash",
        ),
        (
            r#"{"location": "l", "name": "My-Job"}"#,
            Some("p"),
            "not end with a hyphen, got \"My-Job\"",
        ),
    ] {
        check("", identity, project, expected);
    }
    for (id, expected) in [
        ("n", "The id is \"n\""),
        (
            "projects/p/locations/l/services/z",
            "it has \"services\" where \"jobs\" must be",
        ),
        (
            "l/Render",
            "start with a letter and not end with a hyphen, got \"Render\"",
        ),
        (
            "US-central1/n",
            "must be a region such as us-central1, got \"US-central1\"",
        ),
    ] {
        check(id, "null", Some("p"), expected);
    }
    let mut unknown = identity(r#"{"location": "l", "name": "n"}"#);
    unknown.set("name", Value::Unknown);
    let error = job_name_of("", &unknown, &defaults(Some("p"))).unwrap_err();
    assert!(error.detail.contains("name is not known yet"), "{error}");
}
