//! Following an execution with a clock that stands still.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::RefCell;
use std::collections::VecDeque;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use cloud_run::test_server::Reply::Respond;
use cloud_run::test_server::{NOT_FOUND, Reply, Server};
use cloud_run::{Status, test_server};

fn running(succeeded: i32) -> Execution {
    serde_json::from_value(
        json!({ "name": "e", "taskCount": 3, "runningCount": 1, "succeededCount": succeeded }),
    )
    .unwrap()
}

fn ended(state: &str, reason: &str) -> Execution {
    let condition = json!({ "type": "Completed", "state": state, "executionReason": reason });
    serde_json::from_value(json!({ "name": "e", "taskCount": 3, "conditions": [condition] })).unwrap()
}

fn refused(http: u16, status: &str) -> Error {
    Error::Status(Status {
        http: Some(http),
        status: status.to_owned(),
        ..Status::default()
    })
}

/// What one read returns, and how many seconds it takes.
type Read = (u64, Result<Execution, Error>);

struct Watched {
    end: Option<Outcome>,
    execution: Execution,
    /// The reports, each after so many seconds.
    reports: Vec<(u64, String)>,
    seconds: u64,
}

/// Follows an execution whose reads are those, then the last one for ever. A pause is five seconds. The response to its
/// request says that it has ended, which must not count.
async fn watched(reads: Vec<Read>, timeout: u64, cancelled_after: Option<u64>) -> Watched {
    let start = Instant::now();
    let cancellation = CancellationToken::new();
    if let Some(seconds) = cancelled_after {
        let cancellation = cancellation.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            cancellation.cancel();
        });
    }
    let context = CallContext::new(start + Duration::from_secs(timeout), cancellation);
    let reads = RefCell::new(VecDeque::from(reads));
    let read = |context: CallContext| {
        let mut reads = reads.borrow_mut();
        let (seconds, result) = match reads.len() {
            1 => reads.front().cloned().unwrap(),
            _ => reads.pop_front().unwrap(),
        };
        async move {
            context.sleep(Duration::from_secs(seconds)).await?;
            result
        }
    };
    let mut reports = Vec::new();
    let mut report = |text: &str| reports.push((start.elapsed().as_secs(), text.to_owned()));
    let pauses = std::iter::repeat(Duration::from_secs(5));
    let (execution, end) = watch(read, pauses, ended(DONE.0, DONE.1), &context, &mut report).await;
    Watched {
        end,
        execution,
        reports,
        seconds: start.elapsed().as_secs(),
    }
}

const DONE: (&str, &str) = ("CONDITION_SUCCEEDED", "");

