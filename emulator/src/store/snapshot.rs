//! The store as it is written down.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Event, Execution, Job, Operation, Store};
use crate::clock::Moment;
use crate::resource_name::JobName;

/// Everything that a later start is to find again, what is due included: an operation that was under way when the
/// emulator was stopped is done at its time.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    /// So that another file is not taken for one of these.
    cloudrun_emulator: u32,
    jobs: Vec<Job>,
    graves: Vec<Job>,
    executions: Vec<Execution>,
    operations: Vec<Operation>,
    policies: Vec<(JobName, Value)>,
    events: Vec<Due>,
}

#[derive(Serialize, Deserialize)]
struct Due {
    #[serde(with = "time::serde::rfc3339")]
    at: Moment,
    event: Event,
}

/// The form of the file. Another number is not read.
const FORM: u32 = 1;

impl Saved {
    pub(crate) fn is_readable(&self) -> bool {
        self.cloudrun_emulator == FORM
    }

    /// Puts everything into a store.
    pub(crate) fn restore(self, store: &mut Store) {
        store.jobs = self.jobs.into_iter().map(|job| (job.name.clone(), job)).collect();
        store.graves = self.graves;
        store.executions = self
            .executions
            .into_iter()
            .map(|execution| (execution.name(), execution))
            .collect();
        store.operations = self
            .operations
            .into_iter()
            .map(|operation| (operation.name.clone(), operation))
            .collect();
        store.policies = self.policies.into_iter().collect();
        for due in self.events {
            store.schedule(due.at, due.event);
        }
    }
}

impl From<&Store> for Saved {
    fn from(store: &Store) -> Self {
        let due = |((at, _), event): (&(Moment, u64), &Event)| Due {
            at: *at,
            event: event.clone(),
        };
        Self {
            cloudrun_emulator: FORM,
            jobs: store.jobs.values().cloned().collect(),
            graves: store.graves.clone(),
            executions: store.executions.values().cloned().collect(),
            operations: store.operations.values().cloned().collect(),
            policies: store
                .policies
                .iter()
                .map(|(name, policy)| (name.clone(), policy.clone()))
                .collect(),
            events: store.events.iter().map(due).collect(),
        }
    }
}
