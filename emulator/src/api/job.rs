//! Jobs: create, get, list, patch, delete.

use serde_json::{Map, Value, json};

use super::Emulator;
use crate::clock::{self, Moment};
use crate::defaults;
use crate::error::ApiError;
use crate::fault::Effect;
use crate::page::Page;
use crate::request::Request;
use crate::resource_name::{JobName, LocationName};
use crate::response::Response;
use crate::rules;
use crate::store::{Ending, Job, Operation, Outcome, Store};

impl Emulator {
    pub(super) fn create_job(
        &self,
        parent: &LocationName,
        declared: Map<String, Value>,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let id = match request.parameter("jobId") {
            Some(id) => id.to_owned(),
            None => format!("job-{}", &uuid::Uuid::new_v4().simple().to_string()[..8]),
        };
        check_id(&id)?;
        if declared.contains_key("name") {
            return Err(ApiError::invalid_argument(
                "job.name: must be empty; the job's id is given by job_id.",
            ));
        }
        let name = parent.job(id);
        let declared = self.definition(declared, &name)?;
        let now = clock::now();
        let mut store = self.store();
        if store.jobs.contains_key(&name) {
            return Err(ApiError::already_exists(&name.job));
        }
        if is_set(request, "validateOnly") {
            return Ok(dry_run(Job::new(name, declared, now)));
        }
        store
            .jobs
            .insert(name.clone(), Job::new(name.clone(), declared, now));
        self.accepted(&mut store, &name, now)
    }

    pub(super) fn get_job(&self, name: &JobName) -> Result<Response, ApiError> {
        let store = self.store();
        let job = store.jobs.get(name).ok_or_else(|| absent(name))?;
        Ok(Response::ok(flat(job.to_json())))
    }

    pub(super) fn list_jobs(&self, parent: &LocationName, request: &Request) -> Result<Response, ApiError> {
        let store = self.store();
        let graves = store.graves.iter().filter(|_| is_set(request, "showDeleted"));
        let mut jobs: Vec<&Job> = store
            .jobs
            .values()
            .chain(graves)
            .filter(|job| job.name.parent == *parent)
            .collect();
        jobs.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.uid.cmp(&b.uid)));
        let entries = jobs.into_iter().map(|job| flat(job.to_json())).collect();
        let page = Page::of(entries, request)?
            .of_at_most(self.config.largest_page.into())
            .without(&self.config.list_omits);
        Ok(Response::ok(page.into_json("jobs")))
    }

    pub(super) fn patch_job(
        &self,
        name: &JobName,
        declared: Map<String, Value>,
        request: &Request,
    ) -> Result<Response, ApiError> {
        let now = clock::now();
        let mut store = self.store();
        if let Some(id) = store.taken_by_token(name, &declared) {
            return Err(ApiError::already_exists(&id));
        }
        let Some(job) = store.jobs.get_mut(name) else {
            if !is_set(request, "allowMissing") {
                return Err(absent(name));
            }
            check_id(&name.job)?;
            let job = Job::new(name.clone(), self.definition(declared, name)?, now);
            if is_set(request, "validateOnly") {
                return Ok(dry_run(job));
            }
            store.jobs.insert(name.clone(), job);
            return self.accepted(&mut store, name, now);
        };
        check_etag(&name.job, &job.etag, declared.get("etag").and_then(Value::as_str))?;
        let mut next = job.clone();
        next.replace(self.definition(declared, name)?, now);
        if is_set(request, "validateOnly") {
            return Ok(dry_run(next));
        }
        *job = next;
        self.accepted(&mut store, name, now)
    }

    pub(super) fn delete_job(&self, name: &JobName, request: &Request) -> Result<Response, ApiError> {
        let now = clock::now();
        let mut store = self.store();
        let job = store.jobs.get_mut(name).ok_or_else(|| absent(name))?;
        check_etag(&name.job, &job.etag, request.parameter("etag"))?;
        let mut next = job.clone();
        next.delete(now);
        if is_set(request, "validateOnly") {
            return Ok(dry_run(next));
        }
        *job = next;
        self.accepted(&mut store, name, now)
    }

    /// What a request's body defines, with the defaults filled in.
    fn definition(
        &self,
        mut declared: Map<String, Value>,
        name: &JobName,
    ) -> Result<Map<String, Value>, ApiError> {
        let checked = rules::check_sent(name, &declared).and_then(|()| {
            defaults::apply(&mut declared, &name.parent);
            rules::check_resources(self.config.rules, name, &declared)
        });
        match checked {
            Ok(()) => Ok(declared),
            Err(problem) if self.config.bad_request_details => Err(problem.with_field_violation()),
            Err(problem) => Err(problem),
        }
    }

    /// Begins what a change of a job asks for, and answers with the operation.
    fn accepted(&self, store: &mut Store, name: &JobName, now: Moment) -> Result<Response, ApiError> {
        let deletes = store.jobs.get(name).is_some_and(|job| job.deleted.is_some());
        let fault = self.faults().meet_accepted(&name.job, deletes);
        let ending = match fault.map(|fault| &fault.effect) {
            Some(Effect::Ends(ending)) => ending(),
            _ => Ending::Fine,
        };
        let operation = store
            .reconcile(name, now, self.config.operation_time, ending)
            .ok_or_else(|| absent(name))?;
        Ok(Response {
            fault: fault.map(|fault| fault.name),
            ..Response::ok(operation.to_json())
        })
    }
}

/// Checks the id of a job to be made.
fn check_id(id: &str) -> Result<(), ApiError> {
    let sound = id.len() <= 63
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && !id.ends_with('-')
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if sound {
        return Ok(());
    }
    Err(ApiError::invalid_argument(
        "job_id: Resource name must use only lowercase letters, digits, and hyphens. It must begin with a \
         letter, cannot end with a hyphen, and must be less than 64 characters.",
    ))
}

/// Checks that what a client has seen, if it says so, is what there is.
pub(super) fn check_etag(id: &str, current: &str, seen: Option<&str>) -> Result<(), ApiError> {
    match seen {
        Some(seen) if !seen.is_empty() && seen != current => Err(ApiError::etag_mismatch(id)),
        _ => Ok(()),
    }
}

/// The answer to `validateOnly`: an operation that is done, and kept nowhere.
fn dry_run(mut job: Job) -> Response {
    job.succeed(job.generation, job.updated);
    let mut operation = Operation::begin(&job.name.parent, job.to_json(), job.updated);
    operation.outcome = Some(Outcome::Response(job.to_json()));
    Response::ok(operation.to_json())
}

/// A document outside an `Any` carries no `@type`.
pub(super) fn flat(mut document: Value) -> Value {
    if let Some(document) = document.as_object_mut() {
        document.remove("@type");
    }
    document
}

pub(super) fn absent(name: &JobName) -> ApiError {
    ApiError::not_found("JOB", &name.job, &name.parent.location, &name.parent.project)
}

/// Whether a boolean query parameter is true.
pub(super) fn is_set(request: &Request, name: &str) -> bool {
    matches!(request.parameter(name), Some("true" | "True" | "1"))
}

/// The empty answer.
pub(super) fn empty() -> Response {
    Response::ok(json!({}))
}
