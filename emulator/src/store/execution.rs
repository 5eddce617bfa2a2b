//! Executions: pending, then running, then ended.
//!
//! Their JSON is documented, not recorded. The README lists what is guessed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::job::{CALLER, RETENTION};
use crate::clock::{Timestamp, format_timestamp};
use crate::etag::etag;
use crate::resource_name::JobName;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Execution {
    pub(crate) job: JobName,
    /// The last segment of the name.
    pub(crate) id: String,
    pub(crate) uid: String,
    /// The job's ExecutionTemplate, with the overrides of this run.
    pub(super) template: Map<String, Value>,
    launch_stage: Value,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: Timestamp,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) started: Option<Timestamp>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) ended: Option<Timestamp>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<Timestamp>,
    #[serde(with = "time::serde::rfc3339")]
    updated: Timestamp,
    #[serde(rename = "end")]
    pub(crate) outcome: ExecutionOutcome,
    /// The operations that are done when the execution starts.
    #[serde(rename = "told_of_start")]
    pub(super) done_at_start: Vec<String>,
    /// The operations that are done when the execution ends.
    #[serde(rename = "told_of_end")]
    pub(super) done_at_end: Vec<String>,
}

/// How an execution will end or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ExecutionOutcome {
    #[serde(rename = "Success")]
    Succeeded,
    /// The first task exits with 1 in every attempt.
    #[serde(rename = "Failure")]
    Failed,
    #[serde(rename = "Cancellation")]
    Cancelled,
}

impl Execution {
    /// A pending execution of a job.
    pub(crate) fn new(
        job: &super::Job,
        id: String,
        template: Map<String, Value>,
        outcome: ExecutionOutcome,
        now: Timestamp,
    ) -> Self {
        Self {
            job: job.name.clone(),
            id,
            uid: uuid::Uuid::new_v4().to_string(),
            template,
            launch_stage: job.definition.get("launchStage").cloned().unwrap_or_default(),
            created: now,
            started: None,
            ended: None,
            deleted: None,
            updated: now,
            outcome,
            done_at_start: Vec::new(),
            done_at_end: Vec::new(),
        }
    }

    /// A generated id, for an execution without a token.
    pub(crate) fn new_id(job: &JobName) -> String {
        let suffix = uuid::Uuid::new_v4().simple().to_string();
        format!("{}-{}", job.job, &suffix[..5])
    }

    /// `projects/P/locations/L/jobs/J/executions/E`
    pub(crate) fn name(&self) -> String {
        execution_name(&self.job, &self.id)
    }

