//! What Terraform has done to a job: create, read, update, delete, import.
//!
//! Two promises hold whatever the network does. What was created is in the state, even when a later step
//! failed. And what is in the state after a write is what Google says, read back.

use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::convert;
use super::model::{Job, Timeouts};
use super::plan::Defaults;
use super::schema::DEFAULT_TIMEOUT;
use crate::cloudrun::model::Job as Remote;
use crate::cloudrun::{Client, Error, JobName, Operation, Patience, Readiness};
use crate::diagnostic::Diagnostic;
use crate::duration;
use crate::value::{Field, Path, Value};

/// What came of an operation: the state to store (null: no job), and what to tell the user.
#[derive(Clone, Debug)]
pub struct Change {
    /// The job as it is now.
    pub state: Value,
    /// What to tell the user.
    pub diagnostics: Vec<Diagnostic>,
}

/// Creates the planned job.
pub async fn create(client: &Client, planned: &Value, stop: &CancellationToken) -> Change {
    let job = Job::read(planned);
    let Some(name) = convert::name_of(planned) else {
        return nameless(Value::Null);
    };
    let patience = patience(&job, |timeouts| &timeouts.create, stop);
    let creation = uuid::Uuid::new_v4().to_string();
    let body = convert::desired(&job, None).created_by(&creation);
    info!(job = %name, "creating the job");
    let operation = match accept(client, &name, &body, &creation, &patience).await {
        Ok(operation) => operation,
        Err(error) => return Change::failed(Value::Null, failure("create", &name, &error)),
    };
    let waited = match operation {
        Some(operation) => client.wait(operation, &patience).await.err(),
        None => None,
    };
    settle(
        client,
        &name,
        planned,
        waited.map(|error| ("create", error)),
        &patience,
    )
    .await
}

/// Reads the job; a job that is gone has a null state.
pub async fn read(client: &Client, state: &Value, stop: &CancellationToken) -> Change {
    if state.is_null() {
        return Change::done(Value::Null);
    }
    let Some(name) = convert::name_of(state) else {
        return nameless(state.clone());
    };
    match client.get_job(&name, &reading(stop)).await {
        Ok(remote) if remote.delete_time.is_none() => Change::done(convert::state(&remote, &name, state)),
        Ok(_) => Change::done(Value::Null),
        Err(error) if error.is_not_found() => {
            info!(job = %name, "the job is gone");
            Change::done(Value::Null)
        }
        Err(error) => Change::failed(state.clone(), failure("read", &name, &error)),
    }
}

/// Makes the job what the plan says. A change that Google never sees needs no request.
pub async fn update(client: &Client, prior: &Value, planned: &Value, stop: &CancellationToken) -> Change {
    if planned.is_wholly_known() {
        return Change::done(planned.clone());
    }
    let job = Job::read(planned);
    let Some(name) = convert::name_of(planned) else {
        return nameless(prior.clone());
    };
    let patience = patience(&job, |timeouts| &timeouts.update, stop);
    info!(job = %name, "replacing the job's definition");
    match replace(client, &name, &Job::read(prior), &job, &patience).await {
        Ok(operation) => {
            let waited = client.wait(operation, &patience).await.err();
            // After a failure the state tells what is true now, so that the next plan shows what is left.
            let hint = if waited.is_some() { prior } else { planned };
            settle(
                client,
                &name,
                hint,
                waited.map(|error| ("update", error)),
                &patience,
            )
            .await
        }
        Err(error) => {
            let mut change = read(client, prior, stop).await;
            if change.state.is_null() {
                change.state = prior.clone();
            }
            change.diagnostics.insert(0, failure("update", &name, &error));
            change
        }
    }
}

/// Deletes the job; one that is gone already is deleted well.
pub async fn delete(client: &Client, prior: &Value, stop: &CancellationToken) -> Change {
    let Some(name) = convert::name_of(prior) else {
        return nameless(prior.clone());
    };
    let patience = patience(&Job::read(prior), |timeouts| &timeouts.delete, stop);
    info!(job = %name, "deleting the job");
    let waited = match remove(client, &name, prior, &patience).await {
        Ok(Some(operation)) => client.wait(operation, &patience).await.err(),
        Ok(None) => None,
        Err(error) => Some(error),
    };
    let Some(error) = waited.filter(|error| !error.is_not_found()) else {
        return Change::done(Value::Null);
    };
    let mut change = read(client, prior, &CancellationToken::new()).await;
    if change.state.is_null() {
        return Change::done(Value::Null);
    }
    change.diagnostics.insert(0, failure("delete", &name, &error));
    change
}

