//! Executions: from pending through running to their end.
//!
//! Their shape on the wire is documented and not recorded. The README says what is guessed.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::job::{CALLER, KEPT};
use crate::clock::{Moment, etag, timestamp};
use crate::resource_name::JobName;

/// One run of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Execution {
    pub(crate) job: JobName,
    /// The last part of the name.
    pub(crate) id: String,
    pub(crate) uid: String,
    /// The job's ExecutionTemplate, with the overrides of this run.
    pub(super) template: Map<String, Value>,
    launch_stage: Value,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: Moment,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) started: Option<Moment>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) ended: Option<Moment>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<Moment>,
    #[serde(with = "time::serde::rfc3339")]
    updated: Moment,
    pub(crate) end: End,
    /// The operations that are done once this has started, and once it has ended.
    pub(super) told_of_start: Vec<String>,
    pub(super) told_of_end: Vec<String>,
}

/// How an execution ends, or is going to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    Success,
    /// The first task exits with 1 in every attempt.
    Failure,
    Cancellation,
}

impl Execution {
    /// An execution of a job as it is now.
    pub(crate) fn new(
        job: &super::Job,
        id: String,
        template: Map<String, Value>,
        end: End,
        now: Moment,
    ) -> Self {
        Self {
            job: job.name.clone(),
            id,
            uid: uuid::Uuid::new_v4().to_string(),
            template,
            launch_stage: job.declared.get("launchStage").cloned().unwrap_or_default(),
            created: now,
            started: None,
            ended: None,
            deleted: None,
            updated: now,
            end,
            told_of_start: Vec::new(),
            told_of_end: Vec::new(),
        }
    }

    /// An id for an execution that nobody has named.
    pub(crate) fn new_id(job: &JobName) -> String {
        let suffix = uuid::Uuid::new_v4().simple().to_string();
        format!("{}-{}", job.job, &suffix[..5])
    }

    /// `projects/P/locations/L/jobs/J/executions/E`
    pub(crate) fn name(&self) -> String {
        full_name(&self.job, &self.id)
    }

