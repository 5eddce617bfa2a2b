//! The configuration of a query.

use std::collections::BTreeMap;

use crate::gpu;
use crate::job::model::StringMap;
use crate::job::validate::project_error;
use crate::provider::Defaults;
use crate::validators::{check_labels, choices, null_element};
use terraform_plugin::diagnostic::{Diagnostic, InvalidValue, quoted};
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
        let error = InvalidValue {
            path: Path::attribute("locations"),
            must: "have at least one region".into(),
            got: "an empty list".into(),
            fix: USE_ALL_REGIONS.into(),
        };
        diagnostics.push(error.error("Missing region"));
    }
    for (index, location) in locations.iter().enumerate() {
        let path = Path::attribute("locations").index(index);
        match location {
            Field::Unknown => {}
            Field::Null => diagnostics.push(null_element(path)),
            Field::Known(region) if gpu::default().is_in(region) => {}
            Field::Known(region) => {
                let error = InvalidValue {
                    path,
                    must: format!(
                        "be a region with {}: {}",
                        gpu::default().name,
                        choices(gpu::default().regions)
                    ),
                    got: quoted(region),
                    fix: USE_ALL_REGIONS.into(),
                };
                diagnostics.push(error.error("Region without this GPU"));
            }
        }
    }
}

fn missing_project() -> Diagnostic {
    Diagnostic::attribute_error(
        Path::attribute("project"),
        "Missing project",
        "project must be set in the query, in the provider or by GOOGLE_PROJECT, got no value. For example: project = \
         \"my-project-123\".",
    )
}

fn unknown(attribute: &str) -> Diagnostic {
    let error = InvalidValue {
        path: Path::attribute(attribute),
        must: "be known when the query runs".into(),
        got: "a value that is known only after apply".into(),
        fix: "Use values that do not depend on resources that are not applied.".into(),
    };
    error.error("Unknown value")
}

const USE_ALL_REGIONS: &str = "Omit locations to use the default, all regions that offer the GPU.";
