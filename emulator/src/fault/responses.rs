//! What is answered when a fault refuses: texts as Google, or something before it, words them.

use serde_json::json;

use super::Circumstances;
use crate::error::ApiError;
use crate::response::Response;
use crate::route::Call;
use crate::types::Method;

pub(super) fn internal() -> Response {
    ApiError::new(500, "INTERNAL", "Internal error encountered.").into()
}

pub(super) fn unavailable() -> Response {
    ApiError::new(503, "UNAVAILABLE", "The service is currently unavailable.").into()
}

pub(super) fn unimplemented() -> Response {
    ApiError::new(
        501,
        "UNIMPLEMENTED",
        "Operation is not implemented, or supported, or enabled.",
    )
    .into()
}

/// Retry-After is not recorded for this service; the smallest that the header can say.
pub(super) fn rate_limited(on: &Circumstances<'_>) -> Response {
    rate_limited_for(on, "1")
}

/// The same with another Retry-After, in seconds.
pub(super) fn rate_limited_for(on: &Circumstances<'_>, seconds: &str) -> Response {
    Response::from(ApiError::rate_limited(on.call)).with_header("Retry-After", seconds)
}

pub(super) fn token_expired(on: &Circumstances<'_>) -> Response {
    ApiError::invalid_credentials(&Method::of(on.call).rpc).into()
}

pub(super) fn permission_denied(on: &Circumstances<'_>) -> Response {
    let (permission, resource) = (&Method::of(on.call).permission, resource(on));
    ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!("Permission '{permission}' denied on resource '{resource}' (or resource may not exist)."),
    )
    .with_error_info(
        "IAM_PERMISSION_DENIED",
        "iam.googleapis.com",
        json!({ "permission": permission, "resource": resource }),
    )
    .into()
}

pub(super) fn act_as_denied(on: &Circumstances<'_>) -> Response {
    ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Permission 'iam.serviceaccounts.actAs' denied on service account {} (or it may not exist).",
            on.call.parent().default_service_account()
        ),
    )
    .into()
}

pub(super) fn service_agent_denied(on: &Circumstances<'_>) -> Response {
    ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Google Cloud Run Service Agent does not have permission to get access tokens for the service \
             account {}.",
            on.call.parent().default_service_account()
        ),
    )
    .into()
}

pub(super) fn api_not_enabled(on: &Circumstances<'_>) -> Response {
    let project = &on.call.parent().project;
    let page = format!(
        "https://console.developers.google.com/apis/api/run.googleapis.com/overview?project={project}"
    );
    ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Cloud Run Admin API has not been used in project {project} before or it is disabled. Enable it by \
             visiting {page} then retry. If you enabled this API recently, wait a few minutes for the action to \
             propagate to our systems and retry."
        ),
    )
    .with_error_info(
        "SERVICE_DISABLED",
        "googleapis.com",
        json!({
            "service": "run.googleapis.com", "serviceTitle": "Cloud Run Admin API",
            "consumer": format!("projects/{project}"), "containerInfo": project, "activationUrl": page,
        }),
    )
    .into()
}

pub(super) fn gpu_quota() -> Response {
    ApiError::invalid_argument(
        "template.parallelism: You do not have quota for using GPUs without zonal redundancy. To request quota, \
         see g.co/cloudrun/gpu-quota.",
    )
    .into()
}

pub(super) fn memory_quota() -> Response {
    ApiError::invalid_argument(
        "template.parallelism: Parallelism must be set to 0 or fewer to set the requested total memory. Quota \
         violated: MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960",
    )
    .into()
}

pub(super) fn launch_stage() -> Response {
    ApiError::new(
        400,
        "FAILED_PRECONDITION",
        "The feature 'GPU' is not supported in the declared launch stage of the resource. Set the launch stage to \
         BETA.",
    )
    .into()
}

pub(super) fn operation_absent(on: &Circumstances<'_>) -> Response {
    ApiError::new(
        404,
        "NOT_FOUND",
        format!("Operation '{}' does not exist.", resource(on)),
    )
    .into()
}

pub(super) fn proxy_page() -> Response {
    Response::html(
        502,
        "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>502 Bad Gateway</body>\n</html>\n",
    )
}

pub(super) fn login_page() -> Response {
    Response::html(
        200,
        "<html>\n<head><title>Welcome</title></head>\n<body>Please log in.</body>\n</html>\n",
    )
}

/// To a port on which nothing listens, so that a client that follows fails visibly.
pub(super) fn redirect() -> Response {
    Response::html(302, "<html><body>Moved</body></html>\n")
        .with_header("Location", "http://127.0.0.1:9/elsewhere")
}

/// What a call is about.
fn resource(on: &Circumstances<'_>) -> String {
    let parent = on.call.parent();
    match (on.call, on.job) {
        (Call::CreateJob(_) | Call::ListJobs(_) | Call::ListOperations(_), _) => parent.to_string(),
        (Call::GetOperation(_, id) | Call::DeleteOperation(_, id) | Call::WaitOperation(_, id), _) => {
            format!("{parent}/operations/{id}")
        }
        (_, Some(job)) => format!("{parent}/jobs/{job}"),
        (_, None) => parent.to_string(),
    }
}
