//! The events of executions, and the operations that are done with them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::execution::{Execution, execution_name};
use super::job::CALLER;
use super::{Event, Operation, ReconcileOutcome, Store};
use crate::clock::Timestamp;
use crate::pattern::matches_pattern;
use crate::resource_name::JobName;

impl Store {
    /// Starts an execution; returns the operation that is done when it has ended.
    pub(crate) fn run(&mut self, mut execution: Execution, now: Timestamp) -> Operation {
        if let Some(job) = self.jobs.get_mut(&execution.job) {
            // The service forgets a token when there is a later execution.
            job.definition.remove("startExecutionToken");
            job.definition.remove("runExecutionToken");
        }
        execution.set_execution_time(self.execution_time);
        let operation = Operation::new(&execution.job.parent, execution.to_json(), now);
        execution.done_at_end.push(operation.name.clone());
        self.insert_execution(execution, now);
        self.insert_operation(operation)
    }

    /// Starts the execution that a job's token requests, unless it exists; returns whether it was started.
    ///
    /// `operation` is done when the execution has started or, with a run token, when it has ended.
    pub(super) fn run_for_token(&mut self, name: &JobName, operation: &str, now: Timestamp) -> bool {
        let Some(job) = self.jobs.get(name) else {
            return false;
        };
        let Some(id) = id_for_token(name, &job.definition) else {
            return false;
        };
        if self.executions.contains_key(&execution_name(name, &id)) {
            return false;
        }
        let template = job.definition.get("template").and_then(Value::as_object);
        let template = template.cloned().unwrap_or_default();
        let waits_for_start = job.definition.contains_key("startExecutionToken");
        let mut execution = Execution::new(job, id, template, CALLER, now);
        execution.script = self.scripts.take(&name.job);
        let operations = if waits_for_start {
            &mut execution.done_at_start
        } else {
            &mut execution.done_at_end
        };
        operations.push(operation.to_owned());
        self.insert_execution(execution, now);
        true
    }

    /// Starts to cancel an execution; returns the operation.
    pub(crate) fn cancel_execution(
        &mut self,
        name: &str,
        duration: Duration,
        now: Timestamp,
    ) -> Option<Operation> {
        let execution = self.executions.get_mut(name)?;
        execution.cancel(now, now + duration);
        let operation = Operation::new(&execution.job.parent, execution.to_json(), now);
        execution.done_at_end.push(operation.name.clone());
        self.schedule(now + duration, Event::ExecutionChanged(name.to_owned()));
        Some(self.insert_operation(operation))
    }

    /// Starts to delete an execution; returns the operation.
    pub(crate) fn delete_execution(
        &mut self,
        name: &str,
        duration: Duration,
        now: Timestamp,
    ) -> Option<Operation> {
        let execution = self.executions.get_mut(name)?;
        execution.delete(now);
        let operation = Operation::new(&execution.job.parent, execution.to_json(), now);
        let event = Event::ExecutionDeleted {
            execution: name.to_owned(),
            operation: operation.name.clone(),
        };
        self.schedule(now + duration, event);
        Some(self.insert_operation(operation))
    }

    /// The id of the execution that a definition's token requests, if it already exists.
    pub(crate) fn execution_for_token(
        &self,
        name: &JobName,
        definition: &Map<String, Value>,
    ) -> Option<String> {
        id_for_token(name, definition).filter(|id| self.executions.contains_key(&execution_name(name, id)))
    }

    fn insert_operation(&mut self, operation: Operation) -> Operation {
        self.operations.insert(operation.name.clone(), operation.clone());
        operation
    }

    fn insert_execution(&mut self, mut execution: Execution, now: Timestamp) {
        execution.set_execution_time(self.execution_time);
        let name = execution.name();
        if let Some(job) = self.jobs.get_mut(&execution.job) {
            job.execution_count += 1;
            job.latest_execution = execution.reference();
        }
        let start = execution.scheduled_start().max(now);
        self.schedule(start, Event::ExecutionChanged(name.clone()));
        self.executions.insert(name, execution);
    }

