//! Hints of frequent errors.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use cloud_run::test_server::{Reply, Server};
use cloud_run::{Credentials, Endpoint, Impersonation, Redaction, Secret};

#[test]
fn credential_mistakes_have_hints() {
    for (given, expected) in [
        ("{\"", "got EOF"),
        (
            "ya29.t",
            "got an access token. Give it, without Bearer, in access_token",
        ),
        (
            "Bearer t",
            "got an access token. Give it, without Bearer, in access_token",
        ),
        ("\"t\"", "got a text in quotes. Give it without them"),
        (
            "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
            "got a JSON Web Token, such as the token of another identity provider. Give a",
        ),
        (
            "type\": \"authorized_user\"}",
            "got JSON that is cut at its beginning. Give it whole",
        ),
        (
            "-----BEGIN PRIVATE KEY-----",
            "got a key or certificate in PEM. Give the whole JSON file",
        ),
        (
            "eyJ0eXBlIjogImF1dGhvcml6ZWRfdXNlciJ9",
            "got JSON in base64. Decode it first",
        ),
        (
            "{\"type\": \"gdch_service_account\"}",
            "got \"gdch_service_account\". For other kinds of credentials set",
        ),
        ("nothing-like-it", "that names no existing file"),
    ] {
        let error = Credentials::from_json_or_path(given, &Redaction::default()).unwrap_err();
        let shown = format!("{error}{}", after_credentials(&error));
        assert!(shown.contains(expected), "{given}: {shown}");
    }
    let error = Credentials::from_token_or_path("{}", &Redaction::default()).unwrap_err();
    assert_eq!(
        after(&Error::Credentials(error)),
        ". Give JSON in the provider's credentials or in GOOGLE_CREDENTIALS"
    );
}

#[tokio::test]
async fn refused_impersonation_suggests_role_if_it_helps() {
    let role = "roles/iam.serviceAccountTokenCreator";
    for (body, expected, names_role) in [
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "No."}}"#,
            "No.. Grant the account",
            true,
        ),
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "No.", "details": [
                    {"reason": "SECURITY_POLICY_VIOLATED", "metadata": {"uid": "abc-1"}}]}}"#,
            "unique identifier abc-1",
            false,
        ),
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "No.", "details": [
                    {"reason": "SERVICE_DISABLED", "metadata": {"service": "iamcredentials.googleapis.com"}}]}}"#,
            "\n\nEnable the API once for the project that the message names: gcloud services enable \
             iamcredentials.googleapis.com",
            false,
        ),
    ] {
        let server = Server::new(vec![Reply::Respond(403, "", body)]).await;
        let endpoint = Endpoint::for_service(&server.address).unwrap();
        let account = Impersonation::new("a@b.c", Vec::new(), Some(&endpoint)).unwrap();
        let own = Credentials::AccessToken(Secret::new("mine"));
        let server = server.with_credentials(Credentials::Impersonated(Box::new(own), account));
        let error = server.get().await.unwrap_err();
        let shown = format!("{error}{}", after(&error));
        assert!(
            shown.contains(expected) && shown.contains(role) == names_role,
            "{shown}"
        );
    }
}

#[test]
fn undecodable_response_does_not_suggest_proxy() {
    let hint = after(&Error::Undecodable("m".to_owned()));
    assert!(!hint.is_empty() && !hint.contains("HTTPS_PROXY"), "{hint}");
}

/// Messages that users quote.
#[test]
fn frequent_errors_have_hints() {
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
        let hint = for_error(&Error::Status(status)).unwrap_or_default();
        assert!(hint.contains(expected), "{message}: {hint}");
    }
    let status = Status {
        status: "INVALID_ARGUMENT".to_owned(),
        message: "image: bad".to_owned(),
        ..Status::default()
    };
    assert_eq!(for_error(&Error::Status(status)), None);
}
