//! The state of an emulator, shared by all connections.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock;
use crate::config::Config;
use crate::fault::{FaultInjector, FaultSpec};
use crate::quota::QuotaUsage;
use crate::request_log::RequestLog;
use crate::state_file::{self, StoreGuard};
use crate::store::Store;

pub(crate) struct Emulator {
    pub(crate) config: Config,
    store: Mutex<Store>,
    log: Mutex<RequestLog>,
    faults: Mutex<FaultInjector>,
    quota_usage: Mutex<QuotaUsage>,
    /// Notified after every request, for `:wait`.
    pub(crate) changed: tokio::sync::Notify,
}

impl Emulator {
    /// # Errors
    /// If a fault in `config` is unknown or the state file is invalid.
    pub(crate) fn new(config: Config, log: RequestLog) -> Result<Self, String> {
        let mut store = Store::new(config.execution_time);
        if let Some(path) = &config.state {
            state_file::load(path, &mut store)?;
        }
        let mut faults = FaultInjector::default();
        for (name, times) in &config.faults {
            faults.arm(FaultSpec::new(name, *times))?;
        }
        faults.set_random(config.fault_rate, config.fault_seed);
        Ok(Self {
            store: Mutex::new(store),
            log: Mutex::new(log),
            faults: Mutex::new(faults),
            quota_usage: Mutex::default(),
            changed: tokio::sync::Notify::new(),
            config,
        })
    }

    /// The store, after all events that are due.
    pub(crate) fn store(&self) -> StoreGuard<'_> {
        let mut store = lock(&self.store);
        let changed = store.advance(clock::now());
        StoreGuard::new(store, self.config.state.as_deref(), changed)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        lock(&self.log)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultInjector> {
        lock(&self.faults)
    }

    pub(crate) fn quota_usage(&self) -> MutexGuard<'_, QuotaUsage> {
        lock(&self.quota_usage)
    }
}

/// Ignores poisoning: after a panic in one request the others are still served.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
