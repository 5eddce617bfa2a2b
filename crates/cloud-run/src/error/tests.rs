//! How responses become errors, and their texts.

use super::*;

#[test]
fn message_and_details_are_kept() {
    let body =
        br#"{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "Permission 'x' denied.",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM"}]}}"#;
    let error = Error::refused(403, body, None);
    assert_eq!(
        error.to_string(),
        "Cloud Run returned 403 PERMISSION_DENIED: \"Permission 'x' denied.\"\n  reason: IAM"
    );
    assert!(!error.maybe_accepted() && !error.is_not_found() && !error.is_conflict());
}

#[test]
fn retry_info_sets_retry_after() {
    let body = br#"{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "m",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "90.5s"}]}}"#;
    let error = Error::refused(429, body, None);
    assert_eq!(
        error.to_string(),
        "Cloud Run returned 429 RESOURCE_EXHAUSTED: \"m\"\n  Retry after 90 seconds."
    );
    let requests = |error: Error| error.status().and_then(|status| status.retry_after);
    assert_eq!(requests(error), Some(Duration::from_millis(90_500)));
    let header = Some(Duration::from_secs(7));
    assert_eq!(requests(Error::refused(429, body, header)), header);
}

#[test]
fn only_an_api_404_is_not_found() {
    assert!(
        Error::refused(
            404,
            br#"{"error": {"status": "NOT_FOUND", "message": "m"}}"#,
            None
        )
        .is_not_found()
    );
    let page = Error::refused(404, b"<html>\n  <title>Not here</title>", None);
    assert!(!page.is_not_found());
    assert_eq!(
        page.to_string(),
        "the response must be one of Google's API, got HTTP 404 with an HTML page with the title \"Not here\""
    );
}

#[test]
fn malformed_error_member_keeps_the_others() {
    for (body, expected) in [
        (
            r#"{"error": {"code": "403", "status": "PERMISSION_DENIED", "message": "m", "details": {"a": 1}}}"#,
            "403 PERMISSION_DENIED: \"m\"\n  {\"a\":1}",
        ),
        (
            r#"{"error": {"status": 7, "message": {"text": "m"}, "details": null}}"#,
            "403 7: \"{\"text\":\"m\"}\"",
        ),
        (r#"{"error": {}}"#, "403 UNKNOWN without a message"),
    ] {
        assert_eq!(
            Error::refused(403, body.as_bytes(), None).to_string(),
            format!("Cloud Run returned {expected}")
        );
    }
    for other in [r#"{"error": "invalid_grant"}"#, "[]", r#"{"error": ["no"]}"#] {
        let error = Error::refused(403, other.as_bytes(), None);
        assert!(
            matches!(error, Error::UnexpectedResponse { http: 403, .. }),
            "{error}"
        );
    }
}

#[test]
fn long_message_is_truncated() {
    let message = "No way. ".repeat(2_000_000);
    let body = serde_json::json!({"error": {"status": "PERMISSION_DENIED", "message": message}}).to_string();
    let error = Error::refused(403, body.as_bytes(), None);
    let shown = error.to_string();
    assert!(shown.len() < 10_000, "{}", shown.len());
    assert!(shown.ends_with("bytes more)\""), "{shown}");
}

#[test]
fn lost_response_may_have_been_accepted() {
    let of = |http| Error::refused(http, br#"{"error": {"status": "S", "message": "m"}}"#, None);
    for error in [
        of(500),
        of(503),
        Error::ConnectionClosed(String::new()),
        Error::Cancelled,
        Error::unexpected_response(200, b"{}"),
        Error::Undecodable(String::new()),
    ] {
        assert!(error.maybe_accepted(), "{error}");
    }
    for error in [
        of(400),
        of(401),
        of(403),
        of(409),
        of(429),
        Error::Unreachable(String::new()),
    ] {
        assert!(!error.maybe_accepted(), "{error}");
    }
}

#[test]
fn deadline_error_names_the_wait() {
    let late = Error::DeadlineExceeded {
        waited_for: "Google".to_owned(),
    };
    assert_eq!(
        late.while_waiting_for(|| "operation o".to_owned()).to_string(),
        "timed out waiting for operation o"
    );
}

#[test]
fn already_exists_is_no_conflict() {
    let taken = Error::refused(
        409,
        br#"{"error": {"status": "ALREADY_EXISTS", "message": "m"}}"#,
        None,
    );
    assert!(taken.is_already_exists() && !taken.is_conflict());
    let changed = Error::refused(409, br#"{"error": {"status": "ABORTED", "message": "m"}}"#, None);
    assert!(!changed.is_already_exists() && changed.is_conflict());
    let failed = Error::refused(
        412,
        br#"{"error": {"status": "FAILED_PRECONDITION", "message": "m"}}"#,
        None,
    );
    assert!(failed.is_conflict());
    let old = br#"{"error": {"message": "Resource 'n' already exists."}}"#;
    assert!(Error::refused(409, old, None).is_already_exists());
}

#[test]
fn messages() {
    let status = |http, message: &str| Status {
        http,
        status: "PERMISSION_DENIED".to_owned(),
        message: message.to_owned(),
        details: vec![serde_json::json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED", "domain": "iam.googleapis.com"
        })],
        retry_after: http.map(|_| Duration::from_secs(90)),
    };
    let reason = "connection refused (at https://run.googleapis.com)".to_owned();
    let errors = [
        Error::Status(status(Some(403), "Permission 'run.jobs.get' denied.")),
        Error::Status(Status::default()),
        Error::Operation(status(None, "Permission denied on secret.")),
        Error::Unreachable(reason.clone()),
        Error::ConnectionClosed(reason),
        Error::unexpected_response(404, b"<html><title>Not here</title>"),
        Error::unexpected_response(502, b"busy"),
        Error::unexpected_response(200, b""),
        Error::Undecodable("member name has an unexpected type: invalid type: integer `5`".to_owned()),
        Error::UidMismatch {
            expected: "a".to_owned(),
            found: "b".to_owned(),
        },
        Error::Credentials(CredentialsError::new("credentials must be JSON, got nothing")),
        Error::Cancelled,
        Error::DeadlineExceeded {
            waited_for: "operation projects/p/locations/l/operations/o".to_owned(),
        },
    ];
    let messages = errors.map(|error| error.to_string());
    insta::assert_snapshot!(messages.join("\n\n"));
}
