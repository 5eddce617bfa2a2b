//! What an execution has reached: tasks by state, conditions, completion status.

use serde_json::{Value, json};

use super::execution::Execution;
use super::job::RETENTION;
use super::script::AttemptOutcome;
use super::timeline::{TaskState, TaskStatus};
use crate::clock::{Timestamp, format_timestamp};

/// An execution at the time of its last event.
pub(super) struct ExecutionStatus {
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    /// When the execution is or was stopped before all tasks have ended.
    pub(super) stop: Option<(Timestamp, StopReason)>,
    pub(super) tasks: Vec<TaskStatus>,
}

/// Why an execution ends before all its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    Cancelled,
    /// A delayed execution runs for too long.
    DurationLimit,
}

impl Execution {
    /// Applies what happens until `at`.
    pub(super) fn advance(&mut self, at: Timestamp) {
        self.now = at;
        self.updated = at;
        let status = ExecutionStatus::of(self);
        self.started = status.started;
        self.ended = status.ended;
    }

    /// When something happens next.
    pub(super) fn next_change(&self) -> Option<Timestamp> {
        let stop = ExecutionStatus::of(self).stop.map(|(at, _)| at);
        let changes = [self.timeline().next_change(self.now), stop];
        changes.into_iter().flatten().filter(|at| *at > self.now).min()
    }

    /// The execution with its `@type`; members with default values are omitted.
    pub(crate) fn to_json(&self) -> Value {
        let status = ExecutionStatus::of(self);
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
        put("creator", json!(self.creator));
        put("generation", json!("1"));
        put("etag", json!(self.etag()));
        put("launchStage", self.launch_stage.clone());
        put("logUri", json!(self.log_uri()));
        put("conditions", json!(status.conditions(self)));
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
        for (member, count) in status.task_counts() {
            if count != 0 {
                put(member, json!(count));
            }
        }
        Value::Object(execution)
    }

