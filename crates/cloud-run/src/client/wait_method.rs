//! Whether an endpoint has `operations.wait`.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::sync::Semaphore;

use crate::error::Error;

/// Whether an endpoint has `operations.wait`, and how many requests may use it. One response confirms that it exists. A few
/// refusals mean that it does not, unless such a response is still to come; a single refusal may be about an operation that
/// was not visible yet.
pub(super) struct WaitMethod {
    exists: AtomicBool,
    refusals: AtomicU32,
    pub(super) permits: Semaphore,
}

impl Default for WaitMethod {
    fn default() -> Self {
        WaitMethod {
            exists: AtomicBool::new(false),
            refusals: AtomicU32::new(0),
            permits: Semaphore::new(MAX_CONCURRENT_WAITS),
        }
    }
}

impl WaitMethod {
    pub(super) fn may_exist(&self) -> bool {
        self.exists.load(Ordering::Relaxed) || self.refusals.load(Ordering::Relaxed) < MAX_REFUSALS
    }

    /// Whether this refusal may be about the method rather than the operation.
    pub(super) fn may_be_missing(&self, error: &Error) -> bool {
        !self.exists.load(Ordering::Relaxed) && matches!(error.http(), Some(403 | 404 | 405 | 501))
    }

    pub(super) fn confirm(&self) {
        self.exists.store(true, Ordering::Relaxed);
    }

    pub(super) fn record_refusal(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }
}

/// After so many refusals, without any other response, the method does not exist.
pub(super) const MAX_REFUSALS: u32 = 3;
/// Half of the concurrent requests.
pub(super) const MAX_CONCURRENT_WAITS: usize = 50;
