//! How long to go on: until a deadline, or until somebody asks to stop.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// A deadline and a wish to stop; every call that waits is bounded by both.
#[derive(Clone, Debug)]
pub struct CallContext {
    deadline: Instant,
    cancellation: CancellationToken,
}

impl CallContext {
    /// Patience until `deadline`, or until `cancellation` is cancelled.
    pub fn new(deadline: Instant, cancellation: CancellationToken) -> CallContext {
        CallContext {
            deadline,
            cancellation,
        }
    }

    /// Whether there is none left.
    pub fn is_done(&self) -> bool {
        self.is_cancelled() || self.is_expired()
    }

    /// Whether somebody has asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Whether the time is over.
    pub fn is_expired(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// What there is once this one has ended: time to find out what has become of a request. An outage must not hold
    /// the caller for long, and even less after a cancellation.
    #[must_use]
    pub fn for_cleanup(&self) -> CallContext {
        let time = if self.is_cancelled() {
            CLEANUP_TIME_AFTER_CANCELLATION
        } else {
            CLEANUP_TIME
        };
        CallContext::new(Instant::now() + time, CancellationToken::new())
    }

    /// What is left of the time.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits for so long, if there is patience for it.
    ///
    /// # Errors
    /// When the deadline comes before the end of the pause, or somebody asks to stop.
    pub async fn sleep(&self, pause: Duration) -> Result<(), Error> {
        let pausing = async {
            tokio::time::sleep(pause).await;
            Ok(())
        };
        self.run(pausing, Duration::ZERO).await
    }

    /// Does the work, as long as there is patience; after a wish to stop it has `grace` to come to its end.
    ///
    /// # Errors
    /// Those of the work, and those of [`CallContext::sleep`].
    pub(super) async fn run<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
        grace: Duration,
    ) -> Result<T, Error> {
        let stopped = async {
            self.cancellation.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            done = work => done,
            () = stopped => Err(Error::Cancelled),
            () = sleep_until(self.deadline) => Err(Error::DeadlineExceeded { waited_for: "Google".to_owned() }),
        }
    }
}

/// How long to look for what a failed operation has left.
const CLEANUP_TIME: Duration = Duration::from_secs(30);
/// The same after a wish to stop. With the grace of a write it stays below what is left to the process after SIGTERM.
const CLEANUP_TIME_AFTER_CANCELLATION: Duration = Duration::from_secs(10);
