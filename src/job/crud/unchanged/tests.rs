//! Listed jobs, compared with the state.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use serde_json::{Value as Json, json};

fn job() -> Json {
    json!({
        "name": "projects/7/locations/us-central1/jobs/n",
        "uid": "u",
        "etag": "\"e\"",
        "generation": "2",
        "observedGeneration": "2",
        "labels": {"team": "media"},
        "template": {"taskCount": 2, "template": {"containers": [{"image": "a/b"}]}},
        "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"},
        "executionCount": 2,
        "latestCreatedExecution": {"name": "n-x"},
    })
}

/// Whether a listed job with these changes is unchanged; null removes a member.
fn unchanged_with(stored: &Json, changes: Json) -> bool {
    let name = JobName::new("p", "us-central1", "n");
    let stored: Remote = serde_json::from_value(stored.clone()).unwrap();
    let hint = Value::from([("labels", Value::from([("team", Value::Null)]))]);
    let state = flatten(&stored, &name, &hint);
    let mut listed = job();
    for (member, value) in changes.as_object().unwrap() {
        match value {
            Json::Null => listed.as_object_mut().unwrap().remove(member),
            value => listed
                .as_object_mut()
                .unwrap()
                .insert(member.clone(), value.clone()),
        };
    }
    is_unchanged(&serde_json::from_value(listed).unwrap(), &name, &state)
}

#[test]
fn only_executions_may_differ() {
    assert!(unchanged_with(&job(), json!({})));
    assert!(unchanged_with(
        &job(),
        json!({"executionCount": 3, "latestCreatedExecution": {"name": "n-y"}})
    ));
    for changes in [
        json!({"uid": "v"}),
        json!({"etag": "\"f\""}),
        json!({"generation": "3"}),
        json!({"observedGeneration": "1"}),
        json!({"terminalCondition": {"type": "Ready", "state": "CONDITION_FAILED"}}),
        json!({"reconciling": true}),
        json!({"deleteTime": "2026-11-28T10:00:00Z"}),
        json!({"labels": {"team": "others"}}),
        // The list omits the member.
        json!({"etag": null}),
        json!({"uid": null}),
        json!({"labels": null}),
        json!({"template": null}),
        json!({"executionCount": null}),
        json!({"latestCreatedExecution": null}),
        json!({"executionCount": null, "latestCreatedExecution": null}),
    ] {
        assert!(!unchanged_with(&job(), changes.clone()), "{changes}");
    }
}

#[test]
fn job_without_executions_has_empty_latest() {
    let mut never_ran = job();
    never_ran["latestCreatedExecution"] = json!({});
    never_ran.as_object_mut().unwrap().remove("executionCount");
    let empty = json!({"executionCount": null, "latestCreatedExecution": {}});
    assert!(unchanged_with(&never_ran, empty));
    assert!(unchanged_with(&never_ran, json!({})), "executions were added");
}

#[test]
fn state_without_etag_is_read_by_name() {
    let mut without = job();
    without.as_object_mut().unwrap().remove("etag");
    assert!(!unchanged_with(&without, json!({"etag": null})));
}