    pub(crate) fn etag(&self) -> String {
        etag(self.updated, &self.name())
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    pub(super) fn start(&mut self, at: Timestamp) {
        self.started = Some(at);
        self.updated = at;
    }

    pub(super) fn finish(&mut self, at: Timestamp) {
        self.ended = Some(at);
        self.updated = at;
    }

    pub(crate) fn cancel(&mut self, now: Timestamp) {
        self.outcome = ExecutionOutcome::Cancelled;
        self.updated = now;
    }

    pub(crate) fn delete(&mut self, now: Timestamp) {
        self.deleted = Some(now);
        self.updated = now;
    }

    pub(super) fn task_count(&self) -> i64 {
        self.number("taskCount").max(1)
    }

    /// The number of tasks that run at the same time.
    pub(super) fn parallelism(&self) -> i64 {
        match self.number("parallelism") {
            0 => self.task_count(),
            parallelism => parallelism.min(self.task_count()),
        }
    }

    pub(super) fn max_retries(&self) -> i64 {
        self.template
            .get("template")
            .map_or(0, |task| task["maxRetries"].as_i64().unwrap_or_default())
    }

    fn number(&self, member: &str) -> i64 {
        self.template
            .get(member)
            .and_then(Value::as_i64)
            .unwrap_or_default()
    }

    /// The execution with its `@type`; members with default values are omitted.
    pub(crate) fn to_json(&self) -> Value {
        // Labels, counts, the client and the task template are those of the execution template.
        let mut execution = self.template.clone();
        execution.remove("delayExecution");
        let mut put = |name: &str, value: Value| execution.insert(name.to_owned(), value);
        put(
            "@type",
            json!("type.googleapis.com/google.cloud.run.v2.Execution"),
        );
        put("name", json!(self.name()));
        put("uid", json!(self.uid));
        put("job", json!(self.job.job));
        put("creator", json!(CALLER));
        put("generation", json!("1"));
        put("etag", json!(self.etag()));
        put("launchStage", self.launch_stage.clone());
        put("logUri", json!(self.log_uri()));
        put("conditions", json!(self.conditions()));
        for (member, timestamp) in [
            ("createTime", Some(self.created)),
            ("updateTime", Some(self.updated)),
            ("startTime", self.started),
            ("completionTime", self.ended),
            ("deleteTime", self.deleted),
            ("expireTime", self.deleted.map(|deleted| deleted + RETENTION)),
        ] {
            if let Some(timestamp) = timestamp {
                put(member, json!(format_timestamp(timestamp)));
            }
        }
        if self.has_ended() {
            put("observedGeneration", json!("1"));
        } else {
            put("reconciling", json!(true));
        }
        for (member, count) in self.task_counts() {
            if count != 0 {
                put(member, json!(count));
            }
        }
        Value::Object(execution)
    }

    /// The number of tasks in each state.
    fn task_counts(&self) -> [(&'static str, i64); 5] {
        let tasks = self.task_count();
        let [running, succeeded, failed, cancelled] = match (self.started, self.ended, self.outcome) {
            (None, None, _) => [0; 4],
            (Some(_), None, _) => [self.parallelism(), 0, 0, 0],
            (_, Some(_), ExecutionOutcome::Succeeded) => [0, tasks, 0, 0],
            (_, Some(_), ExecutionOutcome::Failed) => [0, tasks - 1, 1, 0],
            (_, Some(_), ExecutionOutcome::Cancelled) => [0, 0, 0, tasks],
        };
        [
            ("runningCount", running),
            ("succeededCount", succeeded),
            ("failedCount", failed),
            ("cancelledCount", cancelled),
            ("retriedCount", failed * self.max_retries()),
        ]
    }

    fn conditions(&self) -> Vec<Value> {
        let mut conditions = vec![self.completed_condition()];
        if let Some(started) = self.started {
            let kinds = ["ResourcesAvailable", "Started", "ContainerReady"];
            conditions.extend(kinds.map(|kind| condition(kind, "CONDITION_SUCCEEDED", started)));
        }
        conditions
    }

    fn completed_condition(&self) -> Value {
        let state = |state, since| condition("Completed", state, since);
        match (self.started, self.ended, self.outcome) {
            (_, Some(at), ExecutionOutcome::Succeeded) => state("CONDITION_SUCCEEDED", at),
            (_, Some(at), ExecutionOutcome::Failed) => with_reason(
                state("CONDITION_FAILED", at),
                "NON_ZERO_EXIT_CODE",
                &format!("Task {}-task0 failed with message: {EXITED}", self.id),
            ),
            (_, Some(at), ExecutionOutcome::Cancelled) => with_reason(
                state("CONDITION_FAILED", at),
                "CANCELLED",
                "Execution was cancelled.",
            ),
            (_, None, ExecutionOutcome::Cancelled) => with_reason(
                state("CONDITION_RECONCILING", self.updated),
                "CANCELLING",
                "Execution is being cancelled.",
            ),
            (Some(at), None, _) => state("CONDITION_RECONCILING", at),
            (None, None, _) => state("CONDITION_PENDING", self.created),
        }
    }

    pub(super) fn log_uri(&self) -> String {
        let JobName { parent, job } = &self.job;
        format!(
            "https://console.cloud.google.com/logs/viewer?project={}&advancedFilter=resource.type%3D%22cloud_run_job\
             %22%0Aresource.labels.job_name%3D%22{job}%22%0Aresource.labels.location%3D%22{}%22%0A\
             labels.%22run.googleapis.com%2Fexecution_name%22%3D%22{}%22",
            parent.project, parent.location, self.id
        )
    }

    /// The ExecutionReference of the job's `latestCreatedExecution`.
    pub(super) fn reference(&self) -> Value {
        let status = match (self.started, self.ended, self.outcome) {
            (_, Some(_), ExecutionOutcome::Succeeded) => "EXECUTION_SUCCEEDED",
            (_, Some(_), ExecutionOutcome::Failed) => "EXECUTION_FAILED",
            (_, Some(_), ExecutionOutcome::Cancelled) => "EXECUTION_CANCELLED",
            (Some(_), None, _) => "EXECUTION_RUNNING",
            (None, None, _) => "EXECUTION_PENDING",
        };
        let mut reference = json!({
            "name": self.id, "createTime": format_timestamp(self.created), "completionStatus": status,
        });
        if let Some(ended) = self.ended {
            reference["completionTime"] = json!(format_timestamp(ended));
        }
        if let Some(deleted) = self.deleted {
            reference["deleteTime"] = json!(format_timestamp(deleted));
        }
        reference
    }
}

pub(crate) fn execution_name(job: &JobName, id: &str) -> String {
    format!("{job}/executions/{id}")
}

pub(super) fn condition(kind: &str, state: &str, since: Timestamp) -> Value {
    json!({ "type": kind, "state": state, "lastTransitionTime": format_timestamp(since) })
}

pub(super) fn with_reason(mut condition: Value, reason: &str, message: &str) -> Value {
    condition["executionReason"] = json!(reason);
    condition["message"] = json!(message);
    condition
}

/// The message for a container that exits with 1.
pub(super) const EXITED: &str = "The container exited with an error.";

/// How long an execution is pending, as a part of its whole time.
pub(super) fn pending_time(execution_time: Duration) -> Duration {
    execution_time / 5
}
