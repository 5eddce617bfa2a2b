//! How many writes a project may send to a region within a time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Moment;
use crate::error::ApiError;
use crate::resource_name::LocationName;
use crate::response::Response;
use crate::route::Call;

/// So many writes within each window of the wall clock: by the minute, for one of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteQuota {
    /// How many are taken.
    pub writes: u32,
    /// How long until they count anew.
    pub window: Duration,
}

/// What has been used of the quota, for each project and region.
#[derive(Default)]
pub(crate) struct Usage(BTreeMap<LocationName, Window>);

/// The window that was looked at last, by its number since 1970, and the writes in it.
#[derive(Clone, Copy, Default)]
struct Window {
    number: u128,
    writes: u32,
}

impl Usage {
    /// Counts a call, if it is a write and there is quota for it; what is refused is not counted.
    pub(crate) fn take(&mut self, quota: WriteQuota, call: &Call, now: Moment) -> Option<Response> {
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
        // The header counts whole seconds, and one too few would be no help.
        let seconds = (length - now % length).div_ceil(1_000_000_000);
        Some(Response::from(ApiError::rate_limited(call)).with_header("Retry-After", seconds.to_string()))
    }

    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may end with a panic")]

    use super::*;

    /// Whether requests to a parent, so many seconds after 1970, are refused, with what their header says.
    fn refused(usage: &mut Usage, method: &str, parent: &str, at: i64) -> Option<String> {
        let quota = WriteQuota {
            writes: 2,
            window: Duration::from_secs(60),
        };
        let call = Call::parse(method, &format!("/v2/{parent}/jobs/a")).expect("a call");
        let now = Moment::from_unix_timestamp(at).expect("a moment");
        let refusal = usage.take(quota, &call, now)?;
        let header = refusal
            .headers
            .into_iter()
            .find(|(name, _)| *name == "Retry-After");
        Some(header.map_or_else(String::new, |(_, seconds)| seconds))
    }

    const HERE: &str = "projects/p/locations/us-central1";

    #[test]
    fn each_window_takes_so_many_writes_of_a_place() {
        let mut usage = Usage::default();
        for (method, parent, at, expected) in [
            ("PATCH", HERE, 61, None),
            ("GET", HERE, 62, None),
            ("DELETE", HERE, 63, None),
            ("PATCH", HERE, 70, Some("50")),
            ("GET", HERE, 70, None),
            ("PATCH", "projects/q/locations/us-central1", 70, None),
            ("PATCH", "projects/p/locations/europe-west4", 70, None),
            ("PATCH", HERE, 119, Some("1")),
            ("PATCH", HERE, 120, None),
            ("PATCH", HERE, 121, None),
            ("PATCH", HERE, 121, Some("59")),
        ] {
            let seen = refused(&mut usage, method, parent, at);
            assert_eq!(seen.as_deref(), expected, "{method} {parent} at {at}");
        }
    }
}
