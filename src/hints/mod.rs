//! Hints on frequent errors of Cloud Run and of credentials.

use crate::gpu;
use cloud_run::{CredentialsError, CredentialsProblem, Error, Mistake, Status};

/// The paragraph to append to an error; empty without a hint.
pub fn after(error: &Error) -> String {
    let hint = match error {
        Error::Credentials(error) => for_credentials(error),
        other => for_error(other),
    };
    hint.map(|hint| format!("\n\n{hint}")).unwrap_or_default()
}

/// An error of credentials in a configuration, as sentences.
pub fn credentials_message(error: &CredentialsError) -> String {
    let hint = for_credentials(error).map(|hint| format!(" {hint}"));
    format!("{error}.{}", hint.unwrap_or_default())
}

fn for_credentials(error: &CredentialsError) -> Option<String> {
    if let Some(CredentialsProblem::ImpersonationRefused(status)) = error.problem()
        && let Some(hint) = for_impersonation(status)
    {
        return Some(hint);
    }
    if error.is_in_gcloud_file() {
        return Some("Run gcloud auth application-default login again.".to_owned());
    }
    error.problem().and_then(for_problem).map(str::to_owned)
}

fn for_impersonation(status: &Status) -> Option<String> {
    // A role would not help.
    if status.is_perimeter() || status.disabled_api().is_some() {
        return for_status(status);
    }
    let hint = "Grant the account of the credentials roles/iam.serviceAccountTokenCreator on the service account; with \
                delegates, grant it to each delegate on the next account.";
    matches!(status.status.as_str(), "PERMISSION_DENIED" | "NOT_FOUND").then(|| hint.to_owned())
}

fn for_problem(problem: &CredentialsProblem) -> Option<&'static str> {
    match problem {
        CredentialsProblem::Mistake(mistake) => Some(for_mistake(*mistake)),
        CredentialsProblem::UnsupportedType => {
            Some("Set access_token or GOOGLE_OAUTH_ACCESS_TOKEN to use credentials of another type.")
        }
        CredentialsProblem::NotFound => {
            Some("Run gcloud auth application-default login, or set GOOGLE_CREDENTIALS in automation.")
        }
        CredentialsProblem::MetadataServer => {
            Some("Run gcloud auth application-default login to use your own account instead.")
        }
        CredentialsProblem::ImpersonationRefused(_) => None,
    }
}

fn for_mistake(mistake: Mistake) -> &'static str {
    match mistake {
        Mistake::Json => "Set credentials or GOOGLE_CREDENTIALS to the JSON document.",
        Mistake::TruncatedJson => "Use the whole JSON document.",
        Mistake::Base64Json => "Decode it, for example with base64decode().",
        Mistake::QuotedText => "Remove the quotes.",
        Mistake::AccessToken => {
            "Set access_token or GOOGLE_OAUTH_ACCESS_TOKEN to the token, without \"Bearer\"."
        }
        Mistake::JsonWebToken => {
            "Use a workload identity federation configuration that names the file of the token."
        }
        Mistake::Pem | Mistake::Base64Pem => "Use the whole JSON file of the service account key.",
    }
}

/// The hint for an error, if there is one.
fn for_error(error: &Error) -> Option<String> {
    let hint = match error {
        Error::Status(status) | Error::Operation(status) => return for_status(status),
        Error::UnexpectedResponse { .. } => {
            "Check HTTPS_PROXY, NO_PROXY and the provider's cloud_run_endpoint: a proxy or another server responded."
        }
        Error::Undecodable(_) => "Upgrade the provider: this version does not support the response.",
        Error::Unreachable(reason) if reason.contains(" certificate") => {
            "Add the root certificate of the server, often that of a TLS inspection proxy, to the trust store of this \
             machine. On Linux, SSL_CERT_FILE can name a PEM file with all root certificates instead."
        }
        Error::Unreachable(reason) if reason.contains("tunnel error") => {
            "Check the address and the credentials of the proxy in HTTPS_PROXY: it rejected the connection. NO_PROXY excludes \
             hosts from it."
        }
        Error::Unreachable(_) => {
            "Check the network, HTTPS_PROXY, NO_PROXY and the provider's cloud_run_endpoint."
        }
        Error::DeadlineExceeded { .. } => {
            "Apply again: Cloud Run may still complete the operation. To wait longer, increase timeouts of the resource."
        }
        Error::ConnectionClosed(_) => "Run the command again.",
        Error::Credentials(_) | Error::UidMismatch { .. } | Error::Cancelled => return None,
    };
    Some(hint.to_owned())
}

fn for_status(status: &Status) -> Option<String> {
    if status.is_perimeter() {
        return Some(for_perimeter(status));
    }
    if let Some(api) = status.disabled_api() {
        return Some(format!(
            "Enable the API: gcloud services enable {api} --project PROJECT. It takes effect after a few minutes."
        ));
    }
    let details = serde_json::Value::from(status.details.clone());
    let text = format!("{} {details}", status.message).to_lowercase();
    if GPU_QUOTA.iter().any(|part| text.contains(part)) {
        return Some(for_gpu_quota());
    }
    let hint = HINTS.iter().find(|(kind, parts, _)| {
        kind.is_none_or(|kind| kind == status.status) && parts.iter().all(|part| text.contains(part))
    });
    hint.map(|(_, _, hint)| (*hint).to_owned())
}

