//! Hints of frequent errors.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use cloud_run::test_server::{Reply, Server};
use cloud_run::{Credentials, Endpoint, Impersonation, Redaction, Secret};

#[test]
fn credential_mistakes_have_hints() {
    let documents = [
        "{\"",
        "ya29.t",
        "Bearer t",
        "\"t\"",
        "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
        "type\": \"authorized_user\"}",
        "-----BEGIN PRIVATE KEY-----",
        "eyJ0eXBlIjogImF1dGhvcml6ZWRfdXNlciJ9",
        "{\"type\": \"gdch_service_account\"}",
        "nothing-like-it",
    ];
    let documents = documents.map(|given| Credentials::from_json_or_path(given, &Redaction::default()));
    let token = Credentials::from_token_or_path("{}", &Redaction::default());
    let messages = documents
        .into_iter()
        .chain([token])
        .map(|result| credentials_message(&result.unwrap_err()));
    insta::assert_snapshot!(messages.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn refused_impersonation_suggests_role_if_it_helps() {
    let role = "roles/iam.serviceAccountTokenCreator";
    for (body, expected, names_role) in [
        (
            r#"{"error": {"status": "PERMISSION_DENIED", "message": "No."}}"#,
            "\n\nGrant the account of the credentials",
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
            "\n\nEnable the API: gcloud services enable iamcredentials.googleapis.com",
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

/// Messages that users quote.
#[test]
fn frequent_errors_have_hints() {
    let errors = "
        PERMISSION_DENIED Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist).
        PERMISSION_DENIED Google Cloud Run Service Agent does not have permission to get access tokens for the service account a@b
        PERMISSION_DENIED Google Cloud Run Service Agent service-1@serverless-robot-prod.iam.gserviceaccount.com must have permission to read the image
        PERMISSION_DENIED Cloud Run Admin API has not been used in project 1 before or it is disabled.
        PERMISSION_DENIED Permission 'run.jobs.create' denied on resource 'projects/p/locations/l/jobs/vpc-connector-secret'
        PERMISSION_DENIED Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: abc-1_D
        PERMISSION_DENIED Request is prohibited by organization's policy.
        PERMISSION_DENIED Request had insufficient authentication scopes.
        PERMISSION_DENIED This API method requires billing to be enabled. Please enable billing on project #p
        PERMISSION_DENIED Caller does not have required permission to use project p. Grant serviceusage.services.use
        INVALID_ARGUMENT Permission denied on secret: projects/1/secrets/a/versions/latest
        INVALID_ARGUMENT parallelism: You do not have quota for using GPUs without zonal redundancy.
        RESOURCE_EXHAUSTED Quota exceeded for total allowable count of GPUs per project per region.
        INVALID_ARGUMENT Quota violated: MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960
        INVALID_ARGUMENT CpuAllocPerProjectRegion requested: 60000 allowed: 20000
        FAILED_PRECONDITION The feature 'GPU' is not supported in the declared launch stage
        FAILED_PRECONDITION Precondition check failed.
        INVALID_ARGUMENT template.vpc_access.connector: must be in form projects/{project}/locations/{location}/connectors/{c}
        UNAUTHENTICATED Request had invalid authentication credentials.
        RESOURCE_EXHAUSTED Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute'
        INVALID_ARGUMENT image: bad
    ";
    let lines = errors.lines().map(str::trim).filter(|line| !line.is_empty());
    let shown = lines.map(|line| {
        let (status, message) = line.split_once(' ').unwrap();
        let error = Error::Status(Status {
            status: status.to_owned(),
            message: message.to_owned(),
            ..Status::default()
        });
        format!("{line}\n  {}\n", for_error(&error).unwrap_or_default())
    });
    insta::assert_snapshot!(shown.collect::<String>());
}

#[test]
fn network_errors_have_hints() {
    let unreachable = |reason: &str| Error::Unreachable(reason.to_owned());
    let errors = [
        unreachable("connection refused"),
        unreachable("invalid peer certificate"),
        unreachable("tunnel error"),
        Error::UnexpectedResponse {
            http: 502,
            found: "an HTML page".to_owned(),
        },
        Error::Undecodable("m".to_owned()),
        Error::ConnectionClosed("reset".to_owned()),
        Error::DeadlineExceeded {
            waited_for: "operation o".to_owned(),
        },
    ];
    insta::assert_snapshot!(
        errors
            .map(|error| for_error(&error).unwrap_or_default())
            .join("\n")
    );
}
