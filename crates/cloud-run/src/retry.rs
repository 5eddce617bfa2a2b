//! What is sent again, and when.
//!
//! | outcome | read | delete | create, replace | the same after a look | why |
//! |---|---|---|---|---|---|
//! | no connection | a few times | a few times | a few times | a few times | nothing was received; but a wrong address does not mend itself |
//! | no connection for want of trust, or of the proxy's password | no | no | no | no | somebody has to do something |
//! | 429 of a rate | yes | yes | yes | yes | refused before any work was begun |
//! | 429 of a quota of GPUs, CPUs or memory | no | no | no | no | it lasts until somebody raises the quota |
//! | 500, 502, 503, 504, a cut connection, an answer of no API | yes | yes | no | yes | it may have been accepted: one looks first |
//! | 200 with an answer of no API | a few times | a few times | no | a few times | a login page does not go away |
//! | 409 or 412 of an etag | no | no | no | yes | the look has brought the new etag |
//! | 409 of a name, while no job has it | no | no | no | a few times | a name may be taken for a moment after its job is gone |
//! | an answer of the API that cannot be read | no | no | no | no | the next one would be the same |
//!
//! A deletion is sent again whatever happened, since a second one finds the job gone or going. A creation and a
//! replacement are not: a second creation finds the name taken and cannot tell by whom, a second replacement finds another
//! etag. They are sent again like a read once a look at the job has shown that the first was not accepted
//! (`job/lifecycle/guarded.rs`, `client/replacing.rs`). Everything else is told at once, above all what
//! Google refuses for good. A 401 is another matter: the token is renewed, once.
//!
//! Pauses double from half a second to half a minute, with jitter. Where `Retry-After` says more, that is waited and a little
//! longer, each time another while: a hundred jobs that are told the same must not come back as one. A 429 for the rate of
//! writes makes the other writes of the region wait too (`client/write_quota.rs`).

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use std::fmt::Display;
use std::time::{Duration, SystemTime};
use tracing::warn;

use crate::call_context::Patience;
use crate::error::Error;
use crate::request::Kind;

/// The attempts at one request.
pub struct Attempts {
    /// What the request does; none for a write before which one looks each time.
    kind: Option<Kind>,
    pauses: ExponentialBackoff,
    few: usize,
}

/// How often a request may be sent again after an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    Never,
    AFewTimes,
    AsLongAsThereIsPatience,
}
use Again::{AFewTimes, AsLongAsThereIsPatience, Never};

impl Attempts {
    /// Attempts at a request that is sent again without a look; without a kind, at a write before which one looks.
    pub(super) fn new(kind: Option<Kind>, pauses: ExponentialBackoff) -> Attempts {
        Attempts { kind, pauses, few: 0 }
    }

    /// Waits before the next attempt, and gives the error of the last one back.
    ///
    /// # Errors
    /// That error, when there is no next attempt or no time for it; or what ended the wait.
    pub async fn pause(
        &mut self,
        what: impl Display,
        error: Error,
        patience: &Patience,
    ) -> Result<Error, Error> {
        match self.pause_after(&error) {
            Some(pause) if pause <= patience.left() => {
                warn!(request = %what, %error, pause_ms = pause.as_millis() as u64, "trying again");
                patience.sleep(pause).await.map(|()| error)
            }
            _ => Err(error),
        }
    }

    /// How long to wait before the request is sent again after this error; `None`: it is not.
    fn pause_after(&mut self, error: &Error) -> Option<Duration> {
        let again = match self.kind {
            Some(kind) => again(error, kind),
            None => again_after_a_look(error),
        };
        match again {
            Never => return None,
            AFewTimes if self.few == FEW => return None,
            AFewTimes => self.few += 1,
            AsLongAsThereIsPatience => {}
        }
        self.pauses.next().map(|pause| not_before(error, pause))
    }
}

/// The pause, or a longer one that the error asks for.
pub(super) fn not_before(error: &Error, pause: Duration) -> Duration {
    match error.status().and_then(|status| status.retry_after) {
        Some(told) => pause.max(told.saturating_add(pause / 4)),
        None => pause,
    }
}

/// The pauses between attempts, without an end. The first is between the shortest and twice that.
pub(super) fn pauses(shortest: Duration) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(shortest)
        .with_max_delay(LONGEST_PAUSE)
        .without_max_times()
        .with_jitter()
        .build()
}

