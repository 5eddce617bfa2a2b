//! Executions and tasks as JSON: `GoogleCloudRunV2Execution`, `GoogleCloudRunV2Task` and their parts.
//!
//! They are only read. Members with their default value are omitted by the API.

use serde::Deserialize;
use std::fmt;

use super::{Condition, TaskTemplate, int64};

/// An execution of a job.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct Execution {
    pub name: String,
    pub uid: Option<String>,
    pub creator: Option<String>,
    #[serde(deserialize_with = "int64")]
    pub generation: Option<i64>,
    pub create_time: Option<String>,
    pub start_time: Option<String>,
    pub completion_time: Option<String>,
    pub update_time: Option<String>,
    pub delete_time: Option<String>,
    pub parallelism: i32,
    pub task_count: i32,
    pub running_count: i32,
    pub succeeded_count: i32,
    pub failed_count: i32,
    pub cancelled_count: i32,
    pub retried_count: i32,
    pub conditions: Vec<Condition>,
    pub log_uri: Option<String>,
    pub template: TaskTemplate,
    pub reconciling: bool,
    #[serde(deserialize_with = "int64")]
    pub observed_generation: Option<i64>,
    pub etag: Option<String>,
}

impl Execution {
    /// The condition of this type. That of the whole execution is `Completed`.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        find(&self.conditions, kind)
    }
}

/// The name and the UID: the template may hold values of environment variables that must not be logged.
impl fmt::Debug for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Execution");
        shown
            .field("name", &self.name)
            .field("uid", &self.uid)
            .finish_non_exhaustive()
    }
}

/// A task of an execution.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct Task {
    pub name: String,
    pub uid: Option<String>,
    pub index: i32,
    pub retried: i32,
    pub last_attempt_result: Option<TaskAttemptResult>,
    pub conditions: Vec<Condition>,
    pub log_uri: Option<String>,
    pub create_time: Option<String>,
    pub scheduled_time: Option<String>,
    pub start_time: Option<String>,
    pub completion_time: Option<String>,
    pub update_time: Option<String>,
}

impl Task {
    /// The condition of this type. That of the whole task is `Completed`.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        find(&self.conditions, kind)
    }
}

/// The result of the last attempt of a task.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct TaskAttemptResult {
    pub status: Option<AttemptStatus>,
    pub exit_code: i32,
    /// The signal that ended the container; 0 if none did.
    pub term_signal: i32,
}

/// Whether an attempt succeeded: a `google.rpc.Status`, whose code 0 is success.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the names are Google's, and so is their documentation"
)]
pub struct AttemptStatus {
    pub code: i32,
    pub message: String,
}

fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions
        .iter()
        .find(|condition| condition.r#type.as_deref() == Some(kind))
}
