//! What happens to executions as time goes by, and to the operations that wait for them.

use serde_json::{Map, Value};

use super::execution::{End, Execution, full_name, pending_part};
use super::{Ending, Event, Operation, Store};
use crate::clock::Moment;
use crate::resource_name::JobName;

impl Store {
    /// Begins an execution; the operation that is done when it has ended.
    pub(crate) fn run(&mut self, mut execution: Execution, now: Moment) -> Operation {
        if let Some(job) = self.jobs.get_mut(&execution.job) {
            // A token has had its effect once there is another execution.
            job.declared.remove("startExecutionToken");
            job.declared.remove("runExecutionToken");
        }
        let operation = Operation::begin(&execution.job.parent, execution.to_json(), now);
        execution.told_of_end.push(operation.name.clone());
        self.begin_execution(execution, now);
        self.operations.insert(operation.name.clone(), operation.clone());
        operation
    }

    /// Begins the execution that a job's token asks for; whether it asks for one that there is not yet.
    ///
    /// `operation` is done when the execution has started, or, with a run token, when it has ended.
    pub(super) fn run_by_token(&mut self, name: &JobName, operation: &str, now: Moment) -> bool {
        let Some(job) = self.jobs.get(name) else {
            return false;
        };
        let Some(id) = id_by_token(name, &job.declared) else {
            return false;
        };
        let waits_for_start = job.declared.contains_key("startExecutionToken");
        if self.executions.contains_key(&full_name(name, &id)) {
            return false;
        }
        let template = job.declared.get("template").and_then(Value::as_object);
        let template = template.cloned().unwrap_or_default();
        let mut execution = Execution::new(job, id, template, End::Success, now);
        let told = if waits_for_start {
            &mut execution.told_of_start
        } else {
            &mut execution.told_of_end
        };
        told.push(operation.to_owned());
        self.begin_execution(execution, now);
        true
    }

    /// Lets an execution be cancelled after a time; the operation that is done then.
    pub(crate) fn cancel(
        &mut self,
        name: &str,
        takes: std::time::Duration,
        now: Moment,
    ) -> Option<Operation> {
        let execution = self.executions.get_mut(name)?;
        execution.cancel(now);
        let operation = Operation::begin(&execution.job.parent, execution.to_json(), now);
        execution.told_of_end.push(operation.name.clone());
        self.schedule(now + takes, Event::Ended(name.to_owned()));
        self.operations.insert(operation.name.clone(), operation.clone());
        Some(operation)
    }

    /// Lets an execution be deleted after a time; the operation that is done then.
    pub(crate) fn delete_execution(
        &mut self,
        name: &str,
        takes: std::time::Duration,
        now: Moment,
    ) -> Option<Operation> {
        let execution = self.executions.get_mut(name)?;
        execution.delete(now);
        let operation = Operation::begin(&execution.job.parent, execution.to_json(), now);
        let event = Event::Removed {
            execution: name.to_owned(),
            operation: operation.name.clone(),
        };
        self.schedule(now + takes, event);
        self.operations.insert(operation.name.clone(), operation.clone());
        Some(operation)
    }

    /// Whether a definition asks by its token for an execution that there is already; its id.
    pub(crate) fn taken_by_token(&self, name: &JobName, declared: &Map<String, Value>) -> Option<String> {
        id_by_token(name, declared).filter(|id| self.executions.contains_key(&full_name(name, id)))
    }

    fn begin_execution(&mut self, execution: Execution, now: Moment) {
        let name = execution.name();
        if let Some(job) = self.jobs.get_mut(&execution.job) {
            job.executions += 1;
            job.latest = execution.reference();
        }
        let pending = pending_part(self.execution_time);
        self.schedule(now + pending, Event::Started(name.clone()));
        self.schedule(now + self.execution_time, Event::Ended(name.clone()));
        self.executions.insert(name, execution);
    }

    pub(super) fn started(&mut self, name: &str, at: Moment) {
        self.progress(name, |execution| {
            execution.start(at);
            std::mem::take(&mut execution.told_of_start)
        });
    }

    pub(super) fn ended(&mut self, name: &str, at: Moment) {
        self.progress(name, |execution| {
            execution.finish(at);
            let mut told = std::mem::take(&mut execution.told_of_start);
            told.append(&mut execution.told_of_end);
            told
        });
    }

    /// A deleted execution ends, and remains for whoever asks for deleted ones.
    pub(super) fn removed(&mut self, name: &str, operation: &str, at: Moment) {
        if let Some(execution) = self.executions.get_mut(name)
            && !execution.has_ended()
        {
            execution.cancel(at);
        }
        self.ended(name, at);
        let document = self.executions.get(name).map(Execution::to_json);
        if let (Some(document), Some(operation)) = (document, self.operations.get_mut(operation)) {
            operation.end(document, &Ending::Fine);
        }
    }

    /// Changes an execution that has not ended, what its job shows of it, and the operations it returns.
    fn progress(&mut self, name: &str, change: impl FnOnce(&mut Execution) -> Vec<String>) {
        let Some(execution) = self
            .executions
            .get_mut(name)
            .filter(|execution| !execution.has_ended())
        else {
            return;
        };
        let told = change(execution);
        let (document, reference) = (execution.to_json(), execution.reference());
        let job = self.jobs.get_mut(&execution.job);
        let job = job.map(|job| {
            if job.latest["name"] == reference["name"] {
                job.latest = reference;
            }
            job.to_json()
        });
        for name in told {
            let Some(operation) = self.operations.get_mut(&name) else {
                continue;
            };
            // The operation of a create or a patch is about the job, also when it waited for the execution.
            let about_job = operation.metadata["@type"] != document["@type"];
            match &job {
                Some(job) if about_job => operation.end(job.clone(), &Ending::Fine),
                _ => operation.end(document.clone(), &Ending::Fine),
            }
        }
    }

    /// Forgets what belongs to a job that is gone.
    pub(super) fn forget_belongings(&mut self, job: &JobName) {
        self.policies.remove(job);
        let (gone, kept) = std::mem::take(&mut self.executions)
            .into_iter()
            .partition(|(_, execution)| execution.job == *job);
        self.executions = kept;
        let gone: std::collections::BTreeMap<String, Execution> = gone;
        for execution in gone.values() {
            for operation in execution.told_of_start.iter().chain(&execution.told_of_end) {
                self.abandon(operation);
            }
        }
    }
}

/// The id of the execution that a job's token asks for.
fn id_by_token(name: &JobName, declared: &Map<String, Value>) -> Option<String> {
    let token = |member: &str| declared.get(member).and_then(Value::as_str);
    let token = token("startExecutionToken").or_else(|| token("runExecutionToken"))?;
    Some(format!("{}-{token}", name.job))
}
