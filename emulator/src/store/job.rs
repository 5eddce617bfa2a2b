//! Jobs, and what of them is told at which moment.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::{Moment, etag, timestamp};
use crate::resource_name::JobName;

/// One job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) name: JobName,
    /// What the user may write, with the defaults filled in.
    pub(crate) declared: Map<String, Value>,
    pub(crate) uid: String,
    pub(crate) generation: i64,
    pub(crate) observed: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: Moment,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) updated: Moment,
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) deleted: Option<Moment>,
    pub(crate) etag: String,
    pub(crate) ready: Ready,
    pub(crate) executions: i64,
    /// An ExecutionReference; empty before the first execution.
    pub(crate) latest: Value,
}

/// The condition `Ready` of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) state: State,
    /// The first time it was settled. It does not move on later changes (recorded).
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) since: Option<Moment>,
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Pending,
    Succeeded,
    Failed,
}

impl Job {
    pub(crate) fn new(name: JobName, declared: Map<String, Value>, now: Moment) -> Self {
        let etag = etag(now, &name.to_string());
        Self {
            name,
            declared,
            uid: uuid::Uuid::new_v4().to_string(),
            generation: 1,
            observed: 0,
            created: now,
            updated: now,
            deleted: None,
            etag,
            ready: Ready {
                state: State::Pending,
                since: None,
                reason: None,
                message: None,
            },
            executions: 0,
            latest: json!({}),
        }
    }

    /// Takes a new definition.
    pub(crate) fn replace(&mut self, declared: Map<String, Value>, now: Moment) {
        self.declared = declared;
        self.next_generation(now);
    }

    /// Marks the job as being deleted.
    pub(crate) fn delete(&mut self, now: Moment) {
        self.deleted = Some(now);
        self.next_generation(now);
    }

    fn next_generation(&mut self, now: Moment) {
        self.generation += 1;
        self.touch(now);
        self.ready = Ready {
            state: State::Pending,
            since: self.ready.since,
            reason: None,
            message: None,
        };
    }

    /// A change that has no generation of its own.
    pub(crate) fn touch(&mut self, now: Moment) {
        self.updated = now;
        self.etag = etag(now, &self.name.to_string());
    }

    /// Settles well at a generation.
    pub(crate) fn succeed(&mut self, generation: i64, at: Moment) {
        self.observed = self.observed.max(generation);
        if self.observed == self.generation {
            self.ready.state = State::Succeeded;
            self.ready.since.get_or_insert(at);
            if self.deleted.is_some() {
                self.touch(at);
            }
        }
    }

    /// Settles badly: `observedGeneration` stays where it was.
    pub(crate) fn fail(&mut self, reason: &str, message: &str, at: Moment) {
        self.ready.state = State::Failed;
        self.ready.since.get_or_insert(at);
        self.ready.reason = Some(reason.to_owned());
        self.ready.message = Some(message.to_owned());
    }

    /// The document on the wire, with its `@type`; a member that holds its default is left out.
    pub(crate) fn to_json(&self) -> Value {
        let mut document = self.declared.clone();
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("@type", json!("type.googleapis.com/google.cloud.run.v2.Job"));
        put("name", json!(self.name.to_string()));
        put("uid", json!(self.uid));
        put("generation", json!(self.generation.to_string()));
        if self.observed != 0 {
            put("observedGeneration", json!(self.observed.to_string()));
        }
        put("createTime", json!(timestamp(self.created)));
        put("updateTime", json!(timestamp(self.updated)));
        if let Some(deleted) = self.deleted {
            put("deleteTime", json!(timestamp(deleted)));
            put("expireTime", json!(timestamp(deleted + KEPT)));
        }
        put("creator", json!(CALLER));
        put("lastModifier", json!(CALLER));
        put("etag", json!(self.etag));
        put("latestCreatedExecution", self.latest.clone());
        if self.executions != 0 {
            put("executionCount", json!(self.executions));
        }
        if self.ready.state == State::Pending {
            put("reconciling", json!(true));
        }
        put("terminalCondition", self.ready.to_json());
        Value::Object(document)
    }
}

impl Ready {
    fn to_json(&self) -> Value {
        let state = match self.state {
            State::Pending => "CONDITION_PENDING",
            State::Succeeded => "CONDITION_SUCCEEDED",
            State::Failed => "CONDITION_FAILED",
        };
        let mut document = json!({ "state": state });
        // Before it was settled for the first time, a job says neither which condition nor since when.
        if let Some(since) = self.since {
            document["type"] = json!("Ready");
            document["lastTransitionTime"] = json!(timestamp(since));
        }
        if let Some(reason) = &self.reason {
            document["reason"] = json!(reason);
        }
        if let Some(message) = &self.message {
            document["message"] = json!(message);
        }
        document
    }
}

/// Who is said to have made everything.
pub(super) const CALLER: &str = "user@example.com";
/// How long a deleted job is kept (recorded).
pub(super) const KEPT: time::Duration = time::Duration::days(30);
