//! Replaces a job's definition once, even if the response is lost.

use serde_json::Value as Json;
use tracing::warn;

use super::Client;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::job_name::JobName;
use crate::operation::Operation;
use crate::request::Request;

impl Client {
    /// Replaces a job's definition by a document of [`overlay`](crate::model::overlay); the etag in it
    /// guards the job.
    ///
    /// If the response is lost, the job is read: with the old etag the request was not accepted, and it is sent again until
    /// the deadline; with a new etag and this definition it was, and only the job itself remains to be waited for.
    ///
    /// # Errors
    /// If the request is refused, above all because the job has changed ([`Error::is_conflict`]), or if it is not known
    /// whether it was accepted ([`Error::maybe_accepted`]).
    pub async fn replace_job(
        &self,
        name: &JobName,
        document: &Json,
        context: &CallContext,
    ) -> Result<Operation, Error> {
        let request = Request::replace(name, document);
        let etag = document.get("etag").and_then(Json::as_str);
        let mut attempts = self.attempts_after_reads();
        let mut lost = false;
        loop {
            let error = match self.call(&request, context).await {
                // After a lost response, the conflicting change may be this one.
                Err(error) if error.is_response_lost() || error.is_deadline_exceeded() => error,
                Err(error) if lost && error.is_conflict() => error,
                response => return response,
            };
            lost = true;
            warn!(%request, %error, "response lost, reading the job");
            let Ok(now) = self.find_job(name, context).await else {
                return Err(error);
            };
            if etag.is_none() {
                return Err(error);
            }
            if now.etag.as_deref() != etag {
                return if has_definition(&now.document, document) {
                    Ok(Operation::completed())
                } else {
                    Err(error)
                };
            }
            attempts.pause(&request, error, context).await?;
        }
    }
}

/// Whether a job has the definition that was sent. The service fills in what was omitted, and may return another launch
/// stage.
fn has_definition(now: &Json, sent: &Json) -> bool {
    ["labels", "annotations", "template"].iter().all(|member| {
        let (now, sent) = (now.get(member), sent.get(member));
        sent.is_none_or(|sent| contains(now.unwrap_or(&Json::Null), sent))
    })
}

/// Whether `whole` has each member of `part`; lists must have the same length.
fn contains(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (_, Json::Object(part)) => part
            .iter()
            .all(|(name, part)| contains(whole.get(name).unwrap_or(&Json::Null), part)),
        (Json::Array(whole), Json::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        _ => whole == part,
    }
}

#[cfg(test)]
mod tests;
