//! The ways in which the process ends, and how long each leaves to running calls.
//!
//! | what happens | what it means | time left |
//! |---|---|---|
//! | `Shutdown` | Terraform is done with us and kills us after two seconds | one second |
//! | SIGTERM | somebody ends this process: running applies return what they reached | half a minute |
//! | the parent has died | nobody will read another answer | half a minute |
//! | SIGINT | Ctrl-C reaches the whole process group, and Terraform itself will tell us: ignored | |
//! | SIGINT under `--debug` | the developer is done | one second |

#[cfg(unix)]
use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::StopSignal;

/// Terraform waits two seconds after `Shutdown`, then sends SIGKILL and complains.
const AFTER_SHUTDOWN: Duration = Duration::from_secs(1);
/// Enough for a call to Google to return and for the state to be handed over.
const AFTER_SIGTERM: Duration = Duration::from_secs(30);

/// The end of the server: not yet, or at a known time. Clones share it.
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
    /// Terraform says goodbye.
    pub(super) fn begin(&self) {
        self.begin_within(AFTER_SHUTDOWN);
    }

    /// Begins the end: no new calls, and running ones have `grace` left. A later, shorter grace wins.
    pub fn begin_within(&self, grace: Duration) {
        let end = Instant::now() + grace;
        self.deadline
            .send_modify(|deadline| *deadline = Some(deadline.map_or(end, |set| set.min(end))));
    }

    /// Returns when the end has begun.
    pub async fn started(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.deadline.subscribe().wait_for(Option::is_some).await;
    }

    /// Returns when no more time is left.
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

/// What tells this process from outside to end. Heard from the moment on in which this is made.
#[cfg(unix)]
pub(super) struct Watch {
    interrupts: tokio::signal::unix::Signal,
    terminations: tokio::signal::unix::Signal,
    parent: u32,
}

#[cfg(unix)]
impl Watch {
    /// Begins to listen; from here on Ctrl-C no longer ends the process.
    ///
    /// Must be called before the handshake line is out, inside a tokio runtime.
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

    /// For a process that a developer has started, and ends by Ctrl-C.
    pub(super) fn started_by_developer(self, shutdown: &Shutdown, stop: &StopSignal) {
        self.signals(shutdown, stop, true);
    }

    fn signals(mut self, shutdown: &Shutdown, stop: &StopSignal, debug: bool) {
        let (shutdown, stop) = (shutdown.clone(), stop.clone());
        tokio::spawn(async move {
            loop {
                let grace = tokio::select! {
                    _ = self.interrupts.recv() => {
                        if !debug {
                            tracing::debug!("ignored SIGINT: Terraform decides what Ctrl-C means");
                            continue;
                        }
                        AFTER_SHUTDOWN
                    }
                    _ = self.terminations.recv() => AFTER_SIGTERM,
                };
                tracing::info!(grace_s = grace.as_secs(), "ending on a signal");
                stop.stop();
                shutdown.begin_within(grace);
            }
        });
    }
}

/// Ends the process some time after its parent has died: a Terraform that was killed says no `Shutdown`.
///
/// Polled, on every Unix alike. Linux could send a signal instead (`PR_SET_PDEATHSIG`), but it sends it when the
/// *thread* that started us ends, and Terraform's threads come and go; the confirmation by `getppid` would be this
/// same poll. One system call a second costs nothing that can be measured.
#[cfg(unix)]
fn watch_parent(parent: u32, shutdown: &Shutdown, stop: &StopSignal) {
    const INTERVAL: Duration = Duration::from_secs(1);

    let (shutdown, stop) = (shutdown.clone(), stop.clone());
    tokio::spawn(async move {
        // An orphan gets another parent; which one depends on the system.
        while parent_id() == parent {
            tokio::time::sleep(INTERVAL).await;
        }
        tracing::warn!("the process that started this provider has died: ending");
        stop.stop();
        shutdown.begin_within(AFTER_SIGTERM);
    });
}

/// Ctrl-C is the only signal there is, and no parent can be asked for.
#[cfg(not(unix))]
pub(super) struct Watch;

#[cfg(not(unix))]
impl Watch {
    pub(super) fn begin() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// Ctrl-C is ignored: Terraform decides what it means.
    pub(super) fn started_by_terraform(self, _lifetime: &Shutdown, _stop: &StopSignal) {
        tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    }

    pub(super) fn started_by_developer(self, shutdown: &Shutdown, stop: &StopSignal) {
        let (shutdown, stop) = (shutdown.clone(), stop.clone());
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                stop.stop();
                shutdown.begin_within(AFTER_SHUTDOWN);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_shorter_grace_wins_and_a_longer_one_changes_nothing() {
        for graces in [[3600, 0], [0, 3600]] {
            let shutdown = Shutdown::default();
            graces
                .iter()
                .for_each(|seconds| shutdown.begin_within(Duration::from_secs(*seconds)));
            shutdown.started().await;
            shutdown.deadline_passed().await;
        }
    }

    #[tokio::test]
    async fn waiting_for_the_end_hears_of_an_end_that_comes_later() {
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
