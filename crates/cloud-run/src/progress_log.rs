//! Log lines about long waits.

use std::fmt::Display;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tracing::info;

/// Runs `work`. While it takes long, logs what is waited for, at growing intervals.
pub(super) async fn with_progress_log<T>(what: impl Display, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let mut work = pin!(work);
    let mut pause = FIRST_INTERVAL;
    loop {
        match timeout(pause, &mut work).await {
            Ok(done) => return done,
            Err(_) => info!(waited_s = start.elapsed().as_secs(), "still waiting for {what}"),
        }
        pause = (pause * 2).min(MAX_INTERVAL);
    }
}

/// The wait before the first line.
const FIRST_INTERVAL: Duration = Duration::from_secs(5);
const MAX_INTERVAL: Duration = Duration::from_secs(60);
