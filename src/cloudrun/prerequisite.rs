//! Refusals that name something which the job needs and which is not there, not enabled or not granted. Another resource of
//! the same configuration may be about to make it, so a refusal of this kind says nothing of what an apply would meet.
//!
//! Names are the user's: a secret may be called `gpu-quota`. So they are left out of what is read as Google's words.

use serde_json::Value as Json;

use super::Status;

/// What a job needs beside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is called what it is")]
pub enum Prerequisite {
    Api,
    Billing,
    ServiceAgent,
    Secret,
    Connector,
    Subnetwork,
    Network,
    ServiceAccount,
    Key,
    Image,
    Bucket,
    Policy,
    Instance,
    Project,
    /// Something that the refusal does not name.
    Other,
}
use Prerequisite::{
    Api, Billing, Bucket, Connector, Image, Instance, Key, Network, Other, Policy, Project, Secret,
    ServiceAccount, ServiceAgent, Subnetwork,
};

impl Status {
    /// What the refusal says is missing, if another resource could provide it.
    pub fn unmet_prerequisite(&self) -> Option<Prerequisite> {
        if self.is_of_the_caller() {
            return None;
        }
        if self.disabled_api().is_some() {
            return Some(Api);
        }
        let (prose, names) = taken_apart(&self.message);
        // Where something is not is no prerequisite.
        let prose = prose.replace(" in project ", " ");
        let has = |parts: &[&str]| parts.iter().any(|part| prose.contains(&format!(" {part} ")));
        let details = Json::from(self.details.clone()).to_string().to_lowercase();
        if details.contains("billing_disabled") || has(&["billing"]) {
            return Some(Billing);
        }
        if has(&PERMANENT) {
            return None;
        }
        let is_absent = self.status == "NOT_FOUND";
        let is_missing = is_absent || has(&ABSENT) || has(&DENIED);
        let kind = KINDS.iter().find(|(_, words, collections)| {
            has(words)
                || collections
                    .iter()
                    .any(|part| names.contains(part) || details.contains(part))
        });
        let unnamed = || (is_absent && !has(&["location", "region"])).then_some(Other);
        kind.map(|(kind, ..)| *kind)
            .filter(|_| is_missing)
            .or_else(unnamed)
    }

    /// The API that the project has to enable first, where that is what is missing.
    pub(super) fn disabled_api(&self) -> Option<&str> {
        let info = self
            .details
            .iter()
            .find(|detail| detail["reason"] == "SERVICE_DISABLED");
        let (prose, _) = taken_apart(&self.message);
        let has = |part| prose.contains(part);
        let is_told = has(" has not been used in project ")
            || has(" api ") && (has(" not enabled ") || has(" not been enabled ") || has(" is disabled "));
        let is_service = |part: &&str| part.ends_with(".googleapis.com") && !part.contains(['"', '\'']);
        let in_details = info
            .and_then(|info| info["metadata"]["service"].as_str())
            .filter(is_service);
        let in_message = || {
            self.message
                .split(['/', ' ', '[', ']', '"', '\''])
                .find(is_service)
        };
        (info.is_some() || is_told).then(|| in_details.or_else(in_message).unwrap_or("run.googleapis.com"))
    }

    /// Whether it is the caller whose permission is missing: to write jobs, or to act as their account.
    fn is_of_the_caller(&self) -> bool {
        let message = self.message.to_lowercase();
        let of_the_caller = ["permission 'run.", "permission 'iam.serviceaccounts.actas'"];
        self.status == "PERMISSION_DENIED" && of_the_caller.iter().any(|start| message.starts_with(start))
    }
}

