//! Texts about an execution: its start, its failure, and how to cancel it.

use std::time::Duration;

use super::errors::{Call, hint};
use super::follow::{Failure, Followed, Outcome};
use super::state::{COMPLETED, State, progress};
use crate::duration;
use cloud_run::model::{Execution, Task};
use cloud_run::{Error, ExecutionName, JobName};
use terraform_plugin::diagnostic::{Diagnostic, quoted};
use terraform_plugin::text::quotable;

/// The name and the log address of an execution that has started.
pub fn started(name: &ExecutionName, execution: &Execution) -> String {
    let address = address(Some(execution));
    let logs = address.map(|address| format!(" Logs: {address}"));
    format!("Started {name}.{}", logs.unwrap_or_default())
}

/// The outcome of an execution that has ended.
pub fn ended(execution: &Execution) -> String {
    let outcome = match State::of(execution) {
        State::Succeeded => "succeeded",
        State::Cancelled => "was cancelled",
        State::Failed | State::Running | State::Pending => "failed",
    };
    format!("The execution {outcome}: {}.", progress(execution))
}

/// The error of an execution that did not succeed, or was not followed to its end; `None` if it succeeded. `timeout` is
/// how long the run could take.
pub fn outcome(name: &ExecutionName, followed: &Followed, timeout: Duration) -> Option<Diagnostic> {
    let execution = &followed.execution;
    let (logs, cancel) = (logs(Some(execution)), manual_cancel(name));
    let (summary, detail) = match &followed.outcome {
        Outcome::Succeeded => return None,
        Outcome::Failed(failure) => return Some(failed(name, execution, failure)),
        Outcome::Cancelled => (
            "Execution cancelled",
            format!(
                "{name} was cancelled outside of this run: {}.{logs}",
                progress(execution)
            ),
        ),
        Outcome::Stopped => (
            "Run interrupted",
            format!(
                "Terraform stopped the provider before {name} ended: {}. The execution continues.{cancel}{logs}",
                progress(execution)
            ),
        ),
        Outcome::TimedOut => (
            "Timed out waiting for the execution",
            format!(
                "{name} did not end within {}: {}. The execution continues.{cancel}{logs}",
                duration::to_human(timeout),
                progress(execution)
            ),
        ),
        Outcome::Unreadable(error) if error.is_not_found() => (
            "Execution not found",
            format!(
                "{name} was deleted while the provider waited for its end. It was last seen with {}.{logs}",
                progress(execution)
            ),
        ),
        Outcome::Unreadable(error) => (
            "Waiting for the execution failed",
            format!(
                "Reading {name} failed: {error}{}\n\nThe execution may continue. It was last seen with {}.{cancel}{logs}",
                hint(Call::GetExecution, error),
                progress(execution)
            ),
        ),
    };
    Some(Diagnostic::error(summary, detail))
}

/// The error of a failed execution.
pub fn failed(name: &ExecutionName, execution: &Execution, failure: &Failure) -> Diagnostic {
    let reason = reason_and_message(&failure.reason, &failure.message);
    let tasks = match &failure.tasks {
        Ok(tasks) if tasks.is_empty() => String::new(),
        Ok(tasks) => format!("\n\nFailed tasks:{}", lines(tasks.iter().map(task_line))),
        Err(error) => format!(
            "\n\nThe failed tasks could not be read: {error}{}",
            hint(Call::ListTasks, error)
        ),
    };
    Diagnostic::error(
        "Execution failed",
        format!(
            "{name} failed: {}. Cloud Run reports {reason}{tasks}{}",
            progress(execution),
            logs(Some(execution))
        ),
    )
}

/// Why an execution ended, as the end of a sentence; `None` if Cloud Run does not report it.
pub(super) fn reason(execution: &Execution) -> Option<String> {
    let completed = execution.condition(COMPLETED)?;
    let message = completed.message.as_deref().unwrap_or_default();
    Some(reason_and_message(completed.reason()?, message))
}

fn reason_and_message(reason: &str, message: &str) -> String {
    let reason = quotable(reason, MAX_REASON_LENGTH);
    match message {
        "" => format!("{reason}."),
        message => format!("{reason}: \"{}\"", quotable(message, MAX_MESSAGE_LENGTH)),
    }
}

