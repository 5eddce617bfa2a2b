//! After a write: the state is read back.

use std::time::Duration;

use tracing::{info, warn};

use super::errors::{Action, call_error, not_ready};
use super::writes::check_uid;
use crate::job::attributes::EXECUTIONS;
use crate::job::flatten::{flatten, unmanaged_settings};
use crate::job::private_state::PrivateState;
use cloud_run::model::Job as Remote;
use cloud_run::{CallContext, Client, Error, JobName, Readiness};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::StateResponse;
use terraform_plugin::value::Value;

/// A write that the API has accepted.
pub(super) struct WriteOutcome<'a> {
    pub(super) action: Action,
    /// The UID of the written job, where it is known.
    pub(super) uid: Option<&'a str>,
    pub(super) planned: &'a Value,
    /// The state before; null for a creation.
    pub(super) prior: &'a Value,
    /// The private state before.
    pub(super) private: &'a PrivateState,
    pub(super) result: OperationResult,
}

/// The job in the result of the operation, if there is one, or why it is unknown whether the operation is done.
pub(super) type OperationResult = Result<Option<Remote>, Error>;

/// The state after a write. A job that cannot be read stays in the state under its name, so that it is neither lost nor
/// created twice.
pub(super) async fn finish_write(
    client: &Client,
    name: &JobName,
    outcome: WriteOutcome<'_>,
    context: &CallContext,
) -> StateResponse {
    let WriteOutcome {
        action,
        planned,
        prior,
        ..
    } = outcome;
    let (remote, failed) = read_back(client, name, outcome.uid, outcome.result, context).await;
    // After a failure the next plan must show what is left to do.
    let hint = if failed.is_some() && !prior.is_null() {
        prior
    } else {
        planned
    };
    let mut diagnostics: Vec<Diagnostic> = failed
        .iter()
        .map(|error| call_error(action, name, error))
        .collect();
    let mut private = None;
    let state = match remote {
        Ok(remote) => {
            info!(job = %name, generation = remote.generation, "received the job after the write");
            if let Readiness::Failed { reason, message } = remote.readiness() {
                diagnostics.push(not_ready(action, name, &reason, &message));
            }
            let mut state = flatten(&remote, name, hint);
            if failed.is_none() {
                keep_planned_executions(&mut state, planned);
                // After a failure the private state still has the imported keys.
                let unmanaged = unmanaged_settings(&remote, &state);
                private = Some(outcome.private.applied().with_unmanaged(unmanaged).to_bytes());
            }
            if hint.get("execution_url").as_str().is_none() {
                state.set("execution_url", client.run_url(name));
            }
            state
        }
        // The written job was deleted, and another one has its name. The next refresh warns of it.
        Err(mismatch) if mismatch.is_uid_mismatch() => {
            diagnostics = vec![call_error(action, name, &mismatch)];
            prior.clone()
        }
        Err(error) if error.is_not_found() && failed.is_some() => Value::Null,
        Err(error) => {
            if failed.is_none() {
                diagnostics.push(call_error(Action::Read, name, &error));
            }
            let mut state = known_values(hint);
            state.set("ready", false);
            state
        }
    };
    StateResponse {
        state,
        private,
        diagnostics,
    }
}

/// Executions may have started since the plan, which Terraform does not allow to change.
fn keep_planned_executions(state: &mut Value, planned: &Value) {
    for attribute in EXECUTIONS {
        let value = planned.get(attribute);
        if value != &Value::Unknown {
            state.set(attribute, value.clone());
        }
    }
}

/// The planned values with null for unknown ones.
fn known_values(planned: &Value) -> Value {
    match planned {
        Value::Unknown => Value::Null,
        Value::List(items) => Value::List(items.iter().map(known_values).collect()),
        Value::Map(members) => Value::Map(
            members
                .iter()
                .map(|(key, member)| (key.clone(), known_values(member)))
                .collect(),
        ),
        known => known.clone(),
    }
}

/// The current job, and the error that remains. A write that is done is no failure, also when it is found after the deadline
/// (above all on a machine that slept) or after a cancellation.
async fn read_back(
    client: &Client,
    name: &JobName,
    uid: Option<&str>,
    result: OperationResult,
    context: &CallContext,
) -> (Result<Remote, Error>, Option<Error>) {
    let (remote, failed) = match result {
        // A read would return the same, one round trip later.
        Ok(Some(remote)) => (Some(Ok(remote)), None),
        Ok(None) => match wait_until_reconciled(client, name, context).await {
            Err(error) if is_inconclusive(&error, context) => (None, Some(error)),
            remote => (Some(remote), None),
        },
        Err(failed) => (None, Some(failed)),
    };
    let remote = match remote {
        Some(remote) => remote,
        None => client.get_job(name, &context.for_cleanup()).await,
    };
    let remote = remote.and_then(|remote| check_uid(remote, uid));
    let done = remote
        .as_ref()
        .is_ok_and(|remote| !matches!(remote.readiness(), Readiness::Reconciling));
    (
        remote,
        failed.filter(|error| !(done && is_inconclusive(error, context))),
    )
}

/// Whether an error leaves the result of the write unknown: an error of the operation is final, a network error at the
/// deadline is not.
fn is_inconclusive(error: &Error, context: &CallContext) -> bool {
    error.is_deadline_exceeded() || error.is_cancelled() || context.is_expired() && error.status().is_none()
}

/// Reads the job until it is reconciled. Since its operation is done, that is nearly always at once.
async fn wait_until_reconciled(
    client: &Client,
    name: &JobName,
    context: &CallContext,
) -> Result<Remote, Error> {
    let mut pause = Duration::from_millis(100);
    loop {
        match client.get_job(name, context).await {
            Ok(remote) if !matches!(remote.readiness(), Readiness::Reconciling) => return Ok(remote),
            Ok(_) => info!(job = %name, "waiting until the new definition is in effect"),
            Err(error) if error.is_unreachable() && !context.is_done() => {
                warn!(job = %name, %error, "Cloud Run is unreachable; waiting");
            }
            Err(error) => return Err(error),
        }
        context.sleep(pause).await?;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}
