//! Google's words on a plan: which stop it, which are a warning, and where each is told.

use super::*;
use crate::cloudrun::Status;

fn judged(http: u16, status: &str, message: &str) -> String {
    let error = Error::Status(Status {
        http: Some(http),
        status: status.to_owned(),
        message: message.to_owned(),
        ..Status::default()
    });
    told(&judge(&JobName::new("p", "us-central1", "n"), &error))
}

/// The kind of answer, then what is told: its severity, its place, its summary.
fn told(answer: &Answer) -> String {
    let line = |diagnostic: &Diagnostic| {
        diagnostic
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    match answer {
        Answer::Checked(told) => format!("checked; {}", told.iter().map(line).collect::<String>()),
        Answer::NotChecked(why) => format!("not checked; {}", line(why)),
        Answer::NobodyThere(why) => format!("nobody there; {}", line(why)),
    }
}

#[test]
fn a_refusal_of_the_job_stops_the_plan_at_its_attribute() {
    for (http, status, message, place) in [
        (
            400,
            "INVALID_ARGUMENT",
            "template.template.max_retries: must be a number between 0 and 10.",
            "job.max_retries",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "template.parallelism: You do not have quota for using GPUs without zonal redundancy.",
            "job.parallelism",
        ),
        (
            429,
            "RESOURCE_EXHAUSTED",
            "Quota violated: MemAllocPerProjectRegion requested: 2 allowed: 1",
            "resources.memory",
        ),
        (
            400,
            "FAILED_PRECONDITION",
            "The feature 'GPU' is not supported in the declared launch stage",
            "launch_stage",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "template.template.node_selector.accelerator: GPU type nvidia-x was not found in this region",
            "gpu.type",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "template.template.containers.volume_mounts: The volume mounts name 'secret', which were not found in volumes list.",
            "container.volume_mounts",
        ),
    ] {
        assert_eq!(
            judged(http, status, message),
            format!("checked; error at {place}: Google would refuse this job")
        );
    }
}

#[test]
fn what_the_same_apply_may_provide_is_a_warning_at_its_attribute() {
    for (http, status, message, place) in [
        (
            403,
            "PERMISSION_DENIED",
            "Cloud Run Admin API has not been used in project p before or it is disabled.",
            "",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "This API method requires billing to be enabled.",
            "",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "Permission denied on secret: projects/1/secrets/a/versions/latest",
            " at secrets",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "template.template.volumes[0].secret.secret: Secret projects/1/secrets/a was not found",
            " at volumes",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "Google Cloud Run Service Agent does not have permission",
            " at service_account",
        ),
        (
            404,
            "NOT_FOUND",
            "VPC connector projects/p/locations/l/connectors/timeout does not exist",
            " at vpc_access.connector",
        ),
        (
            400,
            "FAILED_PRECONDITION",
            "Subnetwork 'image' not found",
            " at vpc_access.subnetwork",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "The network n could not be found",
            " at vpc_access.network",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "Service account a@b.iam.gserviceaccount.com does not exist.",
            " at service_account",
        ),
        (
            400,
            "FAILED_PRECONDITION",
            "CryptoKey k not found",
            " at encryption_key",
        ),
        (
            400,
            "INVALID_ARGUMENT",
            "Image 'us-docker.pkg.dev/p/gpu/i:1' not found.",
            " at container.image",
        ),
    ] {
        assert_eq!(
            judged(http, status, message),
            format!("checked; warning{place}: Unmet prerequisite of the job")
        );
    }
}

#[test]
fn a_job_that_is_gone_or_has_changed_is_for_the_apply() {
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
        assert_eq!(judged(http, status, message), "checked; ", "{message}");
    }
}

#[test]
fn a_perimeter_is_no_matter_of_roles() {
    let words = "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: abc-1";
    let error = Error::Status(Status {
        http: Some(403),
        status: "PERMISSION_DENIED".to_owned(),
        message: words.to_owned(),
        ..Status::default()
    });
    let Answer::NotChecked(told) = judge(&JobName::new("p", "l", "n"), &error) else {
        panic!("{error} says nothing of the job")
    };
    assert!(told.detail.contains("unique identifier abc-1"), "{told}");
    assert!(!told.detail.contains("roles/"), "{told}");
}

#[test]
fn whoever_may_not_ask_is_told_and_goes_on() {
    let not_checked = "not checked; warning: Google could not be asked about this job";
    let nobody = "nobody there; warning: Google could not be asked about this job";
    assert_eq!(
        judged(403, "PERMISSION_DENIED", "Permission 'run.jobs.create' denied"),
        not_checked
    );
    assert_eq!(
        judged(
            403,
            "PERMISSION_DENIED",
            "Permission 'iam.serviceaccounts.actAs' denied on service account X (or it may not exist)."
        ),
        not_checked
    );
    assert_eq!(
        judged(
            429,
            "RESOURCE_EXHAUSTED",
            "Quota exceeded: Write requests per minute"
        ),
        not_checked
    );
    assert_eq!(judged(503, "UNAVAILABLE", "Later."), nobody);
    assert_eq!(judged(401, "UNAUTHENTICATED", "No."), nobody);
    let unreachable = judge(
        &JobName::new("p", "l", "n"),
        &Error::Unreachable("refused".to_owned()),
    );
    assert_eq!(told(&unreachable), nobody);
}

#[test]
fn a_name_that_is_taken_is_a_warning_since_the_plan_may_replace_its_job() {
    assert_eq!(
        judged(409, "ALREADY_EXISTS", "Resource 'n' already exists."),
        "checked; warning at name: A job of this name is there already"
    );
}
