//! Errors because something that a job needs is missing, not enabled or not granted. Another change may be
//! about to provide it, so that such an error of a check does not predict the result of the write.

use serde_json::Value as Json;

use crate::status::Status;

/// What a job depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Prerequisite {
    Secret,
    Connector,
    Subnetwork,
    Network,
    ServiceAccount,
    Key,
    Image,
    Volume,
    Policy,
    Project,
    /// An API, billing, or something that the error does not name.
    Other,
}
use Prerequisite::{
    Connector, Image, Key, Network, Other, Policy, Project, Secret, ServiceAccount, Subnetwork, Volume,
};

impl Status {
    /// The missing prerequisite, if another resource could provide it.
    pub fn unmet_prerequisite(&self) -> Option<Prerequisite> {
        let message = self.message.to_lowercase();
        let of_the_caller = ["permission 'run.", "permission 'iam.serviceaccounts.actas'"];
        if self.status == "PERMISSION_DENIED" && of_the_caller.iter().any(|start| message.starts_with(start))
        {
            return None;
        }
        let prose = prose(&self.message);
        let has = |parts: &[&str]| parts.iter().any(|part| prose.contains(&format!(" {part} ")));
        let text = format!(
            "{message} {}",
            Json::from(self.details.clone()).to_string().to_lowercase()
        );
        if self.disabled_api().is_some() || text.contains("billing_disabled") || has(&["billing"]) {
            return Some(Other);
        }
        if has(&PERMANENT) {
            return None;
        }
        let is_absent = self.status == "NOT_FOUND";
        let is_missing = is_absent || has(&ABSENT) || has(&DENIED);
        let kind = KINDS
            .iter()
            .filter(|_| is_missing)
            .find(|(_, words, paths)| has(words) || paths.iter().any(|path| text.contains(path)));
        let unnamed = is_absent && !has(&["location", "region"]);
        kind.map(|(kind, ..)| *kind).or(unnamed.then_some(Other))
    }

    /// The API that is not enabled in the project, if that is the cause.
    pub fn disabled_api(&self) -> Option<&str> {
        let reason = |detail: &&Json| detail["reason"] == "SERVICE_DISABLED";
        let info = self.details.iter().find(reason);
        let prose = prose(&self.message);
        let has = |part| prose.contains(part);
        let is_said = has(" has not been used in project ")
            || has(" api ") && (has(" not enabled ") || has(" not been enabled ") || has(" is disabled "));
        if info.is_none() && !is_said {
            return None;
        }
        let is_service = |part: &&str| part.ends_with(".googleapis.com") && !part.contains(' ');
        let service = info
            .and_then(|info| info["metadata"]["service"].as_str())
            .filter(is_service);
        let mut parts = self.message.split(['/', ' ', '[', ']', '"', '\'']);
        service
            .or_else(|| parts.find(is_service))
            .or(Some("run.googleapis.com"))
    }
}

/// The message in lower case, each word between spaces. Quoted words, paths and email addresses are left out: they are names,
/// such as that of a secret `gpu-quota`.
fn prose(message: &str) -> String {
    let mut prose = " ".to_owned();
    for word in message.to_lowercase().split_whitespace() {
        let is_name =
            word.trim_start_matches(['(', '[']).starts_with(['\'', '"', '`']) || word.contains(['/', '@']);
        if is_name {
            continue;
        }
        for part in word
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .filter(|part| !part.is_empty())
        {
            prose.push_str(part);
            prose.push(' ');
        }
    }
    prose
}

/// Causes that no other resource removes: <https://cloud.google.com/run/docs/configuring/jobs/gpu>, and quotas.
const PERMANENT: [&str; 8] = [
    "gpu",
    "gpus",
    "accelerator",
    "accelerators",
    "quota",
    "launch stage",
    "volumes list",
    "machine type",
];
const ABSENT: [&str; 9] = [
    "not found",
    "not exist",
    "doesn t exist",
    "be found",
    "not enabled",
    "is disabled",
    "is destroyed",
    "not ready",
    "not been created",
];
const DENIED: [&str; 4] = ["permission", "permissions", "denied", "not authorized"];
/// Each kind by words of the message, and by paths. The specific precede the general.
const KINDS: [(Prerequisite, &[&str], &[&str]); 11] = [
    (ServiceAccount, &["service agent"], &[]),
    (Secret, &["secret"], &["/secrets/"]),
    (Connector, &["connector"], &["/connectors/"]),
    (Subnetwork, &["subnetwork", "subnet"], &["/subnetworks/"]),
    (Network, &["network", "vpc"], &["/networks/"]),
    (Key, &["key", "cryptokey"], &["/cryptokeys/"]),
    (
        Volume,
        &["bucket", "instance"],
        &["gs://", "/buckets/", "/instances/"],
    ),
    (Image, &["image", "repository"], &["docker.pkg.dev/", "gcr.io/"]),
    (Policy, &["attestor", "policy"], &["/attestors/"]),
    (ServiceAccount, &["service account"], &["gserviceaccount.com"]),
    (Project, &["project"], &[]),
];

#[cfg(test)]
mod tests;
