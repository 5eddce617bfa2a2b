//! How responses become errors, and what they say.

use super::*;

#[test]
fn message_and_details_are_kept() {
    let body =
        br#"{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "Permission 'x' denied.",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM"}]}}"#;
    let error = Error::refused(403, body, None);
    assert_eq!(
        error.to_string(),
        "Google refused the request: HTTP 403 PERMISSION_DENIED: Permission 'x' denied.\n  reason: IAM"
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
        "Google refused the request: HTTP 429 RESOURCE_EXHAUSTED: m\n  It asks to wait 90 seconds before the next try."
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
        "the answer (HTTP 404) is not one of Google's API, but an HTML page with the title \"Not here\""
    );
}

#[test]
fn malformed_error_member_keeps_the_others() {
    for (body, expected) in [
        (
            r#"{"error": {"code": "403", "status": "PERMISSION_DENIED", "message": "m", "details": {"a": 1}}}"#,
            "HTTP 403 PERMISSION_DENIED: m\n  {\"a\":1}",
        ),
        (
            r#"{"error": {"status": 7, "message": {"text": "m"}, "details": null}}"#,
            "HTTP 403 7: {\"text\":\"m\"}",
        ),
        (r#"{"error": {}}"#, "HTTP 403 UNKNOWN: "),
    ] {
        assert_eq!(
            Error::refused(403, body.as_bytes(), None).to_string(),
            format!("Google refused the request: {expected}")
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
fn long_message_is_cut() {
    let message = "No way. ".repeat(2_000_000);
    let body = serde_json::json!({"error": {"status": "PERMISSION_DENIED", "message": message}}).to_string();
    let error = Error::refused(403, body.as_bytes(), None);
    let shown = error.to_string();
    assert!(shown.len() < 10_000, "{}", shown.len());
    assert!(shown.ends_with("bytes more)"), "{shown}");
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
        late.while_waiting_for(|| "the operation o to end".to_owned())
            .to_string(),
        "the time allowed for it was over while waiting for the operation o to end"
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
