//! The data source `facets_gpu_cloudrun_job`: an existing job.

mod schema;

use super::crud::errors::{Action, call_error};
use super::crud::read_context;
use super::flatten::for_data_source;
use super::validate::{job_name_error, project_error};
use super::{TYPE_NAME, identity};
use crate::gpu;
use crate::provider::{ClientUnavailable, Defaults, ProviderData};
use crate::validators::missing_value;
use cloud_run::JobName;
pub use schema::SCHEMA;
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
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
            Err(error) => Err(call_error(Action::Read, &name, &error).into()),
        }
    }
}

/// Errors of a configuration, as far as it is known.
fn validate(config: &Value) -> Vec<Diagnostic> {
    let text = |attribute| config.get(attribute).as_str();
    let mut diagnostics = Vec::new();
    if config.get("name").is_null() {
        diagnostics.push(missing_value(Path::attribute("name")));
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
    for (attribute, argument, variable, example, default) in [
        (
            "project",
            "project",
            "GOOGLE_PROJECT",
            "my-project-123",
            &defaults.project,
        ),
        (
            "location",
            "region",
            "GOOGLE_REGION",
            gpu::default().regions[0],
            &defaults.region,
        ),
    ] {
        if completed.get(attribute).is_null() {
            completed.set(attribute, default.clone());
        }
        if completed.get(attribute).is_null() {
            diagnostics.push(Diagnostic::attribute_error(
                Path::attribute(attribute),
                format!("Missing {argument}"),
                format!(
                    "{attribute} must be set in the data source, by {argument} in the provider or by {variable}, got no value. For \
                     example: {attribute} = \"{example}\"."
                ),
            ));
        }
    }
    diagnostics.extend(validate(&completed));
    if let Some(attribute) = ["name", "project", "location"]
        .into_iter()
        .find(|name| completed.get(name).is_unknown())
    {
        let error = InvalidValue {
            path: Path::attribute(attribute),
            must: "be known when the job is read".into(),
            got: "a value that is known only after apply".into(),
            fix: "Apply the resources that it depends on first, for example with -target.".into(),
        };
        diagnostics.push(error.error("Unknown value"));
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
        "Job not found",
        format!(
            "The job of a data source must exist, but Cloud Run has no {name}. Correct name, location or project; if the same \
             configuration creates the job, refer to the resource instead."
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
        let error = InvalidValue {
            path: Path::attribute("location"),
            must: format!("be a region such as {}", quoted(gpu::default().regions[0])),
            got: quoted(location),
            fix: "Omit it to use the provider's region.".into(),
        };
        error.error("Invalid region")
    })
}

/// More than the length of any region.
const MAX_REGION_LENGTH: usize = 63;

#[cfg(test)]
mod tests;
