//! What Terraform has done to a job: create, read, update, delete, import; and what it has found of jobs.
//!
//! Two promises hold whatever the network does. What was created is in the state, even when a later step
//! failed. And what is in the state after a write is what Google says of the job after it.

mod concurrent_change;
mod create_error;
mod errors;
mod list;
mod plan_check;
mod read_back;
mod unchanged;
mod writes;

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::convert;
use super::data_source::missing;
use super::model::{Job, Timeouts};
use super::plan::protection_fault;
use super::private_state::Private;
use super::schema::DEFAULT_TIMEOUT;
use crate::duration;
use crate::provider::Defaults;
use cloud_run::{CallContext, Client, Error, JobName, Operation, model as api};
use errors::{being_deleted, changed_outside, failure, made_anew, nameless};
pub use list::list;
pub use plan_check::{Answer, ask};
use read_back::{Written, settle};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::StateResponse;
use terraform_plugin::value::{Field, Value};
use unchanged::is_unchanged;
use writes::{Accepted, Replaced, Update};

/// Creates the planned job.
pub async fn create(client: &Client, planned: &Value, stop: &CancellationToken) -> StateResponse {
    let job = Job::read(planned);
    let Some(name) = convert::name_of(planned) else {
        return StateResponse::failed(Value::Null, nameless());
    };
    let patience = patience(&job, |timeouts| &timeouts.create, stop);
    let creation = uuid::Uuid::new_v4().to_string();
    let body = client.with_creation_id(convert::desired(&job), &creation);
    info!(job = %name, "creating the job");
    let accepted = match writes::accept(client, &name, &body, &creation, &patience).await {
        Ok(accepted) => accepted,
        Err(not_created) => return StateResponse::failed(Value::Null, not_created.diagnostic(&name)),
    };
    let (uid, ended) = match accepted {
        Accepted::Begun(operation) => {
            let uid = operation.uid().map(str::to_owned);
            (uid, client.wait(operation, &patience).await.map(Operation::job))
        }
        Accepted::Made(found) => (found.uid, Ok(None)),
    };
    let written = Written {
        verb: "create",
        uid: uid.as_deref(),
        planned,
        prior: &Value::Null,
        private: &Private::default(),
        ended,
    };
    let mut change = settle(client, &name, written, &patience).await;
    if change.diagnostics.iter().any(Diagnostic::is_error) {
        // Terraform will want to replace what came of this. Protection begins with the first good creation.
        change.state.set("deletion_protection", false);
    }
    change
}

/// Reads the job, by name or from a list that has it unchanged; a job that is gone has a null state.
pub async fn read(
    client: &Arc<Client>,
    state: &Value,
    private: &Private,
    stop: &CancellationToken,
) -> StateResponse {
    if state.is_null() {
        return StateResponse::new(Value::Null);
    }
    let Some(name) = convert::name_of(state) else {
        return StateResponse::failed(state.clone(), nameless());
    };
    let patience = reading(stop);
    let listed = client.listed_job(&name, &patience);
    let remote = match listed.filter(|listed| is_unchanged(listed, &name, state)) {
        Some(unchanged) => Ok(unchanged),
        None => client.get_job(&name, &patience).await,
    };
    let mut change = seen(remote, &name, state, private);
    if !change.state.is_null() && change.diagnostics.is_empty() {
        change.state.set("execution_url", client.run_url(&name));
    }
    let uids = (state.get("uid").as_str(), change.state.get("uid").as_str());
    if let (Some(was), Some(is)) = uids
        && was != is
    {
        change.diagnostics.push(made_anew(&name, was, is));
    }
    change
}

async fn look(client: &Client, state: &Value, private: &Private, patience: &CallContext) -> StateResponse {
    let Some(name) = convert::name_of(state) else {
        return StateResponse::failed(state.clone(), nameless());
    };
    seen(client.get_job(&name, patience).await, &name, state, private)
}

/// What a read has brought.
fn seen(remote: Result<api::Job, Error>, name: &JobName, state: &Value, private: &Private) -> StateResponse {
    match remote {
        Ok(remote) if remote.delete_time.is_none() => {
            let state = convert::state(&remote, name, state);
            StateResponse {
                private: Some(
                    private
                        .clone()
                        .with_unmanaged(convert::unmanaged(&remote, &state))
                        .to_bytes(),
                ),
                ..StateResponse::new(state)
            }
        }
        Ok(_) => StateResponse::new(Value::Null),
        Err(error) if error.is_not_found() => {
            info!(job = %name, "the job is gone");
            StateResponse::new(Value::Null)
        }
        Err(error) => StateResponse::failed(state.clone(), failure("read", name, &error)),
    }
}

