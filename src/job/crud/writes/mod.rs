//! Writes that happen once, to the right job: guarded by creation ID, etag and UID.

use tracing::{info, warn};

use super::concurrent_change::concurrent_changes;
use super::create_error::CreateError;
use crate::job::expand::update_body;
use crate::job::private_state::ImportedKeys;
use crate::job::semantic_equality::same_definition;
use cloud_run::model::Job as Remote;
use cloud_run::{CallContext, Client, Error, JobName, Operation};
use terraform_plugin::value::Value;

/// The result of a creation.
pub(super) enum CreateOutcome {
    /// The API has accepted the request.
    Started(Operation),
    /// A request whose response was lost has created the job.
    AlreadyCreated(Box<Remote>),
}

/// Creates the job exactly once. After a lost response the job is searched by its name and recognized by its creation ID;
/// only when there is none, the request is sent again, until the deadline. A name that a job in deletion still has is
/// waited for.
pub(super) async fn create_once(
    client: &Client,
    name: &JobName,
    body: &Remote,
    creation_id: &str,
    context: &CallContext,
) -> Result<CreateOutcome, CreateError> {
    let mut attempts = client.attempts_after_reads();
    let mut backoff = client.backoff();
    let mut response_lost = false;
    loop {
        let error = match client.create_job(name, body, context).await {
            Ok(operation) => return Ok(CreateOutcome::Started(operation)),
            Err(error) => error,
        };
        // Once a response was lost, a later refusal does not mean that nothing was created.
        response_lost |= error.maybe_accepted();
        if !response_lost && !error.is_already_exists() {
            return Err(CreateError { error, found: None });
        }
        warn!(job = %name, %error, "reading the job: this creation may have created it");
        let waited = match client.find_job(name, context).await {
            Ok(found) if found.delete_time.is_some() => {
                info!(job = %name, "waiting for the deletion of the existing job");
                let deletion = || format!("the deletion of the existing {name}");
                let waited = context.sleep(backoff.next().unwrap_or_default()).await;
                waited.map_err(|error| error.while_waiting_for(deletion))
            }
            Ok(found) if client.has_creation_id(&found, creation_id) => {
                return Ok(CreateOutcome::AlreadyCreated(Box::new(found)));
            }
            Err(missing) if missing.is_not_found() => match attempts.pause(name, error, context).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    return Err(CreateError {
                        error,
                        found: Some(Err(missing)),
                    });
                }
            },
            found => {
                return Err(CreateError {
                    error,
                    found: Some(found.map(Box::new)),
                });
            }
        };
        waited.map_err(|error| CreateError { error, found: None })?;
    }
}

/// Updates the job of a state, guarded by its etag. After a conflict the job is read again: a managed attribute that was
/// changed outside of Terraform is not overwritten, and everything else is kept.
pub(super) async fn update_guarded(
    client: &Client,
    name: &JobName,
    update: &Update<'_>,
    context: &CallContext,
) -> Result<UpdateOutcome, Error> {
    let uid = update.prior.get("uid").as_str();
    let mut current = check_uid(client.get_job(name, context).await?, uid)?;
    let mut attempts = client.attempts_after_reads();
    loop {
        let changes = concurrent_changes(&current, name, update.prior, update.planned);
        if !changes.is_empty() {
            return Ok(UpdateOutcome::ChangedOutside(Box::new(current), changes));
        }
        if update.is_in_effect(&current) {
            return Ok(UpdateOutcome::InEffect(Box::new(current)));
        }
        let body = update_body(update.planned, update.prior, update.imported, &current);
        let error = match client.replace_job(name, &body, context).await {
            Ok(operation) => return Ok(UpdateOutcome::Started(operation)),
            Err(error) => error,
        };
        if !error.is_conflict() {
            return Err(error);
        }
        let error = attempts.pause(name, error, context).await?;
        let latest = check_uid(client.get_job(name, context).await?, uid)?;
        if latest.etag == current.etag {
            return Err(error);
        }
        current = latest;
    }
}

/// An update.
pub(super) struct Update<'a> {
    pub(super) prior: &'a Value,
    pub(super) planned: &'a Value,
    /// Keys that are in the prior state only because of an import.
    pub(super) imported: &'a ImportedKeys,
}

impl Update<'_> {
    /// Whether the current job is the planned one, and ready. A definition that is not ready is sent again: its operation
    /// may never end.
    fn is_in_effect(&self, current: &Remote) -> bool {
        let generation = self.prior.get("generation");
        !generation.is_null()
            && *generation == Value::from(current.generation)
            && self.is_unchanged_definition()
            && current.is_ready()
    }

    /// Whether the API gets the same for both, apart from imported keys that the plan omits.
    fn is_unchanged_definition(&self) -> bool {
        let mut prior = self.prior.clone();
        for (attribute, imported) in [
            ("effective_labels", &self.imported.labels),
            ("annotations", &self.imported.annotations),
        ] {
            if let Value::Map(members) = self.prior.get(attribute) {
                let mut members = members.clone();
                members.retain(|key, _| {
                    !self.planned.get(attribute).get(key).is_null() || !imported.contains(key.as_str())
                });
                prior.set(attribute, Value::Map(members));
            }
        }
        same_definition(&prior, self.planned)
    }
}

/// The result of an update.
pub(super) enum UpdateOutcome {
    /// The API has accepted the request.
    Started(Operation),
    /// The job is as planned already; nothing was sent.
    InEffect(Box<Remote>),
    /// These attributes were changed outside of Terraform since the state was read; nothing was sent.
    ChangedOutside(Box<Remote>, Vec<String>),
}

/// Requests the deletion, guarded by the etag. A job that has changed is still deleted, a recreated one is not. `None`:
/// there is no operation to wait for.
pub(super) async fn delete(
    client: &Client,
    name: &JobName,
    prior: &Value,
    context: &CallContext,
) -> Result<Option<Operation>, Error> {
    let mut etag = prior.get("etag").as_str().map(str::to_owned);
    let uid = prior.get("uid").as_str();
    let mut attempts = client.attempts_after_reads();
    loop {
        let error = match client.delete_job(name, etag.as_deref(), context).await {
            Ok(operation) => return Ok(Some(operation)),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => error,
        };
        if !error.is_conflict() {
            return Err(error);
        }
        let error = attempts.pause(name, error, context).await?;
        let latest = match client.get_job(name, context).await {
            Err(missing) if missing.is_not_found() => return Ok(None),
            latest => check_uid(latest?, uid)?,
        };
        if latest.etag == etag {
            return Err(error);
        }
        info!(job = %name, "the job has changed since it was read; deleting it with its new etag");
        etag = latest.etag;
    }
}

/// The job, unless it is another one. The UID is unknown when a created job could not be read back.
pub(super) fn check_uid(job: Remote, expected: Option<&str>) -> Result<Remote, Error> {
    match (expected, job.uid.as_deref()) {
        (Some(expected), Some(uid)) if expected != uid => Err(Error::UidMismatch {
            expected: expected.to_owned(),
            found: uid.to_owned(),
        }),
        _ => Ok(job),
    }
}

#[cfg(test)]
mod tests;
