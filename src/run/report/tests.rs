//! Each text once.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::{Value as Json, json};

use super::*;
use crate::run::limits::{Limits, expiring_token};
use cloud_run::test_server::Server;
use cloud_run::{Error, Status};
use terraform_plugin::value::Number;

fn name() -> ExecutionName {
    ExecutionName::parse("projects/p/locations/us-central1/jobs/train/executions/train-x7k2p").unwrap()
}

fn execution() -> Execution {
    serde_json::from_value(json!({
        "name": name().to_string(), "taskCount": 10, "succeededCount": 3, "runningCount": 2, "retriedCount": 1,
        "logUri": "https://console.cloud.google.com/logs/viewer?project=p",
    }))
    .unwrap()
}

fn task(index: i32, retried: i32, result: Json, message: &str) -> Task {
    serde_json::from_value(json!({
        "name": "t", "index": index, "retried": retried, "lastAttemptResult": result,
        "conditions": [{ "type": "Completed", "state": "CONDITION_FAILED", "message": message }],
    }))
    .unwrap()
}

fn refused(http: u16, status: &str, message: &str) -> Error {
    Error::Status(Status {
        http: Some(http),
        status: status.to_owned(),
        message: message.to_owned(),
        ..Status::default()
    })
}

fn failure(tasks: Result<Vec<Task>, Error>) -> Outcome {
    Outcome::Failed(Failure {
        reason: "NON_ZERO_EXIT_CODE".to_owned(),
        message: "Task train-x7k2p-task1 failed with message: The container exited with an error.".to_owned(),
        tasks,
    })
}

#[tokio::test]
async fn texts_are_as_documented() {
    let attempt = |exit: i32, signal: i32, message: &str| json!({ "exitCode": exit, "termSignal": signal, "status": { "code": 13, "message": message } });
    let some = vec![
        task(
            1,
            3,
            attempt(1, 0, "The container exited with an error."),
            "Failed.",
        ),
        task(4, 0, attempt(0, 9, ""), "Memory limit exceeded."),
        task(
            7,
            1,
            json!({ "status": { "code": 4, "message": "The task timed out." } }),
            "",
        ),
    ];
    let many = (0..14)
        .map(|index| task(index, 0, attempt(1, 0, ""), ""))
        .collect();
    let denied = || refused(403, "PERMISSION_DENIED", "The caller does not have permission");
    let mut shown = vec![started(&name(), &execution())];
    for hours in [Some(7200), None] {
        let limits = Limits {
            max_gpu_hours: Number::from_digits(125, 1),
            duration: Duration::from_secs(1),
        };
        shown.push(limits.text(hours.map(Duration::from_secs)));
    }
    let client = Server::new(Vec::new()).await.client;
    assert_eq!(expiring_token(&client, Duration::from_secs(3600)), None);
    let warning = expiring_token(&client, Duration::from_secs(7200)).unwrap();
    shown.push(warning.to_string());
    for result in [
        failure(Ok(some)),
        failure(Ok(many)),
        failure(Ok(Vec::new())),
        failure(Err(denied())),
        Outcome::Cancelled,
        Outcome::Stopped,
        Outcome::TimedOut,
        Outcome::Unreadable(denied()),
        Outcome::Unreadable(refused(
            401,
            "UNAUTHENTICATED",
            "Request had invalid credentials.",
        )),
        Outcome::Unreadable(refused(404, "NOT_FOUND", "Resource not found.")),
    ] {
        let followed = Followed {
            execution: execution(),
            outcome: result,
        };
        let diagnostic = outcome(&name(), &followed, Duration::from_secs(7200)).unwrap();
        shown.push(diagnostic.to_string());
    }
    insta::assert_snapshot!(shown.join("\n\n"));
    let succeeded = Followed {
        execution: execution(),
        outcome: Outcome::Succeeded,
    };
    assert_eq!(outcome(&name(), &succeeded, Duration::ZERO), None);
}
