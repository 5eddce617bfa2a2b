//! The table of retries, and the pauses.

use super::*;
use crate::Status;

fn refused(http: u16) -> Error {
    quota(http, "")
}

fn quota(http: u16, message: &str) -> Error {
    Error::Status(Status {
        http: Some(http),
        message: message.to_owned(),
        ..Status::default()
    })
}

fn attempts(kind: Kind) -> Attempts {
    Attempts::new(Some(kind), backoff(MIN_BACKOFF))
}

/// Columns as in the table above.
#[test]
fn retry_table_matches_classification() {
    let (no, limited, yes) = (Never, Limited, UntilDeadline);
    for (error, expected) in [
        (
            Error::Unreachable(String::new()),
            [limited, limited, limited, limited],
        ),
        (
            Error::Unreachable("client error (Connect): invalid peer certificate: UnknownIssuer".to_owned()),
            [no, no, no, no],
        ),
        (
            Error::Unreachable("tunnel error: proxy authorization required".to_owned()),
            [no, no, no, no],
        ),
        (refused(429), [yes, yes, yes, yes]),
        (
            quota(
                429,
                "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute'",
            ),
            [yes, yes, yes, yes],
        ),
        (
            quota(
                429,
                "Quota exceeded for total allowable count of GPUs per project per region.",
            ),
            [no, no, no, no],
        ),
        (
            quota(
                429,
                "Quota violated: CpuAllocPerProjectRegion requested: 60000 allowed: 20000",
            ),
            [no, no, no, no],
        ),
        (refused(503), [yes, yes, no, yes]),
        (refused(500), [yes, yes, no, yes]),
        (refused(504), [yes, yes, no, yes]),
        (Error::ConnectionClosed(String::new()), [yes, yes, no, yes]),
        (Error::unexpected_response(502, b"<html>"), [yes, yes, no, yes]),
        (
            Error::unexpected_response(200, b"<html>"),
            [limited, limited, no, limited],
        ),
        (Error::unexpected_response(404, b"<html>"), [no, no, no, no]),
        (Error::Undecodable(String::new()), [no, no, no, no]),
        (refused(400), [no, no, no, no]),
        (refused(401), [no, no, no, no]),
        (refused(403), [no, no, no, no]),
        (refused(409), [no, no, no, yes]),
        (refused(412), [no, no, no, yes]),
        (quota(409, "Resource 'n' already exists."), [no, no, no, limited]),
        (Error::Cancelled, [no, no, no, no]),
    ] {
        let by_kind = |kind| classify(&error, kind);
        let found = [
            by_kind(Kind::Read),
            by_kind(Kind::Delete),
            by_kind(Kind::Create),
            classify_after_read(&error),
        ];
        assert_eq!(found, expected, "{error}");
        for other in [Kind::Replace, Kind::Run] {
            assert_eq!(by_kind(other), by_kind(Kind::Create), "{error}");
        }
        assert_eq!(by_kind(Kind::Cancel), by_kind(Kind::Delete), "{error}");
    }
}

#[test]
fn limited_retries_end_and_others_do_not() {
    let unreachable = Error::Unreachable(String::new());
    let mut attempts = attempts(Kind::Read);
    assert_eq!(
        (0..100).map_while(|_| attempts.pause_after(&unreachable)).count(),
        MAX_LIMITED_RETRIES
    );
    assert!(
        (0..100).all(|_| attempts
            .pause_after(&refused(503))
            .is_some_and(|pause| pause <= MAX_BACKOFF * 2)),
        "the deadline of the caller decides"
    );
}

#[test]
fn retry_after_parses_seconds_and_dates() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    assert_eq!(retry_after("7", now), Some(Duration::from_secs(7)));
    assert_eq!(
        retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now),
        Some(Duration::from_secs(10))
    );
    assert_eq!(
        retry_after("Sun, 06 Nov 1994 08:49:27 GMT", now),
        Some(Duration::ZERO)
    );
    assert_eq!(retry_after("soon", now), None);
}

#[test]
fn longer_retry_after_wins() {
    let error = Error::Status(Status {
        http: Some(429),
        retry_after: Some(Duration::from_secs(99)),
        ..Status::default()
    });
    let required = Duration::from_secs(99);
    let pauses: Vec<Duration> = (0..50)
        .filter_map(|_| attempts(Kind::Create).pause_after(&error))
        .collect();
    assert!(
        pauses
            .iter()
            .all(|pause| *pause > required && *pause < required + MIN_BACKOFF)
    );
    assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
    let pause = attempts(Kind::Create)
        .pause_after(&refused(429))
        .unwrap_or_default();
    assert!(pause >= MIN_BACKOFF && pause <= MIN_BACKOFF * 3, "{pause:?}");
}
