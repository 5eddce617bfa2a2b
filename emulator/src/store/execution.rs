//! Executions: pending, then running, then ended.
//!
//! Their JSON is documented, not recorded. The README lists what is guessed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::script::{ExecutionScript, TimeSpan};
use super::timeline::{Plan, Timeline};
use crate::clock::Timestamp;
use crate::etag::etag;
use crate::resource_name::JobName;
use crate::types::decode::duration_seconds;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Execution {
    pub(crate) job: JobName,
    /// The last segment of the name.
    pub(crate) id: String,
    pub(crate) uid: String,
    pub(super) creator: String,
    /// The job's ExecutionTemplate, with the overrides of this run.
    pub(super) template: Map<String, Value>,
    pub(super) launch_stage: Value,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: Timestamp,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) started: Option<Timestamp>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) ended: Option<Timestamp>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<Timestamp>,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) updated: Timestamp,
    /// The time of the last event; the status is the one of this time.
    #[serde(with = "time::serde::rfc3339")]
    pub(super) now: Timestamp,
    /// When a cancellation takes or took effect.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) cancelled: Option<Timestamp>,
    pub(crate) script: ExecutionScript,
    /// The duration of an execution whose tasks run at the same time and succeed, unless the script defines it.
    execution_time: Duration,
    /// The operations that are done when the execution starts.
    pub(super) done_at_start: Vec<String>,
    /// The operations that are done when the execution ends.
    pub(super) done_at_end: Vec<String>,
}

impl Execution {
    /// A pending execution of a job.
    pub(crate) fn new(
        job: &super::Job,
        id: String,
        template: Map<String, Value>,
        creator: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            job: job.name.clone(),
            id,
            uid: uuid::Uuid::new_v4().to_string(),
            creator: creator.to_owned(),
            template,
            launch_stage: job.definition.get("launchStage").cloned().unwrap_or_default(),
            created: now,
            started: None,
            ended: None,
            deleted: None,
            updated: now,
            now,
            cancelled: None,
            script: ExecutionScript::default(),
            execution_time: Duration::ZERO,
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

    /// Whether the execution may start hours later, for a lower price.
    pub(super) fn is_delayed(&self) -> bool {
        self.template.get("delayExecution") == Some(&json!(true))
    }

    /// Whether the script lets the execution wait for capacity.
    pub(super) fn waits_for_capacity(&self) -> bool {
        self.script.pending.is_some() && !self.is_delayed()
    }

    /// Sets the duration for what the script leaves open.
    pub(super) fn set_execution_time(&mut self, execution_time: Duration) {
        self.execution_time = execution_time;
    }

    /// When the execution starts unless it is cancelled before.
    pub(super) fn scheduled_start(&self) -> Timestamp {
        let default = self.execution_time / 5;
        let pending = self.script.pending.map_or(default, |TimeSpan(time)| time);
        let pending = pending.try_into().unwrap_or(time::Duration::MAX);
        self.created.saturating_add(pending)
    }

    pub(super) fn timeline(&self) -> Timeline {
        let count = |count: i64| usize::try_from(count).unwrap_or_default();
        let task = self.template.get("template").unwrap_or(&Value::Null);
        let timeout = task["timeout"].as_str().and_then(duration_seconds);
        let timeout = timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Timeline::new(&Plan {
            script: &self.script,
            start: self.scheduled_start(),
            tasks: count(self.task_count()),
            parallelism: count(self.parallelism()),
            max_retries: count(task["maxRetries"].as_i64().unwrap_or_default()),
            timeout: timeout.unwrap_or(Duration::MAX),
            default_time: self.execution_time - self.execution_time / 5,
        })
    }

    /// Requests the cancellation, which takes effect at `effective`.
    pub(super) fn cancel(&mut self, now: Timestamp, effective: Timestamp) {
        let earlier = self.cancelled.filter(|earlier| *earlier < effective);
        self.cancelled = Some(earlier.unwrap_or(effective));
        self.updated = now;
    }

    pub(super) fn delete(&mut self, now: Timestamp) {
        self.deleted = Some(now);
        self.updated = now;
    }

    pub(super) fn task_count(&self) -> i64 {
        self.number("taskCount").max(1)
    }

    /// The number of tasks that run at the same time.
    fn parallelism(&self) -> i64 {
        match self.number("parallelism") {
            0 => self.task_count(),
            parallelism => parallelism.min(self.task_count()),
        }
    }

    fn number(&self, member: &str) -> i64 {
        self.template
            .get(member)
            .and_then(Value::as_i64)
            .unwrap_or_default()
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
}

pub(crate) fn execution_name(job: &JobName, id: &str) -> String {
    format!("{job}/executions/{id}")
}
