//! Create, read, update and delete: what an apply or a refresh does with a job.
//!
//! What was created is in the state, also when a later step failed. The state after a write is what the API returns for the
//! job after it.

mod concurrent_change;
mod create_error;
pub mod error_path;
pub(super) mod errors;
mod plan_check;
mod read_back;
mod unchanged;
mod writes;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::expand::expand;
use super::flatten::{flatten, unmanaged_settings};
use super::identity::job_name;
use super::model::{Job, Timeouts};
use super::plan::protection_error;
use super::private_state::PrivateState;
use super::schema::DEFAULT_TIMEOUT;
use crate::duration;
use cloud_run::{CallContext, Client, Error, JobName, Operation, model as api};
use errors::{
    Action, call_error, call_error_with, changed_outside_terraform, missing_identity,
    recreated_outside_terraform,
};
pub use plan_check::{CheckResult, validate_only};
use read_back::{WriteOutcome, finish_write};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::StateResponse;
use terraform_plugin::value::{Field, Value};
use unchanged::is_unchanged;
use writes::{CreateOutcome, Update, UpdateOutcome};

/// Creates the planned job.
pub async fn create(client: &Client, planned: &Value, cancellation: &CancellationToken) -> StateResponse {
    let job = Job::read(planned);
    let Some(name) = job_name(planned) else {
        return StateResponse::failed(Value::Null, missing_identity());
    };
    let context = write_context(&job, |timeouts| &timeouts.create, cancellation);
    let creation_id = uuid::Uuid::new_v4().to_string();
    let body = client.with_creation_id(expand(&job), &creation_id);
    info!(job = %name, "creating the job");
    let outcome = match writes::create_once(client, &name, &body, &creation_id, &context).await {
        Ok(outcome) => outcome,
        Err(error) => return StateResponse::failed(Value::Null, error.diagnostic(&name)),
    };
    let (uid, result) = match outcome {
        CreateOutcome::Started(operation) => {
            let uid = operation.uid().map(str::to_owned);
            (uid, client.wait(operation, &context).await.map(Operation::job))
        }
        CreateOutcome::AlreadyCreated(found) => (found.uid, Ok(None)),
    };
    let outcome = WriteOutcome {
        action: Action::Create,
        uid: uid.as_deref(),
        planned,
        prior: &Value::Null,
        private: &PrivateState::default(),
        result,
    };
    let mut response = finish_write(client, &name, outcome, &context).await;
    if response.diagnostics.iter().any(Diagnostic::is_error) {
        // Terraform replaces a job whose creation failed: protection begins with the first success.
        response.state.set("deletion_protection", false);
    }
    response
}

/// Reads the job, by name or from a list that has it unchanged. The state of a deleted job is null.
pub async fn read(
    client: &Arc<Client>,
    state: &Value,
    private: &PrivateState,
    cancellation: &CancellationToken,
) -> StateResponse {
    if state.is_null() {
        return StateResponse::new(Value::Null);
    }
    let Some(name) = job_name(state) else {
        return StateResponse::failed(state.clone(), missing_identity());
    };
    let context = read_context(cancellation);
    let listed = client.listed_job(&name, &context);
    let remote = match listed.filter(|listed| is_unchanged(listed, &name, state)) {
        Some(unchanged) => Ok(unchanged),
        None => client.get_job(&name, &context).await,
    };
    let mut response = read_response(remote, &name, state, private);
    if !response.state.is_null() && response.diagnostics.is_empty() {
        response.state.set("execution_url", client.run_url(&name));
    }
    let uids = (state.get("uid").as_str(), response.state.get("uid").as_str());
    if let (Some(prior), Some(current)) = uids
        && prior != current
    {
        let warning = recreated_outside_terraform(&name, prior, current);
        response.diagnostics.push(warning);
    }
    response
}

/// Reads the job after a failed write.
async fn read_after_failure(
    client: &Client,
    state: &Value,
    private: &PrivateState,
    context: &CallContext,
) -> StateResponse {
    let Some(name) = job_name(state) else {
        return StateResponse::failed(state.clone(), missing_identity());
    };
    let remote = client.get_job(&name, &context.for_cleanup()).await;
    read_response(remote, &name, state, private)
}

fn read_response(
    remote: Result<api::Job, Error>,
    name: &JobName,
    state: &Value,
    private: &PrivateState,
) -> StateResponse {
    match remote {
        Ok(remote) if remote.delete_time.is_none() => {
            let state = flatten(&remote, name, state);
            let unmanaged = unmanaged_settings(&remote, &state);
            StateResponse {
                private: Some(private.clone().with_unmanaged(unmanaged).to_bytes()),
                ..StateResponse::new(state)
            }
        }
        Ok(_) => StateResponse::new(Value::Null),
        Err(error) if error.is_not_found() => {
            info!(job = %name, "the job does not exist");
            StateResponse::new(Value::Null)
        }
        Err(error) => StateResponse::failed(state.clone(), call_error(Action::Read, name, &error)),
    }
}

