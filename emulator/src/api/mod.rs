//! What each call does: one file per noun.

mod execution;
mod job;
mod operation;
mod overrides;
mod policy;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock;
use crate::config::Config;
use crate::error::ApiError;
use crate::fault::{Armory, Circumstances, Effect, FaultRequest, Meddling};
use crate::quota::Usage;
use crate::request::Request;
use crate::request_log::RequestLog;
use crate::resource_name::LocationName;
use crate::response::{Body, Response};
use crate::route::Call;
use crate::state_file::{self, Opened};
use crate::store::Store;
use crate::types::{Message, Method, decode, encode};

/// The emulator behind its socket.
pub(crate) struct Emulator {
    pub(crate) config: Config,
    store: Mutex<Store>,
    log: Mutex<RequestLog>,
    faults: Mutex<Armory>,
    usage: Mutex<Usage>,
    /// Told whenever something may have changed, for those who wait.
    pub(crate) changed: tokio::sync::Notify,
}

impl Emulator {
    /// # Errors
    /// When a fault in `config` is unknown, or the state file is not one.
    pub(crate) fn new(config: Config, log: RequestLog) -> Result<Self, String> {
        let mut store = Store::new(config.execution_time);
        if let Some(path) = &config.state {
            state_file::open(path, &mut store)?;
        }
        let mut faults = Armory::default();
        for (name, times) in &config.faults {
            faults.arm(FaultRequest::of(name, *times))?;
        }
        faults.leave_to_chance(config.fault_rate, config.fault_seed);
        Ok(Self {
            store: Mutex::new(store),
            log: Mutex::new(log),
            faults: Mutex::new(faults),
            usage: Mutex::default(),
            changed: tokio::sync::Notify::new(),
            config,
        })
    }

    /// The store as it is now: whatever is due has happened.
    pub(crate) fn store(&self) -> Opened<'_> {
        let mut store = lock(&self.store);
        let changed = store.advance(clock::now());
        Opened::new(store, self.config.state.as_deref(), changed)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        lock(&self.log)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Armory> {
        lock(&self.faults)
    }

    /// What has been used of the quota of writes.
    pub(crate) fn usage(&self) -> MutexGuard<'_, Usage> {
        lock(&self.usage)
    }

    /// Answers a request for an address below `/v2/`.
    pub(crate) async fn answer(&self, request: &Request) -> Response {
        let Some(call) = Call::parse(&request.method, &request.path) else {
            return Response::unknown_path(&request.path);
        };
        let job = self.job_of(&call, request);
        let circumstances = Circumstances {
            call: &call,
            job: job.as_deref(),
            method: &request.method,
            validate_only: job::is_set(request, "validateOnly"),
        };
        let Some(fault) = self.faults().meet(&circumstances) else {
            return self.perform(&call, request).await;
        };
        let answer = match &fault.effect {
            Effect::Instead(answer) => answer(&circumstances),
            Effect::Afterwards(change) => change(self.perform(&call, request).await),
            Effect::Late(delay) => Response {
                delay: *delay,
                ..self.perform(&call, request).await
            },
            Effect::Meddle(meddling) => {
                self.meddle(*meddling, &call, job.as_deref());
                self.perform(&call, request).await
            }
            Effect::WaitsNot => match &call {
                Call::WaitOperation(parent, id) => settle(self.get_operation(parent, id)),
                _ => self.perform(&call, request).await,
            },
            // Met later, when the change is accepted.
            Effect::Ends(_) | Effect::TasksFail => self.perform(&call, request).await,
        };
        Response {
            fault: Some(fault.name),
            ..answer
        }
    }

    async fn perform(&self, call: &Call, request: &Request) -> Response {
        let method = Method::of(call);
        if let Err(error) = self
            .authenticate(method, request)
            .and_then(|()| check_location(call.parent()))
            .and_then(|()| method.check_query(request))
        {
            return error.into();
        }
        if let Some(quota) = self.config.write_quota
            && let Some(mut refusal) = self.usage().take(quota, call, clock::now())
        {
            if self.config.no_retry_after {
                // A refusal by quota has no other.
                refusal.headers.clear();
            }
            return refusal;
        }
        let keep_unknown =
            self.config.keep_unknown_fields && matches!(call, Call::CreateJob(_) | Call::PatchJob(_));
        let body = match method
            .request
            .as_ref()
            .map(|schema| decode::body(schema, &request.body, keep_unknown))
            .transpose()
        {
            Ok(body) => body.unwrap_or_default(),
            Err(error) => return error.into(),
        };
        let mut answer = settle(match call {
            Call::CreateJob(parent) => self.create_job(parent, body, request),
            Call::ListJobs(parent) => self.list_jobs(parent, request),
            Call::GetJob(name) => self.get_job(name),
            Call::PatchJob(name) => self.patch_job(name, body, request),
            Call::DeleteJob(name) => self.delete_job(name, request),
            Call::RunJob(name) => self.run_job(name, &body),
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
        });
        if request
            .parameter("$alt")
            .is_some_and(|alt| alt.contains("enum-encoding=int"))
            && let Body::Json(document) = &mut answer.body
            && answer.status == 200
        {
            encode::enums_as_numbers(Message::of(&method.response), document);
        }
        answer
    }

    /// Every method requires a token.
    fn authenticate(&self, method: &Method, request: &Request) -> Result<(), ApiError> {
        let header = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let token = header
            .or_else(|| request.parameter("access_token"))
            .map(str::trim);
        match (token.filter(|token| !token.is_empty()), &self.config.token) {
            (None, _) => Err(ApiError::missing_credentials(&method.rpc)),
            (Some(token), Some(only)) if token != only => Err(ApiError::invalid_credentials(&method.rpc)),
            (Some(_), _) => Ok(()),
        }
    }

    /// The id of the job that a request is about; for an operation that of its job.
    fn job_of(&self, call: &Call, request: &Request) -> Option<String> {
        match call {
            Call::CreateJob(_) => request.parameter("jobId").map(str::to_owned),
            Call::GetOperation(parent, id)
            | Call::DeleteOperation(parent, id)
            | Call::WaitOperation(parent, id) => {
                let store = self.store();
                let operation = store.operations.get(&format!("{parent}/operations/{id}"))?;
                let name = operation.metadata["name"].as_str()?;
                name.split('/').nth(5).map(str::to_owned)
            }
            call => call.job().map(|name| name.job.clone()),
        }
    }

    /// Does what somebody else did just before.
    fn meddle(&self, meddling: Meddling, call: &Call, job: Option<&str>) {
        let Some(name) = job.map(|job| call.parent().job(job)) else {
            return;
        };
        let now = clock::now();
        let mut store = self.store();
        match meddling {
            Meddling::Creates => store.meddle_create(name, now),
            Meddling::Changes => store.meddle_change(&name, now),
            Meddling::Deletes => store.meddle_delete(&name, now),
        }
    }
}

fn settle(result: Result<Response, ApiError>) -> Response {
    result.unwrap_or_else(Response::from)
}

/// A panic elsewhere is no reason for another here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Any project will do; a location has to look like a region.
fn check_location(parent: &LocationName) -> Result<(), ApiError> {
    let location = &parent.location;
    let looks_right = location.split_once('-').is_some_and(|(area, rest)| {
        area.bytes().all(|byte| byte.is_ascii_lowercase())
            && rest.trim_end_matches(|digit: char| digit.is_ascii_digit()).len() < rest.len()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    });
    if looks_right {
        return Ok(());
    }
    Err(ApiError::new(
        403,
        "PERMISSION_DENIED",
        format!("Permission denied on 'locations/{location}' (or it may not exist)."),
    ))
}
