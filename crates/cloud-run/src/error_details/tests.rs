//! Lines of each type of detail.

use super::*;
use serde_json::json;

fn check(kind: &str, mut detail: Json, expected: &[&str]) {
    detail["@type"] = json!(format!("type.googleapis.com/google.rpc.{kind}"));
    assert_eq!(lines(&detail), expected);
}

#[test]
fn each_detail_type_has_its_lines() {
    check(
        "ErrorInfo",
        json!({"reason": "SERVICE_DISABLED", "domain": "googleapis.com", "metadata": {
            "consumer": "projects/123", "service": "run.googleapis.com"}}),
        &[
            "reason: SERVICE_DISABLED (googleapis.com)",
            "consumer: projects/123",
            "service: run.googleapis.com",
        ],
    );
    check(
        "BadRequest",
        json!({"fieldViolations": [{"field": "job.template", "description": "is wrong"}, {
            "description": "Cannot find field."}]}),
        &["job.template: is wrong", "Cannot find field."],
    );
    check(
        "QuotaFailure",
        json!({"violations": [{"subject": "project:1", "description": "too much"}]}),
        &["project:1: too much"],
    );
    check(
        "PreconditionFailure",
        json!({"violations": [{"type": "TOS", "subject": "google.com", "description": "accept it"}]}),
        &["TOS google.com: accept it"],
    );
    check(
        "Help",
        json!({"links": [{"description": "More", "url": "https://example.com"}]}),
        &["More: https://example.com"],
    );
    check(
        "LocalizedMessage",
        json!({"locale": "en", "message": "No."}),
        &["No."],
    );
    check("RequestInfo", json!({"requestId": "r1"}), &["request: r1"]);
    check(
        "DebugInfo",
        json!({"stackEntries": ["a", "b"], "detail": "d"}),
        &["d"],
    );
}

#[test]
fn unknown_detail_is_shown_as_json() {
    let unknown = json!({"@type": "type.googleapis.com/google.rpc.Someday", "a": [1]});
    assert_eq!(lines(&unknown), [unknown.to_string()]);
    let half =
        json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": 1}]});
    assert_eq!(lines(&half), [half.to_string()]);
    assert_eq!(lines(&json!("text")), ["\"text\""]);
}
