//! The methods of the API: one file per resource.
//!
//! Every request takes the same steps: fault, token, location, query, write quota, body, method, encoding of enums.

mod execution;
mod job;
mod operation;
mod overrides;
mod policy;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::clock;
use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::fault::{ConcurrentChange, Effect, FaultContext, TakenFault};
use crate::request::Request;
use crate::resource_name::LocationName;
use crate::response::{Body, Response};
use crate::route::Call;
use crate::store::CALLER;
use crate::types::{MessageDescriptor, MethodDescriptor, RUN_WITH_OVERRIDES, decode, encode};

impl Emulator {
    /// Handles a request with a path below `/v2/`, and injects a fault if one applies.
    pub(crate) async fn handle(&self, request: &Request) -> Response {
        let Some(call) = Call::parse(&request.method, &request.path) else {
            return Response::unknown_path(&request.path);
        };
        let job = self.job_of(&call, request);
        let run = run_settings(&call, request);
        let mut context = FaultContext {
            call: &call,
            job: job.as_deref(),
            method: &request.method,
            validate_only: request.is_true("validateOnly") || run["validateOnly"] == true,
            permissions: vec![&MethodDescriptor::of(&call).permission],
        };
        if run["overrides"].is_object() {
            context.permissions.push(RUN_WITH_OVERRIDES);
        }
        let Some(TakenFault { fault, permission }) = self.faults().take_for_request(&context) else {
            return self.handle_without_fault(&call, request).await;
        };
        if let Some(permission) = &permission {
            context.permissions = vec![permission];
        }
        let response = match &fault.effect {
            Effect::Respond(response) => response(&context),
            Effect::ChangeResponse(change) => change(self.handle_without_fault(&call, request).await),
            Effect::Delay(delay) => Response {
                delay: *delay,
                ..self.handle_without_fault(&call, request).await
            },
            Effect::ConcurrentChange(change) => {
                self.change_concurrently(*change, &call, job.as_deref());
                self.handle_without_fault(&call, request).await
            }
            Effect::ReturnEarly => match &call {
                Call::WaitOperation(parent, id) => into_response(self.get_operation(parent, id)),
                _ => self.handle_without_fault(&call, request).await,
            },
            // Injected when the write is accepted.
            Effect::Reconcile(_) | Effect::FailTask => self.handle_without_fault(&call, request).await,
        };
        Response {
            fault: Some(fault.name),
            ..response
        }
    }

    async fn handle_without_fault(&self, call: &Call, request: &Request) -> Response {
        let method = MethodDescriptor::of(call);
        if let Err(error) = self
            .authenticate(method, request)
            .and_then(|()| check_location(call.parent()))
            .and_then(|()| method.check_query(request))
        {
            return error.into();
        }
        if let Some(response) = self.charge_write_quota(call) {
            return response;
        }
        let mut response = into_response(self.call_method(call, method, request).await);
        if request
            .system_parameter("alt")
            .is_some_and(|alt| alt.contains("enum-encoding=int"))
            && let Body::Json(body) = &mut response.body
            && response.status == 200
        {
            encode::enums_as_numbers(MessageDescriptor::of(&method.response), body);
        }
        response
    }

    async fn call_method(
        &self,
        call: &Call,
        method: &MethodDescriptor,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let keep_unknown =
            self.config.keep_unknown_fields && matches!(call, Call::CreateJob(_) | Call::PatchJob(_));
        let body = match &method.request {
            Some(schema) => {
                let path_member = method.path_member(&request.path);
                decode::body(schema, &request.body, keep_unknown, path_member)?
            }
            None => Default::default(),
        };
        match call {
            Call::CreateJob(parent) => self.create_job(parent, body, request),
            Call::ListJobs(parent) => self.list_jobs(parent, request),
            Call::GetJob(name) => self.get_job(name),
            Call::PatchJob(name) => self.patch_job(name, body, request),
            Call::DeleteJob(name) => self.delete_job(name, request),
            Call::RunJob(name) => self.run_job(name, &body, &self.caller(request)),
            Call::GetPolicy(name) => self.get_policy(name),
            Call::SetPolicy(name) => self.set_policy(name, &body),
            Call::TestPermissions(_) => Self::test_permissions(&body),
            Call::ListExecutions(job) => self.list_executions(job, request),
            Call::GetExecution(job, id) => self.get_execution(job, id),
            Call::CancelExecution(job, id) => self.cancel_execution(job, id, &body),
            Call::DeleteExecution(job, id) => self.delete_execution(job, id, request),
            Call::ListTasks(job, id) => self.list_tasks(job, id, request),
            Call::GetTask(job, id, task) => self.get_task(job, id, task),
            Call::GetOperation(parent, id) => self.get_operation(parent, id),
            Call::ListOperations(parent) => self.list_operations(parent, request),
            Call::DeleteOperation(parent, id) => self.delete_operation(parent, id),
            Call::WaitOperation(parent, id) => self.wait_operation(parent, id, &body).await,
        }
    }

