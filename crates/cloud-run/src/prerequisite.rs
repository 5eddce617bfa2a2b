//! Errors because something that a job needs is missing, not enabled or not granted. Another change may be
//! about to provide it, so that such a refusal of a check does not predict what the write will meet.

use serde_json::Value as Json;

use crate::status::Status;

/// What a job depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
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
mod tests {
    use super::*;

    fn of(status: &str, message: &str) -> Option<Prerequisite> {
        Status {
            status: status.to_owned(),
            message: message.to_owned(),
            ..Status::default()
        }
        .unmet_prerequisite()
    }

    #[test]
    fn missing_resource_is_a_prerequisite() {
        for (message, expected) in [
            (
                "Secret projects/1/secrets/gpu-quota/versions/latest was not found",
                Secret,
            ),
            ("Secret 'gpu' was not found.", Secret),
            ("Resource 'projects/p/secrets/s' does not exist.", Secret),
            (
                "template.template.containers[0].env[1].value_source.secret_key_ref.name: Permission denied on secret: \
                 projects/1/secrets/a/versions/latest for Revision service account x@y. The service account used must be \
                 granted the 'Secret Manager Secret Accessor' role",
                Secret,
            ),
            ("Secret version 3 of api-key is disabled", Secret),
            (
                "template.vpc_access.connector: VPC connector projects/p/locations/l/connectors/launch-stage does not exist, \
                 or Cloud Run does not have permission to use it.",
                Connector,
            ),
            ("VPC Access connector \"c\" is not ready.", Connector),
            ("The network 'quota' could not be found", Network),
            (
                "template.vpc_access.network_interfaces[0].network: projects/p/global/networks/n not found",
                Network,
            ),
            (
                "Subnetwork projects/p/regions/r/subnetworks/gpu was not found",
                Subnetwork,
            ),
            ("Subnet 'gpu' doesn't exist, so the job can't start", Subnetwork),
            (
                "Service account gpu@p.iam.gserviceaccount.com does not exist.",
                ServiceAccount,
            ),
            (
                "template.service_account: a@p.iam.gserviceaccount.com was not found",
                ServiceAccount,
            ),
            (
                "CryptoKey projects/p/locations/l/keyRings/r/cryptoKeys/k not found",
                Key,
            ),
            ("encryption_key: the key is disabled", Key),
            ("Image 'us-docker.pkg.dev/p/gpu/train:1' not found.", Image),
            ("The bucket gs://gpus does not exist", Volume),
            (
                "Google Cloud Run Service Agent does not have permission to get access tokens",
                ServiceAccount,
            ),
            (
                "Cloud Run Admin API has not been used in project 1 before or it is disabled.",
                Other,
            ),
            ("The Cloud Run API is not enabled for project p", Other),
            ("This API method requires billing to be enabled.", Other),
            ("Project 'gpu' not found or deleted", Project),
        ] {
            for status in [
                "INVALID_ARGUMENT",
                "FAILED_PRECONDITION",
                "NOT_FOUND",
                "PERMISSION_DENIED",
            ] {
                assert_eq!(of(status, message), Some(expected), "{status} {message}");
            }
        }
    }

    #[test]
    fn permanent_refusal_is_no_prerequisite() {
        for message in [
            "template.parallelism: You do not have quota for using GPUs without zonal redundancy.",
            "Quota exceeded for total allowable count of GPUs per project per region.",
            "Accelerator nvidia-rtx-pro-6000 was not found in projects/p/locations/l",
            "template.template.node_selector.accelerator: GPU type not found for service account a@b",
            "template.template.containers.volume_mounts: The volume mounts name 'secret', which were not found in volumes list.",
            "template.template.containers[0].env[0].value_source.secret_key_ref.secret: may only be {secret}",
            "template.template.vpc_access.connector: must be in form projects/",
            "Unsupported service account",
            "template.template.encryption_key: must conform to",
            "template.template.containers[0].image: must be a container image path",
            "template.template.containers.resources.limits.cpu: Must be equal to one of 20.0, 22.0",
            "Cannot find field.",
            "The feature 'secret' is not supported in the declared launch stage",
        ] {
            assert_eq!(of("INVALID_ARGUMENT", message), None, "{message}");
        }
        assert_eq!(of("NOT_FOUND", "Requested entity was not found."), Some(Other));
        for message in [
            "Location us-x is not found or access is unauthorized.",
            "No accelerators in this region",
        ] {
            assert_eq!(of("NOT_FOUND", message), None, "{message}");
        }
        let denied = "Permission 'run.jobs.create' denied on resource 'projects/p/locations/l/jobs/vpc-connector-secret'";
        assert_eq!(of("PERMISSION_DENIED", denied), None);
        let denied =
            "Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist).";
        assert_eq!(of("PERMISSION_DENIED", denied), None);
        let denied = "Permission 'secretmanager.versions.access' denied for resource 'projects/p/secrets/s' (or it may not exist).";
        assert_eq!(of("PERMISSION_DENIED", denied), Some(Secret));
    }

    #[test]
    fn disabled_api_is_read_from_the_error() {
        let api = |message: &str, details: Json| {
            let status = Status {
                message: message.to_owned(),
                details: details.as_array().cloned().unwrap_or_default(),
                ..Status::default()
            };
            status.disabled_api().map(str::to_owned)
        };
        let info = |service: &str| serde_json::json!([{"reason": "SERVICE_DISABLED", "metadata": {"service": service}}]);
        let visit = "Secret Manager API has not been used in project 1 before or it is disabled. Enable it by visiting \
                     https://console.developers.google.com/apis/api/secretmanager.googleapis.com/overview?project=1";
        for (message, details, expected) in [
            (
                "m",
                info("vpcaccess.googleapis.com"),
                Some("vpcaccess.googleapis.com"),
            ),
            ("m", info("rm -rf"), Some("run.googleapis.com")),
            (visit, Json::Null, Some("secretmanager.googleapis.com")),
            (
                "Cloud Run Admin API is disabled",
                Json::Null,
                Some("run.googleapis.com"),
            ),
            ("Secret api-key is disabled", Json::Null, None),
        ] {
            assert_eq!(api(message, details).as_deref(), expected, "{message}");
        }
    }
}
