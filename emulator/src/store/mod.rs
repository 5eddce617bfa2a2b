//! The resources of all projects, and how they change over time.
//!
//! There are no timers: whatever is due happens when the store is accessed ([`Store::advance`]), in the order of its time,
//! so that the order of changes is deterministic.

mod concurrent;
mod execution;
mod execution_lifecycle;
mod execution_status;
mod job;
mod operation;
mod script;
mod snapshot;
mod task;
mod timeline;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::resource_name::JobName;

pub(crate) use execution::{Execution, execution_name};
pub(crate) use job::{CALLER, Job};
pub(crate) use operation::{Operation, ReconcileOutcome};
pub(crate) use script::{ExecutionScript, ScriptQueue};
pub(crate) use snapshot::Snapshot;

/// All resources, and the events that are scheduled.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) jobs: BTreeMap<JobName, Job>,
    /// Listed with `showDeleted`.
    pub(crate) deleted_jobs: Vec<Job>,
    /// By full name; includes deleted ones until their job is deleted.
    pub(crate) executions: BTreeMap<String, Execution>,
    /// By full name.
    pub(crate) operations: BTreeMap<String, Operation>,
    /// IAM policies that were set.
    pub(crate) policies: BTreeMap<JobName, Value>,
    /// Not part of the state file.
    pub(crate) scripts: ScriptQueue,
    execution_time: Duration,
    /// By time, then in the order of scheduling.
    events: BTreeMap<(Timestamp, u64), Event>,
    last_event_id: u64,
}

/// A scheduled change.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Event {
    Reconciled {
        operation: String,
        job: JobName,
        /// Distinguishes the job from a later one of the same name.
        uid: String,
        generation: i64,
        #[serde(rename = "ending")]
        outcome: ReconcileOutcome,
    },
    /// Something happens in the execution of this name.
    ExecutionChanged(String),
    #[serde(rename = "Removed")]
    ExecutionDeleted { execution: String, operation: String },
}

impl Store {
    pub(crate) fn new(execution_time: Duration) -> Self {
        Self {
            execution_time,
            ..Self::default()
        }
    }

    /// Deletes everything.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.execution_time);
    }

    /// Applies all events until `now`; returns whether there were any.
    pub(crate) fn advance(&mut self, now: Timestamp) -> bool {
        let mut changed = false;
        while let Some(entry) = self.events.first_entry() {
            let at = entry.key().0;
            if at > now {
                break;
            }
            changed = true;
            match entry.remove() {
                Event::Reconciled {
                    operation,
                    job,
                    uid,
                    generation,
                    outcome,
                } => {
                    if self.jobs.get(&job).is_some_and(|job| job.uid == uid) {
                        self.finish_reconciliation(&operation, &job, generation, &outcome, at);
                    } else {
                        self.fail_with_not_found(&operation);
                    }
                }
                Event::ExecutionChanged(execution) => self.advance_execution(&execution, at),
                Event::ExecutionDeleted { execution, operation } => {
                    self.finish_deletion(&execution, &operation, at);
                }
            }
        }
        changed
    }

    pub(crate) fn next_event_time(&self) -> Option<Timestamp> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Starts the reconciliation of a job's current generation; returns its operation.
    pub(crate) fn start_reconciliation(
        &mut self,
        name: &JobName,
        now: Timestamp,
        duration: Duration,
        outcome: ReconcileOutcome,
    ) -> Option<&Operation> {
        let job = self.jobs.get(name)?;
        let operation = Operation::new(&name.parent, job.to_json(), now);
        let operation_name = operation.name.clone();
        // A deletion deletes the job even if its operation is never done.
        if outcome != ReconcileOutcome::NeverDone || job.deleted.is_some() {
            let event = Event::Reconciled {
                operation: operation_name.clone(),
                job: name.clone(),
                uid: job.uid.clone(),
                generation: job.generation,
                outcome,
            };
            self.schedule(now + duration, event);
        }
        Some(self.operations.entry(operation_name).or_insert(operation))
    }

    fn schedule(&mut self, at: Timestamp, event: Event) {
        self.last_event_id += 1;
        self.events.insert((at, self.last_event_id), event);
    }

    fn finish_reconciliation(
        &mut self,
        operation: &str,
        name: &JobName,
        generation: i64,
        outcome: &ReconcileOutcome,
        at: Timestamp,
    ) {
        let Some(job) = self.jobs.get_mut(name) else {
            return;
        };
        let is_current = job.generation == generation;
        match outcome {
            ReconcileOutcome::OperationError { message, .. } if is_current => {
                job.fail("INTERNAL", message, at)
            }
            ReconcileOutcome::JobNotReady { reason, message } if is_current => job.fail(reason, message, at),
            ReconcileOutcome::OperationError { .. } | ReconcileOutcome::JobNotReady { .. } => {}
            ReconcileOutcome::Success | ReconcileOutcome::EmptyOperation | ReconcileOutcome::NeverDone => {
                job.succeed(generation, at);
            }
        }
        let resource = job.to_json();
        let is_ready = is_current && job.is_ready();
        let is_deleted = is_ready && job.deleted.is_some();
        // With a new token, the operation is done when its execution has started or ended.
        if is_ready && !is_deleted && self.run_for_token(name, operation, at) {
            return;
        }
        if *outcome != ReconcileOutcome::NeverDone
            && let Some(operation) = self.operations.get_mut(operation)
        {
            operation.finish(resource, outcome);
        }
        if is_deleted {
            self.remove_job(name);
        }
    }

    fn remove_job(&mut self, name: &JobName) {
        if let Some(job) = self.jobs.remove(name) {
            self.deleted_jobs.push(job);
            self.policies.remove(name);
            self.remove_executions(name);
        }
    }

    /// Ends an operation whose resource was deleted.
    fn fail_with_not_found(&mut self, operation: &str) {
        if let Some(operation) = self.operations.get_mut(operation) {
            let outcome = ReconcileOutcome::OperationError {
                code: NOT_FOUND,
                message: "The resource was deleted before the operation was done.".to_owned(),
            };
            operation.finish(operation.metadata.clone(), &outcome);
        }
    }
}

/// `google.rpc.Code.NOT_FOUND`
const NOT_FOUND: i32 = 5;
