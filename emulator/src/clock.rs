//! The current time, timestamps as the API writes them, and durations as flags and control requests have them.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A point in time, in UTC.
pub(crate) type Timestamp = OffsetDateTime;

/// The time of the machine, truncated to microseconds as the service does.
pub(crate) fn now() -> Timestamp {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(now.microsecond() * 1000).unwrap_or(now)
}

/// RFC 3339 with six fractional digits.
pub(crate) fn format_timestamp(timestamp: Timestamp) -> String {
    timestamp.format(FORMAT).unwrap_or_default()
}

/// Parses `50ms`, `1.5s`, `2m` or `12h`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = if let Some(number) = text.strip_suffix("ms") {
        (number, 0.001)
    } else if let Some(number) = text.strip_suffix('s') {
        (number, 1.0)
    } else if let Some(number) = text.strip_suffix('m') {
        (number, 60.0)
    } else if let Some(number) = text.strip_suffix('h') {
        (number, 3600.0)
    } else {
        return Err("must end with ms, s, m or h".to_owned());
    };
    let number: f64 = number
        .parse()
        .map_err(|_| "must be a number and a unit".to_owned())?;
    Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string())
}

const FORMAT: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn timestamps_have_six_fractional_digits() {
        let timestamp = datetime!(2026-11-23 01:02:03.000_004 UTC);
        assert_eq!(format_timestamp(timestamp), "2026-11-23T01:02:03.000004Z");
    }
}