/// A run whose response was lost, and whose execution was not found, or not recognized among several.
pub(super) fn unknown_outcome(
    job: &JobName,
    error: Option<&Error>,
    found: &Result<Vec<(ExecutionName, Execution)>, Error>,
) -> Diagnostic {
    let lost = match error {
        Some(error) => error.to_string(),
        None => "Cloud Run accepted the request, and its response does not name an execution".to_owned(),
    };
    let (found, example) = match found {
        Err(error) => (
            format!(
                "The provider could not look for it: {error}{}",
                hint(Call::ListExecutions, error)
            ),
            None,
        ),
        Ok(candidates) if candidates.is_empty() => (
            "The provider looked for a new execution with the definition of this run and found none."
                .to_owned(),
            None,
        ),
        Ok(candidates) => {
            let lines = lines(candidates.iter().map(|(name, one)| name_and_time(name, one)));
            let count = candidates.len();
            (
                format!(
                    "The provider found {count} new executions with the definition of this run:\n{lines}"
                ),
                candidates.first().map(|(name, _)| name.to_string()),
            )
        }
    };
    let example = example.unwrap_or_else(|| format!("{job}/executions/EXECUTION"));
    Diagnostic::error(
        "Unknown whether the job runs",
        format!(
            "{job}: {lost}\n\nCloud Run may have started an execution. The provider does not send the request again, since \
             the job could run twice. {found}\n\nCheck the executions before the job is run again:\n\n  {}\n\nTo manage an \
             execution of this run as a resource, import it:\n\n  terraform import ADDRESS {example}",
            list_command(job)
        ),
    )
}

/// `task 7: signal 9, 4 attempts: Memory limit exceeded.`
fn task_line(task: &Task) -> String {
    let result = task.last_attempt_result.clone().unwrap_or_default();
    let mut parts = Vec::new();
    if result.term_signal != 0 {
        parts.push(format!("signal {}", result.term_signal));
    }
    if result.exit_code != 0 {
        parts.push(format!("exit code {}", result.exit_code));
    }
    if parts.is_empty() {
        parts.push("no exit code".to_owned());
    }
    parts.push(match task.retried {
        0 => "1 attempt".to_owned(),
        retried => format!("{} attempts", retried.saturating_add(1)),
    });
    let of_attempt = result.status.map(|status| status.message);
    let condition = task.condition(COMPLETED);
    let message = of_attempt
        .filter(|message| !message.is_empty())
        .or_else(|| condition.and_then(|condition| condition.message.clone()))
        .filter(|message| !message.is_empty())
        .map(|message| format!(": {}", quotable(&message, MAX_TASK_MESSAGE_LENGTH)));
    format!(
        "task {}: {}{}",
        task.index,
        parts.join(", "),
        message.unwrap_or_default()
    )
}

/// Each item on a line of its own, with a bound.
pub(super) fn lines(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(MAX_LINES);
    let mut text: String = items.take(MAX_LINES).map(|item| format!("\n  {item}")).collect();
    if more > 0 {
        text.push_str(&format!("\n  … and {more} more"));
    }
    text
}

/// How to cancel an execution that the provider has left.
pub(super) fn manual_cancel(name: &ExecutionName) -> String {
    let JobName {
        project, location, ..
    } = &name.job;
    format!(
        "\n\nTo cancel it:\n\n  gcloud run jobs executions cancel {} --region {location} --project {project}",
        name.execution
    )
}

/// The command that lists the executions of a job.
fn list_command(job: &JobName) -> String {
    let JobName {
        project,
        location,
        job,
    } = job;
    format!("gcloud run jobs executions list --job {job} --region {location} --project {project}")
}

/// The log address of an execution, as the end of a text.
pub(super) fn logs(execution: Option<&Execution>) -> String {
    let address = address(execution).map(|address| format!("\n\nLogs: {address}"));
    address.unwrap_or_default()
}

/// An execution in a list.
fn name_and_time(name: &ExecutionName, execution: &Execution) -> String {
    let text = |text: &Option<String>| text.as_deref().map_or_else(|| "unknown".to_owned(), quoted);
    format!(
        "{name}, create time: {}, creator: {}",
        text(&execution.create_time),
        text(&execution.creator)
    )
}

fn address(execution: Option<&Execution>) -> Option<String> {
    let address = execution?
        .log_uri
        .as_deref()
        .filter(|address| !address.is_empty())?;
    Some(quotable(address, MAX_ADDRESS_LENGTH))
}

/// The most tasks or executions that a message lists.
const MAX_LINES: usize = 10;
/// The most bytes of Google's texts that a message shows.
const MAX_REASON_LENGTH: usize = 200;
const MAX_MESSAGE_LENGTH: usize = 4 << 10;
const MAX_TASK_MESSAGE_LENGTH: usize = 400;
const MAX_ADDRESS_LENGTH: usize = 2 << 10;

#[cfg(test)]
mod tests;
