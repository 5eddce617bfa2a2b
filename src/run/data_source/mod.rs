//! The data source `facets_gpu_cloudrun_job_execution`: an execution by its name, or the most recent one of a job.

mod schema;

use super::errors::{Call, call_error};
use super::flatten::{set_attributes, set_summary};
use super::job_argument;
use super::resource::{TYPE_NAME, read_context};
use crate::provider::{ClientUnavailable, Defaults, ProviderData};
use cloud_run::model::Execution;
use cloud_run::{CallContext, Client, ExecutionName, JobName};
pub use schema::SCHEMA;
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::schema::Schema;
use terraform_plugin::value::{Field, Path, Value};
use terraform_plugin::{Context, DataSource, async_trait};

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct CloudRunJobExecutionData;

#[async_trait]
impl DataSource<ProviderData> for CloudRunJobExecutionData {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> &Schema {
        &SCHEMA
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let mut diagnostics = job_argument::validate(config);
        // A short name of the job is completed, and checked, when the execution is read.
        let job = job_argument::job_name(config, &Defaults::default());
        if let (Ok(Field::Known(job)), Some(name)) = (job, config.get("name").as_str()) {
            diagnostics.extend(full_name(&job, name).err());
        }
        diagnostics
    }

    async fn read(&self, context: &Context<ProviderData>, config: &Value) -> Result<Value, Vec<Diagnostic>> {
        let data = &context.data;
        let job = match job_argument::job_name(config, &data.defaults)? {
            Field::Known(job) => job,
            _ => return Err(unknown("job").into()),
        };
        let name = match config.get("name") {
            Value::Null => None,
            Value::String(name) => Some(full_name(&job, name)?),
            _ => return Err(unknown("name").into()),
        };
        let client = data.client().map_err(ClientUnavailable::for_writing)?;
        let call = read_context(&context.cancellation);
        let found = match name {
            Some(name) => Some(named(client, name, &call).await?),
            None => latest(client, &job, &call).await?,
        };
        Ok(value(config, found))
    }
}

/// The full name of an execution of the job, of a short or a full one.
fn full_name(job: &JobName, name: &str) -> Result<ExecutionName, Diagnostic> {
    let full = match name.contains('/') {
        true => name.to_owned(),
        false => format!("{job}/executions/{name}"),
    };
    let parsed = ExecutionName::parse(&full).ok();
    // A project has an ID and a number.
    let own = parsed.filter(|name| (&name.job.location, &name.job.job) == (&job.location, &job.job));
    own.ok_or_else(|| {
        let error = InvalidValue {
            path: Path::attribute("name"),
            must: format!(
                "be the name of an execution of {job}, such as \"{}-x7k2p\"",
                job.job
            ),
            got: quoted(name),
            fix: "Omit it to read the most recent execution.".into(),
        };
        error.error("Invalid execution name")
    })
}

async fn named(
    client: &Client,
    name: ExecutionName,
    context: &CallContext,
) -> Result<(ExecutionName, Execution), Diagnostic> {
    match client.get_execution(&name, context).await {
        Ok(execution) => Ok((name, execution)),
        Err(error) if error.is_not_found() => Err(Diagnostic::attribute_error(
            Path::attribute("name"),
            "Execution not found",
            format!(
                "The execution of a data source must exist, but Cloud Run has no {name}. Correct job or name, or omit name to \
                 read the most recent execution."
            ),
        )),
        Err(error) => Err(call_error(Call::GetExecution, &name, &error)),
    }
}

/// The most recent execution, if the job has one that still exists.
async fn latest(
    client: &Client,
    job: &JobName,
    context: &CallContext,
) -> Result<Option<(ExecutionName, Execution)>, Diagnostic> {
    let latest = match client.get_job(job, context).await {
        Ok(found) => found.latest_created_execution.and_then(|latest| latest.name),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(call_error(Call::GetJob, job, &error)),
    };
    // The API may return an empty name, and a short or a full one.
    let latest = latest.as_deref().and_then(|name| name.rsplit('/').next());
    let Some(name) = latest.and_then(|name| full_name(job, name).ok()) else {
        return Ok(None);
    };
    match client.get_execution(&name, context).await {
        Ok(execution) => Ok(Some((name, execution))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(call_error(Call::GetExecution, &name, &error)),
    }
}

/// The configuration with the attributes of the execution; null ones without it.
fn value(config: &Value, found: Option<(ExecutionName, Execution)>) -> Value {
    let mut value = config.clone();
    if let Some((name, execution)) = found {
        // As configured, also where that is the full name.
        let configured = config.get("name").clone();
        set_attributes(&mut value, &execution, &name);
        set_summary(&mut value, &execution);
        if !configured.is_null() {
            value.set("name", configured);
        }
    }
    value
}

fn unknown(attribute: &str) -> Diagnostic {
    let error = InvalidValue {
        path: Path::attribute(attribute),
        must: "be known when the execution is read".into(),
        got: "a value that is known only after apply".into(),
        fix: "Apply the resources that it depends on first, for example with -target.".into(),
    };
    error.error("Unknown value")
}

#[cfg(test)]
mod tests;
