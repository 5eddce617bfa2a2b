//! Which finished operations have the job.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::{Value as Json, json};

use super::Operation;

/// A shortened recording of a finished creation.
fn recording() -> Json {
    json!({
        "name": "projects/p/locations/l/operations/o",
        "done": true,
        "metadata": { "@type": "type.googleapis.com/google.cloud.run.v2.Job", "uid": "u" },
        "response": {
            "@type": "type.googleapis.com/google.cloud.run.v2.Job",
            "name": "projects/p/locations/l/jobs/render",
            "uid": "u",
            "etag": "\"e\"",
            "generation": "1",
            "observedGeneration": "1",
            "terminalCondition": { "type": "Ready", "state": "CONDITION_SUCCEEDED" },
            "template": { "taskCount": 2, "template": { "containers": [{ "image": "a/b" }] } },
        },
    })
}

fn message(operation: &Json) -> Option<super::Job> {
    serde_json::from_value::<Operation>(operation.clone())
        .expect("an operation")
        .job()
}

#[test]
fn finished_operation_has_the_job() {
    let job = message(&recording()).expect("a job");
    assert_eq!(job.uid.as_deref(), Some("u"));
    assert_eq!(job.template.task_count, Some(2));
    assert!(
        job.document.get("@type").is_none(),
        "its type is no member of the job"
    );
}

#[test]
fn incomplete_job_is_not_used() {
    let job = "/response";
    for (at, other) in [
        ("/done", json!(false)),
        ("/error", json!({ "code": 7, "message": "no" })),
        (job, Json::Null),
        (job, json!({})),
        (job, json!("done")),
        (job, json!([1])),
        (
            "/response/@type",
            json!("type.googleapis.com/google.cloud.run.v2.Execution"),
        ),
        ("/response/name", json!("")),
        ("/response/uid", Json::Null),
        ("/response/etag", Json::Null),
        ("/response/generation", Json::Null),
        ("/response/observedGeneration", json!("0")),
        ("/response/reconciling", json!(true)),
        ("/response/deleteTime", json!("2026-11-26T12:00:00Z")),
        ("/response/terminalCondition", Json::Null),
        ("/response/terminalCondition/state", json!("CONDITION_FAILED")),
        ("/response/terminalCondition/state", json!("CONDITION_PENDING")),
        ("/response/template", json!("none")),
    ] {
        let mut operation = recording();
        let (parent, member) = at.rsplit_once('/').unwrap();
        operation.pointer_mut(parent).unwrap()[member] = other.clone();
        assert!(message(&operation).is_none(), "{at} is {other}");
    }
}

/// In the recordings of the live service, the finished operation of each write and the read after it have the same document.
#[test]
fn recorded_operations_equal_recorded_reads() {
    let recording = include_str!("../../../../emulator/tests/recordings/minimal.http");
    let responses: Vec<Json> = recording
        .split("\n---\n")
        .filter_map(|exchange| exchange.split_once("\n200 OK\n"))
        .filter_map(|(_, response)| serde_json::from_str(&response[response.find("\n{")?..]).ok())
        .collect();
    let mut pairs = 0;
    for response in responses.windows(2) {
        let (Some(mut message), Ok(mut read)) = (
            message(&response[0]),
            serde_json::from_value::<super::Job>(response[1].clone()),
        ) else {
            continue;
        };
        // The recordings redact users in two ways.
        (message.creator, read.creator) = (None, None);
        (message.document, read.document) = (Json::Null, Json::Null);
        assert_eq!(message, read);
        pairs += 1;
    }
    assert_eq!(pairs, 2, "a creation and a change");
}
