//! What to do about the errors that many meet, by what Google's words contain.

use super::{Error, Status};

/// The hint for an error, if there is one.
pub(super) fn of(error: &Error) -> Option<String> {
    match error {
        Error::Status(status) | Error::Operation(status) => of_status(status),
        Error::Garbled { .. } => Some(
            "Something between this machine and Google answered instead, most often a proxy or a wrong endpoint. Check \
             HTTPS_PROXY, NO_PROXY and the provider's cloud_run_endpoint."
                .to_owned(),
        ),
        Error::Unreadable(_) => Some(
            "The API answers in another form than this version of the provider reads. Use a newer version of the provider; \
             if there is none, report this message, and check that cloud_run_endpoint is an endpoint of Cloud Run."
                .to_owned(),
        ),
        Error::Unreachable(reason) if reason.contains(" certificate") => Some(
            "This machine does not trust the certificate of whoever answered, often a proxy that looks into TLS, or it has no \
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
        Error::OutOfTime { .. } => Some(
            "Google may still be at work. Apply again to go on from what is there then; to wait longer, raise \
             timeouts.create, timeouts.update or timeouts.delete of the resource."
                .to_owned(),
        ),
        Error::Cut(_) => Some(
            "Apply again: it starts from what is there then. If the job was created all the same, it says so and shows \
             how to import it."
                .to_owned(),
        ),
        Error::Credentials(_) | Error::AnotherJob { .. } | Error::Stopped => None,
    }
}

fn of_status(status: &Status) -> Option<String> {
    if status.is_perimeter() {
        return Some(of_perimeter(status));
    }
    if let Some(api) = status.disabled_api() {
        return Some(format!(
            "Enable the API once for the project that the message names: gcloud services enable {api} --project PROJECT. It \
             takes a few minutes to take effect."
        ));
    }
    let details = serde_json::Value::from(status.details.clone());
    let words = format!("{} {details}", status.message).to_lowercase();
    let hint = HINTS.iter().find(|(kind, parts, _)| {
        kind.is_none_or(|kind| kind == status.status) && parts.iter().all(|part| words.contains(part))
    });
    hint.map(|(_, _, advice)| (*advice).to_owned())
}

/// The permission may be there: a role is no way out.
fn of_perimeter(status: &Status) -> String {
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

/// The name of the code, if only one fits; parts of the message and the details, in lower case, that must all be there; and
/// what to do. The first that fits counts, so that the special precede the general.
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
mod tests {
    use super::*;

    /// Texts that users quote (reference, "Texts quoted by users").
    #[test]
    fn the_usual_refusals_say_what_to_do() {
        for (status, message, expected) in [
            (
                "PERMISSION_DENIED",
                "Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist).",
                "serviceAccountUser on the job's",
            ),
            (
                "PERMISSION_DENIED",
                "Google Cloud Run Service Agent does not have permission to get access tokens for the service account a@b",
                "TokenCreator",
            ),
            (
                "PERMISSION_DENIED",
                "Cloud Run Admin API has not been used in project 1 before or it is disabled.",
                "services enable",
            ),
            (
                "PERMISSION_DENIED",
                "Permission 'run.jobs.create' denied on resource",
                "roles/run.developer",
            ),
            (
                "INVALID_ARGUMENT",
                "parallelism: You do not have quota for using GPUs without zonal redundancy.",
                "NvidiaRtxPro6000GpuAllocNoZonal",
            ),
            (
                "INVALID_ARGUMENT",
                "Quota violated: MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960",
                "40Gi",
            ),
            (
                "INVALID_ARGUMENT",
                "CpuAllocPerProjectRegion requested: 60000 allowed: 20000",
                "thousandths of a vCPU",
            ),
            (
                "FAILED_PRECONDITION",
                "The feature 'GPU' is not supported in the declared launch stage",
                "launch_stage out",
            ),
            (
                "FAILED_PRECONDITION",
                "Precondition check failed.",
                "launch stage",
            ),
            (
                "INVALID_ARGUMENT",
                "Permission denied on secret: projects/1/secrets/a/versions/latest",
                "secretAccessor",
            ),
            (
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials.",
                "expired",
            ),
            (
                "RESOURCE_EXHAUSTED",
                "Quota exceeded for total allowable count of GPUs per project per region.",
                "NvidiaRtxPro6000GpuAllocNoZonal",
            ),
            (
                "RESOURCE_EXHAUSTED",
                "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute'",
                "apply again later",
            ),
            (
                "INVALID_ARGUMENT",
                "template.vpc_access.connector: must be in form projects/{project}/locations/{location}/connectors/{c}",
                "connectors list",
            ),
            (
                "PERMISSION_DENIED",
                "Permission 'run.jobs.create' denied on resource 'projects/p/locations/l/jobs/vpc-connector-secret'",
                "roles/run.developer",
            ),
            (
                "PERMISSION_DENIED",
                "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: abc-1_D",
                "unique identifier abc-1_D in the troubleshooter",
            ),
            (
                "PERMISSION_DENIED",
                "Request had insufficient authentication scopes.",
                "auth/cloud-platform",
            ),
            (
                "PERMISSION_DENIED",
                "This API method requires billing to be enabled. Please enable billing on project #p",
                "billing account",
            ),
            (
                "PERMISSION_DENIED",
                "Caller does not have required permission to use project p. Grant serviceusage.services.use",
                "serviceUsageConsumer",
            ),
        ] {
            let status = Status {
                status: status.to_owned(),
                message: message.to_owned(),
                ..Status::default()
            };
            let hint = of(&Error::Status(status)).unwrap_or_default();
            assert!(hint.contains(expected), "{message}: {hint}");
        }
        let status = Status {
            status: "INVALID_ARGUMENT".to_owned(),
            message: "image: bad".to_owned(),
            ..Status::default()
        };
        assert_eq!(of(&Error::Status(status)), None);
    }
}
