//! The ways in which the process ends, and how much time each leaves to running calls.
//!
//! | event | meaning | time left |
//! |---|---|---|
//! | `Shutdown` | Terraform needs the process no longer, and kills it after two seconds | 1 s |
//! | SIGTERM | running applies return their state | 30 s |
//! | the parent process has ended | Terraform was killed | 30 s |
//! | SIGINT | Ctrl-C reaches the whole process group; Terraform sends `StopProvider`, so it is ignored | |
//! | SIGINT with `--debug` | the developer ends the process | 1 s |
//!
//! On Windows, Ctrl-C and Ctrl-Break are SIGINT; nothing is SIGTERM, and the parent process is not watched.

#[cfg(unix)]
use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::StopSignal;

/// Terraform waits two seconds after `Shutdown`, then sends SIGKILL.
const AFTER_SHUTDOWN: Duration = Duration::from_secs(1);
/// Enough for a request to return and for the state to be sent.
#[cfg(unix)]
const AFTER_SIGTERM: Duration = Duration::from_secs(30);

/// The shutdown of the server: not started, or with a deadline. Clones share it.
#[derive(Clone)]
pub struct Shutdown {
    deadline: watch::Sender<Option<Instant>>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self {
            deadline: watch::Sender::new(None),
        }
    }
}

impl Shutdown {
    /// Begins the shutdown that Terraform requests.
    pub(super) fn begin(&self) {
        self.begin_within(AFTER_SHUTDOWN);
    }

    /// Begins the shutdown: no new calls, and `time` for running ones. The earliest deadline of several applies.
    pub fn begin_within(&self, time: Duration) {
        let end = Instant::now() + time;
        self.deadline
            .send_modify(|deadline| *deadline = Some(deadline.map_or(end, |set| set.min(end))));
    }

    /// Returns when the shutdown has begun.
    pub async fn started(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.deadline.subscribe().wait_for(Option::is_some).await;
    }

    /// Returns at the deadline of the shutdown.
    pub async fn deadline_passed(&self) {
        let mut changes = self.deadline.subscribe();
        loop {
            let deadline = *changes.borrow_and_update();
            tokio::select! {
                _ = changes.changed() => {}
                () = until(deadline) => return,
            }
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Signals, and the end of the parent process.
#[cfg(unix)]
pub(super) struct Watch {
    interrupts: tokio::signal::unix::Signal,
    terminations: tokio::signal::unix::Signal,
    parent: u32,
}

#[cfg(unix)]
impl Watch {
    /// Handles signals from here on: Ctrl-C no longer ends the process.
    ///
    /// Must be called before the handshake line is printed, inside a Tokio runtime.
    pub(super) fn begin() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupts: signal(SignalKind::interrupt())?,
            terminations: signal(SignalKind::terminate())?,
            parent: parent_id(),
        })
    }

    /// For a process that Terraform has started.
    pub(super) fn started_by_terraform(self, shutdown: &Shutdown, stop: &StopSignal) {
        watch_parent(self.parent, shutdown, stop);
        self.signals(shutdown, stop, false);
    }

    /// For a process that a developer has started, and ends with Ctrl-C.
    pub(super) fn started_by_developer(self, shutdown: &Shutdown, stop: &StopSignal) {
        self.signals(shutdown, stop, true);
    }

    fn signals(mut self, shutdown: &Shutdown, stop: &StopSignal, debug: bool) {
        let (shutdown, stop) = (shutdown.clone(), stop.clone());
        tokio::spawn(async move {
            loop {
                let time = tokio::select! {
                    _ = self.interrupts.recv() => {
                        if !debug {
                            tracing::debug!("ignored SIGINT: Terraform sends StopProvider on Ctrl-C");
                            continue;
                        }
                        AFTER_SHUTDOWN
                    }
                    _ = self.terminations.recv() => AFTER_SIGTERM,
                };
                tracing::info!(grace_s = time.as_secs(), "received a signal, shutting down");
                stop.stop();
                shutdown.begin_within(time);
            }
        });
    }
}

/// Ends the process after its parent, since a Terraform that was killed sends no `Shutdown`.
///
/// Polls once a second. Linux could send a signal (`PR_SET_PDEATHSIG`), but does so when the *thread* that started the
/// process ends.
#[cfg(unix)]
fn watch_parent(parent: u32, shutdown: &Shutdown, stop: &StopSignal) {
    const INTERVAL: Duration = Duration::from_secs(1);

    let (shutdown, stop) = (shutdown.clone(), stop.clone());
    tokio::spawn(async move {
        // An orphan gets another parent process.
        while parent_id() == parent {
            tokio::time::sleep(INTERVAL).await;
        }
        tracing::warn!("parent process has ended, shutting down");
        stop.stop();
        shutdown.begin_within(AFTER_SIGTERM);
    });
}

/// Ctrl-C and Ctrl-Break. The end of the parent process is not watched.
#[cfg(windows)]
pub(super) struct Watch {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Watch {
    /// Handles both from here on. Must be called before the handshake line is printed, inside a Tokio runtime.
    pub(super) fn begin() -> std::io::Result<Self> {
        Ok(Self {
            ctrl_c: tokio::signal::windows::ctrl_c()?,
            ctrl_break: tokio::signal::windows::ctrl_break()?,
        })
    }

    /// Ignores both: Terraform sends `StopProvider`.
    pub(super) fn started_by_terraform(mut self, _shutdown: &Shutdown, _stop: &StopSignal) {
        tokio::spawn(async move {
            loop {
                self.next().await;
                tracing::debug!("ignored Ctrl-C: Terraform sends StopProvider");
            }
        });
    }

    pub(super) fn started_by_developer(mut self, shutdown: &Shutdown, stop: &StopSignal) {
        let (shutdown, stop) = (shutdown.clone(), stop.clone());
        tokio::spawn(async move {
            loop {
                self.next().await;
                stop.stop();
                shutdown.begin_within(AFTER_SHUTDOWN);
            }
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.ctrl_c.recv() => {}
            _ = self.ctrl_break.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn earliest_deadline_applies() {
        for times in [[3600, 0], [0, 3600]] {
            let shutdown = Shutdown::default();
            times
                .iter()
                .for_each(|seconds| shutdown.begin_within(Duration::from_secs(*seconds)));
            shutdown.started().await;
            shutdown.deadline_passed().await;
        }
    }

    #[tokio::test]
    async fn deadline_set_while_waiting_is_noticed() {
        let shutdown = Shutdown::default();
        let waiting = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { shutdown.deadline_passed().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        shutdown.begin_within(Duration::from_secs(3600));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        shutdown.begin_within(Duration::ZERO);
        assert!(waiting.await.is_ok());
    }
}
