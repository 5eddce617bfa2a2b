//! Follows an execution to its end.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::{info, warn};

use super::state::{COMPLETED, State, progress};
use cloud_run::model::{Execution, Task};
use cloud_run::{CallContext, Client, Error, ExecutionName};

/// How following an execution ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// All tasks succeeded.
    Succeeded,
    /// The execution failed.
    Failed(Failure),
    /// The execution was cancelled.
    Cancelled,
    /// The call was cancelled; the execution continues.
    Stopped,
    /// The deadline passed; the execution continues.
    TimedOut,
    /// The execution cannot be read any more.
    Unreadable(Error),
}

/// Why an execution failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The reason in the condition.
    pub reason: String,
    /// The message in the condition.
    pub message: String,
    /// The tasks that failed, by index.
    pub tasks: Result<Vec<Task>, Error>,
}

/// An execution, and how following it ended.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The execution as it was last read.
    pub execution: Execution,
    /// How following it ended.
    pub outcome: Outcome,
}

/// Reads an execution until it ends, or the context is done. `report` gets the progress when it changes, and at least every
/// two minutes; nothing after a cancellation.
pub async fn follow(
    client: &Client,
    name: &ExecutionName,
    execution: Execution,
    context: &CallContext,
    report: &mut (dyn FnMut(&str) + Send),
) -> Followed {
    let read = |context: CallContext| async move { client.get_execution(name, &context).await };
    let (execution, end) = watch(read, client.backoff(), execution, context, report).await;
    info!(execution = %name, state = State::of(&execution).as_str(), "stopped following the execution");
    let outcome = match end {
        Some(end) => end,
        None => match State::of(&execution) {
            State::Succeeded => Outcome::Succeeded,
            State::Cancelled => Outcome::Cancelled,
            State::Failed | State::Running | State::Pending => {
                Outcome::Failed(failure(client, name, &execution, context).await)
            }
        },
    };
    Followed { execution, outcome }
}

/// Why an execution failed, with its failed tasks.
pub async fn failure(
    client: &Client,
    name: &ExecutionName,
    execution: &Execution,
    context: &CallContext,
) -> Failure {
    let condition = execution.condition(COMPLETED).cloned().unwrap_or_default();
    let tasks = client.list_tasks(name, &context.for_cleanup()).await;
    Failure {
        reason: condition.reason().unwrap_or("UNKNOWN").to_owned(),
        message: condition.message.unwrap_or_default(),
        tasks: tasks.map(failed_tasks),
    }
}

fn failed_tasks(mut tasks: Vec<Task>) -> Vec<Task> {
    tasks.retain(|task| {
        let completed = task.condition(COMPLETED);
        completed.is_some_and(|condition| {
            condition.state.as_deref() == Some("CONDITION_FAILED") && condition.reason() != Some("CANCELLED")
        })
    });
    tasks.sort_by_key(|task| task.index);
    tasks
}

/// The execution as it was last read; why it is not followed any more, unless it has ended.
async fn watch<F: Future<Output = Result<Execution, Error>>>(
    read: impl Fn(CallContext) -> F,
    mut pauses: impl Iterator<Item = Duration>,
    mut execution: Execution,
    context: &CallContext,
    report: &mut (dyn FnMut(&str) + Send),
) -> (Execution, Option<Outcome>) {
    let mut reported = String::new();
    let started = Instant::now();
    let mut next_report = started + MAX_SILENCE;
    // The response to the request that started the execution is not its state.
    let mut seen = false;
    while !(seen && State::of(&execution).is_final()) {
        if context.is_cancelled() {
            return (execution, Some(Outcome::Stopped));
        }
        let text = progress(&execution);
        if seen && text != reported {
            report(&text);
            reported = text;
            next_report = Instant::now() + MAX_SILENCE;
        }
        let mut reading = pin!(async {
            context.pause(&mut pauses, MAX_PAUSE).await?;
            read(context.clone()).await
        });
        let result = loop {
            match timeout_at(next_report, &mut reading).await {
                Ok(result) => break result,
                // A read may take long, such as while the service is down.
                Err(_) => {
                    report(&progress(&execution));
                    next_report = Instant::now() + MAX_SILENCE;
                }
            }
        };
        let error = match result {
            Ok(current) => {
                (execution, seen) = (current, true);
                continue;
            }
            Err(error) => error,
        };
        if context.is_cancelled() {
            return (execution, Some(Outcome::Stopped));
        }
        if context.is_expired() || error.is_deadline_exceeded() {
            // It may have ended since the last read.
            if let Ok(current) = read(context.for_cleanup()).await {
                (execution, seen) = (current, true);
            }
            let has_ended = seen && State::of(&execution).is_final();
            let end = (!has_ended).then_some(Outcome::TimedOut);
            return (execution, end);
        }
        // The execution was there when it was started, so a network that is down is up again some time.
        let not_visible_yet = error.is_not_found() && !seen && started.elapsed() < VISIBLE_AFTER;
        if !error.is_transient() && !not_visible_yet {
            return (execution, Some(Outcome::Unreadable(error)));
        }
        warn!(%error, "reading the execution again");
    }
    (execution, None)
}

/// The longest time between two reads.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// The longest time between two reports.
const MAX_SILENCE: Duration = Duration::from_secs(120);
/// A read may not show a new execution at once.
const VISIBLE_AFTER: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
