//! What the provider keeps beside the state of a job: Terraform stores it and hands it back, and shows it to no user.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::resource::Plan;
use terraform_plugin::value::{Path, Value};

/// The private data of a job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Private {
    /// Keys that an import found on the job.
    #[serde(skip_serializing_if = "Imported::is_empty")]
    pub imported: Imported,
    /// The paths of what the job has and the resource does not manage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmanaged: Vec<String>,
}

/// Keys of labels and annotations that are in the state since an import. No configuration has set them yet, so one that
/// leaves them out does not remove them from the job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Imported {
    /// Of `labels`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<String>,
    /// Of `annotations`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub annotations: BTreeSet<String>,
}

impl Imported {
    fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.annotations.is_empty()
    }
}

impl Private {
    /// Reads private data. What cannot be read is as good as none: an older version of the provider kept none.
    pub fn read(bytes: &[u8]) -> Private {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The form that Terraform stores; nothing is stored for a job without any.
    pub fn to_bytes(&self) -> Vec<u8> {
        if *self == Private::default() {
            return Vec::new();
        }
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The private data of a job that was just imported into this state.
    pub fn of_import(state: &Value, unmanaged: Vec<String>) -> Private {
        let imported = Imported {
            labels: keys(state.get("labels")),
            annotations: keys(state.get("annotations")),
        };
        Private {
            imported,
            ..Private::default()
        }
        .with_unmanaged(unmanaged)
    }

    /// The same with the paths of what is unmanaged in the job as it is now.
    #[must_use]
    pub fn with_unmanaged(mut self, paths: Vec<String>) -> Private {
        self.unmanaged = paths
            .into_iter()
            .take(MAX_PATHS)
            .map(|path| path.chars().take(MAX_PATH_LENGTH).collect())
            .collect();
        self
    }

    /// The same once an update was applied: whatever the configuration leaves out from now on, it had before.
    #[must_use]
    pub fn applied(&self) -> Private {
        Private {
            imported: Imported::default(),
            ..self.clone()
        }
    }

    /// What to add to a refusal of an update for its launch stage: the setting that is not managed and may need another
    /// one. `None` for any other refusal, and for a job without such settings.
    pub fn launch_stage_hint(&self, refusal: &str) -> Option<String> {
        if self.unmanaged.is_empty() || !refusal.to_lowercase().contains("launch stage") {
            return None;
        }
        let plain = |text: &str| {
            text.to_lowercase()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "")
        };
        let refusal = plain(refusal);
        let is_named = |path: &&String| {
            path.rsplit('.')
                .next()
                .is_some_and(|member| refusal.contains(&plain(member)))
        };
        let named: Vec<&str> = self
            .unmanaged
            .iter()
            .filter(is_named)
            .map(String::as_str)
            .collect();
        let shown = match named.as_slice() {
            [] => self.unmanaged.join(", "),
            named => named.join(", "),
        };
        Some(format!(
            "The update keeps settings of the job that this resource does not manage, and one of them may need another \
             launch_stage: {shown}. Set launch_stage to a stage that covers it, or remove it from the job."
        ))
    }

    /// What a plan must warn of: what is lost with the job that is replaced, and what an update leaves on the job.
    pub fn warnings(&self, prior: &Value, plan: &Plan) -> Vec<Diagnostic> {
        if plan.planned.is_null() || prior.is_null() {
            return Vec::new();
        }
        if !plan.requires_replace.is_empty() {
            return self.lost(prior).into_iter().collect();
        }
        // Labels are managed by other attributes too, such as facets.
        [
            ("labels", "effective_labels", &self.imported.labels),
            ("annotations", "annotations", &self.imported.annotations),
        ]
        .into_iter()
        .filter_map(|(attribute, managed, imported)| {
            staying(
                attribute,
                imported,
                prior.get(attribute),
                plan.planned.get(managed),
            )
        })
        .collect()
    }

    fn lost(&self, prior: &Value) -> Option<Diagnostic> {
        (!self.unmanaged.is_empty()).then(|| {
            Diagnostic::warning("Unmanaged settings will be lost",
                format!(
                    "This plan replaces {}, which has settings that this resource does not manage: {}. The new job will not \
                     have them. Keep the job by undoing the change that forces replacement, or set them again on the new \
                     job.",
                    prior.get("id").as_str().unwrap_or("the job"),
                    self.unmanaged.join(", ")
                ),
            )
        })
    }
}

/// The imported keys that the plan takes out of the state and leaves on the job.
fn staying(
    attribute: &str,
    imported: &BTreeSet<String>,
    prior: &Value,
    planned: &Value,
) -> Option<Diagnostic> {
    if planned.is_unknown() {
        return None;
    }
    let planned = keys(planned);
    let staying: Vec<String> = keys(prior)
        .intersection(imported)
        .filter(|key| !planned.contains(*key))
        .map(|key| quoted(key))
        .collect();
    (!staying.is_empty()).then(|| {
        Diagnostic::attribute_warning(
            Path::attribute(attribute),
            format!("Imported {attribute} stay on the job"),
            format!(
                "The job was imported with {attribute} that the configuration does not have: {}. This plan removes them from \
                 the state and leaves them on the job. To manage them, add them to {attribute}; to remove them from the job, \
                 add them, apply, and remove them again.",
                staying.join(", ")
            ),
        )
    })
}

fn keys(map: &Value) -> BTreeSet<String> {
    match map {
        Value::Map(members) => members.keys().map(ToString::to_string).collect(),
        _ => BTreeSet::new(),
    }
}

/// As many paths as a message shows, and as much of each.
const MAX_PATHS: usize = 20;
const MAX_PATH_LENGTH: usize = 120;

#[cfg(test)]
mod tests;
