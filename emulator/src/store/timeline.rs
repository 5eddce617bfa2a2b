//! The timeline of an execution: when its tasks start and when their attempts end.
//!
//! At most `parallelism` tasks run at the same time; when one has ended, the next one by index starts. A failed attempt is
//! followed at once by the next one, up to `maxRetries`. A task that has failed does not stop the others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::script::{AttemptOutcome, ExecutionScript};
use crate::clock::Timestamp;

/// What determines a timeline.
pub(super) struct Plan<'a> {
    pub(super) script: &'a ExecutionScript,
    pub(super) start: Timestamp,
    pub(super) tasks: usize,
    pub(super) parallelism: usize,
    pub(super) max_retries: usize,
    /// Of an attempt.
    pub(super) timeout: Duration,
    /// The duration of an attempt unless the script defines it; the timeout does not limit it.
    pub(super) default_time: Duration,
}

/// All that happens in an execution unless it is stopped.
pub(super) struct Timeline {
    pub(super) tasks: Vec<TaskTimeline>,
}

pub(super) struct TaskTimeline {
    start: Timestamp,
    /// When and how each attempt ends.
    attempts: Vec<(Timestamp, AttemptOutcome)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskState {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// A task at some time.
pub(super) struct TaskStatus {
    pub(super) state: TaskState,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    /// The number of attempts after the first one.
    pub(super) retried: usize,
    /// How the last attempt that has ended did so, with its time.
    pub(super) last_attempt: Option<(Timestamp, AttemptOutcome)>,
}

impl Timeline {
    pub(super) fn new(plan: &Plan<'_>) -> Self {
        // When each slot is free.
        let mut slots: BinaryHeap<Reverse<Timestamp>> =
            vec![Reverse(plan.start); plan.parallelism.max(1)].into();
        let tasks = (0..plan.tasks).map(|index| {
            let start = slots.pop().map_or(plan.start, |Reverse(free)| free);
            let task = TaskTimeline::new(plan, index, start);
            slots.push(Reverse(task.end()));
            task
        });
        Self {
            tasks: tasks.collect(),
        }
    }

    /// When the last task ends.
    pub(super) fn end(&self) -> Option<Timestamp> {
        self.tasks.iter().map(TaskTimeline::end).max()
    }

    /// When something happens next.
    pub(super) fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        let changes = self.tasks.iter().flat_map(|task| {
            let ends = task.attempts.iter().map(|(end, _)| *end);
            ends.chain([task.start])
        });
        changes.filter(|at| *at > after).min()
    }
}

impl TaskTimeline {
    fn new(plan: &Plan<'_>, index: usize, start: Timestamp) -> Self {
        let mut at = start;
        let mut attempts = Vec::new();
        for attempt in 0..=plan.max_retries {
            let scripted = plan.script.attempt_time(index);
            let outcome = match plan.script.outcome(index, attempt) {
                _ if scripted.is_some_and(|time| time > plan.timeout) => AttemptOutcome::Timeout,
                outcome => outcome,
            };
            let time = match outcome {
                AttemptOutcome::Timeout => plan.timeout,
                _ => scripted.unwrap_or(plan.default_time),
            };
            at = at.saturating_add(time.try_into().unwrap_or(time::Duration::MAX));
            attempts.push((at, outcome));
            if outcome == AttemptOutcome::Success {
                break;
            }
        }
        Self { start, attempts }
    }

    fn end(&self) -> Timestamp {
        self.attempts.last().map_or(self.start, |(end, _)| *end)
    }

