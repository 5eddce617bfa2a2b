//! Which errors are missing prerequisites.

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
    let denied =
        "Permission 'run.jobs.create' denied on resource 'projects/p/locations/l/jobs/vpc-connector-secret'";
    assert_eq!(of("PERMISSION_DENIED", denied), None);
    let denied = "Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist).";
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
    let info =
        |service: &str| serde_json::json!([{"reason": "SERVICE_DISABLED", "metadata": {"service": service}}]);
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
