//! The data source `facets_gpu_cloudrun_job`: one job that is there already, whoever made it.

mod schema;

use super::validate::{name_fault, project_fault};
use crate::provider::Defaults;
use cloud_run::JobName;
pub use schema::SCHEMA;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::{Path, Value};

/// What is wrong with the names in a configuration, as far as they are known.
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let text = |attribute| config.get(attribute).as_str();
    let mut found = Vec::new();
    if config.get("name").is_null() {
        found.push(Diagnostic::attribute_error(
            Path::attribute("name"),
            "Missing value",
            "name is required. It is null. Give it a value.",
        ));
    }
    found.extend(text("name").and_then(name_fault));
    found.extend(text("location").and_then(location_fault));
    found.extend(text("project").and_then(project_fault));
    found
}

/// Which job is meant: what the configuration leaves out is the provider's.
///
/// # Errors
/// What is missing, or cannot be.
pub fn name_of(config: &Value, defaults: &Defaults) -> Result<JobName, Vec<Diagnostic>> {
    let mut whole = config.clone();
    let mut found = Vec::new();
    for (attribute, provided, variable, given) in [
        ("project", "project", "GOOGLE_PROJECT", &defaults.project),
        ("location", "region", "GOOGLE_REGION", &defaults.region),
    ] {
        if whole.get(attribute).is_null() {
            whole.set(attribute, given.clone());
        }
        if whole.get(attribute).is_null() {
            found.push(Diagnostic::attribute_error(
                Path::attribute(attribute),
                format!("Job without a {provided}"),
                format!(
                    "A job is found by its name, project and region. Neither {attribute}, nor {provided} of the provider, \
                     nor {variable} is set. Set one of them."
                ),
            ));
        }
    }
    found.extend(validate(&whole));
    if let Some(attribute) = ["name", "project", "location"]
        .into_iter()
        .find(|name| whole.get(name).is_unknown())
    {
        found.push(Diagnostic::attribute_error(
            Path::attribute(attribute),
            "Job not known yet",
            format!(
                "A job is found by its name, project and region. {attribute} depends on something that is not applied \
                 yet. Apply that first, for example with -target."
            ),
        ));
    }
    match (found.is_empty(), super::convert::name_of(&whole)) {
        (true, Some(name)) => Ok(name),
        _ => Err(found),
    }
}

/// Of a job as the resource would store it, what this data source tells.
pub fn state(job: &Value) -> Value {
    let told = SCHEMA.attributes.iter();
    Value::Map(
        told.map(|attribute| (attribute.name.into(), job.get(attribute.name).clone()))
            .collect(),
    )
}

/// A job that is read and not there.
pub fn missing(name: &JobName) -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute("name"),
        "No such job",
        format!(
            "The job that this data source names must exist. Google knows no {name}. Correct name, location and project. \
             Where the same configuration makes the job, refer to the resource instead, or add depends_on."
        ),
    )
}

/// Any region of Google's will do: there are jobs without a GPU.
fn location_fault(location: &str) -> Option<Diagnostic> {
    let is_region = location.starts_with(|c: char| c.is_ascii_lowercase())
        && location.len() <= LONGEST_REGION
        && location.contains('-')
        && !location.ends_with('-')
        && location
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    (!is_region).then(|| {
        let example = crate::gpu::default().regions[0];
        Diagnostic::attribute_error(
            Path::attribute("location"),
            "Invalid region",
            format!(
                "location is a region of Google's, such as \"{example}\". It is {}. Correct it, or leave it out to get the \
                 provider's region.",
                quoted(location)
            ),
        )
    })
}

/// More than any region's name has.
const LONGEST_REGION: usize = 63;

#[cfg(test)]
mod tests;