    /// The task at a time; `stopped` is when its execution was stopped, if it was.
    pub(super) fn status(&self, now: Timestamp, stopped: Option<Timestamp>) -> TaskStatus {
        let now = stopped.map_or(now, |stopped| stopped.min(now));
        let ended = self.attempts.iter().take_while(|(end, _)| *end <= now).count();
        let last_attempt = ended.checked_sub(1).map(|last| self.attempts[last]);
        let is_complete = ended == self.attempts.len();
        let state = match (last_attempt, stopped) {
            (Some((_, AttemptOutcome::Success)), _) => TaskState::Succeeded,
            (Some(_), _) if is_complete => TaskState::Failed,
            (_, Some(_)) => TaskState::Cancelled,
            _ if self.start <= now => TaskState::Running,
            _ => TaskState::Pending,
        };
        TaskStatus {
            state,
            started: (self.start <= now).then_some(self.start),
            ended: if is_complete { Some(self.end()) } else { stopped },
            retried: if is_complete {
                ended.saturating_sub(1)
            } else {
                ended
            },
            last_attempt,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;

    const START: Timestamp = datetime!(2026-11-23 00:00 UTC);

    fn timeline(script: Value, tasks: usize, parallelism: usize, max_retries: usize) -> Timeline {
        let script: ExecutionScript = serde_json::from_value(script).unwrap();
        Timeline::new(&Plan {
            script: &script,
            start: START,
            tasks,
            parallelism,
            max_retries,
            timeout: Duration::from_secs(600),
            default_time: Duration::from_secs(60),
        })
    }

    /// Start and end of each task in minutes, and the number of its attempts.
    fn minutes(timeline: &Timeline) -> Vec<(i64, i64, usize)> {
        let minutes = |at: Timestamp| (at - START).whole_minutes();
        let tasks = timeline.tasks.iter();
        tasks
            .map(|task| (minutes(task.start), minutes(task.end()), task.attempts.len()))
            .collect()
    }

    #[test]
    fn tasks_run_in_rounds() {
        let rounds = timeline(json!({}), 5, 2, 3);
        assert_eq!(
            minutes(&rounds),
            [(0, 1, 1), (0, 1, 1), (1, 2, 1), (1, 2, 1), (2, 3, 1)]
        );
    }

    #[test]
    fn next_task_starts_in_first_free_slot() {
        let script =
            json!({ "time": "2m", "tasks": [{ "time": "5m" }, {}, { "attempts": ["exit 1", "success"] }] });
        assert_eq!(
            minutes(&timeline(script, 4, 2, 3)),
            [(0, 5, 1), (0, 2, 1), (2, 6, 2), (5, 7, 1)]
        );
    }

    #[test]
    fn last_attempt_repeats_up_to_max_retries() {
        let script = json!({ "tasks": [{ "attempts": ["signal 9", "exit 2"] }] });
        let timeline = timeline(script, 1, 1, 3);
        let outcomes: Vec<AttemptOutcome> = timeline.tasks[0].attempts.iter().map(|(_, one)| *one).collect();
        let exit = AttemptOutcome::Exit(2);
        assert_eq!(outcomes, [AttemptOutcome::Signal(9), exit, exit, exit]);
    }

    #[test]
    fn attempt_longer_than_timeout_ends_at_timeout() {
        let script =
            json!({ "time": "11m", "tasks": [{ "time": "1m", "attempts": ["timeout", "success"] }] });
        let timeline = timeline(script, 2, 2, 1);
        assert_eq!(minutes(&timeline), [(0, 11, 2), (0, 20, 2)]);
        assert_eq!(timeline.tasks[1].attempts[0].1, AttemptOutcome::Timeout);
    }

    #[test]
    fn stopped_task_is_cancelled_unless_it_has_ended() {
        let timeline = timeline(json!({ "tasks": [{ "time": "5m" }] }), 3, 2, 0);
        let at = |seconds| START + Duration::from_secs(seconds);
        let states = |now, stopped| {
            let tasks = timeline.tasks.iter();
            tasks
                .map(|task| task.status(now, stopped).state)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            states(at(30), None),
            [TaskState::Running, TaskState::Running, TaskState::Pending]
        );
        assert_eq!(
            states(at(500), Some(at(90))),
            [TaskState::Cancelled, TaskState::Succeeded, TaskState::Cancelled]
        );
        assert_eq!(timeline.next_change(at(60)), Some(at(120)));
    }
}