    /// The ExecutionReference of the job's `latestCreatedExecution`.
    pub(super) fn reference(&self) -> Value {
        let mut reference = json!({
            "name": self.id,
            "createTime": format_timestamp(self.created),
            "completionStatus": ExecutionStatus::of(self).completion_status(),
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

impl ExecutionStatus {
    pub(super) fn of(execution: &Execution) -> Self {
        let timeline = execution.timeline();
        let start = execution.scheduled_start();
        let cancelled = execution.cancelled.map(|at| (at, StopReason::Cancelled));
        let limit = execution
            .is_delayed()
            .then(|| (start.saturating_add(DELAYED_LIMIT), StopReason::DurationLimit));
        let end = timeline.end().unwrap_or(start);
        let stops = [cancelled, limit].into_iter().flatten();
        let stop = stops.filter(|(at, _)| *at < end).min_by_key(|(at, _)| *at);
        let now = execution.now;
        let stopped = stop.map(|(at, _)| at).filter(|at| *at <= now);
        let started = start <= stopped.unwrap_or(now);
        Self {
            started: started.then_some(start),
            ended: stopped.or((end <= now).then_some(end)),
            stop,
            tasks: timeline
                .tasks
                .iter()
                .map(|task| task.status(now, stopped))
                .collect(),
        }
    }

    /// The number of tasks in each state, and of those that were retried at least once.
    pub(super) fn task_counts(&self) -> [(&'static str, usize); 5] {
        let count = |state| self.tasks.iter().filter(|task| task.state == state).count();
        [
            ("runningCount", count(TaskState::Running)),
            ("succeededCount", count(TaskState::Succeeded)),
            ("failedCount", count(TaskState::Failed)),
            ("cancelledCount", count(TaskState::Cancelled)),
            (
                "retriedCount",
                self.tasks.iter().filter(|task| task.retried > 0).count(),
            ),
        ]
    }

    /// The CompletionStatus of the execution's reference.
    pub(super) fn completion_status(&self) -> &'static str {
        match (self.started, self.ended, self.stop) {
            (_, Some(_), Some((_, StopReason::Cancelled))) => "EXECUTION_CANCELLED",
            (_, Some(_), Some((_, StopReason::DurationLimit))) => "EXECUTION_FAILED",
            (_, Some(_), None) if self.first_failure().is_some() => "EXECUTION_FAILED",
            (_, Some(_), None) => "EXECUTION_SUCCEEDED",
            (Some(_), None, _) => "EXECUTION_RUNNING",
            (None, None, _) => "EXECUTION_PENDING",
        }
    }

    pub(super) fn conditions(&self, execution: &Execution) -> Vec<Value> {
        let mut conditions = vec![self.completed_condition(execution)];
        if let Some(started) = self.started {
            let kinds = ["ResourcesAvailable", "Started", "ContainerReady"];
            conditions.extend(kinds.map(|kind| condition(kind, "CONDITION_SUCCEEDED", started)));
        } else if self.ended.is_none() && execution.waits_for_capacity() {
            let mut waiting = condition("ResourcesAvailable", "CONDITION_PENDING", execution.created);
            waiting["message"] = json!("Waiting for resources to become available.");
            conditions.push(waiting);
        }
        conditions
    }

    fn completed_condition(&self, execution: &Execution) -> Value {
        let state = |state, since| condition("Completed", state, since);
        match (self.started, self.ended, self.stop) {
            (_, Some(at), Some((_, StopReason::Cancelled))) => {
                with_reason(state("CONDITION_FAILED", at), "CANCELLED", CANCELLED)
            }
            (_, Some(at), Some((_, StopReason::DurationLimit))) => with_reason(
                state("CONDITION_FAILED", at),
                "DELAYED_EXECUTION_EXCEEDING_DURATION_LIMIT",
                "The delayed execution exceeded the duration limit of 12 hours.",
            ),
            (_, Some(at), None) => match self.first_failure() {
                Some((index, outcome)) => with_reason(
                    state("CONDITION_FAILED", at),
                    "NON_ZERO_EXIT_CODE",
                    &format!(
                        "Task {}-task{index} failed with exit code: {} and message: {}",
                        execution.id,
                        outcome.exit_code(),
                        outcome.message()
                    ),
                ),
                None => state("CONDITION_SUCCEEDED", at),
            },
            _ if execution.cancelled.is_some() => with_reason(
                state("CONDITION_RECONCILING", execution.updated),
                "CANCELLING",
                "Execution is being cancelled.",
            ),
            (Some(at), None, _) => state("CONDITION_RECONCILING", at),
            (None, None, _) if execution.is_delayed() => with_reason(
                state("CONDITION_PENDING", execution.created),
                "DELAYED_START_PENDING",
                "Waiting for the start of the delayed execution.",
            ),
            (None, None, _) => state("CONDITION_PENDING", execution.created),
        }
    }

    /// The task that failed first, and how its last attempt ended.
    fn first_failure(&self) -> Option<(usize, AttemptOutcome)> {
        let tasks = self.tasks.iter().enumerate();
        let failed = tasks.filter(|(_, task)| task.state == TaskState::Failed);
        let attempts = failed.filter_map(|(index, task)| Some((index, task.last_attempt?)));
        let (index, (_, outcome)) = attempts.min_by_key(|(_, (end, _))| *end)?;
        Some((index, outcome))
    }
}

impl AttemptOutcome {
    /// The exit code; 0 if there is none, as in the messages of exceeded limits that users quote.
    fn exit_code(self) -> u8 {
        match self {
            Self::Exit(code) => code,
            Self::Success | Self::Signal(_) | Self::Timeout | Self::Memory => 0,
        }
    }

    /// Quoted by users, except for a signal: quoted as a line of a log, guessed as the message of an attempt.
    pub(super) fn message(self) -> String {
        match self {
            Self::Success => String::new(),
            Self::Exit(_) => "The container exited with an error.".to_owned(),
            Self::Signal(signal) => format!("Container terminated on signal {signal}."),
            Self::Timeout => "The configured timeout was reached.".to_owned(),
            Self::Memory => "The configured memory limit was reached.".to_owned(),
        }
    }

    /// The TaskAttemptResult. The status code 10 of an exit code is quoted by users, the others are guessed.
    pub(super) fn result(self) -> Value {
        let code = match self {
            Self::Success => return json!({ "status": {} }),
            Self::Exit(_) | Self::Signal(_) => 10,
            Self::Timeout => 4,
            Self::Memory => 8,
        };
        let mut result = json!({ "status": { "code": code, "message": self.message() } });
        match self {
            Self::Exit(code) => result["exitCode"] = json!(code),
            Self::Signal(signal) => result["termSignal"] = json!(signal),
            Self::Success | Self::Timeout | Self::Memory => {}
        }
        result
    }
}

pub(super) fn condition(kind: &str, state: &str, since: Timestamp) -> Value {
    json!({ "type": kind, "state": state, "lastTransitionTime": format_timestamp(since) })
}

pub(super) fn with_reason(mut condition: Value, reason: &str, message: &str) -> Value {
    condition["executionReason"] = json!(reason);
    condition["message"] = json!(message);
    condition
}

/// Quoted by a user for executions, guessed for tasks.
pub(super) const CANCELLED: &str = "Cancelled by user.";

/// Documented: the tasks of a delayed execution run for at most 12 hours in total.
const DELAYED_LIMIT: time::Duration = time::Duration::hours(12);
