//! The signal of `StopProvider`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Cancels running calls, which then return the state as it is.
///
/// Terraform sends `StopProvider` after Ctrl-C. The server continues, since calls must still return their state. Clones
/// share one signal.
#[derive(Clone, Debug, Default)]
pub struct StopSignal {
    current: Arc<Mutex<CancellationToken>>,
    renewable: bool,
}

impl StopSignal {
    /// A signal for a process of one Terraform command: a stop is final.
    pub fn permanent() -> Self {
        Self::default()
    }

    /// A signal for a process of several commands, as with `--debug`: [`reset`](Self::reset) clears it.
    pub fn renewable() -> Self {
        Self {
            renewable: true,
            ..Self::default()
        }
    }

    /// Cancels the current token.
    pub fn stop(&self) {
        self.lock().cancel();
    }

    /// The token of the current command. A call takes it once, at its start.
    pub fn token(&self) -> CancellationToken {
        self.lock().clone()
    }

    /// Makes a new token, if the current one is cancelled and this signal is renewable. `ConfigureProvider` calls it.
    pub fn reset(&self) {
        let mut current = self.lock();
        if self.renewable && current.is_cancelled() {
            *current = CancellationToken::new();
        }
    }

    fn lock(&self) -> MutexGuard<'_, CancellationToken> {
        // A panic while the lock is held leaves the token intact.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_is_final_and_shared_by_clones() {
        let signal = StopSignal::permanent();
        let (token, clone) = (signal.token(), signal.clone());
        clone.stop();
        signal.reset();
        assert!(token.is_cancelled());
        assert!(signal.token().is_cancelled());
    }

    #[test]
    fn reset_makes_a_new_token() {
        let signal = StopSignal::renewable();
        let old = signal.token();
        signal.stop();
        signal.reset();
        assert!(old.is_cancelled());
        assert!(!signal.token().is_cancelled());
    }

    #[test]
    fn reset_without_stop_keeps_the_token() {
        let signal = StopSignal::renewable();
        let running = signal.token();
        signal.reset();
        signal.stop();
        assert!(running.is_cancelled());
    }
}
