//! What is answered when a fault refuses: texts as Google, or something before it, words them.

use serde_json::json;

use super::Circumstances;
use crate::defaults::project_number;
use crate::error::Problem;
use crate::response::Answer;
use crate::route::Call;
use crate::types::Method;

pub(super) fn internal() -> Answer {
    Problem::new(500, "INTERNAL", "Internal error encountered.").into()
}

pub(super) fn unavailable() -> Answer {
    Problem::new(503, "UNAVAILABLE", "The service is currently unavailable.").into()
}

pub(super) fn unimplemented() -> Answer {
    Problem::new(
        501,
        "UNIMPLEMENTED",
        "Operation is not implemented, or supported, or enabled.",
    )
    .into()
}

/// Retry-After is not recorded for this service; the smallest that the header can say.
pub(super) fn rate_limited(on: &Circumstances<'_>) -> Answer {
    rate_limited_for(on, "1")
}

/// The same with another Retry-After, in seconds.
pub(super) fn rate_limited_for(on: &Circumstances<'_>, seconds: &str) -> Answer {
    Answer::from(Problem::rate_limited(on.call)).header("Retry-After", seconds)
}

pub(super) fn token_expired(on: &Circumstances<'_>) -> Answer {
    Problem::invalid_token(on.call).into()
}

pub(super) fn permission_denied(on: &Circumstances<'_>) -> Answer {
    let (permission, resource) = (&Method::of(on.call).permission, resource(on));
    Problem::new(
        403,
        "PERMISSION_DENIED",
        format!("Permission '{permission}' denied on resource '{resource}' (or resource may not exist)."),
    )
    .because(
        "IAM_PERMISSION_DENIED",
        "iam.googleapis.com",
        json!({ "permission": permission, "resource": resource }),
    )
    .into()
}

pub(super) fn act_as_denied(on: &Circumstances<'_>) -> Answer {
    Problem::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Permission 'iam.serviceaccounts.actAs' denied on service account {} (or it may not exist).",
            default_account(on)
        ),
    )
    .into()
}

pub(super) fn service_agent_denied(on: &Circumstances<'_>) -> Answer {
    Problem::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Google Cloud Run Service Agent does not have permission to get access tokens for the service \
             account {}.",
            default_account(on)
        ),
    )
    .into()
}

pub(super) fn api_not_enabled(on: &Circumstances<'_>) -> Answer {
    let project = &on.call.place().project;
    let page = format!(
        "https://console.developers.google.com/apis/api/run.googleapis.com/overview?project={project}"
    );
    Problem::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Cloud Run Admin API has not been used in project {project} before or it is disabled. Enable it by \
             visiting {page} then retry. If you enabled this API recently, wait a few minutes for the action to \
             propagate to our systems and retry."
        ),
    )
    .because(
        "SERVICE_DISABLED",
        "googleapis.com",
        json!({
            "service": "run.googleapis.com", "serviceTitle": "Cloud Run Admin API",
            "consumer": format!("projects/{project}"), "containerInfo": project, "activationUrl": page,
        }),
    )
    .into()
}

pub(super) fn gpu_quota() -> Answer {
    Problem::invalid(
        "template.parallelism: You do not have quota for using GPUs without zonal redundancy. To request quota, \
         see g.co/cloudrun/gpu-quota.",
    )
    .into()
}

pub(super) fn memory_quota() -> Answer {
    Problem::invalid(
        "template.parallelism: Parallelism must be set to 0 or fewer to set the requested total memory. Quota \
         violated: MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960",
    )
    .into()
}

pub(super) fn launch_stage() -> Answer {
    Problem::new(
        400,
        "FAILED_PRECONDITION",
        "The feature 'GPU' is not supported in the declared launch stage of the resource. Set the launch stage to \
         BETA.",
    )
    .into()
}

pub(super) fn operation_absent(on: &Circumstances<'_>) -> Answer {
    Problem::new(
        404,
        "NOT_FOUND",
        format!("Operation '{}' does not exist.", resource(on)),
    )
    .into()
}

pub(super) fn proxy_page() -> Answer {
    Answer::html(
        502,
        "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>502 Bad Gateway</body>\n</html>\n",
    )
}

pub(super) fn login_page() -> Answer {
    Answer::html(
        200,
        "<html>\n<head><title>Welcome</title></head>\n<body>Please log in.</body>\n</html>\n",
    )
}

/// To a port on which nothing listens, so that a client that follows fails visibly.
pub(super) fn redirect() -> Answer {
    Answer::html(302, "<html><body>Moved</body></html>\n").header("Location", "http://127.0.0.1:9/elsewhere")
}

fn default_account(on: &Circumstances<'_>) -> String {
    format!(
        "{}-compute@developer.gserviceaccount.com",
        project_number(&on.call.place().project)
    )
}

/// What a call is about.
fn resource(on: &Circumstances<'_>) -> String {
    let place = on.call.place();
    match (on.call, on.job) {
        (Call::CreateJob(_) | Call::ListJobs(_) | Call::ListOperations(_), _) => place.to_string(),
        (Call::GetOperation(_, id) | Call::DeleteOperation(_, id) | Call::WaitOperation(_, id), _) => {
            format!("{place}/operations/{id}")
        }
        (_, Some(job)) => format!("{place}/jobs/{job}"),
        (_, None) => place.to_string(),
    }
}