/// A role would not help.
fn for_perimeter(status: &Status) -> String {
    let id = status
        .perimeter_id()
        .map(|id| format!(" {id}"))
        .unwrap_or_default();
    format!(
        "Ask an administrator of the VPC Service Controls perimeter for an ingress rule: the unique identifier{id} leads to \
         the denial in the troubleshooter. IAM roles have no effect on a perimeter. See \
         https://cloud.google.com/vpc-service-controls/docs/troubleshooting."
    )
}

fn for_gpu_quota() -> String {
    let quota = &gpu::default().quota;
    format!(
        "Request an increase of the quota {} in the job's region to {units} for each task that runs in parallel: a GPU counts \
         as {units} on the quota page, and as 1 in error messages. https://console.cloud.google.com/iam-admin/quotas",
        quota.name,
        units = quota.units_per_gpu
    )
}

const DENIED: Option<&str> = Some("PERMISSION_DENIED");
const INVALID: Option<&str> = Some("INVALID_ARGUMENT");
const PRECONDITION: Option<&str> = Some("FAILED_PRECONDITION");

const BILLING: &str =
    "Link the project to a billing account: gcloud billing projects link PROJECT --billing-account ACCOUNT.";
const SCOPE: &str = "Use an access token with the scope https://www.googleapis.com/auth/cloud-platform; on Compute Engine, set \
                     this access scope for the virtual machine. IAM roles have no effect on scopes.";
const SECRETS: &str = "Grant the job's service account roles/secretmanager.secretAccessor on the secret, and check the secret's \
                       name and version.";
const STAGE: &str = "Omit launch_stage: the default allows every feature, except for a private preview that the project has no \
                     access to.";
const CONNECTOR: &str = "Check that the VPC connector exists in the job's region and is ready: gcloud compute networks \
                         vpc-access connectors list --region REGION";

/// Parts of messages about the quota of GPUs, in lowercase.
const GPU_QUOTA: [&str; 3] = [
    "without zonal redundancy",
    "gpuallocnozonalredundancyperprojectregion",
    "total allowable count of gpus",
];

/// A status code (`None`: any), lowercase parts that message and details must contain, and the hint. The first match counts.
const HINTS: [(Option<&str>, &[&str], &str); 18] = [
    (
        DENIED,
        &["iam.serviceaccounts.actas"],
        "Grant the account that runs Terraform roles/iam.serviceAccountUser on the job's service account, and check the \
         address in service_account.",
    ),
    (
        None,
        &["service agent", "access tokens"],
        "Grant the Cloud Run service agent (service-NUMBER@serverless-robot-prod.iam.gserviceaccount.com) \
         roles/iam.serviceAccountTokenCreator on the job's service account.",
    ),
    (
        None,
        &["service agent"],
        "Grant the Cloud Run service agent (service-NUMBER@serverless-robot-prod.iam.gserviceaccount.com) \
         roles/run.serviceAgent on its project, and roles/artifactregistry.reader on the image's repository if that is in \
         another project.",
    ),
    (None, &["billing_disabled"], BILLING),
    (None, &["requires billing to be enabled"], BILLING),
    (DENIED, &["access_token_scope_insufficient"], SCOPE),
    (DENIED, &["insufficient authentication scopes"], SCOPE),
    (
        DENIED,
        &["serviceusage.services.use"],
        "Grant the account that runs Terraform roles/serviceusage.serviceUsageConsumer on the quota project \
         (billing_project).",
    ),
    (None, &["permission", "on secret"], SECRETS),
    (None, &["secret_key_ref"], SECRETS),
    (
        None,
        &["memallocperprojectregion"],
        "Request an increase of the quota MemAllocPerProjectRegion in the job's region: the default, 40Gi, is less than one \
         GPU task needs. https://console.cloud.google.com/iam-admin/quotas",
    ),
    (
        None,
        &["cpuallocperprojectregion"],
        "Request an increase of the quota CpuAllocPerProjectRegion, in thousandths of a vCPU, in the job's region: \
         https://console.cloud.google.com/iam-admin/quotas",
    ),
    (None, &["launch stage"], STAGE),
    (
        PRECONDITION,
        &["precondition check failed"],
        "Omit launch_stage to use the default: Cloud Run returns this message if the launch stage does not cover a feature.",
    ),
    (INVALID, &["connector"], CONNECTOR),
    (
        DENIED,
        &[],
        "Grant the account that runs Terraform roles/run.developer on the project, and roles/iam.serviceAccountUser on the \
         job's service account.",
    ),
    (
        Some("UNAUTHENTICATED"),
        &[],
        "Get a new access token, or use credentials that can be refreshed: the access token is invalid or has expired.",
    ),
    (
        Some("RESOURCE_EXHAUSTED"),
        &[],
        "Apply again later if the limit is per minute: the provider retries within the timeout. Otherwise request an increase \
         of the quota: https://console.cloud.google.com/iam-admin/quotas",
    ),
];

#[cfg(test)]
mod tests;
