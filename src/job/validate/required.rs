//! Required values that are null. Terraform checks that a required attribute is set, but not that it is not null.

use crate::job::model::Job;
use crate::validators::missing_value;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::{Field, Path};

/// The required values outside of volumes and mounts.
pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    require(Path::attribute("container"), &job.container, diagnostics);
    if let Some(container) = job.container.known() {
        let image = Path::attribute("container").key("image");
        require(image, &container.image, diagnostics);
    }
    if let Some(facets) = job.facets.known() {
        let at = |name| Path::attribute("facets").key(name);
        require(at("instance_name"), &facets.instance_name, diagnostics);
        require(at("environment"), &facets.environment, diagnostics);
    }
    for (index, secret) in job.secrets.known().into_iter().flatten().enumerate() {
        let Some(secret) = secret.known() else { continue };
        let at = |name| Path::attribute("secrets").index(index).key(name);
        require(at("env_var"), &secret.env_var, diagnostics);
        require(at("secret_name"), &secret.secret_name, diagnostics);
    }
}

/// A value that is required.
pub(super) fn require<T>(path: Path, value: &Field<T>, diagnostics: &mut Vec<Diagnostic>) {
    if value.is_null() {
        diagnostics.push(missing_value(path));
    }
}
