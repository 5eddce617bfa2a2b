//! The executions that this process started.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use cloud_run::{ExecutionName, JobName};

/// The executions that this process started. A run that looks for its own execution must not take that of another run.
#[derive(Debug, Default)]
pub struct Runs {
    /// Their regions and IDs.
    started: Mutex<BTreeSet<(String, String)>>,
    jobs: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Runs {
    /// Waits until no other run of the job is being started: its execution is not recorded before the response to its
    /// request.
    pub(super) async fn lock(&self, job: &JobName) -> OwnedMutexGuard<()> {
        let of_job = lock(&self.jobs).entry(job.to_string()).or_default().clone();
        of_job.lock_owned().await
    }

    pub(super) fn add(&self, name: &ExecutionName) {
        lock(&self.started).insert(key(name));
    }

    pub(super) fn contains(&self, name: &ExecutionName) -> bool {
        lock(&self.started).contains(&key(name))
    }
}

/// The project may be an ID or a number.
fn key(name: &ExecutionName) -> (String, String) {
    (name.job.location.clone(), name.execution.clone())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
