//! The quota of writes per project and region.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::ApiError;
use crate::resource_name::LocationName;
use crate::response::Response;
use crate::route::Call;

/// A number of writes within each window of the wall clock: a window of one minute begins with the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteQuota {
    /// The writes allowed in a window.
    pub writes: u32,
    /// The length of a window.
    pub window: Duration,
}

/// The used quota of each project and region.
#[derive(Default)]
pub(crate) struct QuotaUsage(BTreeMap<LocationName, Window>);

/// The writes in the latest window, which is numbered since 1970.
#[derive(Clone, Copy, Default)]
struct Window {
    number: u128,
    writes: u32,
}

impl QuotaUsage {
    /// Counts a write; returns the error response, and does not count it, if the quota is exhausted.
    pub(crate) fn charge(&mut self, quota: WriteQuota, call: &Call, now: Timestamp) -> Option<Response> {
        if !call.is_write() {
            return None;
        }
        let length = quota.window.as_nanos().max(1);
        let now = u128::try_from(now.unix_timestamp_nanos()).unwrap_or_default();
        let window = self.0.entry(call.parent().clone()).or_default();
        if window.number != now / length {
            *window = Window {
                number: now / length,
                writes: 0,
            };
        }
        if window.writes < quota.writes {
            window.writes += 1;
            return None;
        }
        // Rounded up: a client that waits this long must succeed.
        let seconds = (length - now % length).div_ceil(1_000_000_000);
        let response = Response::from(ApiError::rate_limited(call));
        Some(response.with_header("Retry-After", seconds.to_string()))
    }

    pub(crate) fn reset(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may end with a panic")]

    use super::*;

    /// The Retry-After of a request `at` seconds after 1970; `None` if it is accepted.
    fn retry_after(usage: &mut QuotaUsage, method: &str, parent: &str, at: i64) -> Option<String> {
        let quota = WriteQuota {
            writes: 2,
            window: Duration::from_secs(60),
        };
        let call = Call::parse(method, &format!("/v2/{parent}/jobs/a")).expect("a call");
        let now = Timestamp::from_unix_timestamp(at).expect("a timestamp");
        let response = usage.charge(quota, &call, now)?;
        let header = response
            .headers
            .into_iter()
            .find(|(name, _)| *name == "Retry-After");
        Some(header.map_or_else(String::new, |(_, seconds)| seconds))
    }

    const PARENT: &str = "projects/p/locations/us-central1";

    #[test]
    fn quota_limits_writes_per_window_and_region() {
        let mut usage = QuotaUsage::default();
        for (method, parent, at, expected) in [
            ("PATCH", PARENT, 61, None),
            ("GET", PARENT, 62, None),
            ("DELETE", PARENT, 63, None),
            ("PATCH", PARENT, 70, Some("50")),
            ("GET", PARENT, 70, None),
            ("PATCH", "projects/q/locations/us-central1", 70, None),
            ("PATCH", "projects/p/locations/europe-west4", 70, None),
            ("PATCH", PARENT, 119, Some("1")),
            ("PATCH", PARENT, 120, None),
            ("PATCH", PARENT, 121, None),
            ("PATCH", PARENT, 121, Some("59")),
        ] {
            let actual = retry_after(&mut usage, method, parent, at);
            assert_eq!(actual.as_deref(), expected, "{method} {parent} at {at}");
        }
    }
}