/// Takes a job that exists into the state.
///
/// # Errors
/// When the id is none, or there is no such job.
pub async fn import(
    client: &Client,
    id: &str,
    defaults: &Defaults,
    stop: &CancellationToken,
) -> Result<Change, Vec<Diagnostic>> {
    let name = JobName::parse(id, defaults.project.known().map(String::as_str)).map_err(|reason| {
        vec![Diagnostic::whole(
            "Invalid import id",
            format!(
                "A job is imported by projects/P/locations/L/jobs/N, P/L/N or L/N. The id is {id:?}: {reason}. Use one of \
                 these forms; the last one takes the provider's project."
            ),
        )]
    })?;
    let remote = client.get_job(&name, &reading(stop)).await;
    let remote = remote.map_err(|error| vec![failure("import", &name, &error)])?;
    let state = convert::imported(&remote, &name, defaults);
    Ok(Change {
        state,
        diagnostics: convert::strange(&remote, &name).into_iter().collect(),
    })
}

/// Has the creation accepted exactly once: an answer that was lost on the way is looked up by the creation
/// id, so that nothing is made twice and nothing is left behind. `None`: the job is there already, and ours.
async fn accept(
    client: &Client,
    name: &JobName,
    body: &Remote,
    creation: &str,
    patience: &Patience,
) -> Result<Option<Operation>, Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match client.create_job(name, body, patience).await {
            Ok(operation) => return Ok(Some(operation)),
            Err(error) => error,
        };
        let may_be_ours = error.maybe_accepted() || attempts > 1 && error.is_already_exists();
        if !may_be_ours {
            return Err(error);
        }
        warn!(job = %name, %error, "the answer to the creation was lost; looking for the job");
        // Asked to stop or not: whether there is a job now must be known.
        match client.get_job(name, &reading(&CancellationToken::new())).await {
            Ok(found) if found.is_created_by(creation) => return Ok(None),
            Ok(_) => return Err(error),
            Err(missing) if missing.is_not_found() && attempts < CREATE_ATTEMPTS && !patience.is_over() => {}
            Err(_) => return Err(error),
        }
    }
}

/// Replaces the job's definition, guarded by its etag. When somebody changes the job in between, it is read
/// anew: if its definition is still the one seen before, the change goes on; otherwise it is not ours to undo.
async fn replace(
    client: &Client,
    name: &JobName,
    prior: &Job,
    planned: &Job,
    patience: &Patience,
) -> Result<Operation, Error> {
    let mut seen = client.get_job(name, patience).await?;
    loop {
        let body = convert::desired(planned, Some((&seen, prior)));
        let error = match client.replace_job(name, &body, patience).await {
            Ok(operation) => return Ok(operation),
            Err(error) => error,
        };
        if !error.is_conflict() {
            return Err(error);
        }
        let now = client.get_job(name, patience).await?;
        if now.etag == seen.etag || now.generation != seen.generation {
            return Err(error);
        }
        seen = now;
    }
}

/// Asks for the deletion, guarded by the etag; a job that only changed meanwhile is still the one to delete,
/// one that was made anew is not. `None`: there is nothing to wait for.
async fn remove(
    client: &Client,
    name: &JobName,
    prior: &Value,
    patience: &Patience,
) -> Result<Option<Operation>, Error> {
    let mut etag = prior.get("etag").as_str().map(str::to_owned);
    loop {
        let error = match client.delete_job(name, etag.as_deref(), patience).await {
            Ok(operation) => return Ok(Some(operation)),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => error,
        };
        if !error.is_conflict() {
            return Err(error);
        }
        let now = match client.get_job(name, patience).await {
            Err(missing) if missing.is_not_found() => return Ok(None),
            now => now?,
        };
        if now.etag == etag || now.uid.as_deref() != prior.get("uid").as_str() {
            return Err(error);
        }
        info!(job = %name, "the job has changed since it was read; deleting it as it is now");
        etag = now.etag;
    }
}

