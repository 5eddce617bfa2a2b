//! Which API errors fail a plan, which are warnings, and at which attributes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use cloud_run::Status;

fn classified_error(error: &Error) -> CheckResult {
    classify(
        &JobName::new("p", "us-central1", "n"),
        error,
        &hints::after(error),
    )
}

fn classified(http: u16, status: &str, message: &str) -> String {
    let error = Error::Status(Status {
        http: Some(http),
        status: status.to_owned(),
        message: message.to_owned(),
        ..Status::default()
    });
    summary(&classified_error(&error))
}

/// The result of each case, and its attribute. A line has HTTP status, status, attribute and message.
fn classified_cases(cases: &str) -> impl Iterator<Item = (String, &str)> {
    let lines = cases.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| {
        let [http, status, attribute, message] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        (classified(http.parse().unwrap(), status, message), attribute)
    })
}

/// The kind of result, then severity, attribute and summary of its diagnostics.
fn summary(result: &CheckResult) -> String {
    let line = |diagnostic: &Diagnostic| {
        diagnostic
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    match result {
        CheckResult::Done(found) => format!("done; {}", found.iter().map(line).collect::<String>()),
        CheckResult::Skipped(reason) => format!("skipped; {}", line(reason)),
        CheckResult::Unavailable(reason) => format!("unavailable; {}", line(reason)),
    }
}

#[test]
fn rejected_job_is_an_error_at_its_attribute() {
    let cases = "
        400 INVALID_ARGUMENT job.max_retries template.template.max_retries: must be a number between 0 and 10.
        400 INVALID_ARGUMENT job.parallelism template.parallelism: You do not have quota for using GPUs without zonal redundancy.
        429 RESOURCE_EXHAUSTED resources.memory Quota violated: MemAllocPerProjectRegion requested: 2 allowed: 1
        400 FAILED_PRECONDITION launch_stage The feature 'GPU' is not supported in the declared launch stage
        400 INVALID_ARGUMENT gpu.type template.template.node_selector.accelerator: GPU type nvidia-x was not found in this region
        400 INVALID_ARGUMENT container.volume_mounts template.template.containers.volume_mounts: The volume mounts name 'secret', which were not found in volumes list.
    ";
    for (classified, attribute) in classified_cases(cases) {
        assert_eq!(
            classified,
            format!("done; error at {attribute}: Cloud Run rejected the planned job")
        );
    }
}

#[test]
fn unmet_prerequisite_is_a_warning_at_its_attribute() {
    let cases = "
        403 PERMISSION_DENIED - Cloud Run Admin API has not been used in project p before or it is disabled.
        403 PERMISSION_DENIED - This API method requires billing to be enabled.
        403 PERMISSION_DENIED secrets Permission denied on secret: projects/1/secrets/a/versions/latest
        400 INVALID_ARGUMENT volumes template.template.volumes[0].secret.secret: Secret projects/1/secrets/a was not found
        403 PERMISSION_DENIED service_account Google Cloud Run Service Agent does not have permission
        404 NOT_FOUND vpc_access.connector VPC connector projects/p/locations/l/connectors/timeout does not exist
        400 FAILED_PRECONDITION vpc_access.subnetwork Subnetwork 'image' not found
        400 INVALID_ARGUMENT vpc_access.network The network n could not be found
        400 INVALID_ARGUMENT service_account Service account a@b.iam.gserviceaccount.com does not exist.
        400 FAILED_PRECONDITION encryption_key CryptoKey k not found
        400 INVALID_ARGUMENT container.image Image 'us-docker.pkg.dev/p/gpu/i:1' not found.
    ";
    for (classified, attribute) in classified_cases(cases) {
        let at = if attribute == "-" {
            String::new()
        } else {
            format!(" at {attribute}")
        };
        let expected = ["Missing permission or API", "Referenced resource not found"]
            .map(|summary| format!("done; warning{at}: {summary}"));
        assert!(expected.contains(&classified), "{classified}");
    }
}

#[test]
fn changed_or_deleted_job_passes() {
    for (http, status, message) in [
        (409, "ABORTED", "Conflict."),
        (412, "FAILED_PRECONDITION", "etag"),
        (
            404,
            "NOT_FOUND",
            "Resource 'n' of kind 'JOB' in region 'us-central1' in project 'p' does not exist.",
        ),
        (
            404,
            "NOT_FOUND",
            "projects/p/locations/us-central1/jobs/n was not found",
        ),
    ] {
        assert_eq!(classified(http, status, message), "done; ", "{message}");
    }
}

#[test]
fn messages_have_cause_and_hint() {
    let cases = [
        (
            400,
            "INVALID_ARGUMENT",
            "template.parallelism: You do not have quota for using GPUs without zonal redundancy.",
        ),
        (400, "FAILED_PRECONDITION", "CryptoKey k not found"),
        (
            403,
            "PERMISSION_DENIED",
            "Permission denied on secret: projects/1/secrets/a/versions/latest",
        ),
        (409, "ALREADY_EXISTS", "Resource 'n' already exists."),
        (403, "PERMISSION_DENIED", "Permission 'run.jobs.create' denied"),
        (
            403,
            "PERMISSION_DENIED",
            "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: abc-1",
        ),
    ];
    let shown = cases.map(|(http, status, message)| {
        let error = Error::Status(Status {
            http: Some(http),
            status: status.to_owned(),
            message: message.to_owned(),
            ..Status::default()
        });
        match classified_error(&error) {
            CheckResult::Done(found) => found.iter().map(ToString::to_string).collect(),
            CheckResult::Skipped(reason) | CheckResult::Unavailable(reason) => reason.to_string(),
        }
    });
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn missing_permissions_skip_the_check() {
    let skipped = "skipped; warning: Skipped plan check";
    let unavailable = "unavailable; warning: Skipped plan check";
    assert_eq!(
        classified(403, "PERMISSION_DENIED", "Permission 'run.jobs.create' denied"),
        skipped
    );
    assert_eq!(
        classified(
            403,
            "PERMISSION_DENIED",
            "Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist)."
        ),
        skipped
    );
    assert_eq!(
        classified(
            429,
            "RESOURCE_EXHAUSTED",
            "Quota exceeded: Write requests per minute"
        ),
        skipped
    );
    assert_eq!(classified(503, "UNAVAILABLE", "Later."), unavailable);
    assert_eq!(classified(401, "UNAUTHENTICATED", "No."), unavailable);
    let unreachable = classified_error(&Error::Unreachable("refused".to_owned()));
    assert_eq!(summary(&unreachable), unavailable);
}

#[test]
fn taken_name_is_a_warning() {
    assert_eq!(
        classified(409, "ALREADY_EXISTS", "Resource 'n' already exists."),
        "done; warning at name: Job name is taken"
    );
}
