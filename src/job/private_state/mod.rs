//! The private state of a job: Terraform stores it beside the state and does not show it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::resource::Plan;
use terraform_plugin::value::{Path, Value};

/// The private state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivateState {
    /// Keys that are in the state because of an import.
    #[serde(skip_serializing_if = "ImportedKeys::is_empty")]
    pub imported: ImportedKeys,
    /// The paths of settings that the resource does not manage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmanaged: Vec<String>,
}

/// Keys of labels and annotations that are in the state because of an import. A configuration that omits them does not remove
/// them from the job, since no configuration has set them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportedKeys {
    /// Of `labels`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<String>,
    /// Of `annotations`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub annotations: BTreeSet<String>,
}

impl ImportedKeys {
    fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.annotations.is_empty()
    }
}

impl PrivateState {
    /// Decodes the private state; unreadable bytes are an empty one, as of an older version of the provider.
    pub fn read(bytes: &[u8]) -> PrivateState {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// Encodes the private state; an empty one has no bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        if *self == PrivateState::default() {
            return Vec::new();
        }
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The private state of a job that was imported into this state.
    pub fn of_import(state: &Value, unmanaged: Vec<String>) -> PrivateState {
        let imported = ImportedKeys {
            labels: keys(state.get("labels")),
            annotations: keys(state.get("annotations")),
        };
        PrivateState {
            imported,
            ..PrivateState::default()
        }
        .with_unmanaged(unmanaged)
    }

    /// With these paths of unmanaged settings.
    #[must_use]
    pub fn with_unmanaged(mut self, paths: Vec<String>) -> PrivateState {
        self.unmanaged = paths
            .into_iter()
            .take(MAX_PATHS)
            .map(|path| path.chars().take(MAX_PATH_LENGTH).collect())
            .collect();
        self
    }

    /// After an applied update, which ends the special treatment of imported keys.
    #[must_use]
    pub fn applied(&self) -> PrivateState {
        PrivateState {
            imported: ImportedKeys::default(),
            ..self.clone()
        }
    }

    /// A hint for an error about the launch stage: the unmanaged setting that may need another one. `None` for any other error,
    /// and for a job without unmanaged settings.
    pub fn launch_stage_hint(&self, message: &str) -> Option<String> {
        if self.unmanaged.is_empty() || !message.to_lowercase().contains("launch stage") {
            return None;
        }
        let plain = |text: &str| {
            text.to_lowercase()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "")
        };
        let message = plain(message);
        let is_named = |path: &&String| {
            path.rsplit('.')
                .next()
                .is_some_and(|member| message.contains(&plain(member)))
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
            "Set launch_stage to a stage that supports all settings of the job, including those that this resource does not \
             manage: {shown}."
        ))
    }

    /// The warnings of a plan: what a replacement loses, and what an update leaves on the job.
    pub fn warnings(&self, prior: &Value, plan: &Plan) -> Vec<Diagnostic> {
        if plan.planned.is_null() || prior.is_null() {
            return Vec::new();
        }
        if !plan.requires_replace.is_empty() {
            return self.lost_settings_warning(prior).into_iter().collect();
        }
        // Labels come from other attributes too, such as facets.
        [
            ("labels", "effective_labels", &self.imported.labels),
            ("annotations", "annotations", &self.imported.annotations),
        ]
        .into_iter()
        .filter_map(|(attribute, managed, imported)| {
            remaining_keys_warning(
                attribute,
                imported,
                prior.get(attribute),
                plan.planned.get(managed),
            )
        })
        .collect()
    }

    fn lost_settings_warning(&self, prior: &Value) -> Option<Diagnostic> {
        (!self.unmanaged.is_empty()).then(|| {
            Diagnostic::warning(
                "Loss of unmanaged settings",
                format!(
                    "The plan replaces {}. The new job will not have these settings, which this resource does not manage: {}. \
                     To keep them, undo the change that forces the replacement.",
                    prior.get("id").as_str().unwrap_or("the job"),
                    self.unmanaged.join(", ")
                ),
            )
        })
    }
}

/// The imported keys that the plan removes from the state only.
fn remaining_keys_warning(
    attribute: &str,
    imported: &BTreeSet<String>,
    prior: &Value,
    planned: &Value,
) -> Option<Diagnostic> {
    if planned.is_unknown() {
        return None;
    }
    let planned = keys(planned);
    let remaining: Vec<String> = keys(prior)
        .intersection(imported)
        .filter(|key| !planned.contains(*key))
        .map(|key| quoted(key))
        .collect();
    let more = remaining.len().saturating_sub(MAX_PATHS);
    (!remaining.is_empty()).then(|| {
        Diagnostic::attribute_warning(
            Path::attribute(attribute),
            format!("Unmanaged imported {attribute}"),
            format!(
                "The configuration omits {attribute} of the imported job: {}{}. The apply removes them from the state and leaves \
                 them on the job. To manage them, add them to {attribute}.",
                remaining[..remaining.len() - more].join(", "),
                if more > 0 { format!(", and {more} more") } else { String::new() }
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

/// The most paths that a message shows, and the most characters of each.
const MAX_PATHS: usize = 20;
const MAX_PATH_LENGTH: usize = 120;

#[cfg(test)]
mod tests;
