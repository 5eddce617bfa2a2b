//! Names of executions to import.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use terraform_plugin::value::from_json;

fn name(id: &str, identity: &str, project: Option<&str>) -> Result<String, String> {
    let identity = from_json(identity.as_bytes()).unwrap();
    let request = ImportRequest {
        id,
        identity: &identity,
    };
    imported_name(&request, &project.map(str::to_owned).into())
        .map(|name| name.to_string())
        .map_err(|error| error.to_string())
}

#[test]
fn full_name_or_identity_names_an_execution() {
    const NAME: &str = "projects/p/locations/us-central1/jobs/n/executions/n-x";
    let short = r#"{"location": "us-central1", "job": "n", "name": "n-x"}"#;
    let full = r#"{"project": "p", "location": "us-central1", "job": "n", "name": "n-x"}"#;
    for (id, identity, project) in [
        (NAME, "null", None),
        ("", full, Some("q")),
        ("", short, Some("p")),
    ] {
        assert_eq!(
            name(id, identity, project).as_deref(),
            Ok(NAME),
            "{id} {identity}"
        );
    }
}

/// Each message once.
#[test]
fn other_ids_and_identities_are_errors() {
    let texts: Vec<String> = [
        ("", "null"),
        ("n-x", "null"),
        ("projects/p/locations/l/jobs/n", "null"),
        ("projects/p/locations/l/jobs/n/tasks/n-x", "null"),
        ("", r#"{"location": "l", "job": "n", "name": "n-x"}"#),
        (
            "",
            r#"{"project": "p", "location": "l", "job": "n", "name": "a/b"}"#,
        ),
    ]
    .into_iter()
    .map(|(id, identity)| name(id, identity, None).unwrap_err())
    .collect();
    insta::assert_snapshot!(texts.join("\n\n"));
}
