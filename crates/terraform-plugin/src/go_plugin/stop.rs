//! `StopProvider` as the rest of the program sees it: a signal to stop waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Tells running operations to stop waiting and to answer with what they have reached.
///
/// Terraform sends `StopProvider` when its user presses Ctrl-C. The server goes on: what was reached must
/// still be returned, or it is lost from the state. Clones share one signal.
#[derive(Clone, Debug, Default)]
pub struct StopSignal {
    current: Arc<Mutex<CancellationToken>>,
    renewable: bool,
}

impl StopSignal {
    /// A signal for a process that serves one walk of Terraform: once stopped, it stays so.
    pub fn permanent() -> Self {
        Self::default()
    }

    /// A signal for a process that serves walk after walk, as under a debugger: [`reset`](Self::reset) clears it.
    pub fn renewable() -> Self {
        Self {
            renewable: true,
            ..Self::default()
        }
    }

    /// Ends the waiting of everything that holds the current token.
    pub fn stop(&self) {
        self.lock().cancel();
    }

    /// The token of the current walk. An operation takes it once, when it begins.
    pub fn token(&self) -> CancellationToken {
        self.lock().clone()
    }

    /// Begins a new walk, if the last one was stopped and this signal can be renewed.
    ///
    /// Called for every `ConfigureProvider`: the first call of a walk that changes anything.
    pub fn reset(&self) {
        let mut current = self.lock();
        if self.renewable && current.is_cancelled() {
            *current = CancellationToken::new();
        }
    }

    fn lock(&self) -> MutexGuard<'_, CancellationToken> {
        // A token has no half-written state that a panic elsewhere could leave behind.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clone_sees_the_stop_and_it_stays() {
        let signal = StopSignal::permanent();
        let (token, clone) = (signal.token(), signal.clone());
        clone.stop();
        signal.reset();
        assert!(token.is_cancelled());
        assert!(signal.token().is_cancelled());
    }

    #[test]
    fn a_renewed_signal_starts_afresh_and_leaves_the_old_walk_stopped() {
        let signal = StopSignal::renewable();
        let old = signal.token();
        signal.stop();
        signal.reset();
        assert!(old.is_cancelled());
        assert!(!signal.token().is_cancelled());
    }

    #[test]
    fn a_reset_without_a_stop_keeps_the_walk_that_is_running() {
        let signal = StopSignal::renewable();
        let running = signal.token();
        signal.reset();
        signal.stop();
        assert!(running.is_cancelled());
    }
}