/// Updates the job to the plan. A change of settings that the API does not have needs no request.
pub async fn update(
    client: &Client,
    prior: &Value,
    planned: &Value,
    private: &PrivateState,
    cancellation: &CancellationToken,
) -> StateResponse {
    if planned.is_wholly_known() {
        return StateResponse {
            private: Some(private.applied().to_bytes()),
            ..StateResponse::new(planned.clone())
        };
    }
    let job = Job::read(planned);
    let Some(name) = job_name(planned) else {
        return StateResponse::failed(prior.clone(), missing_identity());
    };
    let context = write_context(&job, |timeouts| &timeouts.update, cancellation);
    info!(job = %name, "updating the job");
    let uid = prior.get("uid").as_str();
    let update = Update {
        prior,
        planned,
        imported: &private.imported,
    };
    let finish = async |result| {
        let outcome = WriteOutcome {
            action: Action::Update,
            uid,
            planned,
            prior,
            private,
            result,
        };
        finish_write(client, &name, outcome, &context).await
    };
    match writes::update_guarded(client, &name, &update, &context).await {
        Ok(UpdateOutcome::Started(operation)) => {
            finish(client.wait(operation, &context).await.map(Operation::job)).await
        }
        Ok(UpdateOutcome::InEffect(current)) => finish(Ok(Some(*current))).await,
        Ok(UpdateOutcome::ChangedOutside(current, changes)) => {
            let error = changed_outside_terraform(&name, &current, &changes);
            StateResponse::failed(prior.clone(), error)
        }
        Err(error) if error.is_uid_mismatch() => {
            StateResponse::failed(prior.clone(), call_error(Action::Update, &name, &error))
        }
        Err(error) => {
            let mut response = read_after_failure(client, prior, private, &context).await;
            if response.state.is_null() {
                response.state = prior.clone();
            }
            let diagnostic = match private.launch_stage_hint(error.message()) {
                Some(hint) => call_error_with(Action::Update, &name, &error, &format!("\n\n{hint}")),
                None => call_error(Action::Update, &name, &error),
            };
            response.diagnostics.insert(0, diagnostic);
            response
        }
    }
}

/// Deletes the job. Terraform plans a tainted job, or one given to `-replace`, as a new one, so that only the delete can
/// refuse a protected one.
pub async fn delete(client: &Client, prior: &Value, cancellation: &CancellationToken) -> StateResponse {
    let Some(name) = job_name(prior) else {
        return StateResponse::failed(prior.clone(), missing_identity());
    };
    if let Some(protected) = protection_error(prior, "replaced") {
        return StateResponse::failed(prior.clone(), protected);
    }
    let context = write_context(&Job::read(prior), |timeouts| &timeouts.delete, cancellation);
    info!(job = %name, "deleting the job");
    let error = match writes::delete(client, &name, prior, &context).await {
        Ok(Some(operation)) => client.wait(operation, &context).await.err(),
        Ok(None) => None,
        Err(error) => Some(error),
    };
    let Some(error) = error.filter(|error| !error.is_not_found()) else {
        return StateResponse::new(Value::Null);
    };
    if error.is_uid_mismatch() {
        return StateResponse::failed(prior.clone(), call_error(Action::Delete, &name, &error));
    }
    let mut response = read_after_failure(client, prior, &PrivateState::default(), &context).await;
    response.private = None;
    let uids = prior.get("uid").as_str().zip(response.state.get("uid").as_str());
    let is_recreated = uids.is_some_and(|(prior, current)| prior != current);
    if response.state.is_null() || is_recreated {
        return StateResponse::new(Value::Null);
    }
    response
        .diagnostics
        .insert(0, call_error(Action::Delete, &name, &error));
    response
}

fn write_context(
    job: &Job,
    timeout: impl Fn(&Timeouts) -> &Field<String>,
    cancellation: &CancellationToken,
) -> CallContext {
    let configured = job
        .timeouts
        .known()
        .and_then(|timeouts| timeout(timeouts).known().cloned());
    let text = configured.as_deref().unwrap_or(DEFAULT_TIMEOUT);
    let timeout = duration::parse(text).unwrap_or(Duration::from_secs(20 * 60));
    CallContext::new(Instant::now() + timeout, cancellation.clone())
}

/// The deadline of a read.
pub(super) fn read_context(cancellation: &CancellationToken) -> CallContext {
    CallContext::new(Instant::now() + READ_TIMEOUT, cancellation.clone())
}

/// How long one read may take, retries included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);
