//! Google's words on a plan: which stop it, which are a warning, and where each is told.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use cloud_run::Status;

fn judged(http: u16, status: &str, message: &str) -> String {
    let error = Error::Status(Status {
        http: Some(http),
        status: status.to_owned(),
        message: message.to_owned(),
        ..Status::default()
    });
    told(&judge(&JobName::new("p", "us-central1", "n"), &error))
}

/// What is told in each case, and where. A line has the HTTP status, Google's status, the attribute and the message.
fn judged_cases(cases: &str) -> impl Iterator<Item = (String, &str)> {
    let lines = cases.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| {
        let [http, status, place, message] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        (judged(http.parse().unwrap(), status, message), place)
    })
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
    let cases = "
        400 INVALID_ARGUMENT job.max_retries template.template.max_retries: must be a number between 0 and 10.
        400 INVALID_ARGUMENT job.parallelism template.parallelism: You do not have quota for using GPUs without zonal redundancy.
        429 RESOURCE_EXHAUSTED resources.memory Quota violated: MemAllocPerProjectRegion requested: 2 allowed: 1
        400 FAILED_PRECONDITION launch_stage The feature 'GPU' is not supported in the declared launch stage
        400 INVALID_ARGUMENT gpu.type template.template.node_selector.accelerator: GPU type nvidia-x was not found in this region
        400 INVALID_ARGUMENT container.volume_mounts template.template.containers.volume_mounts: The volume mounts name 'secret', which were not found in volumes list.
    ";
    for (judged, place) in judged_cases(cases) {
        assert_eq!(
            judged,
            format!("checked; error at {place}: Google would refuse this job")
        );
    }
}

#[test]
fn what_the_same_apply_may_provide_is_a_warning_at_its_attribute() {
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
    for (judged, place) in judged_cases(cases) {
        let at = if place == "-" {
            String::new()
        } else {
            format!(" at {place}")
        };
        assert_eq!(
            judged,
            format!("checked; warning{at}: Unmet prerequisite of the job")
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
