//! Create, read and delete: what an apply or a refresh does with an execution.

mod outcome;

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::identity::execution_name;
use super::private_state::PrivateState;
use super::schema::DEFAULT_DELETE_TIMEOUT;
use crate::duration;
use crate::provider::{ClientUnavailable, ProviderData};
use crate::run::errors::{Call, call_error};
use crate::run::flatten::set_attributes;
use crate::run::limits::{MAX_TIMEOUT, START_TIMEOUT, max_gpu_hours};
use crate::run::state::State;
use crate::run::{Started, cancel, follow, job_argument, overrides, prepare, report};
use cloud_run::{CallContext, Client, JobName};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::StateResponse;
use terraform_plugin::value::Value;

/// Runs the job and, with `wait`, waits for the end.
pub(super) async fn create(
    data: &ProviderData,
    planned: &Value,
    cancellation: &CancellationToken,
) -> StateResponse {
    let (client, job) = match client_and_job(data, planned) {
        Ok(both) => both,
        Err(diagnostics) => return not_created(diagnostics),
    };
    let overrides = overrides::expand(planned);
    let wait = planned.get("wait") != &Value::from(false);
    let prepared = match prepare(client, &job, wait, cancellation).await {
        Ok(prepared) => prepared,
        Err(error) => return not_created(error.into()),
    };
    let limits = prepared.limits(&overrides);
    let default = if wait { limits.duration } else { START_TIMEOUT };
    let timeout = timeout(planned, "create").unwrap_or(default);
    info!(job = %job, "{}", limits.text(wait.then_some(timeout)));
    let context = CallContext::new(Instant::now() + timeout, cancellation.clone());
    let started = prepared.start(client, &data.runs, &overrides, &context).await;
    // Of those before the start. By now, the executions of other resources of this apply are recorded.
    let similar = prepared.unfinished_like(&overrides, &data.runs);
    let mut diagnostics: Vec<Diagnostic> = outcome::similar_executions(&similar).into_iter().collect();
    let Started { name, execution } = match started {
        Ok(started) => started,
        Err(error) => {
            diagnostics.push(error);
            return not_created(diagnostics);
        }
    };
    let mut state = planned.clone();
    state.set("max_gpu_hours", limits.max_gpu_hours);
    let mut private = PrivateState::default();
    if wait {
        let mut log = |text: &str| info!(execution = %name, "{text}");
        let followed = follow(client, &name, execution, &context, &mut log).await;
        set_attributes(&mut state, &followed.execution, &name);
        private.interrupted = !State::of(&followed.execution).is_final();
        diagnostics.extend(outcome::of_wait(client, &name, &followed, timeout));
    } else {
        set_attributes(&mut state, &execution, &name);
    }
    StateResponse {
        state,
        private: Some(private.to_bytes()),
        diagnostics,
    }
}

/// Reads an execution that has not ended. One that is gone stays in the state: what ran has run.
pub(super) async fn read(
    data: &ProviderData,
    state: &Value,
    private: PrivateState,
    cancellation: &CancellationToken,
) -> StateResponse {
    if state.is_null() || has_ended(state) {
        return StateResponse::new(state.clone());
    }
    let client = match data.client() {
        Ok(client) => client,
        Err(unavailable) => return StateResponse::failed(state.clone(), unavailable.for_reading()),
    };
    let Some(name) = execution_name(state) else {
        return StateResponse::failed(state.clone(), missing_id());
    };
    let execution = match client.get_execution(&name, &read_context(cancellation)).await {
        Ok(execution) => execution,
        Err(error) if error.is_not_found() => {
            warn!(execution = %name, "the execution does not exist any more");
            return StateResponse::new(state.clone());
        }
        Err(error) => {
            return StateResponse::failed(state.clone(), call_error(Call::GetExecution, &name, &error));
        }
    };
    let mut response = StateResponse::new(state.clone());
    set_attributes(&mut response.state, &execution, &name);
    if state.get("max_gpu_hours").is_null() {
        response.state.set("max_gpu_hours", max_gpu_hours(&execution));
    }
    if private.interrupted && matches!(State::of(&execution), State::Failed | State::Cancelled) {
        let failure = report::reason(&execution);
        response.private = Some(PrivateState { failure, ..private }.to_bytes());
    }
    response
}

/// Cancels an execution that has not ended.
pub(super) async fn delete(
    data: &ProviderData,
    prior: &Value,
    cancellation: &CancellationToken,
) -> StateResponse {
    if has_ended(prior) {
        return StateResponse::new(Value::Null);
    }
    let client = match data.client() {
        Ok(client) => client,
        Err(unavailable) => return StateResponse::failed(prior.clone(), unavailable.for_writing()),
    };
    let Some(name) = execution_name(prior) else {
        return StateResponse::failed(prior.clone(), missing_id());
    };
    let default = || duration::parse(DEFAULT_DELETE_TIMEOUT).ok();
    let timeout = timeout(prior, "delete").or_else(default).unwrap_or_default();
    let context = CallContext::new(Instant::now() + timeout, cancellation.clone());
    match cancel(client, &name, &context).await {
        Ok(_) => StateResponse::new(Value::Null),
        Err(error) => StateResponse::failed(prior.clone(), error),
    }
}

fn client_and_job<'a>(
    data: &'a ProviderData,
    planned: &Value,
) -> Result<(&'a Client, JobName), Vec<Diagnostic>> {
    let client = data.client().map_err(ClientUnavailable::for_writing)?;
    Ok((client, job_argument::known_job_name(planned, &data.defaults)?))
}

fn not_created(diagnostics: Vec<Diagnostic>) -> StateResponse {
    StateResponse {
        diagnostics,
        ..StateResponse::new(Value::Null)
    }
}

/// Whether a stored execution had ended when it was last read.
fn has_ended(state: &Value) -> bool {
    let state = state.get("state").as_str().and_then(State::parse);
    state.is_some_and(State::is_final)
}

/// A configured timeout.
fn timeout(state: &Value, operation: &str) -> Option<Duration> {
    let timeout = duration::parse(state.get("timeouts").get(operation).as_str()?);
    timeout.ok().map(|timeout| timeout.min(MAX_TIMEOUT))
}

fn missing_id() -> Diagnostic {
    Diagnostic::error(
        "Missing execution ID",
        "The state must have the full name of the execution in id, got none. Remove the resource from the state with \
         terraform state rm, and import the execution.",
    )
}

/// The deadline of a read.
pub(in crate::run) fn read_context(cancellation: &CancellationToken) -> CallContext {
    CallContext::new(Instant::now() + READ_TIMEOUT, cancellation.clone())
}

/// How long one read may take, retries included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);

#[cfg(test)]
mod tests;