fn texts(watched: &Watched) -> Vec<(u64, &str)> {
    watched
        .reports
        .iter()
        .map(|(at, text)| (*at, text.as_str()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn changes_are_reported() {
    let reads = vec![
        (0, Ok(running(0))),
        (0, Ok(running(1))),
        (0, Ok(running(1))),
        (0, Ok(ended(DONE.0, DONE.1))),
    ];
    let watched = watched(reads, 3600, None).await;
    assert!(watched.end.is_none());
    assert_eq!(State::of(&watched.execution), State::Succeeded);
    assert_eq!(
        texts(&watched),
        [
            (5, "0 of 3 tasks succeeded, 1 running"),
            (10, "1 of 3 tasks succeeded, 1 running")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn silence_lasts_two_minutes_at_most() {
    // The third read takes five minutes.
    let reads = vec![
        (0, Ok(running(0))),
        (0, Ok(running(0))),
        (300, Ok(running(0))),
        (0, Ok(ended(DONE.0, DONE.1))),
    ];
    let watched = watched(reads, 3600, None).await;
    let text = "0 of 3 tasks succeeded, 1 running";
    assert_eq!(texts(&watched), [(5, text), (125, text), (245, text)]);
}

#[tokio::test(start_paused = true)]
async fn cancellation_ends_at_once_and_silently() {
    for reads in [vec![(0, Ok(running(0)))], vec![(1000, Ok(running(0)))]] {
        let watched = watched(reads, 3600, Some(121)).await;
        assert!(matches!(watched.end, Some(Outcome::Stopped)));
        assert_eq!(watched.seconds, 121);
        assert!(watched.reports.iter().all(|(at, _)| *at <= 120));
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_ends_with_a_last_read() {
    let late = watched(vec![(0, Ok(running(1)))], 12, None).await;
    assert!(matches!(late.end, Some(Outcome::TimedOut)));
    assert_eq!((late.seconds, late.execution.succeeded_count), (12, 1));
    let reads = vec![
        (0, Ok(running(0))),
        (0, Ok(running(0))),
        (0, Ok(ended(DONE.0, DONE.1))),
    ];
    let just_in_time = watched(reads, 12, None).await;
    assert!(just_in_time.end.is_none());
    assert_eq!(just_in_time.seconds, 12);
}

#[tokio::test(start_paused = true)]
async fn transient_errors_are_ignored() {
    let reads = vec![
        (0, Err(refused(404, "NOT_FOUND"))),
        (0, Ok(running(0))),
        (100, Err(refused(503, "UNAVAILABLE"))),
        (100, Err(Error::Unreachable(String::new()))),
        (0, Ok(ended(DONE.0, DONE.1))),
    ];
    assert!(watched(reads, 3600, None).await.end.is_none());
}

#[tokio::test(start_paused = true)]
async fn permanent_errors_are_returned() {
    for (reads, seconds) in [
        (vec![(0, Err(refused(403, "PERMISSION_DENIED")))], 5),
        (vec![(0, Err(refused(401, "UNAUTHENTICATED")))], 5),
        (vec![(0, Ok(running(0))), (0, Err(refused(404, "NOT_FOUND")))], 10),
        // It never appears.
        (vec![(0, Err(refused(404, "NOT_FOUND")))], 30),
    ] {
        let watched = watched(reads, 3600, None).await;
        assert!(matches!(watched.end, Some(Outcome::Unreadable(_))));
        assert_eq!(watched.seconds, seconds);
    }
}

const FAILED: Reply = Respond(
    200,
    "",
    r#"{"name": "e", "conditions":
        [{"type": "Completed", "state": "CONDITION_FAILED", "executionReason": "NON_ZERO_EXIT_CODE"}]}"#,
);

#[tokio::test]
async fn failed_execution_has_its_failed_tasks() {
    let tasks = r#"{"tasks": [
        {"name": "t2", "index": 2, "conditions": [{"type": "Completed", "state": "CONDITION_FAILED"}]},
        {"name": "t0", "conditions": [{"type": "Completed", "state": "CONDITION_SUCCEEDED"}]},
        {"name": "t3", "index": 3, "conditions":
            [{"type": "Completed", "state": "CONDITION_FAILED", "executionReason": "CANCELLED"}]},
        {"name": "t1", "index": 1, "conditions": [{"type": "Completed", "state": "CONDITION_FAILED"}]}]}"#;
    for (script, expected) in [
        (vec![FAILED, Respond(200, "", tasks)], Some(vec![1, 2])),
        (vec![FAILED, Respond(404, "", NOT_FOUND)], None),
    ] {
        let server = Server::new(script).await;
        let name = format!("{}/executions/e", test_server::name());
        let name = ExecutionName::parse(&name).unwrap();
        let mut report = |_: &str| {};
        let following = follow(&server.client, &name, running(0), &server.context, &mut report);
        // The provider's calls are spawned.
        let following: std::pin::Pin<Box<dyn Future<Output = Followed> + Send + '_>> = Box::pin(following);
        let Outcome::Failed(failure) = following.await.outcome else {
            panic!("the execution has failed");
        };
        let tasks = failure.tasks.ok();
        let indexes = tasks.map(|tasks| tasks.iter().map(|task| task.index).collect::<Vec<_>>());
        assert_eq!(indexes, expected);
        assert_eq!(failure.reason, "NON_ZERO_EXIT_CODE");
    }
}
