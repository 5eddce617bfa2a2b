//! Which job a resource is, in the form in which Terraform 1.12 and later keep it beside the state: project, location
//! and name, the three that a job never changes without becoming another one.

use std::sync::LazyLock;

use super::convert;
use crate::gpu;
use crate::name;
use crate::provider::Defaults;
use cloud_run::{JobName, JobNameError};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::record;
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::{Field, FromValue as _, Value};

record! {
    /// An identity, as a configuration asks for it or a state has it.
    Identity {
        project: String = "project",
        location: String = "location",
        name: String = "name",
    }
}

/// The schema. Whoever imports a job has to say what is required here. The location is: an id of an import names it too,
/// and a region taken from elsewhere would find another job of the same name.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description: "Which job it is.".to_owned(),
    attributes: vec![
        Attribute::new(
            "project",
            Type::String,
            "Id of the Google Cloud project. Default: the provider's.",
        ),
        Attribute::new("location", Type::String, "Region of the job.").required(),
        Attribute::new("name", Type::String, "Id of the job.").required(),
    ],
});

/// The identity of a stored or planned job; none while a part of it is not known, and none of no job. Terraform takes
/// an identity only when it is wholly known.
pub fn of(job: &Value) -> Option<Value> {
    let name = convert::name_of(job)?;
    Some(Value::from([
        ("project", Value::from(name.project)),
        ("location", Value::from(name.location)),
        ("name", Value::from(name.job)),
    ]))
}

/// The job that an import asks for: by its id, or by its identity when the id is empty.
///
/// # Errors
/// When neither names a job.
pub fn imported(id: &str, identity: &Value, defaults: &Defaults) -> Result<JobName, Diagnostic> {
    let project = defaults.project.known().map(String::as_str);
    match Identity::from_known(identity) {
        Some(identity) if id.is_empty() => by_identity(&identity, project),
        None if id.is_empty() => Err(Diagnostic::error(
            "Import of nothing",
            format!(
                "A job is imported by its id or, with Terraform 1.12 or newer, by its identity. Neither is given: the id is \
                 empty. Use for example the id {}/nightly-render, which takes the provider's project.",
                gpu::default().regions[0]
            ),
        )),
        _ => by_id(id, project),
    }
}

/// A name that a job can have. There is no other job to ask for.
fn possible(name: JobName) -> Result<JobName, String> {
    let JobName { location, job, .. } = &name;
    if !name::is_job_id(job) {
        return Err(format!(
            "the name of a job must be 1 to {} lowercase letters, digits or hyphens, start with a letter and not end with a \
             hyphen, got {}",
            name::JOB_ID_LENGTH,
            quoted(job)
        ));
    }
    // A region is spelt like a job, and there are more of them every year.
    if !name::is_job_id(location) {
        return Err(format!(
            "the location of a job must be a region such as {}, got {}",
            gpu::default().regions[0],
            quoted(location)
        ));
    }
    Ok(name)
}

fn by_id(id: &str, project: Option<&str>) -> Result<JobName, Diagnostic> {
    let parsed = JobName::parse(id, project).map_err(|reason| match reason {
        JobNameError::MissingProject => "the provider has no project to complete it with".to_owned(),
        other => other.to_string(),
    });
    parsed.and_then(possible).map_err(|reason| {
        Diagnostic::error(
            "Invalid import id",
            format!(
                "A job is imported by projects/P/locations/L/jobs/N, P/L/N or L/N. The id is {}: {reason}. Use one of \
                 these forms; the last one takes the provider's project.",
                quoted(id)
            ),
        )
    })
}

fn by_identity(identity: &Identity, project: Option<&str>) -> Result<JobName, Diagnostic> {
    let mut faults = Vec::new();
    let parts = [
        part("project", &identity.project, project, &mut faults),
        part("location", &identity.location, None, &mut faults),
        part("name", &identity.name, None, &mut faults),
    ];
    if faults.is_empty() {
        let [project, location, job] = &parts;
        let name = JobName::new(project, location, job);
        match JobName::parse(&parts.join("/"), None) {
            // Three parts that make up a full name between them are no parts of one.
            Ok(parsed) if parsed == name => match possible(name) {
                Ok(name) => return Ok(name),
                Err(reason) => faults.push(reason),
            },
            Ok(_) => faults.push("a part of it has a slash".to_owned()),
            Err(reason) => faults.push(reason.to_string()),
        }
    }
    let [project, location, name] = parts.each_ref().map(|part| quoted(part));
    Err(Diagnostic::error(
        "Invalid import identity",
        format!(
            "A job is imported by an identity of location, name and project, the last of which may be left to the \
             provider. This one has project {project}, location {location} and name {name}: {}. Write for example \
             identity = {{ location = \"{}\", name = \"nightly-render\" }}.",
            faults.join(", and "),
            gpu::default().regions[0]
        ),
    ))
}

/// A part of an identity, or of what completes it; nothing, and a fault, where there is neither.
fn part(name: &str, given: &Field<String>, default: Option<&str>, faults: &mut Vec<String>) -> String {
    match (given, default) {
        (Field::Known(text), _) => return text.clone(),
        (Field::Null, Some(default)) => return default.to_owned(),
        (Field::Unknown, _) => faults.push(format!("{name} is not known yet")),
        (Field::Null, None) if name == "project" => {
            faults.push("neither project nor the provider's project is set".to_owned());
        }
        (Field::Null, None) => faults.push(format!("{name} is missing")),
    }
    String::new()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use terraform_plugin::schema::ExtraAttributes;
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

    fn check(id: &str, json: &str, project: Option<&str>, expected: &str) {
        let found = match imported(id, &identity(json), &defaults(project)) {
            Ok(name) => name.to_string(),
            Err(told) => told.detail,
        };
        let found = found.replace('\n', " ");
        assert!(found.contains(expected), "{id} {json}: {found}");
    }

    #[test]
    fn a_job_is_imported_by_id_or_by_identity_and_the_provider_completes_both() {
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
    fn what_names_no_job_is_told_in_the_words_of_whoever_wrote_it() {
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
        let told = imported("", &unknown, &defaults(Some("p"))).unwrap_err();
        assert!(told.detail.contains("name is not known yet"), "{told}");
    }

    #[test]
    fn a_job_has_an_identity_as_soon_as_all_of_it_is_known() {
        let job = |name: Value| {
            Value::from([
                ("project", Value::from("p")),
                ("location", Value::from("l")),
                ("name", name),
            ])
        };
        let whole = of(&job(Value::from("n"))).unwrap();
        assert_eq!(SCHEMA.coerce(whole.clone(), ExtraAttributes::Error), Ok(whole));
        for nothing in [job(Value::Unknown), job(Value::Null), Value::Null, Value::Unknown] {
            assert_eq!(of(&nothing), None);
        }
    }
}
