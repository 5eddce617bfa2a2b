//! Which requests are sent again, and when.
//!
//! | outcome | read | delete, cancel | create, replace, run | create, replace after a read | why |
//! |---|---|---|---|---|---|
//! | no connection | limited | limited | limited | limited | nothing was received; but a wrong address stays wrong |
//! | certificate not trusted, or the proxy requires authentication | no | no | no | no | the configuration must change |
//! | 429 of a rate | yes | yes | yes | yes | refused before any work began |
//! | 429 of a quota of GPUs, CPUs or memory | no | no | no | no | it lasts until the quota is raised |
//! | 500, 502, 503, 504, closed connection, unexpected response | yes | yes | no | yes | it may have been accepted: the job must be read first |
//! | 200 with an unexpected response | limited | limited | no | limited | a login page does not go away |
//! | 409 or 412 of an etag | no | no | no | yes | the read has brought the new etag |
//! | 409 of a name that no job has | no | no | no | limited | a name may be taken for a moment after its job is deleted |
//! | response that cannot be decoded | no | no | no | no | the next one would be the same |
//!
//! "Limited" is up to five times, "yes" is until the deadline. A deletion is idempotent: a second one finds the job gone; so is
//! the cancellation of an execution. A
//! creation and a replacement are not: a second creation finds the name taken, by either request, and a second replacement
//! finds another etag. They are sent again like a read once a read of the job has shown that the first was not accepted.
//! A run that may have been accepted is never sent again: a second one starts a second execution.
//!
//! Every other error is returned at once. After a 401, the token is renewed once.
//!
//! Pauses double from half a second to half a minute, with jitter. A longer `Retry-After` is respected, with jitter on top:
//! a hundred requests with the same `Retry-After` must not return together. A 429 for the rate of writes delays the other
//! writes of the region too (`client/write_quota.rs`).

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use std::fmt::Display;
use std::time::{Duration, SystemTime};
use tracing::warn;

use crate::call_context::CallContext;
use crate::error::Error;
use crate::request::Kind;

/// The attempts at one request.
pub struct Attempts {
    /// What the request does; `None` for a write that follows a read each time.
    kind: Option<Kind>,
    backoff: ExponentialBackoff,
    limited_retries: usize,
}

/// Whether a request is sent again after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    Never,
    Limited,
    UntilDeadline,
}
use Retry::{Limited, Never, UntilDeadline};

impl Attempts {
    /// Attempts at a request of this kind; `None`: at a write that follows a read each time.
    pub(super) fn new(kind: Option<Kind>, backoff: ExponentialBackoff) -> Attempts {
        Attempts {
            kind,
            backoff,
            limited_retries: 0,
        }
    }

    /// Waits before the next attempt, and returns the error of the last one.
    ///
    /// # Errors
    /// That error, if there is no next attempt or no time for it; or what ended the wait.
    pub async fn pause(
        &mut self,
        what: impl Display,
        error: Error,
        context: &CallContext,
    ) -> Result<Error, Error> {
        match self.pause_after(&error) {
            Some(pause) if pause <= context.remaining() => {
                warn!(request = %what, %error, pause_ms = pause.as_millis() as u64, "retrying request");
                context.sleep(pause).await.map(|()| error)
            }
            _ => Err(error),
        }
    }

    /// How long to wait before the request is sent again; `None` if it is not.
    fn pause_after(&mut self, error: &Error) -> Option<Duration> {
        let retry = match self.kind {
            Some(kind) => classify(error, kind),
            None => classify_after_read(error),
        };
        match retry {
            Never => return None,
            Limited if self.limited_retries == MAX_LIMITED_RETRIES => return None,
            Limited => self.limited_retries += 1,
            UntilDeadline => {}
        }
        self.backoff.next().map(|pause| not_before(error, pause))
    }
}

/// The pause, or a longer one that the response requires.
pub(super) fn not_before(error: &Error, pause: Duration) -> Duration {
    match error.status().and_then(|status| status.retry_after) {
        Some(required) => pause.max(required.saturating_add(pause / 4)),
        None => pause,
    }
}

/// The pauses between attempts. They never end. The first is between the shortest and twice that.
pub(super) fn backoff(min: Duration) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(min)
        .with_max_delay(MAX_BACKOFF)
        .without_max_times()
        .with_jitter()
        .build()
}

/// Whether a rate limit of Google, or of a proxy, was exceeded: unlike a quota of GPUs, CPUs or memory, it is transient.
pub(super) fn is_rate_limit(error: &Error) -> bool {
    match error {
        Error::Status(status) => status.http == Some(429) && !status.is_resource_quota(),
        Error::UnexpectedResponse { http, .. } => *http == 429,
        _ => false,
    }
}

fn classify(error: &Error, kind: Kind) -> Retry {
    let idempotent = matches!(kind, Kind::Read | Kind::Delete | Kind::Cancel);
    match error {
        Error::Unreachable(reason) if PERMANENT.iter().any(|part| reason.contains(part)) => Never,
        Error::Unreachable(_) => Limited,
        error if is_rate_limit(error) => UntilDeadline,
        Error::Status(status) => match status.http {
            Some(500 | 502..=504) if idempotent => UntilDeadline,
            _ => Never,
        },
        Error::ConnectionClosed(_) if idempotent => UntilDeadline,
        Error::UnexpectedResponse { http, .. } if idempotent && *http == 200 => Limited,
        Error::UnexpectedResponse { http, .. } if idempotent && *http >= 500 => UntilDeadline,
        _ => Never,
    }
}

fn classify_after_read(error: &Error) -> Retry {
    if error.is_conflict() {
        UntilDeadline
    } else if error.is_already_exists() {
        Limited
    } else {
        classify(error, Kind::Read)
    }
}

/// Parses a `Retry-After` header: seconds, or a date.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value.trim()).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Parts of the messages of rustls about a certificate, and of hyper-util about a proxy that returns 407. A URL, which has no
/// spaces, has neither.
const PERMANENT: [&str; 2] = [" certificate", "proxy authorization required"];
/// The shortest pause before a request to Google is sent again.
pub const MIN_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(30);
/// With these pauses, 15 seconds or more: a short network outage is over by then.
const MAX_LIMITED_RETRIES: usize = 5;

#[cfg(test)]
mod tests;