    /// Applies what happens in an execution until `at`, and schedules what happens next.
    pub(super) fn advance_execution(&mut self, name: &str, at: Timestamp) {
        self.update_execution(name, |execution| {
            execution.advance(at);
            let mut operations = Vec::new();
            if execution.started.is_some() || execution.has_ended() {
                operations.append(&mut execution.done_at_start);
            }
            if execution.has_ended() {
                operations.append(&mut execution.done_at_end);
            }
            operations
        });
        let next = self
            .executions
            .get(name)
            .filter(|execution| !execution.has_ended());
        if let Some(next) = next.and_then(Execution::next_change) {
            self.schedule(next, Event::ExecutionChanged(name.to_owned()));
        }
    }

    /// Ends a deleted execution, which remains listed with `showDeleted`.
    pub(super) fn finish_deletion(&mut self, name: &str, operation: &str, at: Timestamp) {
        if let Some(execution) = self.executions.get_mut(name)
            && !execution.has_ended()
        {
            execution.cancel(at, at);
        }
        self.advance_execution(name, at);
        let resource = self.executions.get(name).map(Execution::to_json);
        if let (Some(resource), Some(operation)) = (resource, self.operations.get_mut(operation)) {
            operation.finish(resource, &ReconcileOutcome::Success);
        }
    }

    /// Changes an execution that has not ended, its reference in the job, and the operations that `change` returns.
    fn update_execution(&mut self, name: &str, change: impl FnOnce(&mut Execution) -> Vec<String>) {
        let Some(execution) = self
            .executions
            .get_mut(name)
            .filter(|execution| !execution.has_ended())
        else {
            return;
        };
        let operations = change(execution);
        let (resource, reference) = (execution.to_json(), execution.reference());
        let job = self.jobs.get_mut(&execution.job);
        let job = job.map(|job| {
            if job.latest_execution["name"] == reference["name"] {
                job.latest_execution = reference;
            }
            job.to_json()
        });
        for name in operations {
            let Some(operation) = self.operations.get_mut(&name) else {
                continue;
            };
            // The operation of a create or patch with a token returns the job.
            let returns_job = operation.metadata["@type"] != resource["@type"];
            let resource = match &job {
                Some(job) if returns_job => job,
                _ => &resource,
            };
            operation.finish(resource.clone(), &ReconcileOutcome::Success);
        }
    }

    /// All executions of all jobs, oldest first.
    pub(crate) fn executions_json(&self) -> Value {
        let mut executions: Vec<&Execution> = self.executions.values().collect();
        executions.sort_by_key(|execution| execution.created);
        executions.into_iter().map(Execution::to_json).collect()
    }

    /// Removes the ended executions of the jobs that match a pattern, as retention does: they leave no trace but in the job's
    /// count and its latest execution.
    pub(crate) fn remove_ended_executions(&mut self, jobs: &str) {
        self.executions
            .retain(|_, execution| !execution.has_ended() || !matches_pattern(jobs, &execution.job.job));
    }

    /// Removes the executions of a deleted job; their operations fail.
    pub(super) fn remove_executions(&mut self, job: &JobName) {
        let (removed, kept): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.executions)
            .into_iter()
            .partition(|(_, execution)| execution.job == *job);
        self.executions = kept;
        for execution in removed.values() {
            for operation in execution.done_at_start.iter().chain(&execution.done_at_end) {
                self.fail_with_not_found(operation);
            }
        }
    }
}

fn id_for_token(name: &JobName, definition: &Map<String, Value>) -> Option<String> {
    let token = |member: &str| definition.get(member).and_then(Value::as_str);
    let token = token("startExecutionToken").or_else(|| token("runExecutionToken"))?;
    Some(format!("{}-{token}", name.job))
}
