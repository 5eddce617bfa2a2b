//! Writes that are done once, and to the right job: guarded by a creation id, by an etag, by a uid.

use tracing::{info, warn};

use super::concurrent_change::outside_changes;
use super::create_error::NotCreated;
use crate::job::convert;
use crate::job::private_state::Imported;
use cloud_run::model::Job as Remote;
use cloud_run::{CallContext, Client, Error, JobName, Operation};
use terraform_plugin::value::Value;

/// How a creation came to its job.
pub(super) enum Accepted {
    /// Google has begun to make it.
    Begun(Operation),
    /// It is there already: this creation made it, and its answer was lost.
    Made(Box<Remote>),
}

/// Has the creation accepted exactly once: an answer that was lost on the way is looked up by the creation id, so that
/// nothing is made twice and nothing is left behind. Only when there is no job of that name is the creation sent again, for
/// as long as there is patience. A name that is taken by a job that is being deleted is waited for.
pub(super) async fn accept(
    client: &Client,
    name: &JobName,
    body: &Remote,
    creation: &str,
    patience: &CallContext,
) -> Result<Accepted, NotCreated> {
    let mut attempts = client.attempts_after_reads();
    let mut backoff = client.backoff();
    let mut lost = false;
    loop {
        let error = match client.create_job(name, body, patience).await {
            Ok(operation) => return Ok(Accepted::Begun(operation)),
            Err(error) => error,
        };
        // An answer that was lost once leaves open what a later refusal means.
        lost |= error.maybe_accepted();
        if !lost && !error.is_already_exists() {
            return Err(NotCreated { error, looked: None });
        }
        warn!(job = %name, %error, "looking for the job, which may be the one of this creation");
        let waited = match client.find_job(name, patience).await {
            Ok(found) if found.delete_time.is_some() => {
                info!(job = %name, "waiting for the name: the job that has it is being deleted");
                let free = || format!("the deletion of the job that has the name {}", name.job);
                let waited = patience.sleep(backoff.next().unwrap_or_default()).await;
                waited.map_err(|error| error.while_waiting_for(free))
            }
            Ok(found) if client.has_creation_id(&found, creation) => {
                return Ok(Accepted::Made(Box::new(found)));
            }
            Err(missing) if missing.is_not_found() => match attempts.pause(name, error, patience).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    return Err(NotCreated {
                        error,
                        looked: Some(Err(missing)),
                    });
                }
            },
            looked => {
                return Err(NotCreated {
                    error,
                    looked: Some(looked.map(Box::new)),
                });
            }
        };
        waited.map_err(|error| NotCreated { error, looked: None })?;
    }
}

/// Updates the job of a state, guarded by its etag. A job that changes meanwhile is read anew: what was changed outside of
/// Terraform in a managed attribute is not overwritten, and anything else is kept. A job that was recreated is another one.
pub(super) async fn replace(
    client: &Client,
    name: &JobName,
    update: &Update<'_>,
    patience: &CallContext,
) -> Result<Replaced, Error> {
    let uid = update.prior.get("uid").as_str();
    let mut seen = same(client.get_job(name, patience).await?, uid)?;
    let mut attempts = client.attempts_after_reads();
    loop {
        let changed = outside_changes(&seen, name, update.prior, update.planned);
        if !changed.is_empty() {
            return Ok(Replaced::ChangedOutside(Box::new(seen), changed));
        }
        if update.is_in_effect(&seen) {
            return Ok(Replaced::Unchanged(Box::new(seen)));
        }
        let document = convert::replacement(update.planned, update.prior, update.imported, &seen);
        let error = match client.replace_job(name, &document, patience).await {
            Ok(operation) => return Ok(Replaced::Started(operation)),
            Err(error) => error,
        };
        if !error.is_conflict() {
            return Err(error);
        }
        let error = attempts.pause(name, error, patience).await?;
        let now = same(client.get_job(name, patience).await?, uid)?;
        if now.etag == seen.etag {
            return Err(error);
        }
        seen = now;
    }
}

/// What an update is about.
pub(super) struct Update<'a> {
    pub(super) prior: &'a Value,
    pub(super) planned: &'a Value,
    /// Keys that only the import has put into the prior state.
    pub(super) imported: &'a Imported,
}

impl Update<'_> {
    /// Whether the job is as planned already, and ready. A definition that is pending is sent again: its operation may never
    /// end.
    fn is_in_effect(&self, seen: &Remote) -> bool {
        let generation = self.prior.get("generation");
        !generation.is_null()
            && *generation == Value::from(seen.generation)
            && convert::sends_the_same(self.prior, self.planned, self.imported)
            && seen.is_ready()
    }
}

/// What came of an update.
pub(super) enum Replaced {
    /// Cloud Run has accepted it.
    Started(Operation),
    /// The job is as planned already.
    Unchanged(Box<Remote>),
    /// These attributes were changed outside of Terraform since the state was read; nothing was sent.
    ChangedOutside(Box<Remote>, Vec<String>),
}

/// Asks for the deletion, guarded by the etag; a job that only changed meanwhile is still the one to delete,
/// one that was made anew is not. `None`: there is nothing to wait for.
pub(super) async fn remove(
    client: &Client,
    name: &JobName,
    prior: &Value,
    patience: &CallContext,
) -> Result<Option<Operation>, Error> {
    let mut etag = prior.get("etag").as_str().map(str::to_owned);
    let uid = prior.get("uid").as_str();
    let mut attempts = client.attempts_after_reads();
    loop {
        let error = match client.delete_job(name, etag.as_deref(), patience).await {
            Ok(operation) => return Ok(Some(operation)),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => error,
        };
        if !error.is_conflict() {
            return Err(error);
        }
        let error = attempts.pause(name, error, patience).await?;
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
        (Some(meant), Some(uid)) if meant != uid => Err(Error::UidMismatch {
            expected: meant.to_owned(),
            found: uid.to_owned(),
        }),
        _ => Ok(found),
    }
}

#[cfg(test)]
mod tests;
