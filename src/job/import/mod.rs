//! Import of a job, by its ID or its identity.

use tokio_util::sync::CancellationToken;

use super::crud::errors::{Action, being_deleted, call_error};
use super::crud::read_context;
use super::flatten::{for_import, missing_gpu_warning, unmanaged_settings};
use super::private_state::PrivateState;
use crate::gpu;
use crate::name;
use crate::provider::Defaults;
use cloud_run::{Client, JobName, JobNameError};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::record;
use terraform_plugin::resource::{ImportRequest, StateResponse};
use terraform_plugin::value::{Field, FromValue as _};

record! {
    /// An identity in an import block.
    Identity {
        project: String = "project",
        location: String = "location",
        name: String = "name",
    }
}

/// Reads an existing job into the state.
///
/// # Errors
/// When the job does not exist or cannot be read.
pub(super) async fn import(
    client: &Client,
    name: &JobName,
    defaults: &Defaults,
    cancellation: &CancellationToken,
) -> Result<StateResponse, Vec<Diagnostic>> {
    let remote = client.get_job(name, &read_context(cancellation)).await;
    let remote = remote.map_err(|error| vec![call_error(Action::Import, name, &error)])?;
    if let Some(time) = &remote.delete_time {
        return Err(being_deleted(name, time).into());
    }
    let state = for_import(&remote, name, defaults);
    Ok(StateResponse {
        private: Some(PrivateState::of_import(&state, unmanaged_settings(&remote, &state)).to_bytes()),
        state,
        diagnostics: missing_gpu_warning(&remote, name).into_iter().collect(),
    })
}

/// The name of the job to import, from the ID or, when that is empty, from the identity.
///
/// # Errors
/// When neither names a job.
pub(super) fn job_name(request: &ImportRequest<'_>, defaults: &Defaults) -> Result<JobName, Diagnostic> {
    let ImportRequest { id, identity } = *request;
    let project = defaults.project.known().map(String::as_str);
    match Identity::from_known(identity) {
        Some(identity) if id.is_empty() => by_identity(&identity, project),
        None if id.is_empty() => Err(Diagnostic::error(
            "Missing import ID",
            format!(
                "The import ID must not be empty, and no identity is given. Specify an ID such as \
                 projects/my-project/locations/{}/jobs/nightly-render.",
                gpu::default().regions[0]
            ),
        )),
        _ => by_id(id, project),
    }
}

/// Checks job and region, so that no request is sent for a name that no job can have.
fn valid(name: JobName) -> Result<JobName, String> {
    let JobName { location, job, .. } = &name;
    if !name::is_job_id(job) {
        return Err(format!(
            "the job name must be 1 to {} lowercase letters, digits or hyphens, start with a letter and not end with a hyphen, \
             got {}",
            name::JOB_ID_LENGTH,
            quoted(job)
        ));
    }
    // Regions follow the same rule, and there is no list of them.
    if !name::is_job_id(location) {
        return Err(format!(
            "the location must be a region such as {}, got {}",
            gpu::default().regions[0],
            quoted(location)
        ));
    }
    Ok(name)
}

fn by_id(id: &str, project: Option<&str>) -> Result<JobName, Diagnostic> {
    let parsed = JobName::parse(id, project).map_err(|reason| match reason {
        JobNameError::MissingProject => "it has no project, and neither has the provider".to_owned(),
        other => other.to_string(),
    });
    parsed.and_then(valid).map_err(|reason| {
        Diagnostic::error(
            "Invalid import ID",
            format!(
                "The import ID must be projects/PROJECT/locations/LOCATION/jobs/NAME, PROJECT/LOCATION/NAME or LOCATION/NAME, got \
                 {}: {reason}. For example: projects/my-project/locations/{}/jobs/nightly-render.",
                quoted(id),
                gpu::default().regions[0]
            ),
        )
    })
}

fn by_identity(identity: &Identity, project: Option<&str>) -> Result<JobName, Diagnostic> {
    let mut errors = Vec::new();
    let parts = [
        part("project", &identity.project, project, &mut errors),
        part("location", &identity.location, None, &mut errors),
        part("name", &identity.name, None, &mut errors),
    ];
    if errors.is_empty() {
        let [project, location, job] = &parts;
        let name = JobName::new(project, location, job);
        match JobName::parse(&parts.join("/"), None) {
            // Parts with slashes could make up another full name.
            Ok(parsed) if parsed == name => match valid(name) {
                Ok(name) => return Ok(name),
                Err(reason) => errors.push(reason),
            },
            Ok(_) => errors.push("a part of it contains a slash".to_owned()),
            Err(reason) => errors.push(reason.to_string()),
        }
    }
    let [project, location, name] = parts.each_ref().map(|part| quoted(part));
    Err(Diagnostic::error(
        "Invalid import identity",
        format!(
            "An import identity must have location and name, and project unless the provider has one, got project {project}, \
             location {location} and name {name}: {}. For example: identity = {{ location = \"{}\", name = \"nightly-render\" }}.",
            errors.join(", and "),
            gpu::default().regions[0]
        ),
    ))
}

/// A part of an identity, or its default; empty, with an error, where there is neither.
fn part(name: &str, given: &Field<String>, default: Option<&str>, errors: &mut Vec<String>) -> String {
    match (given, default) {
        (Field::Known(text), _) => return text.clone(),
        (Field::Null, Some(default)) => return default.to_owned(),
        (Field::Unknown, _) => errors.push(format!("{name} is unknown")),
        (Field::Null, None) if name == "project" => {
            errors.push("neither project nor the provider's project is set".to_owned());
        }
        (Field::Null, None) => errors.push(format!("{name} is missing")),
    }
    String::new()
}

#[cfg(test)]
mod tests;
