//! Requests as values, built without a network.

use reqwest::{Method, Url};
use serde_json::Value as Json;
use std::fmt;
use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::execution_name::ExecutionName;
use crate::job_name::JobName;
use crate::model::Job;
use crate::redaction::Secret;
use crate::run_overrides::RunOverrides;

/// One request.
#[derive(Clone, PartialEq)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Relative to the endpoint, without a leading slash.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
    /// Values in the body that no error and no log line may quote.
    pub(super) secrets: Vec<Secret>,
    /// How long the service itself may wait before it responds.
    pub(super) server_wait: Duration,
    pub(super) kind: Kind,
}

/// What a request does, which decides when it may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Changes nothing.
    Read,
    /// Replaces a job. If the first one was carried out, a second one is refused as a conflict.
    Replace,
    /// Deletes a job. A second one finds it gone, or being deleted.
    Delete,
    /// Creates a job. A second one finds the name taken, by either.
    Create,
    /// Starts an execution. A second one would start another.
    Run,
    /// Cancels an execution. A second one finds it ended, or being cancelled.
    Cancel,
}

impl Request {
    /// `jobs.get`
    pub(super) fn get(name: &JobName) -> Request {
        Request::new(Method::GET, name.to_string(), Kind::Read)
    }

    /// `jobs.list`: the page of this parent (`projects/P/locations/L`) that the token names; the first one if it is empty.
    /// Deleted jobs are not listed.
    pub(super) fn list(parent: &str, page_size: u32, token: &str) -> Request {
        Request::list_in(&format!("{parent}/jobs"), page_size, token)
    }

    /// `executions.list`, `tasks.list`: the same of another collection.
    pub(super) fn list_in(collection: &str, page_size: u32, token: &str) -> Request {
        let request = Request::new(Method::GET, collection.to_owned(), Kind::Read);
        let request = request.query("pageSize", &page_size.to_string());
        match token {
            "" => request,
            token => request.query("pageToken", token),
        }
    }

    /// `jobs.create`: the ID is in the query, and the body has no name.
    pub(super) fn create(name: &JobName, job: &Job) -> Request {
        let request = Request::new(Method::POST, format!("{}/jobs", name.parent()), Kind::Create);
        request.query("jobId", &name.job).body(job)
    }

    /// `jobs.patch`: there is no mask, so the whole job is replaced.
    pub(super) fn replace(name: &JobName, document: &Json) -> Request {
        let mut request = Request::new(Method::PATCH, name.to_string(), Kind::Replace);
        request.body = Some(document.to_string());
        request
    }

    /// The same with `validateOnly`: nothing is stored, so it may be repeated like a read.
    pub(super) fn validate_only(mut self) -> Request {
        self.kind = Kind::Read;
        self.query("validateOnly", "true")
    }

    /// `jobs.delete`
    pub(super) fn delete(name: &JobName, etag: Option<&str>) -> Request {
        let request = Request::new(Method::DELETE, name.to_string(), Kind::Delete);
        match etag {
            Some(etag) => request.query("etag", etag),
            None => request,
        }
    }

    /// `jobs.run`
    pub(super) fn run(name: &JobName, overrides: &RunOverrides) -> Request {
        let mut request = Request::new(Method::POST, format!("{name}:run"), Kind::Run);
        request.body = Some(overrides.body().to_string());
        request.secrets = overrides.env.values().cloned().collect();
        request
    }

    /// `executions.get`
    pub(super) fn get_execution(name: &ExecutionName) -> Request {
        Request::new(Method::GET, name.to_string(), Kind::Read)
    }

    /// `executions.cancel`
    pub(super) fn cancel(name: &ExecutionName) -> Request {
        let mut request = Request::new(Method::POST, format!("{name}:cancel"), Kind::Cancel);
        request.body = Some("{}".to_owned());
        request
    }

    /// `operations.get`
    pub(super) fn operation(name: &str) -> Request {
        Request::new(Method::GET, name.to_owned(), Kind::Read)
    }

    /// `operations.wait`: responds when the operation is done, or after the timeout, or earlier.
    pub(super) fn wait(name: &str, timeout: Duration) -> Request {
        let seconds = timeout.as_secs().max(1);
        let mut request = Request::new(Method::POST, format!("{name}:wait"), Kind::Read);
        request.body = Some(format!(r#"{{"timeout":"{seconds}s"}}"#));
        request.server_wait = Duration::from_secs(seconds);
        request
    }

    /// The project in the path.
    pub(super) fn project(&self) -> Option<&str> {
        self.path.strip_prefix("projects/")?.split('/').next()
    }

    /// The region whose write quota the request uses, as `projects/P/locations/L`; `validateOnly` requests use it too.
    pub(super) fn write_quota_region(&self) -> Option<&str> {
        let writes = self.method != Method::GET && self.server_wait.is_zero();
        let (end, _) = self.path.match_indices('/').nth(3).filter(|_| writes)?;
        self.path.get(..end)
    }

    /// The full URL.
    pub(super) fn url(&self, endpoint: &Endpoint) -> Url {
        let mut url = endpoint.join(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }

    fn new(method: Method, path: String, kind: Kind) -> Request {
        Request {
            method,
            path,
            query: Vec::new(),
            body: None,
            secrets: Vec::new(),
            server_wait: Duration::ZERO,
            kind,
        }
    }

    fn query(mut self, name: &'static str, value: &str) -> Request {
        self.query.push((name, value.to_owned()));
        self
    }

    fn body(mut self, job: &Job) -> Request {
        // A job is strings, numbers and maps with string keys: it has a JSON form.
        self.body = serde_json::to_string(job).ok();
        self
    }
}

impl fmt::Display for Request {
    /// Method and path, without the query, which may have an etag.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

#[cfg(test)]
mod tests;
