//! What is sent again, and when.
//!
//! - No connection at all: anything, since nothing was received; but only a few times, since a wrong address or a
//!   missing network does not mend itself.
//! - 429: anything, since Google refused before it began. A `RESOURCE_EXHAUSTED` that names a quota of resources
//!   comes with HTTP 400 or 403 and is not tried again.
//! - 500, 502, 503, 504, a cut connection, an answer that is not Google's: reads, and writes that are guarded by an
//!   etag or by a name. Never a creation: whether it was accepted is found out by looking.
//! - 401, once: the token may have expired on the way.
//!
//! Pauses double from half a second to half a minute, with jitter, unless `Retry-After` says more.

use backon::{BackoffBuilder as _, ExponentialBuilder};
use std::time::{Duration, SystemTime};

use super::error::Error;
use super::request::Kind;

/// The pauses between the attempts of one request.
pub(super) struct Pauses {
    pauses: backon::ExponentialBackoff,
    unreachable: usize,
}

impl Pauses {
    pub(super) fn new() -> Pauses {
        let builder = ExponentialBuilder::new()
            .with_min_delay(SHORTEST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(MOST_ATTEMPTS)
            .with_jitter();
        Pauses {
            pauses: builder.build(),
            unreachable: 0,
        }
    }

    /// How long to wait before a request of this kind is sent again after this error; `None`: it is not.
    pub(super) fn next_after(&mut self, error: &Error, kind: Kind) -> Option<Duration> {
        if !may_repeat(error, kind) {
            return None;
        }
        if matches!(error, Error::Unreachable(_)) {
            self.unreachable += 1;
            if self.unreachable > MOST_UNREACHABLE {
                return None;
            }
        }
        let told = error
            .status()
            .and_then(|status| status.retry_after)
            .unwrap_or_default();
        self.pauses.next().map(|pause| pause.max(told))
    }
}

fn may_repeat(error: &Error, kind: Kind) -> bool {
    match error {
        Error::Unreachable(_) => true,
        Error::Status(status) => match status.http {
            Some(429) => true,
            Some(500 | 502 | 503 | 504) => kind != Kind::Create,
            _ => false,
        },
        Error::Cut(_) => kind != Kind::Create,
        Error::Garbled { http, .. } => kind != Kind::Create && (*http >= 500 || *http == 200),
        Error::Operation(_) | Error::Credentials(_) | Error::Stopped | Error::OutOfTime => false,
    }
}

/// Reads a `Retry-After`: seconds, or a date.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value.trim()).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// With these pauses more than half an hour: the caller's patience ends before.
const MOST_ATTEMPTS: usize = 60;
/// A quarter of a minute or more: a network that blinks is back by then.
const MOST_UNREACHABLE: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudrun::Status;

    fn refused(http: u16) -> Error {
        Error::Status(Status {
            http: Some(http),
            ..Status::default()
        })
    }

    #[test]
    fn only_what_is_safe_is_sent_again() {
        let cut = || Error::Cut(String::new());
        for (error, read, guarded, create) in [
            (Error::Unreachable(String::new()), true, true, true),
            (refused(429), true, true, true),
            (refused(503), true, true, false),
            (refused(500), true, true, false),
            (refused(400), false, false, false),
            (refused(403), false, false, false),
            (refused(409), false, false, false),
            (cut(), true, true, false),
            (Error::garbled(502, b"<html>"), true, true, false),
            (Error::garbled(404, b"<html>"), false, false, false),
            (Error::Stopped, false, false, false),
        ] {
            let repeats = [Kind::Read, Kind::Guarded, Kind::Create].map(|kind| may_repeat(&error, kind));
            assert_eq!(repeats, [read, guarded, create], "{error}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
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
    fn a_longer_retry_after_wins() {
        let error = Error::Status(Status {
            http: Some(429),
            retry_after: Some(Duration::from_secs(99)),
            ..Status::default()
        });
        assert_eq!(
            Pauses::new().next_after(&error, Kind::Create),
            Some(Duration::from_secs(99))
        );
        let pause = Pauses::new()
            .next_after(&refused(429), Kind::Create)
            .unwrap_or_default();
        assert!(
            pause >= SHORTEST_PAUSE && pause <= SHORTEST_PAUSE * 3,
            "{pause:?}"
        );
    }
}
