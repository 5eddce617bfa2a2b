//! What the emulator remembers, and how it changes as time goes by.
//!
//! Nothing runs in the background: whatever is due is done when somebody looks ([`Store::advance`]). That keeps
//! the order of things certain, and needs no timer.

mod job;
mod operation;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Moment;
use crate::route::JobName;

pub(crate) use job::{Job, State};
pub(crate) use operation::{Ending, Operation, Outcome};

/// All resources of all projects.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) jobs: BTreeMap<JobName, Job>,
    /// Deleted jobs, which `showDeleted` still shows.
    pub(crate) graves: Vec<Job>,
    /// By full name.
    pub(crate) operations: BTreeMap<String, Operation>,
    events: BTreeMap<(Moment, u64), Event>,
    serial: u64,
}

/// Something that will happen.
#[derive(Clone, Debug)]
enum Event {
    /// The reconciliation behind an operation comes to its end.
    Reconciled {
        operation: String,
        job: JobName,
        generation: i64,
        ending: Ending,
    },
}

impl Store {
    /// Does everything that is due, in the order in which it fell due.
    pub(crate) fn advance(&mut self, now: Moment) {
        while let Some(entry) = self.events.first_entry() {
            let at = entry.key().0;
            if at > now {
                return;
            }
            match entry.remove() {
                Event::Reconciled {
                    operation,
                    job,
                    generation,
                    ending,
                } => {
                    self.reconciled(&operation, &job, generation, &ending, at);
                }
            }
        }
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
        let generation = job.generation;
        let operation = Operation::begin(&name.place, job.document(), now);
        let key = operation.name.clone();
        if ending != Ending::Never {
            let event = Event::Reconciled {
                operation: key.clone(),
                job: name.clone(),
                generation,
                ending,
            };
            self.schedule(now + takes, event);
        }
        Some(self.operations.entry(key).or_insert(operation))
    }

    fn schedule(&mut self, at: Moment, event: Event) {
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    fn reconciled(&mut self, operation: &str, name: &JobName, generation: i64, ending: &Ending, at: Moment) {
        let Some(job) = self.jobs.get_mut(name).filter(|job| job.generation >= generation) else {
            return;
        };
        let current = job.generation == generation;
        match ending {
            Ending::Failed { message, .. } if current => job.fail("INTERNAL", message, at),
            Ending::NotReady { reason, message } if current => job.fail(reason, message, at),
            Ending::Failed { .. } | Ending::NotReady { .. } => {}
            Ending::Fine | Ending::Empty | Ending::Never => job.succeed(generation, at),
        }
        let document = job.document();
        let gone = current && job.deleted.is_some() && job.ready.state == State::Succeeded;
        if let Some(operation) = self.operations.get_mut(operation) {
            operation.end(document, ending);
        }
        if gone && let Some(job) = self.jobs.remove(name) {
            self.graves.push(job);
        }
    }
}
