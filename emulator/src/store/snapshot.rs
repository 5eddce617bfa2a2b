//! The content of a state file.
//!
//! Fields and variants that have other names in Rust than in the file have a `serde(rename)`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Event, Execution, Job, Operation, Store};
use crate::clock::Timestamp;
use crate::resource_name::JobName;

/// The whole store with its scheduled events, so that pending operations are done at their time after a restart.
#[derive(Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// The version of the format; the name of the member identifies the file.
    #[serde(rename = "cloudrun_emulator")]
    format_version: u32,
    jobs: Vec<Job>,
    #[serde(rename = "graves")]
    deleted_jobs: Vec<Job>,
    executions: Vec<Execution>,
    operations: Vec<Operation>,
    policies: Vec<(JobName, Value)>,
    events: Vec<ScheduledEvent>,
}

#[derive(Serialize, Deserialize)]
struct ScheduledEvent {
    #[serde(with = "time::serde::rfc3339")]
    at: Timestamp,
    event: Event,
}

/// The only version that is read.
const FORMAT_VERSION: u32 = 2;

impl Snapshot {
    pub(crate) fn is_supported(&self) -> bool {
        self.format_version == FORMAT_VERSION
    }

    /// Replaces the content of a store.
    pub(crate) fn restore(self, store: &mut Store) {
        store.jobs = self.jobs.into_iter().map(|job| (job.name.clone(), job)).collect();
        store.deleted_jobs = self.deleted_jobs;
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
        for scheduled in self.events {
            store.schedule(scheduled.at, scheduled.event);
        }
    }
}

impl From<&Store> for Snapshot {
    fn from(store: &Store) -> Self {
        let scheduled = |((at, _), event): (&(Timestamp, u64), &Event)| ScheduledEvent {
            at: *at,
            event: event.clone(),
        };
        Self {
            format_version: FORMAT_VERSION,
            jobs: store.jobs.values().cloned().collect(),
            deleted_jobs: store.deleted_jobs.clone(),
            executions: store.executions.values().cloned().collect(),
            operations: store.operations.values().cloned().collect(),
            policies: store
                .policies
                .iter()
                .map(|(name, policy)| (name.clone(), policy.clone()))
                .collect(),
            events: store.events.iter().map(scheduled).collect(),
        }
    }
}
