//! Hints on frequent errors of Cloud Run and of credentials.

use cloud_run::{CredentialsError, CredentialsProblem, Error, Mistake, Status};

/// The text to append to an error; empty without a hint.
pub fn after(error: &Error) -> String {
    match error {
        Error::Credentials(error) => after_credentials(error),
        other => for_error(other)
            .map(|hint| format!("\n\n{hint}"))
            .unwrap_or_default(),
    }
}

/// The same for an error of credentials. It continues a sentence without a full stop.
pub fn after_credentials(error: &CredentialsError) -> String {
    let hint = error.problem().map(for_problem).unwrap_or_default();
    let login = match error.is_in_gcloud_file() {
        true => ". Run gcloud auth application-default login again",
        false => "",
    };
    format!("{hint}{login}")
}

fn for_problem(problem: &CredentialsProblem) -> String {
    let hint = match problem {
        CredentialsProblem::Mistake(mistake) => for_mistake(*mistake),
        CredentialsProblem::UnsupportedType => {
            "For other kinds of credentials set access_token, or GOOGLE_OAUTH_ACCESS_TOKEN"
        }
        CredentialsProblem::NotFound => {
            "Run gcloud auth application-default login, or set the provider's credentials or access_token, \
             GOOGLE_CREDENTIALS or GOOGLE_APPLICATION_CREDENTIALS"
        }
        CredentialsProblem::MetadataServer => {
            "To use a sign-in of your own instead, run gcloud auth application-default login"
        }
        // A role would not help.
        CredentialsProblem::ImpersonationRefused(status)
            if status.is_perimeter() || status.disabled_api().is_some() =>
        {
            return for_status(status)
                .map(|hint| format!("\n\n{hint}"))
                .unwrap_or_default();
        }
        CredentialsProblem::ImpersonationRefused(status)
            if matches!(status.status.as_str(), "PERMISSION_DENIED" | "NOT_FOUND") =>
        {
            "Grant the account of the credentials roles/iam.serviceAccountTokenCreator on the service account, and each \
             delegate on the next; check the accounts' spelling"
        }
        CredentialsProblem::ImpersonationRefused(_) => return String::new(),
    };
    format!(". {hint}")
}

fn for_mistake(mistake: Mistake) -> &'static str {
    match mistake {
        Mistake::Json => "Give JSON in the provider's credentials or in GOOGLE_CREDENTIALS",
        Mistake::TruncatedJson => "Give it whole",
        Mistake::Base64Json => "Decode it first, for example with base64decode() or base64 --decode",
        Mistake::QuotedText => "Give it without them",
        Mistake::AccessToken => "Give it, without Bearer, in access_token or GOOGLE_OAUTH_ACCESS_TOKEN",
        Mistake::JsonWebToken => {
            "Give a configuration of workload identity federation, which names the file of the token"
        }
        Mistake::Pem | Mistake::Base64Pem => "Give the whole JSON file of the service account's key",
    }
}

/// The hint for an error, if there is one.
fn for_error(error: &Error) -> Option<String> {
    match error {
        Error::Status(status) | Error::Operation(status) => for_status(status),
        Error::UnexpectedResponse { .. } => Some(
            "Something between this machine and Google answered instead, most often a proxy or a wrong endpoint. Check \
             HTTPS_PROXY, NO_PROXY and the provider's cloud_run_endpoint."
                .to_owned(),
        ),
        Error::Undecodable(_) => Some(
            "The API answers in another form than this version of the provider reads. Use a newer version of the provider; \
             if there is none, report this message, and check that cloud_run_endpoint is an endpoint of Cloud Run."
                .to_owned(),
        ),
        Error::Unreachable(reason) if reason.contains(" certificate") => Some(
            "This machine does not trust the certificate of the server that responded, often a proxy that looks into TLS, or it has no \
             root certificates at all. Add the missing one to the machine's own, or name a PEM file in SSL_CERT_FILE: on \
             Linux its roots count instead of the machine's, so it must have all that are needed."
                .to_owned(),
        ),
        Error::Unreachable(reason) if reason.contains("tunnel error") => Some(
            "The proxy that HTTPS_PROXY names did not let the connection through. Check its address, the name and password \
             in it, and whether it may connect to this host; NO_PROXY lists hosts to reach without it."
                .to_owned(),
        ),
        Error::Unreachable(_) => Some(
            "Check the network, HTTPS_PROXY and NO_PROXY, and the provider's cloud_run_endpoint.".to_owned(),
        ),
        Error::DeadlineExceeded { .. } => Some(
            "Google may still be at work. Apply again to go on from what is there then; to wait longer, raise \
             timeouts.create, timeouts.update or timeouts.delete of the resource."
                .to_owned(),
        ),
        Error::ConnectionClosed(_) => Some(
            "Apply again: it starts from what is there then. If the job was created all the same, it says so and shows \
             how to import it."
                .to_owned(),
        ),
        Error::Credentials(_) | Error::UidMismatch { .. } | Error::Cancelled => None,
    }
}

