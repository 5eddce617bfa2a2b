//! Waiting for an operation to end.

use std::time::{Duration, Instant};
use tracing::{debug, info, warn};

use super::Client;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::operation::Operation;
use crate::progress_log::with_progress_log;
use crate::request::Request;

impl Client {
    /// Waits until an operation is done: by `operations.wait`, which answers when it is, and by asking now and
    /// then where there is no such method.
    ///
    /// # Errors
    /// When it failed, or was not done in time.
    pub async fn wait(&self, operation: Operation, context: &CallContext) -> Result<Operation, Error> {
        if operation.done {
            return operation.ok();
        }
        let (start, name) = (Instant::now(), operation.name.clone());
        info!(operation = name, "waiting for the operation to end");
        let what = format!("the operation {name} to end");
        let ended = with_progress_log(&what, self.until_done(operation, context)).await;
        let ended = ended.map_err(|error| error.while_waiting_for(|| what))?;
        info!(
            operation = name,
            waited_s = start.elapsed().as_secs_f64(),
            "the operation has ended"
        );
        ended.ok()
    }

    async fn until_done(&self, mut operation: Operation, context: &CallContext) -> Result<Operation, Error> {
        let mut pause = MIN_BACKOFF;
        while !operation.done {
            let requested_at = Instant::now();
            if let Some(current) = self.poll(&operation.name, context).await? {
                operation = current;
            }
            // An early answer proves nothing, and an endpoint that always gives one must not be stormed.
            if !operation.done && requested_at.elapsed() < LONG_POLL {
                context.sleep(pause).await?;
                pause = (pause * 3 / 2).min(MAX_BACKOFF);
            }
        }
        Ok(operation)
    }

    /// How the operation is now; `None`: it is not to be seen at this moment.
    async fn poll(&self, name: &str, context: &CallContext) -> Result<Option<Operation>, Error> {
        let mut refused = false;
        // Whoever finds all places taken asks now and then instead: requests that wait leave room for others.
        if self.wait_method.may_be_there()
            && let Ok(_permit) = self.wait_method.permits.try_acquire()
        {
            let request = Request::wait(name, WAIT.min(context.remaining()));
            match self.call(&request, context).await {
                Ok(current) => {
                    self.wait_method.is_there();
                    return Ok(Some(current));
                }
                Err(error) if self.wait_method.may_be_missing(&error) => {
                    debug!(%error, "operations.wait is refused; asking for the operation instead");
                    refused = true;
                }
                Err(error) => return ignore_transient(error),
            }
        }
        match self.call(&Request::operation(name), context).await {
            Ok(current) => {
                // The operation is there, so what was refused may be the method.
                if refused {
                    self.wait_method.record_refusal();
                }
                Ok(Some(current))
            }
            Err(error) => ignore_transient(error),
        }
    }
}

/// What may be a passing state of the operations service is borne: above all an operation that is not to be
/// seen yet. So is a network that is down: Google was there when it took the request, so the address is right.
fn ignore_transient(error: Error) -> Result<Option<Operation>, Error> {
    if error.is_unreachable() || matches!(error.http(), Some(404 | 429 | 500..=599)) {
        warn!(%error, "asking for the operation again");
        return Ok(None);
    }
    Err(error)
}

/// How long one `operations.wait` may take; below the usual time-outs of proxies.
const WAIT: Duration = Duration::from_secs(30);
/// An answer that took so long was waited for on the other side.
const LONG_POLL: Duration = Duration::from_secs(1);
const MIN_BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(5);
#[cfg(test)]
mod tests;