/// Words of the message in lower case, each between spaces, and beside them the names that it holds: what stands between
/// quotes, and what is a path or an address.
fn taken_apart(message: &str) -> (String, String) {
    let (mut prose, mut names) = (" ".to_owned(), String::new());
    let mut quote = None;
    for word in message.to_lowercase().split_whitespace() {
        let opening = word
            .trim_start_matches(['(', '['])
            .chars()
            .next()
            .filter(|c| QUOTES.contains(c));
        let quoted = quote.or(opening);
        let inner = word.trim_end_matches(|c: char| c.is_ascii_punctuation() && !QUOTES.contains(&c));
        // A mark inside of a word is an apostrophe.
        quote = quoted.filter(|mark| !inner.ends_with(*mark) || inner.len() == 1 && opening.is_some());
        let is_member = word.ends_with(':') && !word.contains('/');
        if quoted.is_some() || word.contains(['/', '@']) && !is_member {
            names.push_str(word);
            names.push(' ');
            continue;
        }
        for part in word
            .split(|c: char| !c.is_alphanumeric() && c != '-')
            .filter(|part| !part.is_empty())
        {
            prose.push_str(part.trim_matches('-'));
            prose.push(' ');
        }
    }
    (prose, names)
}

const QUOTES: [char; 3] = ['\'', '"', '`'];
/// What no other resource changes: <https://cloud.google.com/run/docs/configuring/jobs/gpu>, and quotas.
const PERMANENT: [&str; 10] = [
    "gpu",
    "gpus",
    "accelerator",
    "accelerators",
    "quota",
    "quotas",
    "machine type",
    "launch stage",
    "volumes list",
    "node selector",
];
const ABSENT: [&str; 15] = [
    "not found",
    "does not exist",
    "doesn t exist",
    "do not exist",
    "may not exist",
    "not yet exist",
    "no such",
    "could not find",
    "unable to find",
    "be found",
    "not enabled",
    "is disabled",
    "is destroyed",
    "not ready",
    "not been created",
];
const DENIED: [&str; 6] = [
    "permission",
    "permissions",
    "denied",
    "unauthorized",
    "not authorized",
    "no access",
];
/// Each kind by its words, and by the names that only it has. The special stands before the general.
const KINDS: [(Prerequisite, &[&str], &[&str]); 12] = [
    (ServiceAgent, &["service agent"], &[]),
    (
        Secret,
        &["secret", "secrets", "secretkeyref", "secret manager"],
        &["/secrets/"],
    ),
    (Connector, &["connector", "connectors"], &["/connectors/"]),
    (
        Subnetwork,
        &["subnetwork", "subnetworks", "subnet", "subnets"],
        &["/subnetworks/"],
    ),
    (Network, &["network", "networks", "vpc"], &["/networks/"]),
    (
        Key,
        &["key", "keys", "cryptokey", "kms", "encryptionkey"],
        &["/cryptokeys/", "/keyrings/"],
    ),
    (Bucket, &["bucket", "buckets"], &["gs://", "/buckets/"]),
    (
        Image,
        &["image", "images", "repository", "artifact registry"],
        &["docker.pkg.dev/", "gcr.io/", "/repositories/"],
    ),
    (
        Policy,
        &["attestor", "binary authorization", "policy"],
        &["/attestors/"],
    ),
    (
        Instance,
        &["cloud sql", "instance", "filestore"],
        &["/instances/"],
    ),
    (
        ServiceAccount,
        &["service account", "service accounts", "serviceaccount"],
        &["gserviceaccount.com", "/serviceaccounts/"],
    ),
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
    fn what_another_resource_may_provide_is_known() {
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
            (
                "Subnet 'a b gpu' doesn't exist, so the job can't start",
                Subnetwork,
            ),
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
            ("The bucket gs://gpus does not exist", Bucket),
            (
                "Google Cloud Run Service Agent does not have permission to get access tokens",
                ServiceAgent,
            ),
            (
                "Cloud Run Admin API has not been used in project 1 before or it is disabled.",
                Api,
            ),
            ("The Cloud Run API is not enabled for project p", Api),
            ("This API method requires billing to be enabled.", Billing),
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
    fn what_no_other_resource_can_provide_is_none_of_them() {
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
    fn the_api_to_enable_is_the_one_that_is_told() {
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
