//! Starts one execution of a job, and never a second one.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::Runs;
use super::definition::{Definition, overridden_container};
use super::errors::{Call, call_error};
use super::limits::Limits;
use super::lookup::{Search, full_name, id};
use super::report::unknown_outcome;
use super::state::State;
use cloud_run::model::{Execution, Job};
use cloud_run::{CallContext, Client, Error, ExecutionName, JobName, RunOverrides};
use terraform_plugin::diagnostic::Diagnostic;

/// A job that is about to be run, and its executions so far.
pub struct Prepared {
    name: JobName,
    /// The job as it was read.
    pub job: Job,
    executions: Vec<Execution>,
    account: Option<String>,
}

/// A started execution.
#[derive(Debug)]
pub struct Started {
    /// Its full name.
    pub name: ExecutionName,
    /// The execution as it was last read.
    pub execution: Execution,
}

/// Reads the job and its executions. Nothing is started yet. `follows` is whether the execution is followed to its end.
///
/// # Errors
/// If they cannot be read, such as without the permission to follow an execution.
pub async fn prepare(
    client: &Client,
    name: &JobName,
    follows: bool,
    cancellation: &CancellationToken,
) -> Result<Prepared, Diagnostic> {
    let context = CallContext::new(Instant::now() + READ_TIMEOUT, cancellation.clone());
    let failed = |call, error: &Error| {
        let mut diagnostic = call_error(call, name, error);
        diagnostic.detail.push_str(NOTHING_STARTED);
        diagnostic
    };
    let job = client
        .get_job(name, &context)
        .await
        .map_err(|error| failed(Call::GetJob, &error))?;
    let executions = client
        .list_executions(name, &context)
        .await
        .map_err(|error| failed(Call::ListExecutions, &error))?;
    // Following needs a permission of its own, which Cloud Run also checks for an execution that does not exist.
    let any = executions.first().map_or("none", |latest| id(latest));
    let any = ExecutionName::parse(&format!("{name}/executions/{any}"));
    if let (true, Ok(any)) = (follows, any) {
        match client.get_execution(&any, &context).await {
            Err(error) if !error.is_not_found() => return Err(failed(Call::GetExecution, &error)),
            _ => {}
        }
    }
    Ok(Prepared {
        name: name.clone(),
        job,
        executions,
        account: client.account().await,
    })
}

impl Prepared {
    /// What a run can use at most.
    pub fn limits(&self, overrides: &RunOverrides) -> Limits {
        Limits::of_run(&self.job, overrides)
    }

    /// The executions that have not ended, have the definition of this run and, where it is known, its creator: an earlier
    /// run may have been killed before its execution was stored.
    pub fn unfinished_like(&self, overrides: &RunOverrides, runs: &Runs) -> Vec<ExecutionName> {
        let definition = Definition::of_run(&self.job, overrides);
        let search = self.search(&definition, runs);
        let all = self.executions.iter();
        all.filter(|execution| !State::of(execution).is_final() && search.is_like(execution))
            .filter_map(|execution| full_name(&self.name, execution))
            .filter(|name| !runs.contains(name))
            .collect()
    }

    /// Starts an execution. If the response is lost, the execution is looked for; the request is not sent again.
    ///
    /// # Errors
    /// If nothing was started, or if that is not known.
    pub async fn start(
        &self,
        client: &Client,
        runs: &Runs,
        overrides: &RunOverrides,
        context: &CallContext,
    ) -> Result<Started, Diagnostic> {
        let overrides = RunOverrides {
            container: overridden_container(&self.job),
            ..overrides.clone()
        };
        let call = if overrides.is_empty() {
            Call::Run
        } else {
            Call::RunWithOverrides
        };
        let _other_runs = runs.lock(&self.name).await;
        if context.is_cancelled() {
            return Err(self.not_started(call, &Error::Cancelled));
        }
        if context.is_expired() {
            let waited_for = "another run of the job to start".to_owned();
            return Err(self.not_started(call, &Error::DeadlineExceeded { waited_for }));
        }
        info!(job = %self.name, "running the job");
        let error = match client.run_job(&self.name, &overrides, context).await {
            Ok(Some(execution)) => match full_name(&self.name, &execution) {
                Some(name) => return Ok(self.started(runs, name, execution)),
                None => None,
            },
            Ok(None) => None,
            Err(error) if error.is_cancelled() || !error.maybe_accepted() => {
                return Err(self.not_started(call, &error));
            }
            Err(error) => Some(error),
        };
        warn!(job = %self.name, error = error.as_ref().map(tracing::field::display), "looking for the execution");
        let definition = Definition::of_run(&self.job, &overrides);
        let cleanup = context.for_cleanup();
        let list = || client.list_executions(&self.name, &cleanup);
        let search = self.search(&definition, runs);
        let searching = search.run(list, client.backoff(), &cleanup);
        let mut found = context
            .run_cleanup(searching)
            .await
            .unwrap_or_else(|| Ok(Vec::new()));
        match &mut found {
            Ok(candidates) if candidates.len() == 1 => {
                if let Some((name, execution)) = candidates.pop() {
                    return Ok(self.started(runs, name, execution));
                }
            }
            _ => {}
        }
        Err(unknown_outcome(&self.name, error.as_ref(), &found))
    }

    fn search<'a>(&'a self, definition: &'a Definition<'a>, runs: &'a Runs) -> Search<'a> {
        Search {
            job: &self.name,
            before: &self.executions,
            definition,
            account: self.account.as_deref(),
            runs,
        }
    }

    fn started(&self, runs: &Runs, name: ExecutionName, execution: Execution) -> Started {
        info!(execution = %name, "the execution has started");
        runs.add(&name);
        Started { name, execution }
    }

    fn not_started(&self, call: Call, error: &Error) -> Diagnostic {
        let mut diagnostic = call_error(call, &self.name, error);
        diagnostic.detail.push_str(NOTHING_STARTED);
        diagnostic
    }
}

/// How long the reads before a run may take, retries included.
const READ_TIMEOUT: Duration = Duration::from_secs(5 * 60);
const NOTHING_STARTED: &str = "\n\nNo execution was started.";

#[cfg(test)]
mod tests;
