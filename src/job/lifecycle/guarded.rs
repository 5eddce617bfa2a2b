//! Writes that are done once, and to the right job: guarded by a creation id, by an etag, by a uid.

use tracing::{info, warn};

use super::super::convert;
use super::super::model::Job;
use super::super::plan::Defaults;
use super::aftermath;
use super::journal::Creation;
use crate::cloudrun::model::Job as Remote;
use crate::cloudrun::{Client, Error, JobName, Operation, Patience};
use crate::value::Value;

/// How a creation came to its job.
pub(super) enum Accepted {
    /// Google has begun to make it.
    Begun(Operation),
    /// It is there already: this creation made it, and its answer was lost.
    Made,
    /// It is there already: an earlier creation that was cut short made it, as it was wanted then.
    MadeBefore(Box<Remote>),
}

/// Has the creation accepted exactly once: an answer that was lost on the way, of this process or of an earlier
/// one, is looked up by the creation id, so that nothing is made twice and nothing is left behind.
pub(super) async fn accept(
    client: &Client,
    name: &JobName,
    body: &Remote,
    creation: &Creation,
    patience: &Patience,
) -> Result<Accepted, Error> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match client.create_job(name, body, patience).await {
            Ok(operation) => return Ok(Accepted::Begun(operation)),
            Err(error) => error,
        };
        let sent_before = creation.begun_before || attempts > 1;
        if !(error.maybe_accepted() || sent_before && error.is_already_exists()) {
            return Err(error);
        }
        warn!(job = %name, %error, "the answer to the creation was lost; looking for the job");
        match client.get_job(name, &aftermath()).await {
            Ok(found) if found.is_created_by(&creation.id) && found.delete_time.is_none() => {
                return Ok(match creation.begun_before {
                    true => Accepted::MadeBefore(Box::new(found)),
                    false => Accepted::Made,
                });
            }
            Ok(_) => return Err(error),
            Err(missing) if missing.is_not_found() && attempts < CREATE_ATTEMPTS && !patience.is_over() => {}
            Err(_) => return Err(error),
        }
    }
}

/// Makes the job of an earlier creation what is planned now. No plan has shown that job to anybody, so whoever
/// changes it in between takes nothing back: it is read anew, as long as it is still that job.
pub(super) async fn adopt(
    client: &Client,
    name: &JobName,
    found: &Remote,
    planned: &Job,
    patience: &Patience,
) -> Result<Operation, Error> {
    let before = Job::read(&convert::imported(found, name, &Defaults::default()));
    for _ in 1..ADOPT_ATTEMPTS {
        let error = match replace(client, name, &before, planned, patience).await {
            Err(error) if error.is_conflict() => error,
            answer => return answer,
        };
        if client.get_job(name, patience).await?.uid != found.uid {
            return Err(error);
        }
        info!(job = %name, "somebody has changed the job at the same time; taking it as it is now");
    }
    replace(client, name, &before, planned, patience).await
}

/// Replaces the job's definition, guarded by its etag. When somebody changes the job in between, it is read
/// anew: if its definition is still the one seen before, the change goes on; otherwise it is not ours to undo.
pub(super) async fn replace(
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
pub(super) async fn remove(
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

/// How often a creation is sent again whose answer was lost and whose job is not there.
const CREATE_ATTEMPTS: u32 = 3;
/// How often somebody else may be faster before an adoption gives up.
const ADOPT_ATTEMPTS: u32 = 4;
