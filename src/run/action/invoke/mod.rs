//! One invocation of the action.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::super::job_argument::known_job_name;
use super::super::limits::{START_TIMEOUT, expiring_token};
use super::super::report::{self, manual_cancel};
use super::super::state::{State, progress as task_counts};
use super::super::{Followed, Outcome, cancel, follow, overrides, prepare};
use super::schema::Config;
use crate::duration;
use crate::provider::{ClientUnavailable, ProviderData};
use cloud_run::{CallContext, Client, ExecutionName};
use terraform_plugin::Context;
use terraform_plugin::action::Progress;
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::value::Value;

/// Runs the job.
///
/// # Errors
/// If it was not started, did not succeed, or was not followed to its end.
pub(super) async fn invoke(
    context: &Context<ProviderData>,
    config: &Value,
    progress: &Progress,
) -> Result<(), Vec<Diagnostic>> {
    let data = &context.data;
    let client = data.client().map_err(ClientUnavailable::for_writing)?;
    let name = known_job_name(config, &data.defaults)?;
    let overrides = overrides::expand(config);
    let config = Config::read(config);
    let wait = config.wait.into_known().unwrap_or(true);
    let cancel_on_stop = config.cancel_on_stop.into_known().unwrap_or(false);

    let prepared = prepare(client, &name, wait, &context.cancellation).await?;
    let limits = prepared.limits(&overrides);
    let configured = config.timeout.known().and_then(|text| duration::parse(text).ok());
    let timeout = match wait {
        true => configured.unwrap_or(limits.duration),
        false => START_TIMEOUT,
    };
    progress.send(limits.text(wait.then_some(timeout)));
    if let Some(warning) = expiring_token(client, timeout).filter(|_| wait) {
        progress.send(format!("{}: {}", warning.summary, warning.detail));
    }

    let call = CallContext::new(Instant::now() + timeout, context.cancellation.clone());
    let started = prepared.start(client, &data.runs, &overrides, &call).await?;
    progress.send(report::started(&started.name, &started.execution));
    if !wait {
        return Ok(());
    }
    let name = started.name;
    let mut report_progress = |text: &str| progress.send(text);
    let followed = follow(client, &name, started.execution, &call, &mut report_progress).await;
    if let Outcome::Succeeded | Outcome::Failed(_) | Outcome::Cancelled = followed.outcome {
        progress.send(report::ended(&followed.execution));
    }
    let error = match followed.outcome {
        Outcome::Stopped if cancel_on_stop => cancel_after_stop(client, &name, &followed).await,
        _ => report::outcome(&name, &followed, timeout),
    };
    error.map_or(Ok(()), |error| Err(error.into()))
}

/// Cancels the execution after an interruption, which must not take long.
async fn cancel_after_stop(client: &Client, name: &ExecutionName, stopped: &Followed) -> Option<Diagnostic> {
    let context = CallContext::new(Instant::now() + CANCEL_TIME, CancellationToken::new());
    let interrupted = format!("Terraform stopped the provider before {name} ended");
    let detail = match cancel(client, name, &context).await {
        Ok(Some(execution)) => {
            // It may have ended before the request.
            let end = match State::of(&execution) {
                State::Succeeded => return None,
                State::Cancelled => "The provider cancelled the execution",
                State::Failed | State::Running | State::Pending => "It has failed since",
            };
            let counts = task_counts(&execution);
            format!(
                "{interrupted}. {end}: {counts}.{}",
                report::logs(Some(&execution))
            )
        }
        Ok(None) => format!("{interrupted}, and it does not exist any more."),
        Err(error) => {
            let hint = manual_cancel(name);
            let hint = if error.detail.contains(&hint) { "" } else { &hint };
            let counts = task_counts(&stopped.execution);
            format!(
                "{interrupted}: {counts}. The execution was not cancelled and may continue.{hint}\n\n{}",
                error.detail
            )
        }
    };
    Some(Diagnostic::error(SUMMARY, detail))
}

const SUMMARY: &str = "Run interrupted";
/// How long cancelling an execution may take after an interruption.
const CANCEL_TIME: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
