//! The list resource, of Terraform 1.14 and later: what `terraform query` may ask for, and what it then asks for.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::model::Texts;
use super::validate;
use crate::gpu;
use crate::provider::Defaults;
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::record;
use terraform_plugin::schema::{Attribute, Schema, Type};
use terraform_plugin::value::{Field, FromValue as _, Path, Value};

/// The schema of a query.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema {
    version: 0,
    description:
        "Lists Cloud Run jobs whose tasks get a GPU of this resource, also those that Terraform does not \
        manage. Jobs without one are passed over."
            .to_owned(),
    attributes: vec![
        Attribute::new(
            "project",
            Type::String,
            "Id of the Google Cloud project. Default: the provider's.",
        ),
        Attribute::new(
            "locations",
            Type::strings(),
            format!(
                "Regions to look in. Default: all that offer the GPU: {}.",
                gpu::default()
                    .regions
                    .iter()
                    .map(|region| format!("`{region}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ),
        Attribute::new(
            "labels",
            Type::string_map(),
            "Labels that a job must have, each with this very value. Default: whichever.",
        ),
    ],
});

record! {
    /// A query as configured.
    Query {
        project: String = "project",
        locations: Vec<Field<String>> = "locations",
        labels: Texts = "labels",
    }
}

/// What is asked for, once all is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The project.
    pub project: String,
    /// The regions, each once, in the order of the configuration.
    pub locations: Vec<String>,
    /// The labels that a job must have.
    pub labels: BTreeMap<String, String>,
}

/// Everything that is wrong with a query; what is not known yet is asked about again.
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let query = Query::from_known(config).unwrap_or_default();
    let mut found = Vec::new();
    found.extend(
        query
            .project
            .known()
            .and_then(|project| validate::project_fault(project)),
    );
    locations(&query.locations, &mut found);
    validate::labels(&query.labels, "labels", &mut found);
    found
}

/// What a query asks for, with the provider's project where it names none.
///
/// # Errors
/// What is wrong with it, or not known.
pub fn asked(config: &Value, defaults: &Defaults) -> Result<Asked, Vec<Diagnostic>> {
    let query = Query::from_known(config).unwrap_or_default();
    let mut found = validate(config);
    let open = ["project", "locations", "labels"]
        .into_iter()
        .filter(|attribute| !config.get(attribute).is_wholly_known());
    found.extend(open.map(unknown));
    let project = match query.project {
        Field::Null => provided(&defaults.project, &mut found),
        Field::Unknown => None,
        Field::Known(project) => Some(project),
    };
    let (Some(project), []) = (project, found.as_slice()) else {
        return Err(found);
    };
    let labels = query.labels.known().into_iter().flatten();
    Ok(Asked {
        project,
        locations: each_once(&query.locations),
        labels: labels
            .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect(),
    })
}

/// The provider's project, if it can be one.
fn provided(project: &Field<String>, found: &mut Vec<Diagnostic>) -> Option<String> {
    match project {
        Field::Null => found.push(projectless()),
        Field::Unknown => found.push(unknown("project")),
        Field::Known(project) => found.extend(validate::project_fault(project)),
    }
    project.known().cloned()
}

/// The regions in their order, those that stand twice but once; all that there are, where none is named.
fn each_once(locations: &Field<Vec<Field<String>>>) -> Vec<String> {
    let Some(chosen) = locations.known() else {
        return gpu::default().regions.iter().map(ToString::to_string).collect();
    };
    let mut each: Vec<String> = Vec::new();
    for region in chosen.iter().filter_map(Field::known) {
        if !each.contains(region) {
            each.push(region.clone());
        }
    }
    each
}

/// A query that finds jobs, but none of this resource's kind.
pub fn none_with_gpu(project: &str, others: usize) -> Diagnostic {
    Diagnostic::warning(
        "No job with this GPU",
        format!(
            "A query for {} lists jobs whose tasks get a GPU of this resource: {}. In the regions asked, project \
             {project} has {others} other jobs and no such one. Those can be managed with google_cloud_run_v2_job.",
            super::TYPE_NAME,
            gpu::CATALOG
                .iter()
                .map(|gpu| gpu.name)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    )
}

fn locations(locations: &Field<Vec<Field<String>>>, found: &mut Vec<Diagnostic>) {
    let Some(locations) = locations.known() else {
        return;
    };
    if locations.is_empty() {
        found.push(Diagnostic::attribute_error(
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
            Field::Null => found.push(validate::null_element(path, "locations")),
            Field::Known(region) if gpu::default().is_in(region) => {}
            Field::Known(region) => {
                let detail = format!(
                    "Each of locations is a region that offers {}: {}. {path} is {}. Write one of them, or leave \
                     locations out to look in all.",
                    gpu::default().name,
                    gpu::default().regions.join(", "),
                    quoted(region)
                );
                found.push(Diagnostic::attribute_error(
                    path,
                    "Region without this GPU",
                    detail,
                ));
            }
        }
    }
}

fn projectless() -> Diagnostic {
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

#[cfg(test)]
mod tests;
