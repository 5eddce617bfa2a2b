//! Import of an execution, by its full name or its identity.

use tokio_util::sync::CancellationToken;

use super::crud::read_context;
use super::private_state::PrivateState;
use super::schema::SCHEMA;
use crate::provider::{ClientUnavailable, ProviderData};
use crate::run::errors::{Call, call_error};
use crate::run::flatten::set_attributes;
use crate::run::limits::max_gpu_hours;
use cloud_run::ExecutionName;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::record;
use terraform_plugin::resource::{ImportRequest, StateResponse};
use terraform_plugin::value::{Field, FromValue as _, Value};

record! {
    /// An identity in an import block.
    Identity {
        project: String = "project",
        location: String = "location",
        job: String = "job",
        name: String = "name",
    }
}

/// Reads an existing execution into the state.
///
/// # Errors
/// If the request names no execution, or it does not exist or cannot be read.
pub(super) async fn import(
    data: &ProviderData,
    request: &ImportRequest<'_>,
    cancellation: &CancellationToken,
) -> Result<StateResponse, Vec<Diagnostic>> {
    let name = imported_name(request, &data.defaults.project)?;
    let client = data.client().map_err(ClientUnavailable::for_writing)?;
    let execution = client.get_execution(&name, &read_context(cancellation)).await;
    let execution = execution.map_err(|error| vec![call_error(Call::GetExecution, &name, &error)])?;
    let attributes = SCHEMA.attributes.iter();
    // Without `wait`, so that the next apply has a change: it ends the import.
    let mut state = Value::Map(attributes.map(|one| (one.name.to_owned(), Value::Null)).collect());
    state.set("job", name.job.to_string());
    state.set("max_gpu_hours", max_gpu_hours(&execution));
    set_attributes(&mut state, &execution, &name);
    let private = PrivateState {
        imported: true,
        ..PrivateState::default()
    };
    Ok(StateResponse {
        private: Some(private.to_bytes()),
        ..StateResponse::new(state)
    })
}

/// The name of the execution to import.
///
/// # Errors
/// If neither ID nor identity names one.
fn imported_name(request: &ImportRequest<'_>, project: &Field<String>) -> Result<ExecutionName, Diagnostic> {
    let ImportRequest { id, identity } = *request;
    match Identity::from_known(identity) {
        Some(identity) if id.is_empty() => by_identity(identity, project),
        None if id.is_empty() => Err(Diagnostic::error(
            "Missing import ID",
            format!("The import ID must not be empty, and no identity is given. Specify an ID such as {EXAMPLE}."),
        )),
        _ => ExecutionName::parse(id).map_err(|_| {
            Diagnostic::error(
                "Invalid import ID",
                format!(
                    "The import ID must be projects/PROJECT/locations/LOCATION/jobs/JOB/executions/EXECUTION, got {}. For \
                     example: {EXAMPLE}.",
                    quoted(id)
                ),
            )
        }),
    }
}

fn by_identity(identity: Identity, default: &Field<String>) -> Result<ExecutionName, Diagnostic> {
    let Identity {
        project,
        location,
        job,
        name,
    } = identity;
    let [project, location, job, name] =
        [project.or(default.clone()), location, job, name].map(|part| part.into_known().unwrap_or_default());
    let text = format!("projects/{project}/locations/{location}/jobs/{job}/executions/{name}");
    ExecutionName::parse(&text).map_err(|_| {
        Diagnostic::error(
            "Invalid import identity",
            format!(
                "An import identity must have location, job and name, and project unless the provider has one, got project \
                 {}, location {}, job {} and name {}. For example: identity = {{ location = \"us-central1\", job = \
                 \"render\", name = \"render-x7k2p\" }}.",
                quoted(&project),
                quoted(&location),
                quoted(&job),
                quoted(&name)
            ),
        )
    })
}

const EXAMPLE: &str = "projects/my-project/locations/us-central1/jobs/render/executions/render-x7k2p";

#[cfg(test)]
mod tests;