/// After a write: the state is what Google says now. When even that cannot be had, the job stays in the state
/// under its name, so that it is neither lost nor made twice.
async fn settle(
    client: &Client,
    name: &JobName,
    hint: &Value,
    failed: Option<(&'static str, Error)>,
    patience: &Patience,
) -> Change {
    let mut diagnostics: Vec<Diagnostic> = failed
        .as_ref()
        .map(|(verb, error)| failure(verb, name, error))
        .into_iter()
        .collect();
    let remote = if failed.is_some() {
        client.get_job(name, &reading(&CancellationToken::new())).await
    } else {
        ready(client, name, patience).await
    };
    match remote {
        Ok(remote) => {
            info!(job = %name, generation = remote.generation, "read the job back");
            if let Readiness::Failed { reason, message } = remote.readiness() {
                diagnostics.push(not_ready(name, &reason, &message));
            }
            Change {
                state: convert::state(&remote, name, hint),
                diagnostics,
            }
        }
        Err(error) if error.is_not_found() && failed.is_some() => Change {
            state: Value::Null,
            diagnostics,
        },
        Err(error) => {
            if failed.is_none() {
                diagnostics.push(failure("read", name, &error));
            }
            Change {
                state: convert::named(hint),
                diagnostics,
            }
        }
    }
}

/// Reads the job until Google has done with it; its operation being done, that is nearly always at once.
async fn ready(client: &Client, name: &JobName, patience: &Patience) -> Result<Remote, Error> {
    let mut pause = Duration::from_millis(100);
    loop {
        let remote = client.get_job(name, patience).await?;
        if !matches!(remote.readiness(), Readiness::Reconciling) || patience.is_over() {
            return Ok(remote);
        }
        info!(job = %name, "waiting for Google to take over the new definition");
        patience.sleep(pause).await?;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

fn patience(job: &Job, which: impl Fn(&Timeouts) -> &Field<String>, stop: &CancellationToken) -> Patience {
    let given = job
        .timeouts
        .known()
        .and_then(|timeouts| which(timeouts).known().cloned());
    let text = given.as_deref().unwrap_or(DEFAULT_TIMEOUT);
    let timeout = duration::parse(text).unwrap_or(Duration::from_secs(20 * 60));
    Patience::new(Instant::now() + timeout, stop.clone())
}

fn reading(stop: &CancellationToken) -> Patience {
    Patience::new(Instant::now() + READ_TIMEOUT, stop.clone())
}

fn failure(verb: &str, name: &JobName, error: &Error) -> Diagnostic {
    let mut detail = format!("{name}: {error}");
    if error.is_already_exists() {
        detail.push_str(&format!(
            "\n\nA job of this name is there already, and nothing shows that this configuration made it, so it was not \
             touched. Choose another name, or take the job over: terraform import {}.NAME '{name}'",
            super::TYPE_NAME
        ));
    } else if error.is_conflict() {
        detail.push_str(
            "\n\nSomebody else changed the job at the same time. Plan again to see what it is now.",
        );
    } else if error.is_stopped() {
        detail.push_str(
            "\n\nTerraform was asked to stop. What is known so far is in the state; apply again to go on.",
        );
    } else if let Some(hint) = error.hint() {
        detail.push_str(&format!("\n\n{hint}"));
    }
    Diagnostic::whole(format!("Could not {verb} the job"), detail)
}

fn not_ready(name: &JobName, reason: &str, message: &str) -> Diagnostic {
    let hint = convert::readiness_hint(reason);
    Diagnostic::whole(
        "The job is not ready",
        format!(
            "{name} was saved, but Google reports that it cannot run: {reason}: {message}\n\n{hint} The job stays in the \
             state; the next apply goes on from there."
        ),
    )
}

fn nameless(state: Value) -> Change {
    Change::failed(
        state,
        Diagnostic::error(
            Path::attribute("id"),
            "Job without a name in the state",
            "A job in the state has project, location and name. This one lacks one of them. Remove it from the state with \
             terraform state rm, and import it again.",
        ),
    )
}

impl Change {
    /// Nothing to tell.
    pub fn done(state: Value) -> Change {
        Change {
            state,
            diagnostics: Vec::new(),
        }
    }

    /// The state as far as it is known, and why it is not what it should be.
    pub fn failed(state: Value, diagnostic: Diagnostic) -> Change {
        Change {
            state,
            diagnostics: vec![diagnostic],
        }
    }
}

/// How often a creation is sent again whose answer was lost and whose job is not there.
const CREATE_ATTEMPTS: u32 = 3;
/// How long a job may take to be read, retries included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);
