//! The state of an execution, and its progress as text.

use crate::duration;
use crate::gpu::DELAYED_EXECUTION;
use cloud_run::model::Execution;

/// The state of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No task has started.
    Pending,
    /// A task has started.
    Running,
    /// All tasks succeeded.
    Succeeded,
    /// It ended otherwise.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl State {
    /// The state, from the `Completed` condition; the API omits counts of zero, and the condition of a new execution.
    pub fn of(execution: &Execution) -> State {
        let completed = execution.condition(COMPLETED);
        let reason = completed.and_then(|condition| condition.reason());
        match completed.and_then(|condition| condition.state.as_deref()) {
            Some("CONDITION_SUCCEEDED") => State::Succeeded,
            Some("CONDITION_FAILED") if matches!(reason, Some("CANCELLED" | "DELETED")) => State::Cancelled,
            Some("CONDITION_FAILED") => State::Failed,
            _ if reason == Some(DELAYED) => State::Pending,
            _ if execution.completion_time.is_some() => by_counts(execution),
            _ if has_started(execution) => State::Running,
            _ => State::Pending,
        }
    }

    /// The state with a name in a Terraform state.
    pub fn parse(name: &str) -> Option<State> {
        use State::{Cancelled, Failed, Pending, Running, Succeeded};
        let mut states = [Pending, Running, Succeeded, Failed, Cancelled].into_iter();
        states.find(|state| state.as_str() == name)
    }

    /// Whether the execution has ended.
    pub fn is_final(self) -> bool {
        matches!(self, State::Succeeded | State::Failed | State::Cancelled)
    }

    /// The name in a Terraform state.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Pending => "PENDING",
            State::Running => "RUNNING",
            State::Succeeded => "SUCCEEDED",
            State::Failed => "FAILED",
            State::Cancelled => "CANCELLED",
        }
    }
}

/// The state of an ended execution without a conclusive condition.
fn by_counts(execution: &Execution) -> State {
    if execution.failed_count > 0 {
        State::Failed
    } else if execution.cancelled_count > 0 {
        State::Cancelled
    } else if execution.succeeded_count >= task_count(execution) {
        State::Succeeded
    } else {
        State::Running
    }
}

fn has_started(execution: &Execution) -> bool {
    let ended = execution.succeeded_count + execution.failed_count + execution.cancelled_count;
    execution.start_time.is_some() || execution.running_count > 0 || ended > 0
}

/// The number of tasks.
pub fn task_count(execution: &Execution) -> i32 {
    execution.task_count.max(1)
}

/// The progress, such as `3 of 10 tasks succeeded, 2 running, 1 retried`.
pub fn progress(execution: &Execution) -> String {
    let completed = execution.condition(COMPLETED);
    if completed.and_then(|condition| condition.reason()) == Some(DELAYED) {
        let delay = duration::to_human(DELAYED_EXECUTION.max_delay);
        return format!("pending, the start is delayed by up to {delay}");
    }
    if State::of(execution) == State::Pending {
        return "pending, no task has started".to_owned();
    }
    let count = task_count(execution);
    let tasks = if count == 1 { "task" } else { "tasks" };
    let mut text = format!("{} of {count} {tasks} succeeded", execution.succeeded_count);
    for (count, what) in [
        (execution.running_count, "running"),
        (execution.failed_count, "failed"),
        (execution.cancelled_count, "cancelled"),
        (execution.retried_count, "retried"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}

/// The type of the condition of the whole execution.
pub(super) const COMPLETED: &str = "Completed";
const DELAYED: &str = "DELAYED_START_PENDING";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::{Value as Json, json};

    fn execution(json: Json) -> Execution {
        serde_json::from_value(json).unwrap()
    }

    fn completed(state: &str, reason: Option<&str>) -> Json {
        json!({ "taskCount": 10, "runningCount": 2, "succeededCount": 3, "retriedCount": 1, "conditions": [
            { "type": "Started", "state": "CONDITION_SUCCEEDED" },
            { "type": "Completed", "state": state, "executionReason": reason },
        ] })
    }

    #[test]
    fn state_and_progress_follow_condition_and_counts() {
        let counts = "3 of 10 tasks succeeded, 2 running, 1 retried";
        let delayed = "pending, the start is delayed by up to 12h";
        let pending = "pending, no task has started";
        for (json, state, text) in [
            (json!({}), State::Pending, pending),
            (
                json!({"conditions": [{"type": "Completed", "state": "CONDITION_PENDING"}]}),
                State::Pending,
                pending,
            ),
            (json!({"startTime": "t"}), State::Running, "0 of 1 task succeeded"),
            (
                json!({"taskCount": 2, "runningCount": 1}),
                State::Running,
                "0 of 2 tasks succeeded, 1 running",
            ),
            (completed("CONDITION_RECONCILING", None), State::Running, counts),
            (
                completed("CONDITION_RECONCILING", Some("CANCELLING")),
                State::Running,
                counts,
            ),
            (
                completed("CONDITION_PENDING", Some("DELAYED_START_PENDING")),
                State::Pending,
                delayed,
            ),
            (completed("CONDITION_SUCCEEDED", None), State::Succeeded, counts),
            (
                completed("CONDITION_FAILED", Some("NON_ZERO_EXIT_CODE")),
                State::Failed,
                counts,
            ),
            (completed("CONDITION_FAILED", None), State::Failed, counts),
            (
                completed("CONDITION_FAILED", Some("CANCELLED")),
                State::Cancelled,
                counts,
            ),
            (
                completed("CONDITION_FAILED", Some("DELETED")),
                State::Cancelled,
                counts,
            ),
            (
                json!({"taskCount": 2, "succeededCount": 2, "completionTime": "t"}),
                State::Succeeded,
                "2 of 2 tasks succeeded",
            ),
            (
                json!({"taskCount": 2, "failedCount": 1, "completionTime": "t"}),
                State::Failed,
                "0 of 2 tasks succeeded, 1 failed",
            ),
            (
                json!({"taskCount": 2, "cancelledCount": 2, "completionTime": "t"}),
                State::Cancelled,
                "0 of 2 tasks succeeded, 2 cancelled",
            ),
        ] {
            let execution = execution(json.clone());
            assert_eq!(State::of(&execution), state, "{json}");
            assert_eq!(progress(&execution), text, "{json}");
        }
    }
}
