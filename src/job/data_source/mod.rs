//! The data source `facets_gpu_cloudrun_job`: an existing job.

mod schema;

use super::crud::errors::call_error;
use super::crud::read_context;
use super::flatten::for_data_source;
use super::validate::{job_name_error, project_error};
use super::{TYPE_NAME, identity};
use crate::provider::{ClientUnavailable, Defaults, ProviderData};
use cloud_run::JobName;
pub use schema::SCHEMA;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::schema::Schema;
use terraform_plugin::value::{Path, Value};
use terraform_plugin::{Context, DataSource, async_trait};

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct CloudRunJobData;

#[async_trait]
impl DataSource<ProviderData> for CloudRunJobData {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        validate(config)
    }

    async fn read(&self, context: &Context<ProviderData>, config: &Value) -> Result<Value, Vec<Diagnostic>> {
        let name = job_name(config, &context.data.defaults)?;
        let client = context.data.client().map_err(ClientUnavailable::for_writing)?;
        match client.get_job(&name, &read_context(&context.cancellation)).await {
            Ok(remote) if remote.delete_time.is_none() => {
                let mut job = for_data_source(&remote, &name);
                job.set("execution_url", client.run_url(&name));
                Ok(schema_attributes(&job))
            }
            Ok(_) => Err(not_found(&name).into()),
            Err(error) if error.is_not_found() => Err(not_found(&name).into()),
            Err(error) => Err(call_error("read", &name, &error).into()),
        }
    }
}

/// Errors of a configuration, as far as it is known.
fn validate(config: &Value) -> Vec<Diagnostic> {
    let text = |attribute| config.get(attribute).as_str();
    let mut diagnostics = Vec::new();
    if config.get("name").is_null() {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("name"),
            "Missing value",
            "name is required. It is null. Give it a value.",
        ));
    }
    diagnostics.extend(text("name").and_then(job_name_error));
    diagnostics.extend(text("location").and_then(location_error));
    diagnostics.extend(text("project").and_then(project_error));
    diagnostics
}

/// The name of the job, by default in the provider's project and region.
///
/// # Errors
/// When a part is missing, invalid or unknown.
fn job_name(config: &Value, defaults: &Defaults) -> Result<JobName, Vec<Diagnostic>> {
    let mut completed = config.clone();
    let mut diagnostics = Vec::new();
    for (attribute, argument, variable, default) in [
        ("project", "project", "GOOGLE_PROJECT", &defaults.project),
        ("location", "region", "GOOGLE_REGION", &defaults.region),
    ] {
        if completed.get(attribute).is_null() {
            completed.set(attribute, default.clone());
        }
        if completed.get(attribute).is_null() {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute(attribute),
                format!("Job without a {argument}"),
                format!(
                    "A job is found by its name, project and region. Neither {attribute}, nor {argument} of the provider, \
                     nor {variable} is set. Set one of them."
                ),
            ));
        }
    }
    diagnostics.extend(validate(&completed));
    if let Some(attribute) = ["name", "project", "location"]
        .into_iter()
        .find(|name| completed.get(name).is_unknown())
    {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute(attribute),
            "Job not known yet",
            format!(
                "A job is found by its name, project and region. {attribute} depends on something that is not applied \
                 yet. Apply that first, for example with -target."
            ),
        ));
    }
    match (diagnostics.is_empty(), identity::job_name(&completed)) {
        (true, Some(name)) => Ok(name),
        _ => Err(diagnostics),
    }
}

/// The attributes of the resource that the data source has too.
fn schema_attributes(job: &Value) -> Value {
    let attributes = SCHEMA.attributes.iter();
    Value::Map(
        attributes
            .map(|attribute| (attribute.name.into(), job.get(attribute.name).clone()))
            .collect(),
    )
}

fn not_found(name: &JobName) -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute("name"),
        "No such job",
        format!(
            "The job that this data source names must exist. Google knows no {name}. Correct name, location and project. \
             Where the same configuration makes the job, refer to the resource instead, or add depends_on."
        ),
    )
}

/// Any region is valid: a job without a GPU can be read too.
fn location_error(location: &str) -> Option<Diagnostic> {
    let is_region = location.starts_with(|c: char| c.is_ascii_lowercase())
        && location.len() <= MAX_REGION_LENGTH
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

/// More than the length of any region.
const MAX_REGION_LENGTH: usize = 63;

#[cfg(test)]
mod tests;
