//! Tasks. They are not stored but derived from their execution.

use serde_json::{Value, json};

use super::execution::Execution;
use super::execution_status::{CANCELLED, ExecutionStatus, condition, with_reason};
use super::timeline::{TaskState, TaskStatus};
use crate::clock::format_timestamp;

impl Execution {
    /// All tasks, by index.
    pub(crate) fn tasks(&self) -> Vec<Value> {
        let status = ExecutionStatus::of(self);
        let tasks = status.tasks.iter().enumerate();
        tasks.map(|(index, task)| self.task(index, task)).collect()
    }

    /// The task with an id such as `render-x7k2p-task0`.
    pub(crate) fn find_task(&self, id: &str) -> Option<Value> {
        let index: usize = id.strip_prefix(&self.id)?.strip_prefix("-task")?.parse().ok()?;
        let status = ExecutionStatus::of(self);
        let task = status.tasks.get(index).filter(|_| self.task_id(index) == id)?;
        Some(self.task(index, task))
    }

    fn task_id(&self, index: usize) -> String {
        format!("{}-task{index}", self.id)
    }

    fn task(&self, index: usize, status: &TaskStatus) -> Value {
        // A task has the members of its template.
        let template = self.template.get("template").and_then(Value::as_object);
        let mut task = template.cloned().unwrap_or_default();
        // The template has field presence, the task does not.
        task.retain(|name, value| name != "maxRetries" || *value != 0);
        let mut put = |name: &str, value: Value| task.insert(name.to_owned(), value);
        put(
            "name",
            json!(format!("{}/tasks/{}", self.name(), self.task_id(index))),
        );
        put("uid", json!(format!("{}-{index}", self.uid)));
        put("job", json!(self.job.job));
        put("execution", json!(self.id));
        put("generation", json!("1"));
        put("etag", json!(self.etag()));
        put("logUri", json!(self.log_uri()));
        if index != 0 {
            put("index", json!(index));
        }
        for member in ["labels", "annotations"] {
            if let Some(value) = self.template.get(member) {
                put(member, value.clone());
            }
        }
        let last_attempt = status.last_attempt.map(|(end, _)| end);
        let updated = status.ended.or(last_attempt).or(status.started);
        for (member, timestamp) in [
            ("createTime", Some(self.created)),
            ("scheduledTime", Some(self.created)),
            ("startTime", status.started),
            ("completionTime", status.ended),
            ("updateTime", Some(updated.unwrap_or(self.created))),
        ] {
            if let Some(timestamp) = timestamp {
                put(member, json!(format_timestamp(timestamp)));
            }
        }
        put("conditions", json!([self.task_condition(status)]));
        if status.ended.is_some() {
            put("observedGeneration", json!("1"));
        } else {
            put("reconciling", json!(true));
        }
        if status.retried != 0 {
            put("retried", json!(status.retried));
        }
        if let Some((_, outcome)) = status.last_attempt {
            put("lastAttemptResult", outcome.result());
        }
        Value::Object(task)
    }

    fn task_condition(&self, status: &TaskStatus) -> Value {
        let since = status.ended.or(status.started).unwrap_or(self.created);
        let state = |state| condition("Completed", state, since);
        match status.state {
            TaskState::Pending => state("CONDITION_PENDING"),
            TaskState::Running => state("CONDITION_RECONCILING"),
            TaskState::Succeeded => state("CONDITION_SUCCEEDED"),
            TaskState::Failed => {
                let message = status.last_attempt.map(|(_, outcome)| outcome.message());
                with_reason(
                    state("CONDITION_FAILED"),
                    "NON_ZERO_EXIT_CODE",
                    &message.unwrap_or_default(),
                )
            }
            TaskState::Cancelled => with_reason(state("CONDITION_FAILED"), "CANCELLED", CANCELLED),
        }
    }
}
