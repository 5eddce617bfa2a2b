//! How long to go on: until a deadline, or until somebody asks to stop.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// A deadline and a wish to stop; every call that waits is bounded by both.
#[derive(Clone, Debug)]
pub struct Patience {
    deadline: Instant,
    stop: CancellationToken,
}

impl Patience {
    /// Patience until `deadline`, or until `stop` is cancelled.
    pub fn new(deadline: Instant, stop: CancellationToken) -> Patience {
        Patience { deadline, stop }
    }

    /// Whether there is none left.
    pub fn is_over(&self) -> bool {
        self.is_stopped() || self.is_late()
    }

    /// Whether somebody has asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Whether the time is over.
    pub fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// What there is once this one has ended: time to find out what has become of a request. An outage must not hold
    /// the caller for long, and even less after a cancellation.
    #[must_use]
    pub fn afterwards(&self) -> Patience {
        let time = if self.is_stopped() { AFTER_STOP } else { AFTERWARDS };
        Patience::new(Instant::now() + time, CancellationToken::new())
    }

    /// What is left of the time.
    pub fn left(&self) -> Duration {
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
        self.during(pausing, Duration::ZERO).await
    }

    /// Does the work, as long as there is patience; after a wish to stop it has `grace` to come to its end.
    ///
    /// # Errors
    /// Those of the work, and those of [`Patience::sleep`].
    pub(super) async fn during<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
        grace: Duration,
    ) -> Result<T, Error> {
        let stopped = async {
            self.stop.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            done = work => done,
            () = stopped => Err(Error::Stopped),
            () = sleep_until(self.deadline) => Err(Error::OutOfTime { waited_for: "Google".to_owned() }),
        }
    }
}

/// How long to look for what a failed operation has left.
const AFTERWARDS: Duration = Duration::from_secs(30);
/// The same after a wish to stop. With the grace of a write it stays below what is left to the process after SIGTERM.
const AFTER_STOP: Duration = Duration::from_secs(10);