    pub(crate) fn etag(&self) -> String {
        etag(self.updated, &self.name())
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    pub(super) fn start(&mut self, at: Moment) {
        self.started = Some(at);
        self.updated = at;
    }

    pub(super) fn finish(&mut self, at: Moment) {
        self.ended = Some(at);
        self.updated = at;
    }

    pub(crate) fn cancel(&mut self, now: Moment) {
        self.end = End::Cancellation;
        self.updated = now;
    }

    pub(crate) fn delete(&mut self, now: Moment) {
        self.deleted = Some(now);
        self.updated = now;
    }

    pub(super) fn task_count(&self) -> i64 {
        self.number("taskCount").max(1)
    }

    /// How many tasks run at the same time.
    pub(super) fn width(&self) -> i64 {
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

    /// The document on the wire, with its `@type`; a member that holds its default is left out.
    pub(crate) fn to_json(&self) -> Value {
        // Labels, counts, the client and the task's template are those of the execution's template.
        let mut document = self.template.clone();
        document.remove("delayExecution");
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
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
        for (member, moment) in [
            ("createTime", Some(self.created)),
            ("updateTime", Some(self.updated)),
            ("startTime", self.started),
            ("completionTime", self.ended),
            ("deleteTime", self.deleted),
            ("expireTime", self.deleted.map(|deleted| deleted + KEPT)),
        ] {
            if let Some(moment) = moment {
                put(member, json!(timestamp(moment)));
            }
        }
        if self.has_ended() {
            put("observedGeneration", json!("1"));
        } else {
            put("reconciling", json!(true));
        }
        for (member, count) in self.counts() {
            if count != 0 {
                put(member, json!(count));
            }
        }
        Value::Object(document)
    }

    /// How many tasks are where.
    fn counts(&self) -> [(&'static str, i64); 5] {
        let tasks = self.task_count();
        let [running, succeeded, failed, cancelled] = match (self.started, self.ended, self.end) {
            (None, None, _) => [0; 4],
            (Some(_), None, _) => [self.width(), 0, 0, 0],
            (_, Some(_), End::Success) => [0, tasks, 0, 0],
            (_, Some(_), End::Failure) => [0, tasks - 1, 1, 0],
            (_, Some(_), End::Cancellation) => [0, 0, 0, tasks],
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
        let mut conditions = vec![self.completed()];
        if let Some(started) = self.started {
            let kinds = ["ResourcesAvailable", "Started", "ContainerReady"];
            conditions.extend(kinds.map(|kind| condition(kind, "CONDITION_SUCCEEDED", started)));
        }
        conditions
    }

    fn completed(&self) -> Value {
        let state = |state, since| condition("Completed", state, since);
        match (self.started, self.ended, self.end) {
            (_, Some(at), End::Success) => state("CONDITION_SUCCEEDED", at),
            (_, Some(at), End::Failure) => because(
                state("CONDITION_FAILED", at),
                "NON_ZERO_EXIT_CODE",
                &format!("Task {}-task0 failed with message: {EXITED}", self.id),
            ),
            (_, Some(at), End::Cancellation) => because(
                state("CONDITION_FAILED", at),
                "CANCELLED",
                "Execution was cancelled.",
            ),
            (_, None, End::Cancellation) => because(
                state("CONDITION_RECONCILING", self.updated),
                "CANCELLING",
                "Execution is being cancelled.",
            ),
            (Some(at), None, _) => state("CONDITION_RECONCILING", at),
            (None, None, _) => state("CONDITION_PENDING", self.created),
        }
    }

    /// Where the console shows the logs.
    pub(super) fn log_uri(&self) -> String {
        let JobName { parent, job } = &self.job;
        format!(
            "https://console.cloud.google.com/logs/viewer?project={}&advancedFilter=resource.type%3D%22cloud_run_job\
             %22%0Aresource.labels.job_name%3D%22{job}%22%0Aresource.labels.location%3D%22{}%22%0A\
             labels.%22run.googleapis.com%2Fexecution_name%22%3D%22{}%22",
            parent.project, parent.location, self.id
        )
    }

    /// The ExecutionReference that the job shows of its latest execution.
    pub(super) fn reference(&self) -> Value {
        let status = match (self.started, self.ended, self.end) {
            (_, Some(_), End::Success) => "EXECUTION_SUCCEEDED",
            (_, Some(_), End::Failure) => "EXECUTION_FAILED",
            (_, Some(_), End::Cancellation) => "EXECUTION_CANCELLED",
            (Some(_), None, _) => "EXECUTION_RUNNING",
            (None, None, _) => "EXECUTION_PENDING",
        };
        let mut reference = json!({
            "name": self.id, "createTime": timestamp(self.created), "completionStatus": status,
        });
        if let Some(ended) = self.ended {
            reference["completionTime"] = json!(timestamp(ended));
        }
        if let Some(deleted) = self.deleted {
            reference["deleteTime"] = json!(timestamp(deleted));
        }
        reference
    }
}

pub(crate) fn full_name(job: &JobName, id: &str) -> String {
    format!("{job}/executions/{id}")
}

pub(super) fn condition(kind: &str, state: &str, since: Moment) -> Value {
    json!({ "type": kind, "state": state, "lastTransitionTime": timestamp(since) })
}

pub(super) fn because(mut condition: Value, reason: &str, message: &str) -> Value {
    condition["executionReason"] = json!(reason);
    condition["message"] = json!(message);
    condition
}

/// What is said of a program that ends with 1.
pub(super) const EXITED: &str = "The container exited with an error.";

/// The part of an execution's time that it waits for a machine.
pub(super) fn pending_part(of: Duration) -> Duration {
    of / 5
}
