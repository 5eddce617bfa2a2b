//! The quota of write requests, which Google counts per project, region and minute.
//!
//! A 429 for the rate of writes moves one instant of the region. Before it, no write is sent there.

use backon::ExponentialBackoff;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::warn;

use crate::call_context::CallContext;
use crate::error::Error;
use crate::retry::not_before;

/// The refusals of each region, by parent (`projects/P/locations/L`), since its last accepted write.
#[derive(Default)]
pub(super) struct WriteQuota(Mutex<HashMap<String, Refused>>);

struct Refused {
    not_before: Instant,
    backoff: ExponentialBackoff,
    error: Error,
}

impl WriteQuota {
    /// Waits until a write may be sent, and for `jitter` longer, which differs for each write: those that waited together
    /// must not be sent together.
    ///
    /// # Errors
    /// The refusal, at once, if its instant is past the deadline; or what ended the wait.
    pub(super) async fn wait(
        &self,
        region: &str,
        jitter: Duration,
        context: &CallContext,
    ) -> Result<(), Error> {
        while let Some((pause, refusal)) = self.pause(region) {
            let pause = pause + jitter;
            if pause > context.remaining() {
                return Err(refusal);
            }
            context.sleep(pause).await?;
        }
        Ok(())
    }

    /// How long no write may be sent, and why; `None` if one may be sent now.
    pub(super) fn pause(&self, region: &str) -> Option<(Duration, Error)> {
        let regions = self.lock();
        let refused = regions.get(region)?;
        let pause = refused.not_before.checked_duration_since(Instant::now())?;
        (!pause.is_zero()).then(|| (pause, refused.error.clone()))
    }

    /// Moves the instant: by `Retry-After`, otherwise by the next of the region's `backoff`. Of writes that were refused
    /// together, the first one moves it.
    pub(super) fn refuse(&self, region: &str, backoff: ExponentialBackoff, error: Error) {
        let (mut regions, now) = (self.lock(), Instant::now());
        let refused = regions.entry(region.to_owned()).or_insert_with(|| Refused {
            not_before: now,
            backoff,
            error: error.clone(),
        });
        if refused.not_before <= now {
            let pause = not_before(&error, refused.backoff.next().unwrap_or_default());
            warn!(region, %error, pause_ms = pause.as_millis() as u64, "write quota exceeded, delaying writes");
            (refused.not_before, refused.error) = (now + pause, error);
        }
    }

    /// Records an accepted write. One that was sent before the last refusal changes nothing.
    pub(super) fn accept(&self, region: &str) {
        self.lock()
            .retain(|parent, refused| parent != region || refused.not_before > Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Refused>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
