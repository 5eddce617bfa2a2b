//! What to do about the errors that many meet, by what Google's words contain.

use super::error::{Error, Status};

/// The hint for an error, if there is one.
pub(super) fn of(error: &Error) -> Option<String> {
    match error {
        Error::Status(status) | Error::Operation(status) => of_status(status),
        Error::Garbled { .. } => Some(
            "Something between this machine and Google answered instead, most often a proxy or a wrong endpoint. Check \
             HTTPS_PROXY, NO_PROXY and the provider's cloud_run_endpoint."
                .to_owned(),
        ),
        Error::Unreachable(_) => Some(
            "Check the network, HTTPS_PROXY and NO_PROXY, and the provider's cloud_run_endpoint.".to_owned(),
        ),
        Error::OutOfTime => Some(
            "Google may still be at work. Apply again to go on from what is there then; to wait longer, raise the \
             resource's timeouts."
                .to_owned(),
        ),
        Error::Cut(_) => Some("Apply again: what Google has done meanwhile is found.".to_owned()),
        Error::Credentials(_) | Error::Stopped => None,
    }
}

fn of_status(status: &Status) -> Option<String> {
    let whole = format!(
        "{} {} {}",
        status.status,
        status.message,
        serde_json::Value::from(status.details.clone())
    );
    let whole = whole.to_lowercase();
    let found = HINTS
        .iter()
        .find(|(parts, _)| parts.iter().all(|part| whole.contains(part)));
    found.map(|(_, hint)| (*hint).to_owned())
}

/// Parts of Google's words, in lower case, that must all be there, and what to do then. The first that fits
/// counts.
const HINTS: [(&[&str], &str); 15] = [
    (
        &["actas"],
        "Give the account that runs Terraform roles/iam.serviceAccountUser on the job's service account, and check that \
         service_account is spelt right.",
    ),
    (
        &["service agent", "access tokens"],
        "Give the Cloud Run service agent (service-NUMBER@serverless-robot-prod.iam.gserviceaccount.com) \
         roles/iam.serviceAccountTokenCreator on the job's service account.",
    ),
    (
        &["service_disabled"],
        "Enable the API once for the project: gcloud services enable run.googleapis.com",
    ),
    (
        &["has not been used in project"],
        "Enable the API once for the project: gcloud services enable run.googleapis.com",
    ),
    (
        &["secret", "permission"],
        "Give the job's service account roles/secretmanager.secretAccessor on the secret, and check secret_name and \
         version.",
    ),
    (
        &["without zonal redundancy"],
        "Ask for the quota NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion in this region (it counts \
         thousandths of a GPU: 1000 for each task that runs at the same time): \
         https://console.cloud.google.com/iam-admin/quotas",
    ),
    (
        &["memallocperprojectregion"],
        "Ask for more of the quota MemAllocPerProjectRegion in this region: its default, 40Gi, is less than one GPU task \
         needs. https://console.cloud.google.com/iam-admin/quotas",
    ),
    (
        &["cpuallocperprojectregion"],
        "Ask for more of the quota CpuAllocPerProjectRegion in this region (it counts thousandths of a vCPU): \
         https://console.cloud.google.com/iam-admin/quotas",
    ),
    (
        &["quota"],
        "Ask for more of the quota that the message names, or lower parallelism: \
         https://console.cloud.google.com/iam-admin/quotas",
    ),
    (
        &["launch stage"],
        "Leave launch_stage out: the default allows every feature. If Google says this of a feature in preview, the \
         project needs access to it.",
    ),
    (
        &["precondition check failed"],
        "Google says this when the launch stage does not cover a feature: leave launch_stage out to get the default.",
    ),
    (
        &["connector"],
        "Check that the VPC connector exists in the job's region and is ready: gcloud compute networks vpc-access \
         connectors list --region REGION",
    ),
    (
        &["permission_denied"],
        "Give the account that runs Terraform roles/run.developer on the project, and roles/iam.serviceAccountUser on the \
         job's service account.",
    ),
    (
        &["unauthenticated"],
        "The access token was not accepted: it may have expired. Get a new one, or use credentials that renew themselves.",
    ),
    (
        &["resource_exhausted"],
        "Google limits requests by the minute; apply again later, or lower -parallelism.",
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
