//! The rules that follow from a configuration alone. All are checked, so that a user sees every error at once. A rule that
//! needs an unknown value passes; Terraform validates again when it is known.

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

use crate::gpu;
use crate::job::model::{Job, StringMap};
use crate::job::schema::LAUNCH_STAGES;
use crate::labels::annotation_key_error;
use crate::name;
use crate::validators::{check_labels, choices, is_service_account, null_element, service_account_in};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::value::{Field, Path};

pub use region::region_mismatches;

/// Errors and warnings of a configuration.
pub fn validate(job: &Job) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    required::check(job, &mut diagnostics);
    identity_and_account(job, &mut diagnostics);
    resources::check(job, &mut diagnostics);
    settings::check(job, &mut diagnostics);
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
    (!gpu.is_in(region)).then(|| {
        Diagnostic::attribute_error(
            Path::attribute("location"),
            "Region without this GPU",
            format!(
                "location must be a region that offers {}: {}. It is {}. Set location to one of them, for \
                 example location = \"{}\". The regions are those of {} ({}, {}).",
                gpu.name,
                choices(gpu.regions),
                quoted(region),
                gpu.regions[0],
                gpu.source.title,
                gpu.source.date,
                gpu.source.url,
            ),
        )
    })
}

/// The error of a job ID.
pub fn job_name_error(id: &str) -> Option<Diagnostic> {
    (!name::is_job_id(id)).then(|| {
        Diagnostic::attribute_error(
            Path::attribute("name"),
            "Invalid job name",
            format!(
                "name has 1 to {} lower-case letters, digits and hyphens, begins with a letter and does not end \
                 with a hyphen. It is {}. Use for example {}.",
                name::JOB_ID_LENGTH,
                quoted(id),
                quoted(&name::job_id(&id.to_lowercase())),
            ),
        )
    })
}

/// The error of a project ID, from the configuration or the provider.
pub fn project_error(project: &str) -> Option<Diagnostic> {
    let is_id = (1..=MAX_PROJECT_LENGTH).contains(&project.len())
        && project
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    (!is_id).then(|| {
        Diagnostic::attribute_error(
            Path::attribute("project"),
            "Invalid project",
            format!(
                "project is the id of a Google Cloud project, such as \"my-project-123\". It is {}. Correct it \
                 where it is set: here, in the provider, or in the environment.",
                quoted(project)
            ),
        )
    })
}

fn check_annotations(annotations: &Field<StringMap>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(annotations) = annotations.known() else {
        return;
    };
    for (key, value) in annotations {
        let path = Path::attribute("annotations").key(key);
        if let Some(detail) = annotation_key_error(key) {
            diagnostics.push(Diagnostic::attribute_error(
                path.clone(),
                "Invalid annotation",
                detail,
            ));
        }
        if value.is_null() {
            diagnostics.push(null_element(path, "annotations"));
        }
    }
}

fn identity_and_account(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    match &job.name {
        Field::Known(id) => diagnostics.extend(job_name_error(id)),
        Field::Null if job.facets.is_null() => diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("name"),
            "Job without a name",
            "A job needs a name. Neither name nor facets is set. Set name, for example name = \"nightly-render\", \
             or facets, from which it can be made.",
        )),
        _ => {}
    }
    if let Some(facets) = job.facets.known() {
        for (name, given) in [
            ("instance_name", &facets.instance_name),
            ("environment", &facets.environment),
        ] {
            if given.known().is_some_and(|text| text.trim().is_empty()) {
                diagnostics.push(Diagnostic::attribute_error(
                    Path::attribute("facets").key(name),
                    "Empty name",
                    format!("facets.{name} becomes part of the job's name. It is empty. Give it, or set name instead."),
                ));
            }
        }
    }
    diagnostics.extend(job.location.known().and_then(|region| region_error(region)));
    diagnostics.extend(job.project.known().and_then(|project| project_error(project)));
    if let Some(stage) = job.launch_stage.known()
        && !LAUNCH_STAGES.contains(&stage.as_str())
    {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("launch_stage"),
            "Unknown launch stage",
            format!(
                "launch_stage is one of {}. It is {}. Leave it out: \"{}\" allows every feature of GPU jobs.",
                choices(&LAUNCH_STAGES),
                quoted(stage),
                gpu::JOB_LIMITS.launch_stage,
            ),
        ));
    }
    if let Some(account) = job.service_account.known()
        && !is_service_account(account)
    {
        let fix = match service_account_in(account) {
            Some(address) => format!("Set service_account = {}", quoted(address)),
            None => "Leave it out to use the compute default account of the project".to_owned(),
        };
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("service_account"),
            "Invalid service account",
            format!(
                "service_account is the e-mail address of a service account, such as \
                 \"runner@my-project.iam.gserviceaccount.com\". It is {}. {fix}.",
                quoted(account)
            ),
        ));
    }
}

/// Far more than 30 characters after the domain of an organization.
const MAX_PROJECT_LENGTH: usize = 128;

#[cfg(test)]
pub(crate) mod tests;
