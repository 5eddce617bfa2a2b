//! Jobs: create, get, list, patch, delete.

use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::defaults;
use crate::emulator::Emulator;
use crate::error::ApiError;
use crate::fault::Effect;
use crate::page::Page;
use crate::request::Request;
use crate::resource_name::{JobName, LocationName};
use crate::response::Response;
use crate::rules;
use crate::store::{Job, Operation, ReconcileOutcome, Store};

impl Emulator {
    pub(super) fn create_job(
        &self,
        parent: &LocationName,
        definition: Map<String, Value>,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let id = match request.parameter("jobId") {
            Some(id) => id.to_owned(),
            None => format!("job-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]),
        };
        check_id(&id)?;
        if definition.contains_key("name") {
            return Err(ApiError::invalid_argument(
                "job.name: must be empty; the job's id is given by job_id.",
            ));
        }
        let name = parent.job(id);
        let definition = self.complete_definition(definition, &name)?;
        let now = self.now();
        let mut store = self.store();
        if store.jobs.contains_key(&name) {
            return Err(ApiError::already_exists(&name.job));
        }
        if request.is_true("validateOnly") {
            return Ok(validate_only_response(Job::new(name, definition, now)));
        }
        store
            .jobs
            .insert(name.clone(), Job::new(name.clone(), definition, now));
        self.start_reconciliation(&mut store, &name, now)
    }

    pub(super) fn get_job(&self, name: &JobName) -> Result<Response, ApiError> {
        let store = self.store();
        let job = store.jobs.get(name).ok_or_else(|| not_found(name))?;
        Ok(Response::ok(without_type(job.to_json())))
    }

    pub(super) fn list_jobs(&self, parent: &LocationName, request: &Request) -> Result<Response, ApiError> {
        let store = self.store();
        let deleted_jobs = store
            .deleted_jobs
            .iter()
            .filter(|_| request.is_true("showDeleted"));
        let mut jobs: Vec<&Job> = store
            .jobs
            .values()
            .chain(deleted_jobs)
            .filter(|job| job.name.parent == *parent)
            .collect();
        jobs.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.uid.cmp(&b.uid)));
        let entries = jobs.into_iter().map(|job| without_type(job.to_json())).collect();
        let page = Page::select(entries, request)?
            .limit(self.config.largest_page.into())
            .without_members(&self.config.list_omits);
        Ok(Response::ok(page.into_json("jobs")))
    }

    pub(super) fn patch_job(
        &self,
        name: &JobName,
        definition: Map<String, Value>,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let now = self.now();
        let mut store = self.store();
        if let Some(id) = store.execution_for_token(name, &definition) {
            return Err(ApiError::already_exists(&id));
        }
        let Some(job) = store.jobs.get_mut(name) else {
            if !request.is_true("allowMissing") {
                return Err(not_found(name));
            }
            check_id(&name.job)?;
            let job = Job::new(name.clone(), self.complete_definition(definition, name)?, now);
            if request.is_true("validateOnly") {
                return Ok(validate_only_response(job));
            }
            store.jobs.insert(name.clone(), job);
            return self.start_reconciliation(&mut store, name, now);
        };
        check_etag(
            &name.job,
            &job.etag,
            definition.get("etag").and_then(Value::as_str),
        )?;
        let mut next = job.clone();
        next.replace(self.complete_definition(definition, name)?, now);
        if request.is_true("validateOnly") {
            return Ok(validate_only_response(next));
        }
        *job = next;
        self.start_reconciliation(&mut store, name, now)
    }

    pub(super) fn delete_job(&self, name: &JobName, request: &Request) -> Result<Response, ApiError> {
        let now = self.now();
        let mut store = self.store();
        let job = store.jobs.get_mut(name).ok_or_else(|| not_found(name))?;
        check_etag(&name.job, &job.etag, request.parameter("etag"))?;
        let mut next = job.clone();
        next.delete(now);
        if request.is_true("validateOnly") {
            return Ok(validate_only_response(next));
        }
        *job = next;
        self.start_reconciliation(&mut store, name, now)
    }

    /// Checks a definition and fills in the defaults.
    fn complete_definition(
        &self,
        mut definition: Map<String, Value>,
        name: &JobName,
    ) -> Result<Map<String, Value>, ApiError> {
        let result = rules::check_sent(name, &definition).and_then(|()| {
            defaults::apply(&mut definition, &name.parent);
            rules::check_resources(self.config.rules, name, &definition)
        });
        match result {
            Ok(()) => Ok(definition),
            Err(error) if self.config.bad_request_details => Err(error.with_field_violation()),
            Err(error) => Err(error),
        }
    }

    /// Starts the reconciliation of a changed job and returns its operation.
    fn start_reconciliation(
        &self,
        store: &mut Store,
        name: &JobName,
        now: Timestamp,
    ) -> Result<Response, ApiError> {
        let deletes = store.jobs.get(name).is_some_and(|job| job.deleted.is_some());
        let fault = self.faults().take_for_operation(&name.job, deletes);
        let outcome = match fault.map(|fault| &fault.effect) {
            Some(Effect::Reconcile(outcome)) => outcome(),
            _ => ReconcileOutcome::Success,
        };
        let operation = store
            .start_reconciliation(name, now, self.config.operation_time, outcome)
            .ok_or_else(|| not_found(name))?;
        Ok(Response {
            fault: fault.map(|fault| fault.name),
            ..Response::ok(operation.to_json())
        })
    }
}

fn check_id(id: &str) -> Result<(), ApiError> {
    let is_valid = id.len() <= 63
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && !id.ends_with('-')
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_valid {
        return Ok(());
    }
    Err(ApiError::invalid_argument(
        "job_id: Resource name must use only lowercase letters, digits, and hyphens. It must begin with a \
         letter, cannot end with a hyphen, and must be less than 64 characters.",
    ))
}

/// Checks the etag that a request was sent with, if any.
pub(super) fn check_etag(id: &str, current: &str, sent: Option<&str>) -> Result<(), ApiError> {
    match sent {
        Some(sent) if !sent.is_empty() && sent != current => Err(ApiError::etag_mismatch(id)),
        _ => Ok(()),
    }
}

/// The response to `validateOnly`: an operation that is done and not stored.
fn validate_only_response(mut job: Job) -> Response {
    job.succeed(job.generation, job.updated);
    Response::ok(Operation::done(&job.name.parent, job.to_json(), job.updated).to_json())
}

/// Removes the `@type`, which resources have in operations only.
pub(super) fn without_type(mut resource: Value) -> Value {
    if let Some(resource) = resource.as_object_mut() {
        resource.remove("@type");
    }
    resource
}

pub(super) fn not_found(name: &JobName) -> ApiError {
    ApiError::not_found("JOB", &name.job, &name.parent)
}