/// Whether there are more requests than Google, or something before it, takes at a time: unlike a quota of GPUs, CPUs or
/// memory, this one passes.
pub(super) fn is_rate_limit(error: &Error) -> bool {
    match error {
        Error::Status(status) => status.http == Some(429) && !status.is_resource_quota(),
        Error::Garbled { http, .. } => *http == 429,
        _ => false,
    }
}

fn again(error: &Error, kind: Kind) -> Again {
    let careless = matches!(kind, Kind::Read | Kind::Delete);
    match error {
        Error::Unreachable(reason) if LASTING.iter().any(|part| reason.contains(part)) => Never,
        Error::Unreachable(_) => AFewTimes,
        error if is_rate_limit(error) => AsLongAsThereIsPatience,
        Error::Status(status) => match status.http {
            Some(500 | 502..=504) if careless => AsLongAsThereIsPatience,
            _ => Never,
        },
        Error::Cut(_) if careless => AsLongAsThereIsPatience,
        Error::Garbled { http, .. } if careless && *http == 200 => AFewTimes,
        Error::Garbled { http, .. } if careless && *http >= 500 => AsLongAsThereIsPatience,
        _ => Never,
    }
}

fn again_after_a_look(error: &Error) -> Again {
    if error.is_conflict() {
        AsLongAsThereIsPatience
    } else if error.is_already_exists() {
        AFewTimes
    } else {
        again(error, Kind::Read)
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

/// What rustls and hyper-util say of a certificate, and of a proxy that answers 407. An address, which has no spaces, holds
/// neither.
const LASTING: [&str; 2] = [" certificate", "proxy authorization required"];
/// The shortest pause towards Google.
pub const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// With these pauses a quarter of a minute or more: a network that blinks is back by then.
const FEW: usize = 5;

#[cfg(test)]
mod tests {
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
        Attempts::new(Some(kind), pauses(SHORTEST_PAUSE))
    }

    /// Columns as in the table above.
    #[test]
    fn only_what_is_safe_is_sent_again() {
        let (no, few, yes) = (Never, AFewTimes, AsLongAsThereIsPatience);
        for (error, expected) in [
            (Error::Unreachable(String::new()), [few, few, few, few]),
            (
                Error::Unreachable(
                    "client error (Connect): invalid peer certificate: UnknownIssuer".to_owned(),
                ),
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
            (Error::Cut(String::new()), [yes, yes, no, yes]),
            (Error::garbled(502, b"<html>"), [yes, yes, no, yes]),
            (Error::garbled(200, b"<html>"), [few, few, no, few]),
            (Error::garbled(404, b"<html>"), [no, no, no, no]),
            (Error::Unreadable(String::new()), [no, no, no, no]),
            (refused(400), [no, no, no, no]),
            (refused(401), [no, no, no, no]),
            (refused(403), [no, no, no, no]),
            (refused(409), [no, no, no, yes]),
            (refused(412), [no, no, no, yes]),
            (quota(409, "Resource 'n' already exists."), [no, no, no, few]),
            (Error::Stopped, [no, no, no, no]),
        ] {
            let by_kind = |kind| again(&error, kind);
            let found = [
                by_kind(Kind::Read),
                by_kind(Kind::Delete),
                by_kind(Kind::Create),
                again_after_a_look(&error),
            ];
            assert_eq!(found, expected, "{error}");
            assert_eq!(by_kind(Kind::Replace), by_kind(Kind::Create), "{error}");
        }
    }

    #[test]
    fn a_few_times_has_an_end_and_patience_has_none() {
        let nobody = Error::Unreachable(String::new());
        let mut attempts = attempts(Kind::Read);
        assert_eq!((0..100).map_while(|_| attempts.pause_after(&nobody)).count(), FEW);
        assert!(
            (0..100).all(|_| attempts
                .pause_after(&refused(503))
                .is_some_and(|pause| pause <= LONGEST_PAUSE * 2)),
            "the patience of the caller decides"
        );
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
        let told = Duration::from_secs(99);
        let pauses: Vec<Duration> = (0..50)
            .filter_map(|_| attempts(Kind::Create).pause_after(&error))
            .collect();
        assert!(
            pauses
                .iter()
                .all(|pause| *pause > told && *pause < told + SHORTEST_PAUSE)
        );
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
        let pause = attempts(Kind::Create)
            .pause_after(&refused(429))
            .unwrap_or_default();
        assert!(
            pause >= SHORTEST_PAUSE && pause <= SHORTEST_PAUSE * 3,
            "{pause:?}"
        );
    }
}
