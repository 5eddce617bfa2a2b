//! Waiting for an operation to end.

use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tracing::{debug, info};

use super::Client;
use crate::cloudrun::error::Error;
use crate::cloudrun::request::Request;
use crate::cloudrun::{Operation, Patience};

/// Whether an endpoint has `operations.wait`; found out once.
#[derive(Default)]
pub(super) struct WaitMethod(OnceLock<bool>);

impl Client {
    /// Waits until an operation is done: by `operations.wait`, which answers when it is, and by asking now and
    /// then where there is no such method.
    ///
    /// # Errors
    /// When it failed, or was not done in time.
    pub async fn wait(&self, mut operation: Operation, patience: &Patience) -> Result<Operation, Error> {
        let start = Instant::now();
        let mut next_word = FIRST_WORD;
        let mut pause = SHORTEST_PAUSE;
        while !operation.done {
            let asked = Instant::now();
            let name = operation.name.clone();
            let in_time = |error: Error| error.while_waiting_for(|| format!("the operation {name} to end"));
            if let Some(now) = self.look(&name, patience).await.map_err(in_time)? {
                operation = now;
            }
            // An early answer proves nothing, and an endpoint that always gives one must not be stormed.
            if !operation.done && asked.elapsed() < LONG_POLL {
                patience.sleep(pause).await.map_err(in_time)?;
                pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            }
            if !operation.done && start.elapsed() >= next_word {
                next_word = start.elapsed() + FIRST_WORD;
                info!(
                    operation = name,
                    waited_s = start.elapsed().as_secs(),
                    "Google is still at work"
                );
            }
        }
        operation.ok()
    }

    /// How the operation is now; `None`: it is not to be seen at this moment.
    async fn look(&self, name: &str, patience: &Patience) -> Result<Option<Operation>, Error> {
        let mut refused = false;
        if self.wait_method.may_be_there() {
            let request = Request::wait(name, WAIT.min(patience.left()));
            match self.call(&request, patience).await {
                Ok(now) => {
                    self.wait_method.is_there();
                    return Ok(Some(now));
                }
                Err(error) if self.wait_method.seems_missing(&error) => {
                    debug!(%error, "operations.wait is refused; asking for the operation instead");
                    refused = true;
                }
                Err(error) => return bear(error),
            }
        }
        match self.call(&Request::operation(name), patience).await {
            Ok(now) => {
                // The operation is there, so what was refused is the method.
                if refused {
                    self.wait_method.is_missing();
                }
                Ok(Some(now))
            }
            Err(error) => bear(error),
        }
    }
}

impl WaitMethod {
    fn may_be_there(&self) -> bool {
        self.0.get() != Some(&false)
    }

    /// Whether this refusal may be one of the method and not of the operation.
    fn seems_missing(&self, error: &Error) -> bool {
        self.0.get().is_none() && matches!(http(error), Some(403 | 404 | 405 | 501))
    }

    fn is_there(&self) {
        self.0.get_or_init(|| true);
    }

    fn is_missing(&self) {
        self.0.get_or_init(|| false);
    }
}

/// What may be a passing state of the operations service is borne: above all an operation that is not to be
/// seen yet.
fn bear(error: Error) -> Result<Option<Operation>, Error> {
    match http(&error) {
        Some(404 | 429 | 500..=599) => {
            debug!(%error, "asking for the operation again");
            Ok(None)
        }
        _ => Err(error),
    }
}

fn http(error: &Error) -> Option<u16> {
    match error {
        Error::Status(status) => status.http,
        Error::Garbled { http, .. } => Some(*http),
        _ => None,
    }
}

/// How long one `operations.wait` may take; below the usual time-outs of proxies.
const WAIT: Duration = Duration::from_secs(30);
/// An answer that took so long was waited for on the other side.
const LONG_POLL: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a wait lasts before the log says what is waited for, and between two such words.
const FIRST_WORD: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
