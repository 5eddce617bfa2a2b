//! What the emulator remembers, and how it changes as time goes by.
//!
//! Nothing runs in the background: whatever is due is done when somebody looks ([`Store::advance`]). That keeps
//! the order of things certain, and needs no timer.

mod execution;
mod execution_lifecycle;
mod job;
mod operation;
mod snapshot;
mod task;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::defaults;
use crate::resource_name::JobName;

pub(crate) use execution::{End, Execution, full_name as execution_name};
pub(crate) use job::{Job, State};
pub(crate) use operation::{Ending, Operation, Outcome};
pub(crate) use snapshot::Saved;

/// All resources of all projects.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) jobs: BTreeMap<JobName, Job>,
    /// Deleted jobs, which `showDeleted` still shows.
    pub(crate) graves: Vec<Job>,
    /// By full name; deleted ones too, until their job is gone.
    pub(crate) executions: BTreeMap<String, Execution>,
    /// By full name.
    pub(crate) operations: BTreeMap<String, Operation>,
    /// IAM policies of jobs that ever had one set.
    pub(crate) policies: BTreeMap<JobName, Value>,
    /// How long an execution takes.
    execution_time: Duration,
    events: BTreeMap<(Moment, u64), Event>,
    serial: u64,
}

/// Something that will happen.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Event {
    /// The reconciliation behind an operation comes to its end.
    Reconciled {
        operation: String,
        job: JobName,
        /// Tells the job from a later one of the same name.
        uid: String,
        generation: i64,
        ending: Ending,
    },
    /// An execution has got its machines.
    Started(String),
    /// An execution is over.
    Ended(String),
    /// The deletion behind an operation comes to its end.
    Removed { execution: String, operation: String },
}

impl Store {
    pub(crate) fn new(execution_time: Duration) -> Self {
        Self {
            execution_time,
            ..Self::default()
        }
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.execution_time);
    }

    /// Does everything that is due, in the order in which it fell due; whether there was anything.
    pub(crate) fn advance(&mut self, now: Moment) -> bool {
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
                    ending,
                } => {
                    if self.jobs.get(&job).is_some_and(|job| job.uid == uid) {
                        self.reconciled(&operation, &job, generation, &ending, at);
                    } else {
                        self.abandon(&operation);
                    }
                }
                Event::Started(execution) => self.started(&execution, at),
                Event::Ended(execution) => self.ended(&execution, at),
                Event::Removed { execution, operation } => self.removed(&execution, &operation, at),
            }
        }
        changed
    }

    /// When the next thing will happen.
    pub(crate) fn next_event(&self) -> Option<Moment> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Begins to bring a job to its newest generation; the operation to wait for.
    pub(crate) fn reconcile(
        &mut self,
        name: &JobName,
        now: Moment,
        takes: Duration,
        ending: Ending,
    ) -> Option<&Operation> {
        let job = self.jobs.get(name)?;
        let (uid, generation) = (job.uid.clone(), job.generation);
        // Whatever its operation says, a job that is being deleted will be gone.
        let happens = ending != Ending::Never || job.deleted.is_some();
        let operation = Operation::begin(&name.parent, job.to_json(), now);
        let key = operation.name.clone();
        if happens {
            let event = Event::Reconciled {
                operation: key.clone(),
                job: name.clone(),
                uid,
                generation,
                ending,
            };
            self.schedule(now + takes, event);
        }
        Some(self.operations.entry(key).or_insert(operation))
    }

    /// Somebody else makes a job of this name, if there is none.
    pub(crate) fn meddle_create(&mut self, name: JobName, now: Moment) {
        if self.jobs.contains_key(&name) {
            return;
        }
        let image =
            json!({ "template": { "template": { "containers": [{ "image": "gcr.io/somebody/else" }] } } });
        let Value::Object(mut declared) = image else {
            return;
        };
        defaults::apply(&mut declared, &name.parent);
        let mut job = Job::new(name.clone(), declared, now);
        job.succeed(1, now);
        self.jobs.insert(name, job);
    }

    /// Somebody else puts a label on a job, unless it is being deleted.
    pub(crate) fn meddle_change(&mut self, name: &JobName, now: Moment) {
        let Some(job) = self.jobs.get_mut(name).filter(|job| job.deleted.is_none()) else {
            return;
        };
        let mut declared = job.declared.clone();
        if let Some(labels) = declared
            .entry("labels")
            .or_insert_with(|| json!({}))
            .as_object_mut()
        {
            labels.insert("changed-by".to_owned(), json!("somebody-else"));
        }
        job.replace(declared, now);
        job.succeed(job.generation, now);
    }

    /// Somebody else deletes a job, and it is gone.
    pub(crate) fn meddle_delete(&mut self, name: &JobName, now: Moment) {
        if let Some(mut job) = self.jobs.remove(name) {
            job.delete(now);
            job.succeed(job.generation, now);
            self.graves.push(job);
            self.forget_belongings(name);
        }
    }

    fn schedule(&mut self, at: Moment, event: Event) {
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    /// Ends an operation whose resource is gone.
    fn abandon(&mut self, operation: &str) {
        if let Some(operation) = self.operations.get_mut(operation) {
            let message = "The resource was deleted before the operation was done.".to_owned();
            let document = operation.metadata.clone();
            operation.end(
                document,
                &Ending::Failed {
                    code: NOT_FOUND,
                    message,
                },
            );
        }
    }

    fn reconciled(&mut self, operation: &str, name: &JobName, generation: i64, ending: &Ending, at: Moment) {
        let Some(job) = self.jobs.get_mut(name) else {
            return;
        };
        let current = job.generation == generation;
        match ending {
            Ending::Failed { message, .. } if current => job.fail("INTERNAL", message, at),
            Ending::NotReady { reason, message } if current => job.fail(reason, message, at),
            Ending::Failed { .. } | Ending::NotReady { .. } => {}
            Ending::Fine | Ending::Empty | Ending::Never => job.succeed(generation, at),
        }
        let document = job.to_json();
        let fine = current && job.ready.state == State::Succeeded;
        let gone = fine && job.deleted.is_some();
        // Then the operation has to wait for the execution.
        if fine && !gone && self.run_by_token(name, operation, at) {
            return;
        }
        if *ending != Ending::Never
            && let Some(operation) = self.operations.get_mut(operation)
        {
            operation.end(document, ending);
        }
        if gone && let Some(job) = self.jobs.remove(name) {
            self.graves.push(job);
            self.forget_belongings(name);
        }
    }
}

/// `google.rpc.Code.NOT_FOUND`
const NOT_FOUND: i32 = 5;
