//! Error responses of faults, with the messages of Google or of something in front of it.

use serde_json::json;

use super::FaultContext;
use crate::error::ApiError;
use crate::response::Response;
use crate::route::Call;
use crate::store::execution_name;
use crate::types::MethodDescriptor;

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

/// Retry-After is not recorded for this service; 1 is the smallest value of the header.
pub(super) fn rate_limited(context: &FaultContext<'_>) -> Response {
    rate_limited_for(context, "1")
}

pub(super) fn rate_limited_for(context: &FaultContext<'_>, seconds: &str) -> Response {
    Response::from(ApiError::rate_limited(context.call)).with_header("Retry-After", seconds)
}

pub(super) fn token_expired(context: &FaultContext<'_>) -> Response {
    ApiError::invalid_credentials(&MethodDescriptor::of(context.call).rpc).into()
}

pub(super) fn permission_denied(context: &FaultContext<'_>) -> Response {
    let permission = context.permissions.first().copied().unwrap_or_default();
    let resource = resource(context);
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

pub(super) fn act_as_denied(context: &FaultContext<'_>) -> Response {
    ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Permission 'iam.serviceaccounts.actAs' denied on service account {} (or it may not exist).",
            context.call.parent().default_service_account()
        ),
    )
    .into()
}

pub(super) fn service_agent_denied(context: &FaultContext<'_>) -> Response {
    ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!(
            "Google Cloud Run Service Agent does not have permission to get access tokens for the service \
             account {}.",
            context.call.parent().default_service_account()
        ),
    )
    .into()
}

pub(super) fn api_not_enabled(context: &FaultContext<'_>) -> Response {
    let project = &context.call.parent().project;
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

pub(super) fn gpu_quota_exceeded() -> Response {
    ApiError::invalid_argument(
        "template.parallelism: You do not have quota for using GPUs without zonal redundancy. To request quota, \
         see g.co/cloudrun/gpu-quota.",
    )
    .into()
}

pub(super) fn memory_quota_exceeded() -> Response {
    ApiError::invalid_argument(
        "template.parallelism: Parallelism must be set to 0 or fewer to set the requested total memory. Quota \
         violated: MemAllocPerProjectRegion requested: 85899345920 allowed: 42949672960",
    )
    .into()
}

pub(super) fn launch_stage_rejected() -> Response {
    ApiError::new(
        400,
        "FAILED_PRECONDITION",
        "The feature 'GPU' is not supported in the declared launch stage of the resource. Set the launch stage to \
         BETA.",
    )
    .into()
}

pub(super) fn operation_not_found(context: &FaultContext<'_>) -> Response {
    ApiError::new(
        404,
        "NOT_FOUND",
        format!("Operation '{}' does not exist.", resource(context)),
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

/// Redirects to a port on which nothing listens, so that a client that follows fails visibly.
pub(super) fn redirect() -> Response {
    Response::html(302, "<html><body>Moved</body></html>\n")
        .with_header("Location", "http://127.0.0.1:9/elsewhere")
}

/// The name of the resource of a call. That the service names an execution or a task, not their job, is guessed.
fn resource(context: &FaultContext<'_>) -> String {
    let parent = context.call.parent();
    match (context.call, context.job) {
        (Call::CreateJob(_) | Call::ListJobs(_) | Call::ListOperations(_), _) => parent.to_string(),
        (Call::GetOperation(_, id) | Call::DeleteOperation(_, id) | Call::WaitOperation(_, id), _) => {
            format!("{parent}/operations/{id}")
        }
        (
            Call::GetExecution(job, execution)
            | Call::DeleteExecution(job, execution)
            | Call::CancelExecution(job, execution)
            | Call::ListTasks(job, execution),
            _,
        ) => execution_name(job, execution),
        (Call::GetTask(job, execution, task), _) => {
            format!("{}/tasks/{task}", execution_name(job, execution))
        }
        (_, Some(job)) => format!("{parent}/jobs/{job}"),
        (_, None) => parent.to_string(),
    }
}
