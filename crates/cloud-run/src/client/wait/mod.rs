//! Waits for an operation to end.

use std::time::{Duration, Instant};
use tracing::{debug, info, warn};

use super::Client;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::operation::Operation;
use crate::progress_log::with_progress_log;
use crate::request::Request;

impl Client {
    /// Waits until an operation is done: by `operations.wait`, or by polling where the endpoint does not have that method.
    ///
    /// # Errors
    /// If the operation failed, or was not done before the deadline.
    pub async fn wait(&self, operation: Operation, context: &CallContext) -> Result<Operation, Error> {
        if operation.done {
            return operation.ok();
        }
        let (start, name) = (Instant::now(), operation.name.clone());
        info!(operation = name, "waiting for operation");
        let what = format!("operation {name}");
        let ended = with_progress_log(&what, self.until_done(operation, context)).await;
        let ended = ended.map_err(|error| error.while_waiting_for(|| what))?;
        info!(
            operation = name,
            waited_s = start.elapsed().as_secs_f64(),
            "operation finished"
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
            // An early response proves nothing, and an endpoint that always gives one must not be flooded.
            if !operation.done && requested_at.elapsed() < LONG_POLL {
                context.sleep(pause).await?;
                pause = (pause * 3 / 2).min(MAX_BACKOFF);
            }
        }
        Ok(operation)
    }

    /// The operation as it is now; `None` if it cannot be seen at the moment.
    async fn poll(&self, name: &str, context: &CallContext) -> Result<Option<Operation>, Error> {
        let mut refused = false;
        // Without a permit it polls instead: long requests must leave room for others.
        if self.wait_method.may_exist()
            && let Ok(_permit) = self.wait_method.permits.try_acquire()
        {
            let request = Request::wait(name, WAIT.min(context.remaining()));
            match self.call(&request, context).await {
                Ok(current) => {
                    self.wait_method.confirm();
                    return Ok(Some(current));
                }
                Err(error) if self.wait_method.may_be_missing(&error) => {
                    debug!(%error, "operations.wait not available, polling operations.get");
                    refused = true;
                }
                Err(error) => return ignore_transient(error),
            }
        }
        match self.call(&Request::operation(name), context).await {
            Ok(current) => {
                // The operation exists, so the refusal may be about the method.
                if refused {
                    self.wait_method.record_refusal();
                }
                Ok(Some(current))
            }
            Err(error) => ignore_transient(error),
        }
    }
}

/// Ignores transient errors, above all an operation that is not visible yet. A network that is down counts too: the
/// endpoint has accepted the request before, so its address is right.
fn ignore_transient(error: Error) -> Result<Option<Operation>, Error> {
    if error.is_unreachable() || matches!(error.http(), Some(404 | 429 | 500..=599)) {
        warn!(%error, "polling the operation again");
        return Ok(None);
    }
    Err(error)
}

/// How long one `operations.wait` may take: less than the usual timeouts of proxies.
const WAIT: Duration = Duration::from_secs(30);
/// After this time the service itself has waited.
const LONG_POLL: Duration = Duration::from_secs(1);
const MIN_BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
