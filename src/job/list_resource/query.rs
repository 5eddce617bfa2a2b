//! The configuration of a query.

use std::collections::BTreeMap;

use crate::gpu;
use crate::job::model::StringMap;
use crate::job::validate::project_error;
use crate::provider::Defaults;
use crate::validators::{check_labels, null_element};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::record;
use terraform_plugin::value::{Field, FromValue as _, Path, Value};

record! {
    /// A query as configured.
    Config {
        project: String = "project",
        locations: Vec<Field<String>> = "locations",
        labels: StringMap = "labels",
    }
}

/// A query whose values are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListQuery {
    pub(super) project: String,
    /// The regions, each once, in the order of the configuration.
    pub(super) locations: Vec<String>,
    /// The labels that a job must have.
    pub(super) labels: BTreeMap<String, String>,
}

/// Errors of a query, as far as it is known.
pub(super) fn validate(config: &Value) -> Vec<Diagnostic> {
    let query = Config::from_known(config).unwrap_or_default();
    let mut diagnostics = Vec::new();
    diagnostics.extend(query.project.known().and_then(|project| project_error(project)));
    check_locations(&query.locations, &mut diagnostics);
    check_labels(&query.labels, "labels", &mut diagnostics);
    diagnostics
}

/// The query of a configuration, by default in the provider's project.
///
/// # Errors
/// When a value is invalid or unknown.
pub(super) fn query(config: &Value, defaults: &Defaults) -> Result<ListQuery, Vec<Diagnostic>> {
    let query = Config::from_known(config).unwrap_or_default();
    let mut diagnostics = validate(config);
    let unknown_attributes = ["project", "locations", "labels"]
        .into_iter()
        .filter(|attribute| !config.get(attribute).is_wholly_known());
    diagnostics.extend(unknown_attributes.map(unknown));
    let project = match query.project {
        Field::Null => default_project(&defaults.project, &mut diagnostics),
        Field::Unknown => None,
        Field::Known(project) => Some(project),
    };
    let (Some(project), []) = (project, diagnostics.as_slice()) else {
        return Err(diagnostics);
    };
    let labels = query.labels.known().into_iter().flatten();
    Ok(ListQuery {
        project,
        locations: distinct(&query.locations),
        labels: labels
            .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect(),
    })
}

/// The provider's project.
fn default_project(project: &Field<String>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    match project {
        Field::Null => diagnostics.push(missing_project()),
        Field::Unknown => diagnostics.push(unknown("project")),
        Field::Known(project) => diagnostics.extend(project_error(project)),
    }
    project.known().cloned()
}

/// The regions without duplicates; by default all that offer the GPU.
fn distinct(locations: &Field<Vec<Field<String>>>) -> Vec<String> {
    let Some(chosen) = locations.known() else {
        return gpu::default().regions.iter().map(ToString::to_string).collect();
    };
    let mut regions: Vec<String> = Vec::new();
    for region in chosen.iter().filter_map(Field::known) {
        if !regions.contains(region) {
            regions.push(region.clone());
        }
    }
    regions
}

fn check_locations(locations: &Field<Vec<Field<String>>>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(locations) = locations.known() else {
        return;
    };
    if locations.is_empty() {
        diagnostics.push(Diagnostic::attribute_error(
            Path::attribute("locations"),
            "Query without a region",
            "locations are the regions that a query looks in. It is empty. Name at least one, or leave locations out to \
             look in all that offer the GPU.",
        ));
    }
    for (index, location) in locations.iter().enumerate() {
        let path = Path::attribute("locations").index(index);
        match location {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path)),
            Field::Known(region) if gpu::default().is_in(region) => {}
            Field::Known(region) => {
                let detail = format!(
                    "Each of locations is a region that offers {}: {}. {path} is {}. Write one of them, or leave \
                     locations out to look in all.",
                    gpu::default().name,
                    gpu::default().regions.join(", "),
                    quoted(region)
                );
                diagnostics.push(Diagnostic::attribute_error(
                    path,
                    "Region without this GPU",
                    detail,
                ));
            }
        }
    }
}

fn missing_project() -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute("project"),
        "Query without a project",
        "Jobs are listed in a project. Neither project of the query, nor project of the provider, nor an environment \
         variable such as GOOGLE_PROJECT is set. Set one of them, for example project = \"my-project-123\".",
    )
}

fn unknown(attribute: &str) -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute(attribute),
        "Query not known yet",
        format!(
            "A query asks Google at once, so all of it must be known. {attribute} is not, or not wholly. Give it a value \
             that depends on nothing that is still to be applied."
        ),
    )
}
