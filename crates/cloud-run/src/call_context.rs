//! The deadline and the cancellation of a call.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// A deadline and a cancellation token; both bound every call that waits.
#[derive(Clone, Debug)]
pub struct CallContext {
    deadline: Instant,
    cancellation: CancellationToken,
}

impl CallContext {
    /// A call ends at `deadline`, or when `cancellation` is cancelled.
    pub fn new(deadline: Instant, cancellation: CancellationToken) -> CallContext {
        CallContext {
            deadline,
            cancellation,
        }
    }

    /// Whether it is cancelled or expired.
    pub fn is_done(&self) -> bool {
        self.is_cancelled() || self.is_expired()
    }

    /// Whether the call was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Whether the deadline has passed.
    pub fn is_expired(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// A context for what follows this one: time to find out the outcome of a request. An outage must not delay the caller
    /// for long, least of all after a cancellation.
    #[must_use]
    pub fn for_cleanup(&self) -> CallContext {
        let time = if self.is_cancelled() {
            CLEANUP_TIME_AFTER_CANCELLATION
        } else {
            CLEANUP_TIME
        };
        CallContext::new(Instant::now() + time, CancellationToken::new())
    }

    /// The time until the deadline.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits.
    ///
    /// # Errors
    /// If the deadline passes before the end of the pause, or the call is cancelled.
    pub async fn sleep(&self, pause: Duration) -> Result<(), Error> {
        let pausing = async {
            tokio::time::sleep(pause).await;
            Ok(())
        };
        self.run(pausing, Duration::ZERO).await
    }

    /// Waits for the next of these pauses, but at most `max`.
    ///
    /// # Errors
    /// Those of [`CallContext::sleep`].
    pub async fn pause(
        &self,
        pauses: &mut impl Iterator<Item = Duration>,
        max: Duration,
    ) -> Result<(), Error> {
        self.sleep(pauses.next().unwrap_or(max).min(max)).await
    }

    /// Runs what follows this call, such as a search for its outcome. `None` if it has not ended ten seconds after a
    /// cancellation.
    pub async fn run_cleanup<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.cancelled_for(CLEANUP_TIME_AFTER_CANCELLATION) => None,
        }
    }

    async fn cancelled_for(&self, time: Duration) {
        self.cancellation.cancelled().await;
        tokio::time::sleep(time).await;
    }

    /// Runs `work` until the deadline; after a cancellation it has `grace` to finish.
    ///
    /// # Errors
    /// Those of `work`, and those of [`CallContext::sleep`].
    pub(super) async fn run<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
        grace: Duration,
    ) -> Result<T, Error> {
        tokio::select! {
            done = work => done,
            () = self.cancelled_for(grace) => Err(Error::Cancelled),
            () = sleep_until(self.deadline) => Err(Error::DeadlineExceeded { waited_for: "a response".to_owned() }),
        }
    }
}

/// The time to find out what a failed operation has left.
const CLEANUP_TIME: Duration = Duration::from_secs(30);
/// The same after a cancellation. With the grace of a write it is shorter than the time a process has after SIGTERM.
const CLEANUP_TIME_AFTER_CANCELLATION: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn cleanup_ends_after_a_cancellation() {
        let (started, cancellation) = (Instant::now(), CancellationToken::new());
        let context = CallContext::new(started, cancellation.clone());
        assert_eq!(context.run_cleanup(async { 1 }).await, Some(1));
        cancellation.cancel();
        assert_eq!(context.run_cleanup(std::future::pending::<()>()).await, None);
        assert_eq!(started.elapsed(), CLEANUP_TIME_AFTER_CANCELLATION);
    }
}