    /// Every method requires a token.
    fn authenticate(&self, method: &MethodDescriptor, request: &Request) -> Result<(), ApiError> {
        match (token(request), &self.config.token) {
            (None, _) => Err(ApiError::missing_credentials(&method.rpc)),
            (Some(token), Some(accepted)) if token != accepted => {
                Err(ApiError::invalid_credentials(&method.rpc))
            }
            (Some(_), _) => Ok(()),
        }
    }

    /// The e-mail address of the caller, by the token of a request.
    fn caller(&self, request: &Request) -> String {
        let callers = self.callers();
        let email = token(request).and_then(|token| callers.get(token));
        email.map_or(CALLER, String::as_str).to_owned()
    }

    /// The error response if the write quota is exhausted.
    fn charge_write_quota(&self, call: &Call) -> Option<Response> {
        let quota = self.config.write_quota?;
        let mut response = self.quota_usage().charge(quota, call, clock::now())?;
        if self.config.no_retry_after {
            // Retry-After is its only header.
            response.headers.clear();
        }
        Some(response)
    }

    /// The id of the request's job; for an operation, of the operation's job.
    fn job_of(&self, call: &Call, request: &Request) -> Option<String> {
        match call {
            Call::CreateJob(_) => request.parameter("jobId").map(str::to_owned),
            Call::GetOperation(parent, id)
            | Call::DeleteOperation(parent, id)
            | Call::WaitOperation(parent, id) => {
                let store = self.store();
                let operation = store.operations.get(&operation::operation_name(parent, id))?;
                let name = operation.metadata["name"].as_str()?;
                name.split('/').nth(5).map(str::to_owned)
            }
            call => call.job().map(|name| name.job.clone()),
        }
    }

    fn change_concurrently(&self, change: ConcurrentChange, call: &Call, job: Option<&str>) {
        let Some(name) = job.map(|job| call.parent().job(job)) else {
            return;
        };
        let now = self.now();
        let mut store = self.store();
        match change {
            ConcurrentChange::Create => store.create_concurrently(name, now),
            ConcurrentChange::Update => store.update_concurrently(&name, now),
            ConcurrentChange::Delete => store.delete_concurrently(&name, now),
        }
    }
}

/// The body of `:run`, as far as it decides which faults apply; `null` for other methods.
fn run_settings(call: &Call, request: &Request) -> Value {
    match call {
        Call::RunJob(_) => serde_json::from_slice(&request.body).unwrap_or_default(),
        _ => Value::Null,
    }
}

/// The token of a request.
fn token(request: &Request) -> Option<&str> {
    let header = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    let token = header.or_else(|| request.parameter("access_token"));
    token.map(str::trim).filter(|token| !token.is_empty())
}

fn into_response(result: Result<Response, ApiError>) -> Response {
    result.unwrap_or_else(Response::from)
}

/// Accepts any project, and any location in the form of a region.
fn check_location(parent: &LocationName) -> Result<(), ApiError> {
    let location = &parent.location;
    let looks_like_region = location.split_once('-').is_some_and(|(area, rest)| {
        area.bytes().all(|byte| byte.is_ascii_lowercase())
            && rest.trim_end_matches(|digit: char| digit.is_ascii_digit()).len() < rest.len()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    if looks_like_region {
        return Ok(());
    }
    Err(ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!("Permission denied on 'locations/{location}' (or it may not exist)."),
    ))
}
