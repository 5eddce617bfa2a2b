//! Routing: from HTTP method and path to an API method.

use percent_encoding::percent_decode_str;

use crate::resource_name::{JobName, LocationName};

/// A method of the API with the resource names of its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    CreateJob(LocationName),
    ListJobs(LocationName),
    GetJob(JobName),
    PatchJob(JobName),
    DeleteJob(JobName),
    RunJob(JobName),
    GetPolicy(JobName),
    SetPolicy(JobName),
    TestPermissions(JobName),
    ListExecutions(JobName),
    GetExecution(JobName, String),
    DeleteExecution(JobName, String),
    CancelExecution(JobName, String),
    ListTasks(JobName, String),
    GetTask(JobName, String, String),
    ListOperations(LocationName),
    GetOperation(LocationName, String),
    DeleteOperation(LocationName, String),
    WaitOperation(LocationName, String),
}

impl Call {
    /// `None` for a path that the API does not have.
    pub(crate) fn parse(method: &str, path: &str) -> Option<Self> {
        let (path, verb) = match path.rsplit_once('/') {
            Some((front, last)) => match last.split_once(':') {
                Some((last, verb)) => (format!("{front}/{last}"), verb),
                None => (path.to_owned(), ""),
            },
            None => return None,
        };
        let parts: Option<Vec<String>> = path
            .strip_prefix("/v2/")?
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8().ok().map(String::from))
            .collect();
        let parts = parts?;
        if parts.iter().any(String::is_empty) {
            return None;
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ["projects", project, "locations", location, rest @ ..] = &parts[..] else {
            return None;
        };
        let parent = LocationName {
            project: (*project).to_owned(),
            location: (*location).to_owned(),
        };
        match rest {
            ["jobs", rest @ ..] => job_call(method, verb, &parent, rest),
            ["operations", rest @ ..] => operation_call(method, verb, parent, rest),
            _ => None,
        }
    }

    /// The method's id in the discovery document, without `run.projects.locations`.
    pub(crate) fn method_id(&self) -> &'static str {
        match self {
            Self::CreateJob(_) => "jobs.create",
            Self::ListJobs(_) => "jobs.list",
            Self::GetJob(_) => "jobs.get",
            Self::PatchJob(_) => "jobs.patch",
            Self::DeleteJob(_) => "jobs.delete",
            Self::RunJob(_) => "jobs.run",
            Self::GetPolicy(_) => "jobs.getIamPolicy",
            Self::SetPolicy(_) => "jobs.setIamPolicy",
            Self::TestPermissions(_) => "jobs.testIamPermissions",
            Self::ListExecutions(_) => "jobs.executions.list",
            Self::GetExecution(..) => "jobs.executions.get",
            Self::DeleteExecution(..) => "jobs.executions.delete",
            Self::CancelExecution(..) => "jobs.executions.cancel",
            Self::ListTasks(..) => "jobs.executions.tasks.list",
            Self::GetTask(..) => "jobs.executions.tasks.get",
            Self::ListOperations(_) => "operations.list",
            Self::GetOperation(..) => "operations.get",
            Self::DeleteOperation(..) => "operations.delete",
            Self::WaitOperation(..) => "operations.wait",
        }
    }

    /// Whether the call counts against the quota of writes.
    pub(crate) fn is_write(&self) -> bool {
        matches!(
            self,
            Self::CreateJob(_)
                | Self::PatchJob(_)
                | Self::DeleteJob(_)
                | Self::RunJob(_)
                | Self::SetPolicy(_)
                | Self::CancelExecution(..)
                | Self::DeleteExecution(..)
        )
    }

    /// The job of the path.
    pub(crate) fn job(&self) -> Option<&JobName> {
        self.resources().1
    }

    /// The location of the path.
    pub(crate) fn parent(&self) -> &LocationName {
        self.resources().0
    }

    fn resources(&self) -> (&LocationName, Option<&JobName>) {
        match self {
            Self::CreateJob(parent)
            | Self::ListJobs(parent)
            | Self::ListOperations(parent)
            | Self::GetOperation(parent, _)
            | Self::DeleteOperation(parent, _)
            | Self::WaitOperation(parent, _) => (parent, None),
            Self::GetJob(name)
            | Self::PatchJob(name)
            | Self::DeleteJob(name)
            | Self::RunJob(name)
            | Self::GetPolicy(name)
            | Self::SetPolicy(name)
            | Self::TestPermissions(name)
            | Self::ListExecutions(name)
            | Self::GetExecution(name, _)
            | Self::DeleteExecution(name, _)
            | Self::CancelExecution(name, _)
            | Self::ListTasks(name, _)
            | Self::GetTask(name, _, _) => (&name.parent, Some(name)),
        }
    }
}

fn job_call(method: &str, verb: &str, parent: &LocationName, rest: &[&str]) -> Option<Call> {
    let job = |job: &str| parent.job(job);
    Some(match (method, verb, rest) {
        ("POST", "", []) => Call::CreateJob(parent.clone()),
        ("GET", "", []) => Call::ListJobs(parent.clone()),
        ("GET", "", [j]) => Call::GetJob(job(j)),
        ("PATCH", "", [j]) => Call::PatchJob(job(j)),
        ("DELETE", "", [j]) => Call::DeleteJob(job(j)),
        ("POST", "run", [j]) => Call::RunJob(job(j)),
        ("GET", "getIamPolicy", [j]) => Call::GetPolicy(job(j)),
        ("POST", "setIamPolicy", [j]) => Call::SetPolicy(job(j)),
        ("POST", "testIamPermissions", [j]) => Call::TestPermissions(job(j)),
        ("GET", "", [j, "executions"]) => Call::ListExecutions(job(j)),
        ("GET", "", [j, "executions", e]) => Call::GetExecution(job(j), (*e).to_owned()),
        ("DELETE", "", [j, "executions", e]) => Call::DeleteExecution(job(j), (*e).to_owned()),
        ("POST", "cancel", [j, "executions", e]) => Call::CancelExecution(job(j), (*e).to_owned()),
        ("GET", "", [j, "executions", e, "tasks"]) => Call::ListTasks(job(j), (*e).to_owned()),
        ("GET", "", [j, "executions", e, "tasks", t]) => {
            Call::GetTask(job(j), (*e).to_owned(), (*t).to_owned())
        }
        _ => return None,
    })
}

fn operation_call(method: &str, verb: &str, parent: LocationName, rest: &[&str]) -> Option<Call> {
    Some(match (method, verb, rest) {
        ("GET", "", []) => Call::ListOperations(parent),
        ("GET", "", [id]) => Call::GetOperation(parent, (*id).to_owned()),
        ("DELETE", "", [id]) => Call::DeleteOperation(parent, (*id).to_owned()),
        ("POST", "wait", [id]) => Call::WaitOperation(parent, (*id).to_owned()),
        _ => return None,
    })
}
