//! The rules that follow from a configuration alone. All are checked, so that a user sees every error at once. A rule that
//! needs an unknown value passes; Terraform validates again when it is known.

mod choice;
mod delay;
mod environment;
mod file_path;
mod image;
mod mounts;
mod network;
mod region;
mod required;
mod resources;
mod security;
mod settings;
mod volume_sources;
mod volumes;

use crate::gpu::{self, JOB_LIMITS};
use crate::job::model::{Job, StringMap};
use crate::job::schema::LAUNCH_STAGES;
use crate::labels::annotation_key_error;
use crate::name;
use crate::validators::{
    check_labels, choices, example, is_service_account, null_element, omit_for_default, service_account_in,
};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
use terraform_plugin::value::{Field, Path};

pub(crate) use delay::unconfirmed as unconfirmed_delay;
pub(crate) use environment::check_variables;
pub use region::region_mismatches;
pub(crate) use settings::{check_arguments, check_count, check_task_timeout, check_timeout};

/// Errors and warnings of a configuration.
pub fn validate(job: &Job) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    required::check(job, &mut diagnostics);
    identity_and_account(job, &mut diagnostics);
    resources::check(job, &mut diagnostics);
    settings::check(job, &mut diagnostics);
    delay::check(job, &mut diagnostics);
    environment::check(job, &mut diagnostics);
    network::check(job, &mut diagnostics);
    volumes::check(job, &mut diagnostics);
    mounts::check(job, &mut diagnostics);
    security::check(job, &mut diagnostics);
    // The plan checks the provider's region.
    if let Some(region) = job.location.known() {
        diagnostics.extend(region_mismatches(job, region));
    }
    check_labels(&job.labels, "labels", &mut diagnostics);
    check_annotations(&job.annotations, &mut diagnostics);
    diagnostics
}

/// The error of a region, from the configuration or the provider.
pub fn region_error(region: &str) -> Option<Diagnostic> {
    let gpu = gpu::default();
    if gpu.is_in(region) {
        return None;
    }
    let error = InvalidValue {
        path: Path::attribute("location"),
        must: format!("be {} with {}", choices(gpu.regions), gpu.name),
        got: quoted(region),
        fix: format!(
            "For example: location = {}. Source: {}.",
            quoted(gpu.regions[0]),
            gpu.source
        ),
    };
    Some(error.error("Region without this GPU"))
}

/// The error of a job ID.
pub fn job_name_error(id: &str) -> Option<Diagnostic> {
    if name::is_job_id(id) {
        return None;
    }
    let error = InvalidValue {
        path: Path::attribute("name"),
        must: format!(
            "be 1 to {} lowercase letters, digits or hyphens, start with a letter and not end with a hyphen",
            name::JOB_ID_LENGTH
        ),
        got: quoted(id),
        fix: example(&name::similar_job_id(id)),
    };
    Some(error.error("Invalid job name"))
}

/// The error of a project ID, from the configuration or the provider.
pub fn project_error(project: &str) -> Option<Diagnostic> {
    let is_id = (1..=MAX_PROJECT_LENGTH).contains(&project.len())
        && project
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    if is_id {
        return None;
    }
    let error = InvalidValue {
        path: Path::attribute("project"),
        must: "be the ID of a Google Cloud project, such as \"my-project-123\"".into(),
        got: quoted(project),
        fix:
            "Correct it where it is set: in this block, in the provider block or in an environment variable."
                .into(),
    };
    Some(error.error("Invalid project"))
}

fn check_annotations(annotations: &Field<StringMap>, diagnostics: &mut Vec<Diagnostic>) {
    for (key, value) in annotations.known().into_iter().flatten() {
        diagnostics.extend(annotation_key_error(key));
        if value.is_null() {
            diagnostics.push(null_element(Path::attribute("annotations").key(key)));
        }
    }
}

fn identity_and_account(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    match &job.name {
        Field::Known(id) => diagnostics.extend(job_name_error(id)),
        Field::Null if job.facets.is_null() => diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("name"),
            "Missing name",
            "name or facets must be set. For example: name = \"nightly-render\".",
        )),
        _ => {}
    }
    if let Some(facets) = job.facets.known() {
        check_facet("instance_name", &facets.instance_name, "my-job", diagnostics);
        check_facet("environment", &facets.environment, "production", diagnostics);
    }
    diagnostics.extend(job.location.known().and_then(|region| region_error(region)));
    diagnostics.extend(job.project.known().and_then(|project| project_error(project)));
    if let Some(stage) = job.launch_stage.known()
        && !LAUNCH_STAGES.contains(&stage.as_str())
    {
        let error = InvalidValue {
            path: Path::attribute("launch_stage"),
            must: format!("be {}", choices(&LAUNCH_STAGES)),
            got: quoted(stage),
            fix: omit_for_default(JOB_LIMITS.launch_stage),
        };
        diagnostics.push(error.error("Unsupported launch stage"));
    }
    if let Some(account) = job.service_account.known()
        && !is_service_account(account)
    {
        let error = InvalidValue {
            path: Path::attribute("service_account"),
            must: "be the email address of a service account, such as \"runner@my-project.iam.gserviceaccount.com\"".into(),
            got: quoted(account),
            fix: match service_account_in(account) {
                Some(address) => format!("Use {}.", quoted(address)),
                None => "Omit it to use the Compute Engine default service account.".into(),
            },
        };
        diagnostics.push(error.error("Invalid service account"));
    }
}

/// A facet that is part of the job's name.
fn check_facet(name: &str, given: &Field<String>, valid: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(text) = given.known().filter(|text| text.trim().is_empty()) {
        let error = InvalidValue {
            path: Path::attribute("facets").key(name),
            must: "not be empty, because it is part of the job name".into(),
            got: quoted(text),
            fix: example(valid),
        };
        diagnostics.push(error.error("Empty value"));
    }
}

/// Far more than 30 characters after the domain of an organization.
const MAX_PROJECT_LENGTH: usize = 128;

#[cfg(test)]
pub(crate) mod tests;