fn for_status(status: &Status) -> Option<String> {
    if status.is_perimeter() {
        return Some(for_perimeter(status));
    }
    if let Some(api) = status.disabled_api() {
        return Some(format!(
            "Enable the API once for the project that the message names: gcloud services enable {api} --project PROJECT. It \
             takes a few minutes to take effect."
        ));
    }
    let details = serde_json::Value::from(status.details.clone());
    let text = format!("{} {details}", status.message).to_lowercase();
    let hint = HINTS.iter().find(|(kind, parts, _)| {
        kind.is_none_or(|kind| kind == status.status) && parts.iter().all(|part| text.contains(part))
    });
    hint.map(|(_, _, advice)| (*advice).to_owned())
}

/// A role would not help.
fn for_perimeter(status: &Status) -> String {
    let id = status.perimeter_id().unwrap_or("of the refused request");
    format!(
        "A perimeter of VPC Service Controls refuses the request, and granting a role does not change that. An administrator \
         of the perimeter finds the reason by the unique identifier {id} in the troubleshooter of VPC Service Controls \
         (https://cloud.google.com/vpc-service-controls/docs/troubleshooting), and can admit the account by an ingress rule \
         or an access level. Running Terraform inside of the perimeter is the other way."
    )
}

const DENIED: Option<&str> = Some("PERMISSION_DENIED");
const INVALID: Option<&str> = Some("INVALID_ARGUMENT");
const PRECONDITION: Option<&str> = Some("FAILED_PRECONDITION");

const BILLING: &str =
    "Link the project to a billing account: gcloud billing projects link PROJECT --billing-account ACCOUNT.";
const SCOPE: &str = "The access token was made for other APIs, and granting a role does not change that. Get one with the \
                     scope https://www.googleapis.com/auth/cloud-platform; a virtual machine gets its scopes when it is \
                     made.";
const SECRETS: &str = "Give the job's service account roles/secretmanager.secretAccessor on the secret, and check \
                       secret_name and version.";
const GPU_QUOTA: &str = "Ask for the quota NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion in this region (it \
                         counts thousandths of a GPU: 1000 for each task that runs at the same time), or lower \
                         job.parallelism: https://console.cloud.google.com/iam-admin/quotas";
const STAGE: &str = "Leave launch_stage out: the default allows every feature. If Google says this of a feature in \
                     preview all the same, the project needs access to it.";
const CONNECTOR: &str = "Check that the VPC connector exists in the job's region and is ready: gcloud compute networks \
                         vpc-access connectors list --region REGION";

/// A status code (`None`: any), lowercase parts that message and details must contain, and the hint. The first match counts.
const HINTS: [(Option<&str>, &[&str], &str); 21] = [
    (
        DENIED,
        &["iam.serviceaccounts.actas"],
        "Give the account that runs Terraform roles/iam.serviceAccountUser on the job's service account, and check that \
         service_account is spelt right.",
    ),
    (
        None,
        &["service agent", "access tokens"],
        "Give the Cloud Run service agent (service-NUMBER@serverless-robot-prod.iam.gserviceaccount.com) \
         roles/iam.serviceAccountTokenCreator on the job's service account.",
    ),
    (
        None,
        &["service agent"],
        "Give the Cloud Run service agent (service-NUMBER@serverless-robot-prod.iam.gserviceaccount.com) the role \
         roles/run.serviceAgent on its project, and read access to the image if that is in another project.",
    ),
    (None, &["billing_disabled"], BILLING),
    (None, &["requires billing to be enabled"], BILLING),
    (DENIED, &["access_token_scope_insufficient"], SCOPE),
    (DENIED, &["insufficient authentication scopes"], SCOPE),
    (
        DENIED,
        &["serviceusage.services.use"],
        "Give the account that runs Terraform roles/serviceusage.serviceUsageConsumer on the project that pays \
         (billing_project), or leave user_project_override out.",
    ),
    (None, &["permission", "on secret"], SECRETS),
    (None, &["secret_key_ref"], SECRETS),
    (None, &["without zonal redundancy"], GPU_QUOTA),
    (None, &["gpuallocnozonalredundancyperprojectregion"], GPU_QUOTA),
    (None, &["total allowable count of gpus"], GPU_QUOTA),
    (
        None,
        &["memallocperprojectregion"],
        "Ask for more of the quota MemAllocPerProjectRegion in this region: its default, 40Gi, is less than one GPU task \
         needs. https://console.cloud.google.com/iam-admin/quotas",
    ),
    (
        None,
        &["cpuallocperprojectregion"],
        "Ask for more of the quota CpuAllocPerProjectRegion in this region (it counts thousandths of a vCPU): \
         https://console.cloud.google.com/iam-admin/quotas",
    ),
    (None, &["launch stage"], STAGE),
    (
        PRECONDITION,
        &["precondition check failed"],
        "Google says this when the launch stage does not cover a feature: leave launch_stage out to get the default.",
    ),
    (INVALID, &["connector"], CONNECTOR),
    (
        DENIED,
        &[],
        "Give the account that runs Terraform roles/run.developer on the project, and roles/iam.serviceAccountUser on the \
         job's service account.",
    ),
    (
        Some("UNAUTHENTICATED"),
        &[],
        "The access token was not accepted: it may have expired. Get a new one, or use credentials that renew themselves.",
    ),
    (
        Some("RESOURCE_EXHAUSTED"),
        &[],
        "If the message names a limit per minute, an apply waits its turn by itself, within timeouts: give them more time, \
         or apply again later. If it names a quota of resources, ask for more: \
         https://console.cloud.google.com/iam-admin/quotas",
    ),
];

#[cfg(test)]
mod tests;
