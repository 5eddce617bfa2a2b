//! Jobs: definition, generations, the condition `Ready`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::{Timestamp, format_timestamp};
use crate::etag::etag;
use crate::resource_name::JobName;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) name: JobName,
    /// The members that a client can set, with defaults.
    #[serde(rename = "declared")]
    pub(crate) definition: Map<String, Value>,
    pub(crate) uid: String,
    pub(crate) generation: i64,
    #[serde(rename = "observed")]
    observed_generation: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: Timestamp,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) updated: Timestamp,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<Timestamp>,
    pub(crate) etag: String,
    ready: ReadyCondition,
    #[serde(rename = "executions")]
    pub(super) execution_count: i64,
    /// An ExecutionReference; empty before the first execution.
    #[serde(rename = "latest")]
    pub(super) latest_execution: Value,
}

/// The job's `terminalCondition`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ReadyCondition {
    state: ConditionState,
    /// When the first reconciliation ended; recorded: later ones do not change it.
    #[serde(rename = "since", with = "time::serde::rfc3339::option")]
    last_transition: Option<Timestamp>,
    reason: Option<String>,
    message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ConditionState {
    Pending,
    Succeeded,
    Failed,
}

impl Job {
    pub(crate) fn new(name: JobName, definition: Map<String, Value>, now: Timestamp) -> Self {
        let etag = etag(now, &name.to_string());
        Self {
            name,
            definition,
            uid: uuid::Uuid::new_v4().to_string(),
            generation: 1,
            observed_generation: 0,
            created: now,
            updated: now,
            deleted: None,
            etag,
            ready: ReadyCondition {
                state: ConditionState::Pending,
                last_transition: None,
                reason: None,
                message: None,
            },
            execution_count: 0,
            latest_execution: json!({}),
        }
    }

    /// Replaces the definition.
    pub(crate) fn replace(&mut self, definition: Map<String, Value>, now: Timestamp) {
        self.definition = definition;
        self.next_generation(now);
    }

    /// Starts the deletion.
    pub(crate) fn delete(&mut self, now: Timestamp) {
        self.deleted = Some(now);
        self.next_generation(now);
    }

    fn next_generation(&mut self, now: Timestamp) {
        self.generation += 1;
        self.touch(now);
        self.ready = ReadyCondition {
            state: ConditionState::Pending,
            last_transition: self.ready.last_transition,
            reason: None,
            message: None,
        };
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated = now;
        self.etag = etag(now, &self.name.to_string());
    }

    /// Ends the reconciliation of a generation with success.
    pub(crate) fn succeed(&mut self, generation: i64, at: Timestamp) {
        self.observed_generation = self.observed_generation.max(generation);
        if self.observed_generation == self.generation {
            self.ready.state = ConditionState::Succeeded;
            self.ready.last_transition.get_or_insert(at);
            if self.deleted.is_some() {
                self.touch(at);
            }
        }
    }

    /// Ends the reconciliation with a failure, which does not change `observedGeneration`.
    pub(crate) fn fail(&mut self, reason: &str, message: &str, at: Timestamp) {
        self.ready.state = ConditionState::Failed;
        self.ready.last_transition.get_or_insert(at);
        self.ready.reason = Some(reason.to_owned());
        self.ready.message = Some(message.to_owned());
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready.state == ConditionState::Succeeded
    }

    /// The job with its `@type`; members with default values are omitted.
    pub(crate) fn to_json(&self) -> Value {
        let mut job = self.definition.clone();
        let mut put = |name: &str, value: Value| job.insert(name.to_owned(), value);
        put("@type", json!("type.googleapis.com/google.cloud.run.v2.Job"));
        put("name", json!(self.name.to_string()));
        put("uid", json!(self.uid));
        put("generation", json!(self.generation.to_string()));
        if self.observed_generation != 0 {
            put("observedGeneration", json!(self.observed_generation.to_string()));
        }
        put("createTime", json!(format_timestamp(self.created)));
        put("updateTime", json!(format_timestamp(self.updated)));
        if let Some(deleted) = self.deleted {
            put("deleteTime", json!(format_timestamp(deleted)));
            put("expireTime", json!(format_timestamp(deleted + RETENTION)));
        }
        put("creator", json!(CALLER));
        put("lastModifier", json!(CALLER));
        put("etag", json!(self.etag));
        put("latestCreatedExecution", self.latest_execution.clone());
        if self.execution_count != 0 {
            put("executionCount", json!(self.execution_count));
        }
        if self.ready.state == ConditionState::Pending {
            put("reconciling", json!(true));
        }
        put("terminalCondition", self.ready.to_json());
        Value::Object(job)
    }
}

impl ReadyCondition {
    fn to_json(&self) -> Value {
        let state = match self.state {
            ConditionState::Pending => "CONDITION_PENDING",
            ConditionState::Succeeded => "CONDITION_SUCCEEDED",
            ConditionState::Failed => "CONDITION_FAILED",
        };
        let mut condition = json!({ "state": state });
        // Recorded: during the first reconciliation the condition has neither type nor time.
        if let Some(last_transition) = self.last_transition {
            condition["type"] = json!("Ready");
            condition["lastTransitionTime"] = json!(format_timestamp(last_transition));
        }
        if let Some(reason) = &self.reason {
            condition["reason"] = json!(reason);
        }
        if let Some(message) = &self.message {
            condition["message"] = json!(message);
        }
        condition
    }
}

/// The creator and last modifier of resources, unless the caller of a run is configured.
pub(crate) const CALLER: &str = "user@example.com";
/// How long a deleted resource is kept, recorded for jobs.
pub(super) const RETENTION: time::Duration = time::Duration::days(30);
