//! The state of an emulator, shared by all connections.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{self, Timestamp};
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
    /// The e-mail addresses of callers, by their token.
    callers: Mutex<BTreeMap<String, String>>,
    /// How far the clock of the resources is ahead of the machine's.
    clock_offset: Mutex<time::Duration>,
    /// Notified after every request, also to the control endpoint, for `:wait`.
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
            callers: Mutex::default(),
            clock_offset: Mutex::default(),
            changed: tokio::sync::Notify::new(),
            config,
        })
    }

    /// The store, after all events that are due.
    pub(crate) fn store(&self) -> StoreGuard<'_> {
        let mut store = lock(&self.store);
        let changed = store.advance(self.now());
        StoreGuard::new(store, self.config.state.as_deref(), changed)
    }

    /// The current time for resources, which control requests can advance.
    pub(crate) fn now(&self) -> Timestamp {
        clock::now().saturating_add(*lock(&self.clock_offset))
    }

    /// Advances the time, and applies all events that are due then.
    pub(crate) fn advance_clock(&self, by: Duration) {
        {
            let by = time::Duration::try_from(by).unwrap_or(time::Duration::MAX);
            let mut offset = lock(&self.clock_offset);
            *offset = offset.saturating_add(by);
        }
        drop(self.store());
    }

    pub(crate) fn callers(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        lock(&self.callers)
    }

    /// Sets the clock to the machine's.
    pub(crate) fn reset_clock(&self) {
        *lock(&self.clock_offset) = time::Duration::ZERO;
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
