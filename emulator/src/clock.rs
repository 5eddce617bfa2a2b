//! Time and the two things made of it: timestamps on the wire, and etags.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A moment, in UTC.
pub(crate) type Moment = OffsetDateTime;

/// The present, cut to microseconds as the service does.
pub(crate) fn now() -> Moment {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(now.microsecond() * 1000).unwrap_or(now)
}

/// RFC 3339 with six fractional digits.
pub(crate) fn timestamp(moment: Moment) -> String {
    moment.format(TIMESTAMP).unwrap_or_default()
}

/// An etag as recorded: a protobuf Timestamp and the resource's name, each in base64url, within quotes that
/// belong to the value.
pub(crate) fn etag(moment: Moment, name: &str) -> String {
    let seconds = u64::try_from(moment.unix_timestamp()).unwrap_or_default();
    let mut stamp = vec![0x08];
    varint(seconds, &mut stamp);
    if moment.nanosecond() != 0 {
        stamp.push(0x10);
        varint(u64::from(moment.nanosecond()), &mut stamp);
    }
    format!(
        "\"{}/{}\"",
        URL_SAFE_NO_PAD.encode(stamp),
        URL_SAFE_NO_PAD.encode(name)
    )
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

const TIMESTAMP: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn an_etag_has_the_recorded_form() {
        // The time of the first etag in `minimal.http`; the name is the recorder's placeholder.
        let moment = datetime!(2025-09-03 19:42:04.484_470 UTC);
        let name = "projects/example-project/locations/us-central1/jobs/runjob-example";
        let stamp = etag(moment, name);
        assert!(stamp.starts_with("\"CIy04sUGE"), "{stamp}");
        assert!(
            stamp.ends_with(
                "/cHJvamVjdHMvZXhhbXBsZS1wcm9qZWN0L2xvY2F0aW9ucy91cy1jZW50cmFsMS9qb2JzL3J1bmpvYi1leGFtcGxl\""
            ),
            "{stamp}"
        );
    }

    #[test]
    fn a_timestamp_has_six_digits() {
        let moment = datetime!(2026-11-23 01:02:03.000_004 UTC);
        assert_eq!(timestamp(moment), "2026-11-23T01:02:03.000004Z");
    }
}
