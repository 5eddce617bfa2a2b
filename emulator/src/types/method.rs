//! What each method takes and gives.

use super::execution::{
    CANCEL_EXECUTION_REQUEST, EXECUTION, LIST_EXECUTIONS_RESPONSE, LIST_JOBS_RESPONSE, LIST_TASKS_RESPONSE,
    RUN_JOB_REQUEST, TASK,
};
use super::iam::{
    POLICY, SET_IAM_POLICY_REQUEST, TEST_IAM_PERMISSIONS_REQUEST, TEST_IAM_PERMISSIONS_RESPONSE,
};
use super::job::JOB;
use super::longrunning::{EMPTY, LIST_OPERATIONS_RESPONSE, OPERATION, WAIT_OPERATION_REQUEST};
use super::{Message, snake};
use crate::problem::{Problem, Violation};
use crate::request::Request;
use crate::route::Call;

/// One method.
pub(crate) struct Method {
    pub(crate) query: &'static [Parameter],
    /// The body's type, and its name in messages.
    pub(crate) body: Option<(&'static Message, &'static str)>,
    pub(crate) answer: &'static Message,
}

/// A query parameter.
pub(crate) enum Parameter {
    Text(&'static str),
    Bool(&'static str),
    Int(&'static str),
}

use Parameter::{Bool, Int, Text};

impl Method {
    pub(crate) fn of(call: &Call) -> Self {
        let (query, body, answer): (&[Parameter], Option<(&Message, &str)>, &Message) = match call {
            Call::CreateJob(_) => (
                &[Text("jobId"), Bool("validateOnly")],
                Some((&JOB, "job")),
                &OPERATION,
            ),
            Call::ListJobs(_) => (PAGES, None, &LIST_JOBS_RESPONSE),
            Call::GetJob(_) => (&[], None, &JOB),
            Call::PatchJob(_) => (
                &[Bool("allowMissing"), Bool("validateOnly")],
                Some((&JOB, "job")),
                &OPERATION,
            ),
            Call::DeleteJob(_) | Call::DeleteExecution(..) => {
                (&[Text("etag"), Bool("validateOnly")], None, &OPERATION)
            }
            Call::RunJob(_) => (&[], Some((&RUN_JOB_REQUEST, "")), &OPERATION),
            Call::GetPolicy(_) => (&[Int("options.requestedPolicyVersion")], None, &POLICY),
            Call::SetPolicy(_) => (&[], Some((&SET_IAM_POLICY_REQUEST, "")), &POLICY),
            Call::TestPermissions(_) => (
                &[],
                Some((&TEST_IAM_PERMISSIONS_REQUEST, "")),
                &TEST_IAM_PERMISSIONS_RESPONSE,
            ),
            Call::ListExecutions(_) => (PAGES, None, &LIST_EXECUTIONS_RESPONSE),
            Call::GetExecution(..) => (&[], None, &EXECUTION),
            Call::CancelExecution(..) => (&[], Some((&CANCEL_EXECUTION_REQUEST, "")), &OPERATION),
            Call::ListTasks(..) => (PAGES, None, &LIST_TASKS_RESPONSE),
            Call::GetTask(..) => (&[], None, &TASK),
            Call::ListOperations(_) => (OPERATIONS, None, &LIST_OPERATIONS_RESPONSE),
            Call::GetOperation(..) => (&[], None, &OPERATION),
            Call::DeleteOperation(..) => (&[], None, &EMPTY),
            Call::WaitOperation(..) => (&[], Some((&WAIT_OPERATION_REQUEST, "")), &OPERATION),
        };
        Self { query, body, answer }
    }

    /// Checks the query parameters of a request.
    ///
    /// # Errors
    /// All that are unknown or of the wrong type, in one refusal.
    pub(crate) fn check_query(&self, request: &Request) -> Result<(), Problem> {
        let violations: Vec<Violation> = request
            .query
            .iter()
            .filter_map(|(name, value)| self.query_violation(name, value))
            .collect();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(Problem::bad_request(&violations))
        }
    }

    fn query_violation(&self, name: &str, value: &str) -> Option<Violation> {
        let known = self.query.iter().find(|parameter| parameter.name() == name);
        let wrong = |kind| {
            let field = snake(name);
            Violation::new(
                &field,
                format!("Invalid value at '{field}' ({kind}), \"{value}\""),
            )
        };
        match known {
            Some(Bool(_)) => (!matches!(value, "true" | "false")).then(|| wrong("TYPE_BOOL")),
            Some(Int(_)) => value.parse::<i32>().is_err().then(|| wrong("TYPE_INT32")),
            Some(Text(_)) => None,
            None if COMMON.contains(&name) => None,
            None => Some(Violation::new(
                "",
                format!(
                    "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. Field \
                     '{name}' could not be found in request message."
                ),
            )),
        }
    }
}

impl Parameter {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Text(name) | Bool(name) | Int(name) => name,
        }
    }
}

const PAGES: &[Parameter] = &[Int("pageSize"), Text("pageToken"), Bool("showDeleted")];
const OPERATIONS: &[Parameter] = &[
    Text("filter"),
    Int("pageSize"),
    Text("pageToken"),
    Bool("returnPartialSuccess"),
];
/// Parameters of every method; `$alt` is not in the discovery document, but Google's generated clients send it.
pub(crate) const COMMON: &[&str] = &[
    "$.xgafv",
    "$alt",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
];
