//! Cancels an execution.

use std::time::Duration;

use super::errors::{Call, call_error, hint};
use super::report::{logs, manual_cancel};
use super::state::{State, progress};
use cloud_run::model::Execution;
use cloud_run::{CallContext, Client, Error, ExecutionName};
use terraform_plugin::diagnostic::Diagnostic;
use tracing::info;

/// Cancels an execution and waits for its end; returns it, or `None` if it does not exist. One that has ended is left alone.
///
/// # Errors
/// If it cannot be read or cancelled, or has not ended at the deadline.
pub async fn cancel(
    client: &Client,
    name: &ExecutionName,
    context: &CallContext,
) -> Result<Option<Execution>, Diagnostic> {
    let read = async || match client.get_execution(name, context).await {
        Ok(execution) => Ok(Some(execution)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    };
    let is_active = |execution: &Option<Execution>| {
        let states = execution.iter().map(State::of);
        states.into_iter().any(|state| !state.is_final())
    };
    let mut execution = read()
        .await
        .map_err(|error| call_error(Call::GetExecution, name, &error))?;
    if !is_active(&execution) {
        return Ok(execution);
    }
    info!(execution = %name, "cancelling the execution");
    if let Err(error) = client.cancel_execution(name, context).await {
        // It may have ended in the meantime.
        return match read().await {
            Ok(current) if !is_active(&current) => Ok(current),
            _ => Err(call_error(Call::Cancel, name, &error)),
        };
    }
    let mut pauses = client.backoff();
    loop {
        let current = match context.pause(&mut pauses, MAX_PAUSE).await {
            Ok(()) => read().await,
            Err(error) => Err(error),
        };
        match current {
            Ok(current) if !is_active(&current) => return Ok(current),
            Ok(current) => execution = current,
            Err(error) if error.is_transient() && !context.is_done() => {}
            Err(error) => return Err(still_running(name, execution.as_ref(), &error)),
        }
    }
}

/// The request was accepted, but its outcome is not known.
fn still_running(name: &ExecutionName, execution: Option<&Execution>, error: &Error) -> Diagnostic {
    let last = execution.map(|execution| format!("\n\nIt was last seen with {}.", progress(execution)));
    Diagnostic::error(
        "Execution not cancelled yet",
        format!(
            "Cloud Run accepted the cancellation of {name}, and the provider stopped waiting for its end: {error}{}{}{}{}",
            hint(Call::GetExecution, error),
            last.unwrap_or_default(),
            manual_cancel(name),
            logs(execution)
        ),
    )
}

const MAX_PAUSE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