/// Makes the job what the plan says. A change that Google never sees needs no request.
pub async fn update(
    client: &Client,
    prior: &Value,
    planned: &Value,
    private: &Private,
    stop: &CancellationToken,
) -> StateResponse {
    if planned.is_wholly_known() {
        return StateResponse {
            private: Some(private.applied().to_bytes()),
            ..StateResponse::new(planned.clone())
        };
    }
    let job = Job::read(planned);
    let Some(name) = convert::name_of(planned) else {
        return StateResponse::failed(prior.clone(), nameless());
    };
    let patience = patience(&job, |timeouts| &timeouts.update, stop);
    info!(job = %name, "updating the job");
    let uid = prior.get("uid").as_str();
    let update = Update {
        prior,
        planned,
        imported: &private.imported,
    };
    let finish = async |ended| {
        let written = Written {
            verb: "update",
            uid,
            planned,
            prior,
            private,
            ended,
        };
        settle(client, &name, written, &patience).await
    };
    match writes::replace(client, &name, &update, &patience).await {
        Ok(Replaced::Started(operation)) => {
            finish(client.wait(operation, &patience).await.map(Operation::job)).await
        }
        Ok(Replaced::Unchanged(seen)) => finish(Ok(Some(*seen))).await,
        Ok(Replaced::ChangedOutside(seen, changed)) => {
            StateResponse::failed(prior.clone(), changed_outside(&name, &seen, &changed))
        }
        // The next refresh tells it once more.
        Err(error) if error.is_uid_mismatch() => {
            StateResponse::failed(prior.clone(), failure("update", &name, &error))
        }
        Err(error) => {
            let mut change = look(client, prior, private, &patience.for_cleanup()).await;
            if change.state.is_null() {
                change.state = prior.clone();
            }
            let mut failed = failure("update", &name, &error);
            if let Some(hint) = private.launch_stage_hint(error.message()) {
                failed.detail.push_str(&format!("\n\n{hint}"));
            }
            change.diagnostics.insert(0, failed);
            change
        }
    }
}

/// Deletes the job; one that is gone already is deleted well. One that is protected is refused: Terraform plans a
/// job that is tainted, or given to `-replace`, as if it were new, so that the plan cannot refuse it.
pub async fn delete(client: &Client, prior: &Value, stop: &CancellationToken) -> StateResponse {
    let Some(name) = convert::name_of(prior) else {
        return StateResponse::failed(prior.clone(), nameless());
    };
    if let Some(protected) = protection_fault(prior, "replaced") {
        return StateResponse::failed(prior.clone(), protected);
    }
    let patience = patience(&Job::read(prior), |timeouts| &timeouts.delete, stop);
    info!(job = %name, "deleting the job");
    let waited = match writes::remove(client, &name, prior, &patience).await {
        Ok(Some(operation)) => client.wait(operation, &patience).await.err(),
        Ok(None) => None,
        Err(error) => Some(error),
    };
    let Some(error) = waited.filter(|error| !error.is_not_found()) else {
        return StateResponse::new(Value::Null);
    };
    if error.is_uid_mismatch() {
        return StateResponse::failed(prior.clone(), failure("delete", &name, &error));
    }
    let mut change = look(client, prior, &Private::default(), &patience.for_cleanup()).await;
    change.private = None;
    // Gone, or gone and made anew by somebody else.
    let uids = prior.get("uid").as_str().zip(change.state.get("uid").as_str());
    if change.state.is_null() || uids.is_some_and(|(was, is)| was != is) {
        return StateResponse::new(Value::Null);
    }
    change.diagnostics.insert(0, failure("delete", &name, &error));
    change
}

/// Takes a job that exists into the state.
///
/// # Errors
/// When there is no such job, or it cannot be read.
pub async fn import(
    client: &Client,
    name: &JobName,
    defaults: &Defaults,
    stop: &CancellationToken,
) -> Result<StateResponse, Vec<Diagnostic>> {
    let remote = client.get_job(name, &reading(stop)).await;
    let remote = remote.map_err(|error| vec![failure("import", name, &error)])?;
    if let Some(time) = &remote.delete_time {
        return Err(vec![being_deleted(name, time)]);
    }
    let state = convert::imported(&remote, name, defaults);
    Ok(StateResponse {
        private: Some(Private::of_import(&state, convert::unmanaged(&remote, &state)).to_bytes()),
        state,
        diagnostics: convert::import_warning(&remote, name).into_iter().collect(),
    })
}

/// Looks up a job for a data source.
///
/// # Errors
/// When it is not there, or Google does not say.
pub async fn find(client: &Client, name: &JobName, stop: &CancellationToken) -> Result<Value, Diagnostic> {
    match client.get_job(name, &reading(stop)).await {
        Ok(remote) if remote.delete_time.is_none() => {
            let mut found = convert::found(&remote, name);
            found.set("execution_url", client.run_url(name));
            Ok(found)
        }
        Ok(_) => Err(missing(name)),
        Err(error) if error.is_not_found() => Err(missing(name)),
        Err(error) => Err(failure("read", name, &error)),
    }
}

fn patience(job: &Job, which: impl Fn(&Timeouts) -> &Field<String>, stop: &CancellationToken) -> CallContext {
    let given = job
        .timeouts
        .known()
        .and_then(|timeouts| which(timeouts).known().cloned());
    let text = given.as_deref().unwrap_or(DEFAULT_TIMEOUT);
    let timeout = duration::parse(text).unwrap_or(Duration::from_secs(20 * 60));
    CallContext::new(Instant::now() + timeout, stop.clone())
}

fn reading(stop: &CancellationToken) -> CallContext {
    CallContext::new(Instant::now() + READ_TIMEOUT, stop.clone())
}

/// How long a job may take to be read, retries included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);
