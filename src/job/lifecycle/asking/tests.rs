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
            403,
            "PERMISSION_DENIED",
            "Permission denied on secret: projects/1/secrets/a/versions/latest",
            "secrets",
        ),
        (
            403,
            "PERMISSION_DENIED",
            "Google Cloud Run Service Agent does not have permission",
            "service_account",
        ),
    ] {
        assert_eq!(
            judged(http, status, message),
            format!("checked; error at {place}: Google would refuse this job")
        );
    }
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
            "Permission 'iam.serviceaccounts.actAs' denied on service account X"
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
