#![allow(clippy::unwrap_used, reason = "a test may end with a panic")]

use super::*;

fn decode(text: &str) -> Result<Value, String> {
    body(JOB, text.as_bytes(), false, None)
        .map(Value::Object)
        .map_err(|error| error.message)
}

#[test]
fn known_fields_checked_beside_unknown_ones() {
    let decode = |text: &str| body(JOB, text.as_bytes(), true, None).map(Value::Object);
    assert_eq!(
        decode(r#"{"future": null, "uid": "x", "launchStage": 4}"#).unwrap(),
        json!({ "launchStage": "GA" })
    );
    assert!(decode(r#"{"future": 1, "launchStage": "GAMMA"}"#).is_err());
    assert!(decode(r#"{"future": 1, "template": []}"#).is_err());
}

#[test]
fn default_values_and_read_only_fields_dropped() {
    let decoded = decode(
        r#"{"uid": "x", "labels": {}, "client": "", "launchStage": 0, "etag": null, "template":
           {"task_count": "3", "parallelism": 0, "template": {"maxRetries": 0, "containers": []}}}"#,
    );
    assert_eq!(
        decoded.unwrap(),
        json!({ "template": { "taskCount": 3, "template": { "maxRetries": 0 } } })
    );
}

#[test]
fn enums_accepted_by_name_or_number() {
    assert_eq!(
        decode(r#"{"launchStage": 2}"#).unwrap(),
        json!({ "launchStage": "ALPHA" })
    );
    assert_eq!(
        decode(r#"{"launchStage": "GA"}"#).unwrap(),
        json!({ "launchStage": "GA" })
    );
    assert_eq!(
        decode(r#"{"launchStage": "GAMMA"}"#).unwrap_err(),
        "Invalid value at 'job.launch_stage' (type.googleapis.com/google.api.LaunchStage), \"GAMMA\""
    );
}

#[test]
fn all_violations_in_one_error() {
    let message = decode(
        r#"{"color": 1, "template": {"taskCount": "many", "template": {"timeout": "2m", "containers": [{"imag": 1}]}}}"#,
    )
    .unwrap_err();
    for part in [
        "Unknown name \"color\" at 'job': Cannot find field.",
        "Invalid value at 'job.template.task_count' (TYPE_INT32), \"many\"",
        "Unknown name \"imag\" at 'job.template.template.containers[0]': Cannot find field.",
        "Illegal duration format; duration must end with 's'",
    ] {
        assert!(message.contains(part), "{part}\nnot in\n{message}");
    }
}

#[test]
fn malformed_bodies_are_rejected() {
    for malformed in [
        "[]",
        "3",
        "{",
        "\"x\"",
        "{\"labels\": 3}",
        "{\"labels\": {\"a\": 1}}",
        "{\"template\": []}",
    ] {
        assert!(decode(malformed).is_err(), "{malformed}");
    }
    assert!(body(JOB, &[0xff, 0xfe], false, None).is_err());
}

#[test]
fn durations_are_seconds() {
    for (text, number) in [
        ("600s", Some(600.0)),
        ("1.5s", Some(1.5)),
        ("-3s", Some(-3.0)),
        ("2m", None),
        ("s", None),
        ("infs", None),
    ] {
        assert_eq!(duration_seconds(text), number, "{text}");
    }
}
