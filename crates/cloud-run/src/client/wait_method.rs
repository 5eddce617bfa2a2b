//! Whether an endpoint has `operations.wait`.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::sync::Semaphore;

use crate::error::Error;

/// `operations.wait`: whether an endpoint has it, and how many may wait by it. One answer tells that it is there. A few
/// refusals tell that it is not, unless such an answer is still on its way, as it may be for half a minute; a single one
/// may be of an operation that was late to be seen.
pub(super) struct WaitMethod {
    is_there: AtomicBool,
    refusals: AtomicU32,
    pub(super) permits: Semaphore,
}

impl Default for WaitMethod {
    fn default() -> Self {
        WaitMethod {
            is_there: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
            permits: Semaphore::new(MAX_CONCURRENT_WAITS),
        }
    }
}

impl WaitMethod {
    pub(super) fn may_be_there(&self) -> bool {
        self.is_there.load(Ordering::Relaxed) || self.refusals.load(Ordering::Relaxed) < MAX_REFUSALS
    }

    /// Whether this refusal may be one of the method and not of the operation.
    pub(super) fn may_be_missing(&self, error: &Error) -> bool {
        !self.is_there.load(Ordering::Relaxed) && matches!(error.http(), Some(403 | 404 | 405 | 501))
    }

    pub(super) fn is_there(&self) {
        self.is_there.store(true, Ordering::Relaxed);
    }

    pub(super) fn record_refusal(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }
}

/// How many refusals, before any other answer, tell that there is no such method.
pub(super) const MAX_REFUSALS: u32 = 3;
/// Half of the requests that may be on their way.
pub(super) const MAX_CONCURRENT_WAITS: usize = 50;
