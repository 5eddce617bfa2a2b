//! Jobs against documents, recorded ones among them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;

fn job(json: &str) -> Job {
    serde_json::from_str(json).unwrap()
}

/// The shapes of section "Recorded behaviour": a fresh job, a finished one, one that failed.
#[test]
fn readiness_follows_generation_and_condition() {
    let fresh = job(
        r#"{"generation": "1", "reconciling": true, "terminalCondition": {"state": "CONDITION_PENDING"}}"#,
    );
    assert_eq!(fresh.readiness(), Readiness::Reconciling);
    let done = job(r#"{"generation": "2", "observedGeneration": 2,
            "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"}}"#);
    assert_eq!(done.readiness(), Readiness::Ready);
    let failed = job(
        r#"{"generation": "2", "observedGeneration": "1", "terminalCondition": {"type": "Ready",
            "state": "CONDITION_FAILED", "reason": "CONTAINER_MISSING", "message": "Image not found."}}"#,
    );
    let expected = Readiness::Failed {
        reason: "CONTAINER_MISSING".to_owned(),
        message: "Image not found.".to_owned(),
    };
    assert_eq!(failed.readiness(), expected);
}

#[test]
fn only_what_we_manage_is_sent() {
    let seen = job(
        r#"{"name": "n", "uid": "u", "generation": "3", "creator": "c", "reconciling": true, "etag": "e",
            "labels": {"a": "b"}, "someday": 1, "template": {"template": {"volumes": [{"name": "v"}],
            "containers": [{"image": "i", "ports": [{"containerPort": 1}]}]}}}"#,
    );
    let sent = serde_json::to_string(&seen).unwrap();
    assert_eq!(
        sent,
        r#"{"labels":{"a":"b"},"template":{"template":{"containers":[{"image":"i"}]}},"etag":"e"}"#
    );
}
