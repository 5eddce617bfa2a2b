//! Required values that are null.

use crate::job::model::Job;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::{Field, Path};

/// Terraform checks that a required attribute is set, but not that it is not null.
pub(super) fn check(job: &Job, diagnostics: &mut Vec<Diagnostic>) {
    let mut missing: Vec<Path> = Vec::new();
    if job.container.is_null() {
        missing.push(Path::attribute("container"));
    }
    if job
        .container
        .known()
        .is_some_and(|container| container.image.is_null())
    {
        missing.push(Path::attribute("container").key("image"));
    }
    if let Some(facets) = job.facets.known() {
        let members = [
            ("instance_name", &facets.instance_name),
            ("environment", &facets.environment),
        ];
        let null = members.into_iter().filter(|(_, member)| member.is_null());
        missing.extend(null.map(|(name, _)| Path::attribute("facets").key(name)));
    }
    for (index, secret) in job.secrets.known().into_iter().flatten().enumerate() {
        let Some(secret) = secret.known() else { continue };
        let members = [("env_var", &secret.env_var), ("secret_name", &secret.secret_name)];
        let null = members.into_iter().filter(|(_, member)| member.is_null());
        missing.extend(null.map(|(name, _)| Path::attribute("secrets").index(index).key(name)));
    }
    diagnostics.extend(missing.into_iter().map(|path| {
        let detail = format!("{path} is required. It is null. Give it a value.");
        Diagnostic::attribute_error(path, "Missing value", detail)
    }));
}

/// A required member of a list element. The diagnostic is at the element, since Terraform shows no line for a deeper path.
pub(super) fn require(at: &Path, member: &str, value: &Field<String>, diagnostics: &mut Vec<Diagnostic>) {
    if value.is_null() {
        let detail = format!("{at}{member} is required. It is null. Give it a value.");
        diagnostics.push(Diagnostic::attribute_error(at.clone(), "Missing value", detail));
    }
}
