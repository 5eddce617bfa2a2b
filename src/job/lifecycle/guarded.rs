//! Writes that are done once, and to the right job: guarded by a creation id, by an etag, by a uid.

use std::time::Duration;

use tracing::{info, warn};

use super::super::convert;
use super::super::model::Job;
use super::super::plan::Defaults;
use super::journal::Creation;
use crate::cloudrun::model::Job as Remote;
use crate::cloudrun::{Client, Error, JobName, Operation, Patience};
use crate::value::Value;

/// How a creation came to its job.
pub(super) enum Accepted {
    /// Google has begun to make it.
    Begun(Operation),
    /// It is there already: this creation made it, and its answer was lost.
    Made(Box<Remote>),
    /// It is there already: an earlier creation that was cut short made it, as it was wanted then.
    MadeBefore(Box<Remote>),
}

/// Has the creation accepted exactly once: an answer that was lost on the way, of this process or of an earlier
/// one, is looked up by the creation id, so that nothing is made twice and nothing is left behind. A name that is
/// taken by a job that is being deleted is waited for.
pub(super) async fn accept(
    client: &Client,
    name: &JobName,
    body: &Remote,
    creation: &Creation,
    patience: &Patience,
) -> Result<Accepted, Error> {
    let mut attempts = 0;
    loop {
        let error = match client.create_job(name, body, patience).await {
            Ok(operation) => return Ok(Accepted::Begun(operation)),
            Err(error) if error.maybe_accepted() || error.is_already_exists() => error,
            Err(error) => return Err(error),
        };
        warn!(job = %name, %error, "looking for the job, which may be the one of this creation");
        match find(client, name, patience).await {
            Ok(found) if found.delete_time.is_some() => {
                info!(job = %name, "waiting for the name: the job that has it is being deleted");
                let free = || format!("the deletion of the job that has the name {}", name.job);
                let waited = patience.sleep(NAME_PAUSE).await;
                waited.map_err(|error| error.while_waiting_for(free))?;
            }
            Ok(found) if found.is_created_by(&creation.id) => {
                return Ok(match creation.begun_before {
                    true => Accepted::MadeBefore(Box::new(found)),
                    false => Accepted::Made(Box::new(found)),
                });
            }
            Err(missing) if missing.is_not_found() && attempts < MOST_REPETITIONS && !patience.is_over() => {
                attempts += 1;
            }
            _ => return Err(error),
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
    let uid = found.uid.as_deref();
    for _ in 1..ADOPT_ATTEMPTS {
        match replace(client, name, uid, (&before, planned), patience).await {
            Err(error) if error.is_conflict() => {
                info!(job = %name, "somebody has changed the job at the same time; taking it as it is now");
            }
            answer => return answer,
        }
    }
    replace(client, name, uid, (&before, planned), patience).await
}

/// Looks for the job of a creation, for as long as there is patience while nobody can be reached: until it is known
/// what is there, nothing can be done.
async fn find(client: &Client, name: &JobName, patience: &Patience) -> Result<Remote, Error> {
    loop {
        match client.get_job(name, &patience.afterwards()).await {
            Err(error) if error.is_unreachable() && !patience.is_over() => {
                warn!(job = %name, %error, "Google was there before; looking for the job again");
            }
            found => return found,
        }
    }
}

/// Replaces the definition of the job with this uid, guarded by its etag. When somebody changes the job in between,
/// it is read anew: if its definition is still the one seen before, the change goes on; otherwise it is not ours to
/// undo. A job that was made anew is somebody else's.
pub(super) async fn replace(
    client: &Client,
    name: &JobName,
    uid: Option<&str>,
    (prior, planned): (&Job, &Job),
    patience: &Patience,
) -> Result<Operation, Error> {
    let mut seen = same(client.get_job(name, patience).await?, uid)?;
    loop {
        let body = convert::desired(planned, Some((&seen, prior)));
        let error = match client.replace_job(name, &body, patience).await {
            Ok(operation) => return Ok(operation),
            Err(error) => error,
        };
        if !error.is_conflict() {
            return Err(error);
        }
        let now = same(client.get_job(name, patience).await?, uid)?;
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
    let uid = prior.get("uid").as_str();
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
        let now = same(now, uid)?;
        if now.etag == etag {
            return Err(error);
        }
        info!(job = %name, "the job has changed since it was read; deleting it as it is now");
        etag = now.etag;
    }
}

/// Passes the job on if it is the one that was meant. A state that could not be read back after a creation has no uid.
pub(super) fn same(found: Remote, meant: Option<&str>) -> Result<Remote, Error> {
    match (meant, found.uid.as_deref()) {
        (Some(meant), Some(uid)) if meant != uid => Err(Error::AnotherJob {
            meant: meant.to_owned(),
            found: uid.to_owned(),
        }),
        _ => Ok(found),
    }
}

/// How often a creation is sent again whose job is not there.
const MOST_REPETITIONS: u32 = 2;
/// Between two looks at a name that is to become free.
const NAME_PAUSE: Duration = Duration::from_secs(1);
/// How often somebody else may be faster before an adoption gives up.
const ADOPT_ATTEMPTS: u32 = 4;
