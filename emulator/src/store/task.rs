//! Tasks. They are not stored but derived from their execution: all that run start and end together.

use serde_json::{Value, json};

use super::execution::{EXITED, Execution, ExecutionOutcome, condition, with_reason};
use crate::clock::format_timestamp;

impl Execution {
    /// All tasks, by index.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Value> {
        (0..self.task_count()).map(|index| self.task(index))
    }

    /// The task with an id such as `render-x7k2p-task0`.
    pub(crate) fn find_task(&self, id: &str) -> Option<Value> {
        let index: i64 = id.strip_prefix(&self.id)?.strip_prefix("-task")?.parse().ok()?;
        let exists = (0..self.task_count()).contains(&index) && self.task_id(index) == id;
        exists.then(|| self.task(index))
    }

    fn task_id(&self, index: i64) -> String {
        format!("{}-task{index}", self.id)
    }

    fn task(&self, index: i64) -> Value {
        // A task has the members of its template.
        let template = self.template.get("template").and_then(Value::as_object);
        let mut task = template.cloned().unwrap_or_default();
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
        let started = self
            .started
            .filter(|_| index < self.parallelism() || self.has_ended());
        let updated = self.ended.or(started).unwrap_or(self.created);
        for (member, timestamp) in [
            ("createTime", Some(self.created)),
            ("scheduledTime", Some(self.created)),
            ("startTime", started),
            ("completionTime", self.ended),
            ("updateTime", Some(updated)),
        ] {
            if let Some(timestamp) = timestamp {
                put(member, json!(format_timestamp(timestamp)));
            }
        }
        put("conditions", json!([self.task_condition(index)]));
        if !self.has_ended() {
            put("reconciling", json!(true));
            return Value::Object(task);
        }
        put("observedGeneration", json!("1"));
        if self.fails(index) {
            if self.max_retries() != 0 {
                put("retried", json!(self.max_retries()));
            }
            let status = json!({ "code": 13, "message": EXITED });
            put("lastAttemptResult", json!({ "exitCode": 1, "status": status }));
        } else if self.outcome != ExecutionOutcome::Cancelled {
            put("lastAttemptResult", json!({ "status": {} }));
        }
        Value::Object(task)
    }

    fn fails(&self, index: i64) -> bool {
        index == 0 && self.outcome == ExecutionOutcome::Failed
    }

    fn task_condition(&self, index: i64) -> Value {
        let state = |state, since| condition("Completed", state, since);
        match (self.started, self.ended) {
            (_, Some(at)) if self.outcome == ExecutionOutcome::Cancelled => {
                with_reason(state("CONDITION_FAILED", at), "CANCELLED", "Task was cancelled.")
            }
            (_, Some(at)) if self.fails(index) => {
                with_reason(state("CONDITION_FAILED", at), "NON_ZERO_EXIT_CODE", EXITED)
            }
            (_, Some(at)) => state("CONDITION_SUCCEEDED", at),
            (Some(at), None) if index < self.parallelism() => state("CONDITION_RECONCILING", at),
            (_, None) => state("CONDITION_PENDING", self.created),
        }
    }
}
