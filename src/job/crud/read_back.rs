//! What comes after a write: the state is what Google says now.

use std::time::Duration;
use tracing::{info, warn};

use super::errors::{failure, not_ready};
use super::writes::same;
use crate::job::convert;
use crate::job::plan::EXECUTIONS;
use crate::job::private_state::Private;
use cloud_run::model::Job as Remote;
use cloud_run::{CallContext, Client, Error, JobName, Readiness};
use terraform_plugin::diagnostic::Diagnostic;
use terraform_plugin::resource::StateResponse;
use terraform_plugin::value::Value;

/// A write that Google has accepted.
pub(super) struct Written<'a> {
    pub(super) verb: &'static str,
    /// The job that it was about, where that is known.
    pub(super) uid: Option<&'a str>,
    /// What was planned: the state is spelt like this when all went well.
    pub(super) planned: &'a Value,
    /// The state before; null for a creation.
    pub(super) prior: &'a Value,
    /// What was kept beside it.
    pub(super) private: &'a Private,
    pub(super) ended: Ended,
}

/// How a write has ended: the job as its operation left it, if that was told, or why nobody can say that Google is done
/// with it.
pub(super) type Ended = Result<Option<Remote>, Error>;

/// Makes the state of what Google says now. When even that cannot be had, the job stays in the state under its name, so
/// that it is neither lost nor made twice.
pub(super) async fn settle(
    client: &Client,
    name: &JobName,
    written: Written<'_>,
    patience: &CallContext,
) -> StateResponse {
    let Written {
        verb, planned, prior, ..
    } = written;
    let (remote, failed) = look_back(client, name, written.uid, written.ended, patience).await;
    // After a failure the state tells what is true now, so that the next plan shows what is left.
    let hint = if failed.is_some() && !prior.is_null() {
        prior
    } else {
        planned
    };
    let mut told: Vec<Diagnostic> = failed.iter().map(|error| failure(verb, name, error)).collect();
    let mut private = None;
    let state = match remote {
        Ok(remote) => {
            info!(job = %name, generation = remote.generation, "Google has the job like this");
            if let Readiness::Failed { reason, message } = remote.readiness() {
                told.push(not_ready(name, &reason, &message));
            }
            let mut state = convert::state(&remote, name, hint);
            if failed.is_none() {
                keep_executions(&mut state, planned);
            }
            if hint.get("execution_url").as_str().is_none() {
                state.set("execution_url", client.run_url(name));
            }
            // After a failure the state still has what an import found.
            private = failed.is_none().then(|| {
                written
                    .private
                    .applied()
                    .with_unmanaged(convert::unmanaged(&remote, &state))
                    .to_bytes()
            });
            state
        }
        // What was written is gone, and what is there now is somebody else's. The next refresh looks again.
        Err(another) if another.is_uid_mismatch() => {
            told = vec![failure(verb, name, &another)];
            prior.clone()
        }
        Err(error) if error.is_not_found() && failed.is_some() => Value::Null,
        Err(error) => {
            if failed.is_none() {
                told.push(failure("read", name, &error));
            }
            let mut state = convert::named(hint);
            state.set("ready", false);
            state
        }
    };
    StateResponse {
        state,
        private,
        diagnostics: told,
    }
}

/// Executions may have begun since the plan, which has said how many there are.
fn keep_executions(state: &mut Value, planned: &Value) {
    for attribute in EXECUTIONS {
        let told = planned.get(attribute);
        if told != &Value::Unknown {
            state.set(attribute, told.clone());
        }
    }
}

/// The job as it is now, and what is left of the failure then. What Google has finished is finished, also when the time
/// was over, above all on a machine that slept, or somebody asked to stop.
async fn look_back(
    client: &Client,
    name: &JobName,
    uid: Option<&str>,
    ended: Ended,
    patience: &CallContext,
) -> (Result<Remote, Error>, Option<Error>) {
    let (remote, failed) = match ended {
        // To read it would bring the same once more, a round trip later.
        Ok(Some(told)) => (Some(Ok(told)), None),
        Ok(None) => match ready(client, name, patience).await {
            Err(error) if is_open(&error, patience) => (None, Some(error)),
            remote => (Some(remote), None),
        },
        Err(failed) => (None, Some(failed)),
    };
    let remote = match remote {
        Some(remote) => remote,
        None => client.get_job(name, &patience.for_cleanup()).await,
    };
    let remote = remote.and_then(|remote| same(remote, uid));
    let done = remote
        .as_ref()
        .is_ok_and(|remote| !matches!(remote.readiness(), Readiness::Reconciling));
    (remote, failed.filter(|error| !(done && is_open(error, patience))))
}

/// Whether an error leaves open what Google made of the write. What it says of the operation stands; what the network does
/// at the end of the time says nothing.
fn is_open(error: &Error, patience: &CallContext) -> bool {
    error.is_deadline_exceeded() || error.is_cancelled() || patience.is_expired() && error.status().is_none()
}

/// Reads the job until Google has done with it; its operation being done, that is nearly always at once.
async fn ready(client: &Client, name: &JobName, patience: &CallContext) -> Result<Remote, Error> {
    let mut pause = Duration::from_millis(100);
    loop {
        match client.get_job(name, patience).await {
            Ok(remote) if !matches!(remote.readiness(), Readiness::Reconciling) => return Ok(remote),
            Ok(_) => info!(job = %name, "waiting for Google to take over the new definition"),
            Err(error) if error.is_unreachable() && !patience.is_done() => {
                warn!(job = %name, %error, "waiting for Google to be there again");
            }
            Err(error) => return Err(error),
        }
        patience.sleep(pause).await?;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}
