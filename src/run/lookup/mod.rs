//! The search for an execution whose name was lost with the response to its request.

use std::time::Duration;

use super::Runs;
use super::definition::Definition;
use cloud_run::model::Execution;
use cloud_run::{CallContext, Error, ExecutionName, JobName};

/// What the execution of a run is recognized by.
pub(super) struct Search<'a> {
    pub(super) job: &'a JobName,
    /// The executions before the request.
    pub(super) before: &'a [Execution],
    pub(super) definition: &'a Definition<'a>,
    /// The account that sent the request, where the credentials have it.
    pub(super) account: Option<&'a str>,
    pub(super) runs: &'a Runs,
}

impl Search<'_> {
    /// The executions that the request may have started.
    fn candidates(&self, executions: Vec<Execution>) -> Vec<(ExecutionName, Execution)> {
        let named = executions
            .into_iter()
            .filter_map(|execution| Some((full_name(self.job, &execution)?, execution)));
        named
            .filter(|(name, execution)| {
                let is_new = self.before.iter().all(|before| id(before) != id(execution));
                is_new && !self.runs.contains(name) && self.is_like(execution)
            })
            .collect()
    }

    /// Whether the execution has the definition of the run, and its creator.
    pub(super) fn is_like(&self, execution: &Execution) -> bool {
        let creators = self.account.zip(execution.creator.as_deref());
        creators.is_none_or(|(ours, creator)| ours == creator)
            && Definition::of_execution(execution) == *self.definition
    }

    /// Lists executions until there are candidates, or the context is done.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub(super) async fn run<F: Future<Output = Result<Vec<Execution>, Error>>>(
        &self,
        mut list: impl FnMut() -> F,
        mut pauses: impl Iterator<Item = Duration>,
        context: &CallContext,
    ) -> Result<Vec<(ExecutionName, Execution)>, Error> {
        let mut listed = false;
        loop {
            match list().await {
                Err(error) if listed && error.is_deadline_exceeded() => return Ok(Vec::new()),
                executions => {
                    let candidates = self.candidates(executions?);
                    if !candidates.is_empty() {
                        return Ok(candidates);
                    }
                }
            }
            listed = true;
            if context.pause(&mut pauses, MAX_PAUSE).await.is_err() {
                return Ok(Vec::new());
            }
        }
    }
}

/// The full name of an execution, in the user's spelling of the project.
pub(super) fn full_name(job: &JobName, execution: &Execution) -> Option<ExecutionName> {
    ExecutionName::parse(&format!("{job}/executions/{}", id(execution))).ok()
}

/// The last segment of the name.
pub(super) fn id(execution: &Execution) -> &str {
    execution.name.rsplit('/').next().unwrap_or_default()
}

const MAX_PAUSE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
