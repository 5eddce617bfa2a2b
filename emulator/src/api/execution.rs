//! Executions and their tasks: run, list, get, cancel, delete.

use serde_json::{Map, Value, json};

use super::job::{check_etag, not_found as job_not_found, without_type};
use super::overrides::apply;
use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::page::Page;
use crate::request::Request;
use crate::resource_name::JobName;
use crate::response::Response;
use crate::store::{Execution, ExecutionScript, Operation, Store, execution_name};

impl Emulator {
    /// Runs a job; `caller` is the creator of the execution.
    pub(super) fn run_job(
        &self,
        name: &JobName,
        body: &Map<String, Value>,
        caller: &str,
    ) -> Result<Response, ApiError> {
        let now = self.now();
        let mut store = self.store();
        let job = store.jobs.get(name).ok_or_else(|| job_not_found(name))?;
        check_etag(&name.job, &job.etag, string(body, "etag"))?;
        let template = job.definition.get("template").and_then(Value::as_object);
        let mut template = template.cloned().unwrap_or_default();
        if let Some(overrides) = body.get("overrides") {
            apply(overrides, &mut template)?;
        }
        let mut execution = Execution::new(job, Execution::new_id(name), template, caller, now);
        if is_validate_only(body) {
            return Ok(validate_only_response(&execution));
        }
        let fault = self.faults().take_for_execution(&name.job);
        execution.script = match fault {
            Some(_) => ExecutionScript::first_task_fails(),
            None => store.scripts.take(&name.job),
        };
        let operation = store.run(execution, now);
        Ok(Response {
            fault: fault.map(|fault| fault.name),
            ..Response::ok(operation.to_json())
        })
    }

    pub(super) fn get_execution(&self, job: &JobName, id: &str) -> Result<Response, ApiError> {
        let store = self.store();
        let execution = find(&store, job, id)?;
        Ok(Response::ok(without_type(execution.to_json())))
    }

    /// Lists the executions of a job, or of all jobs of the region for the job `-`, newest first.
    pub(super) fn list_executions(&self, job: &JobName, request: &Request) -> Result<Response, ApiError> {
        let store = self.store();
        let all_jobs = job.job == "-";
        if !all_jobs && !store.jobs.contains_key(job) {
            return Err(job_not_found(job));
        }
        let show_deleted = request.is_true("showDeleted");
        let mut executions: Vec<&Execution> = store
            .executions
            .values()
            .filter(|execution| execution.job == *job || (all_jobs && execution.job.parent == job.parent))
            .filter(|execution| show_deleted || execution.deleted.is_none())
            .collect();
        executions.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.uid.cmp(&b.uid)));
        let entries = executions
            .into_iter()
            .map(|execution| without_type(execution.to_json()))
            .collect();
        Ok(Response::ok(
            Page::select(entries, request)?.into_json("executions"),
        ))
    }

    pub(super) fn cancel_execution(
        &self,
        job: &JobName,
        id: &str,
        body: &Map<String, Value>,
    ) -> Result<Response, ApiError> {
        let mut store = self.store();
        let execution = find(&store, job, id)?;
        check_etag(id, &execution.etag(), string(body, "etag"))?;
        if execution.has_ended() {
            return Err(ApiError::new(
                400,
                "FAILED_PRECONDITION",
                format!("Execution '{id}' has ended and cannot be cancelled."),
            ));
        }
        if is_validate_only(body) {
            return Ok(validate_only_response(execution));
        }
        let operation =
            store.cancel_execution(&execution_name(job, id), self.config.operation_time, self.now());
        operation_response(operation, job, id)
    }

    pub(super) fn delete_execution(
        &self,
        job: &JobName,
        id: &str,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let mut store = self.store();
        let execution = find(&store, job, id)?;
        check_etag(id, &execution.etag(), request.parameter("etag"))?;
        if request.is_true("validateOnly") {
            return Ok(validate_only_response(execution));
        }
        let operation =
            store.delete_execution(&execution_name(job, id), self.config.operation_time, self.now());
        operation_response(operation, job, id)
    }

    pub(super) fn list_tasks(
        &self,
        job: &JobName,
        id: &str,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let store = self.store();
        let tasks = find(&store, job, id)?.tasks();
        Ok(Response::ok(Page::select(tasks, request)?.into_json("tasks")))
    }

    pub(super) fn get_task(&self, job: &JobName, id: &str, task: &str) -> Result<Response, ApiError> {
        let store = self.store();
        find(&store, job, id)?
            .find_task(task)
            .map(Response::ok)
            .ok_or_else(|| ApiError::not_found("TASK", task, &job.parent))
    }
}

fn find<'a>(store: &'a Store, job: &JobName, id: &str) -> Result<&'a Execution, ApiError> {
    let execution = store.executions.get(&execution_name(job, id));
    execution.ok_or_else(|| not_found(job, id))
}

fn not_found(job: &JobName, id: &str) -> ApiError {
    ApiError::not_found("EXECUTION", id, &job.parent)
}

fn operation_response(operation: Option<Operation>, job: &JobName, id: &str) -> Result<Response, ApiError> {
    operation
        .map(|operation| Response::ok(operation.to_json()))
        .ok_or_else(|| not_found(job, id))
}

/// The response to `validateOnly`: an operation that is done and not stored.
fn validate_only_response(execution: &Execution) -> Response {
    Response::ok(Operation::done(&execution.job.parent, execution.to_json(), execution.created).to_json())
}

fn string<'a>(body: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}

fn is_validate_only(body: &Map<String, Value>) -> bool {
    body.get("validateOnly") == Some(&json!(true))
}
