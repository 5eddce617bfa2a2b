//! The current time, and timestamps as the API writes them.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A point in time, in UTC.
pub(crate) type Timestamp = OffsetDateTime;

/// The current time, truncated to microseconds as the service does.
pub(crate) fn now() -> Timestamp {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(now.microsecond() * 1000).unwrap_or(now)
}

/// RFC 3339 with six fractional digits.
pub(crate) fn format_timestamp(timestamp: Timestamp) -> String {
    timestamp.format(FORMAT).unwrap_or_default()
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
