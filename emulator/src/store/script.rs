//! Scripts: how the next executions run, set by `POST /_emulator/outcomes`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::parse_duration;
use crate::pattern::matches_pattern;

/// A script for the next executions of the jobs that match. The default is an execution whose tasks all succeed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExecutionScript {
    /// Only for jobs whose id matches this pattern; `*` stands for any text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jobs: Option<String>,
    /// The number of executions that the script still applies to.
    #[serde(default = "once")]
    times: u32,
    /// How long the execution is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<TimeSpan>,
    /// How long an attempt of a task takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<TimeSpan>,
    /// By index; further tasks succeed in their first attempt.
    #[serde(default)]
    tasks: Vec<TaskScript>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskScript {
    /// How the attempts end. The last one is repeated; without any, the first attempt succeeds.
    #[serde(default)]
    attempts: Vec<AttemptOutcome>,
    /// Instead of the script's `time`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<TimeSpan>,
}

/// How an attempt of a task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) enum AttemptOutcome {
    Success,
    /// The exit code, which is not 0.
    Exit(u8),
    Signal(u8),
    /// The task's timeout is exceeded.
    Timeout,
    /// The memory limit is exceeded.
    Memory,
}

/// A duration, in JSON such as `5m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct TimeSpan(pub(super) Duration);

impl ExecutionScript {
    /// A script whose first task exits with 1 in every attempt.
    pub(crate) fn first_task_fails() -> Self {
        let attempts = vec![AttemptOutcome::Exit(1)];
        Self {
            tasks: vec![TaskScript { attempts, time: None }],
            ..Self::default()
        }
    }

    /// How an attempt of a task ends; both are counted from 0.
    pub(super) fn outcome(&self, task: usize, attempt: usize) -> AttemptOutcome {
        let attempts = self.tasks.get(task).map_or(&[][..], |task| &task.attempts);
        let outcome = attempts.get(attempt).or_else(|| attempts.last());
        outcome.copied().unwrap_or(AttemptOutcome::Success)
    }

    /// How long an attempt of a task takes, if the script defines it.
    pub(super) fn attempt_time(&self, task: usize) -> Option<Duration> {
        let of_task = self.tasks.get(task).and_then(|task| task.time);
        of_task.or(self.time).map(|TimeSpan(time)| time)
    }
}

/// The scripts that no execution has used up yet.
#[derive(Default)]
pub(crate) struct ScriptQueue(Vec<ExecutionScript>);

impl ScriptQueue {
    pub(crate) fn push(&mut self, script: ExecutionScript) {
        if script.times > 0 {
            self.0.push(script);
        }
    }

    /// The oldest script for a job, or the default.
    pub(crate) fn take(&mut self, job: &str) -> ExecutionScript {
        let matches_job = |script: &ExecutionScript| {
            let pattern = script.jobs.as_deref();
            pattern.is_none_or(|pattern| matches_pattern(pattern, job))
        };
        let Some(position) = self.0.iter().position(matches_job) else {
            return ExecutionScript::default();
        };
        let script = &mut self.0[position];
        script.times -= 1;
        let taken = script.clone();
        if script.times == 0 {
            self.0.remove(position);
        }
        taken
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        json!(self.0)
    }
}

impl TryFrom<String> for AttemptOutcome {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |number: &str, max: u8| number.parse().ok().filter(|number| (1..=max).contains(number));
        let outcome = match text.split_once(' ') {
            None if text == "success" => Some(Self::Success),
            None if text == "timeout" => Some(Self::Timeout),
            None if text == "memory" => Some(Self::Memory),
            Some(("exit", code)) => number(code, u8::MAX).map(Self::Exit),
            Some(("signal", signal)) => number(signal, 64).map(Self::Signal),
            _ => None,
        };
        outcome.ok_or_else(|| {
            format!(
                "an attempt must be \"success\", \"exit CODE\" with a code from 1 to 255, \"signal NUMBER\" with a number \
                 from 1 to 64, \"timeout\" or \"memory\", got {text:?}"
            )
        })
    }
}

impl From<AttemptOutcome> for String {
    fn from(outcome: AttemptOutcome) -> Self {
        match outcome {
            AttemptOutcome::Success => "success".to_owned(),
            AttemptOutcome::Exit(code) => format!("exit {code}"),
            AttemptOutcome::Signal(signal) => format!("signal {signal}"),
            AttemptOutcome::Timeout => "timeout".to_owned(),
            AttemptOutcome::Memory => "memory".to_owned(),
        }
    }
}

impl TryFrom<String> for TimeSpan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = parse_duration(&text);
        time.map(Self)
            .map_err(|error| format!("a duration {error}, got {text:?}"))
    }
}

impl From<TimeSpan> for String {
    fn from(TimeSpan(time): TimeSpan) -> Self {
        format!("{}ms", time.as_millis())
    }
}

fn once() -> u32 {
    1
}
